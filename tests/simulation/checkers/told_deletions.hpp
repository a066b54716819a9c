#pragma once

#include "tests/simulation/world.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace casebridge::simulation {

// A deletion of a record's row as the journal has it.
struct ToldDeletion {
    JournalSeq seq;
    RowDeleted entry;
    // One that an agency makes of a record that is being deleted everywhere anyway says nothing new: it is
    // part of that deletion, whose seq this is. Who enters the record again knowing of that one undoes both.
    std::optional<JournalSeq> part_of = std::nullopt;

    [[nodiscard]] JournalSeq began() const { return part_of.value_or(seq); }
};

// All of them, in the journal's order.
[[nodiscard]] std::vector<ToldDeletion> told_deletions(const World& world);

// The highest position that the agency's WAL shows of ours before a place.
[[nodiscard]] JournalSeq told_before(const World& world, const AgencyId& agency, Lsn at);

// Position in Ledger::commits() of the transaction that an entry was read from; nothing for surveys.
[[nodiscard]] std::optional<std::size_t> commit_at(
    const World& world, const AgencyId& agency, Lsn commit_lsn
);

}  // namespace casebridge::simulation
