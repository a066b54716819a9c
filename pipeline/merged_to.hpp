#pragma once

#include "model/error.hpp"
#include "model/journal_entry.hpp"
#include "model/source_transaction.hpp"

#include <cstdint>
#include <optional>

// How far an agency's stream is merged. A server sends again what was not acknowledged: whole transactions,
// and transactions of which some parts are merged already.

namespace casebridge::pipeline {

struct MergedTo {
    Lsn end_lsn;                           // Everything that ends here or before.
    std::optional<SourcePosition> inside;  // Of the transaction that follows: everything up to here.

    friend bool operator==(const MergedTo&, const MergedTo&) = default;
};

// Ordinal of the first change that may not be merged yet; nothing when all of it is. Error:
// `history_changed`, permanent, when parts of one transaction are merged and the stream goes on with another.
[[nodiscard]] Result<std::optional<std::uint32_t>> first_unmerged(
    const MergedTo& position, const SourceTransaction& transaction
);

// Where the stream stands behind the transaction or part.
[[nodiscard]] MergedTo behind(const MergedTo& position, const SourceTransaction& transaction);

}  // namespace casebridge::pipeline
