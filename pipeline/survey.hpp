#pragma once

#include "model/error.hpp"
#include "pipeline/entry_log.hpp"
#include "pipeline/net_rows.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

// Surveys read an agency's tables while its stream goes on. A chunk of rows is read between two watermarks
// that the agency's WAL carries; it is compared with what the stream has shown at exactly the high watermark,
// and a row that the stream knows better is left to the stream.

namespace casebridge::pipeline {

// A server's pg_current_snapshot(): which transactions a query could see.
class Snapshot {
public:
    // Reads `xmin:xmax:xip,…`; nothing for any other text.
    [[nodiscard]] static std::optional<Snapshot> parse(std::string_view text);

    // Whether the query saw a committed transaction. The stream shows 32 bits of an id of 64: those nearest
    // to xmax.
    [[nodiscard]] bool sees(Xid xid) const;
    [[nodiscard]] std::uint64_t xmin() const noexcept { return xmin_; }
    [[nodiscard]] std::uint64_t xmax() const noexcept { return xmax_; }

private:
    std::uint64_t xmin_ = 0;
    std::uint64_t xmax_ = 0;
    std::unordered_set<std::uint64_t> in_progress_;
};

struct SurveyedRow {
    LocalKey key;
    Image image;
};

// Rows of one table in key order, all read by one query.
struct SurveyChunk {
    MappingIndex table;
    std::vector<SurveyedRow> rows;
    std::optional<LocalKey> last_key;  // Where the next chunk begins; as before when the chunk is empty.
    bool last = false;                 // No rows follow.
    std::optional<Snapshot> snapshot;  // Set when it was read.
};

// What the stream touched while a survey of its agency runs. Begins with the survey, not with a chunk: a
// transaction can be decoded long before queries see it (its commit waits for a synchronous standby).
class SurveyWindow {
public:
    // The low watermark was read from the stream.
    void open()
    {
        touched_inside_.clear();
        truncated_inside_.clear();
    }
    void touched(const NetEffect& effect, Xid xid);
    // Whether the stream knows the row better than a query with this snapshot.
    [[nodiscard]] bool stream_knows(const LinkKey& row, const Snapshot& snapshot) const;
    // The chunk is merged: what its snapshot saw, later ones see too.
    void close(const Snapshot& snapshot);

private:
    std::unordered_set<LinkKey> touched_inside_;
    std::unordered_map<LinkKey, Xid> last_writer_;
    // A truncation touches every row of its table.
    std::unordered_set<MappingIndex> truncated_inside_;
    std::unordered_map<MappingIndex, Xid> last_truncation_;
};

struct SurveyReport {
    std::size_t merged = 0;  // Rows that became known by this chunk.
    std::size_t left_to_stream = 0;
    std::size_t different = 0;  // Known rows that differ from their image: no stream event explains it.
};

// What must be in memory before merge_survey(). Ask again after every answer until it is empty.
[[nodiscard]] Demand survey_demand(const BridgeState& state, const SurveyChunk& chunk);

// Merges a chunk at its high watermark and journals the progress with it.
[[nodiscard]] SurveyReport merge_survey(const SurveyChunk& chunk, SurveyWindow& window, EntryLog& log);

}  // namespace casebridge::pipeline
