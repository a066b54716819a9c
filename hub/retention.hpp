#pragma once

#include "connectors/libpq/connection.hpp"
#include "model/ids.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <optional>

// Letting go of what is older than a retention setting allows. Before values leave the journal, the
// projections are copied: from then on a rebuild begins with the copy.

namespace casebridge::hub {

// How long things are kept; without a value for ever.
struct Retention {
    std::optional<std::chrono::days> journal_values;   // Keys, images and values in entries.
    std::optional<std::chrono::days> conflict_values;  // Values in decided conflicts; not of units on hold.
    std::optional<std::chrono::days> journal;          // Whole entries.
};

// The last entry that each part of a retention reaches; 0 for none.
struct PruneHorizon {
    JournalSeq journal_values;
    JournalSeq conflict_values;
    JournalSeq journal;  // Where a partition ends: whole ones are dropped.
};

struct PruneCounts {
    std::int64_t journal_values = 0;   // Entries that lose, or have lost, their values.
    std::int64_t conflict_values = 0;  // Conflicts and decisions that lose theirs.
    std::int64_t partitions = 0;       // Of the journal, dropped whole.

    friend bool operator==(const PruneCounts&, const PruneCounts&) = default;
};

// What is old enough now by the server's clock. What the projections do not hold keeps its values; entries
// that some agency has not been dealt with up to are kept whole.
[[nodiscard]] boost::asio::awaitable<PruneHorizon> find_prune_horizon(
    libpq::Connection& connection, Retention retention
);

// What prune() would do.
[[nodiscard]] boost::asio::awaitable<PruneCounts> count_prunable(
    libpq::Connection& connection, PruneHorizon horizon
);

// Copies the projections, then erases up to the horizon and not beyond the copy, a piece at a time, so that
// appends and projections go on meanwhile. May be cut off anywhere and run again. The connection is used for
// nothing else; two at once wait for each other. Precondition: the journal says that it is done
// (JournalPruned).
[[nodiscard]] boost::asio::awaitable<PruneCounts> prune(libpq::Connection& connection, PruneHorizon horizon);

}  // namespace casebridge::hub
