#pragma once

#include <cstddef>
#include <cstdint>

// The constants of the grammar in docs/pgoutput.md.

namespace casebridge::pgoutput {

// First byte of a message.
namespace message_byte {
inline constexpr char begin = 'B';
inline constexpr char commit = 'C';
inline constexpr char origin = 'O';
inline constexpr char relation = 'R';
inline constexpr char type = 'Y';
inline constexpr char insert = 'I';
inline constexpr char update = 'U';
inline constexpr char erase = 'D';
inline constexpr char truncate = 'T';
inline constexpr char emitted = 'M';

// With the option streaming, protocols 2 and up.
inline constexpr char stream_start = 'S';
inline constexpr char stream_stop = 'E';
inline constexpr char stream_commit = 'c';
inline constexpr char stream_abort = 'A';

// With the option two_phase, protocols 3 and up.
inline constexpr char begin_prepare = 'b';
inline constexpr char prepare = 'P';
inline constexpr char commit_prepared = 'K';
inline constexpr char rollback_prepared = 'r';
inline constexpr char stream_prepare = 'p';  // With both.
}  // namespace message_byte

// First byte of a row inside a change.
namespace row_byte {
inline constexpr char key = 'K';
inline constexpr char full = 'O';
inline constexpr char fresh = 'N';
}  // namespace row_byte

// First byte of a cell.
namespace cell_byte {
inline constexpr char null = 'n';
inline constexpr char unchanged = 'u';
inline constexpr char text = 't';
inline constexpr char binary = 'b';  // Only with the option `binary`, which we never give.
}  // namespace cell_byte

// First byte of a CopyData frame.
namespace frame_byte {
inline constexpr char xlog_data = 'w';
inline constexpr char keepalive = 'k';
inline constexpr char status_update = 'r';
}  // namespace frame_byte

inline constexpr std::uint8_t truncate_cascade = 1;
inline constexpr std::uint8_t truncate_restart_identity = 2;
inline constexpr std::uint8_t column_in_replica_identity = 1;

// PostgreSQL's MaxTupleAttributeNumber: no row of any kind has more columns.
inline constexpr std::int16_t columns_max = 1664;

// A standby status update has this size always.
inline constexpr std::size_t status_update_bytes = 34;

}  // namespace casebridge::pgoutput
