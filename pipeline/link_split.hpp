#pragma once

#include "model/journal_entry.hpp"
#include "pipeline/demand.hpp"
#include "pipeline/entry_log.hpp"
#include "pipeline/lane_informer.hpp"
#include "pipeline/record_history.hpp"
#include "pipeline/row_identity.hpp"
#include "pipeline/split_plan.hpp"
#include "pipeline/value_decision.hpp"

#include <optional>
#include <span>
#include <string>
#include <variant>

// A person takes a false link apart: the row never was the record. The row finds its record by what its own
// people entered, or begins one; what they entered leaves the record, and counts for the new one.
// docs/identity.md has it by example.

namespace casebridge::pipeline {

// What the row is from then on.
struct ByRules {};  // What the identity rules find; where they are in doubt the request is refused.
using SplitInto = std::variant<ByRules, NewRecord, RecordId>;

// As asked for: names, of which none need exist.
struct SplitLink {
    AgencyId agency;
    std::string entity;
    LocalKey key;
    RecordId record;
    JournalSeq seen;  // The record's last entry when the person looked: nothing newer is taken apart unseen.
    SplitInto into;
};

// What must be in memory before it is planned or carried out; to be asked again after every answer. What the
// row is found by is known only with the record's history.
[[nodiscard]] Demand split_demand(
    const BridgeState& state, const SplitLink& wanted, std::span<const RecordHistory> histories
);

// What a split would do, for people to look at, or why it would be refused. What is on its way to the row is
// not asked here.
struct SplitOutlook {
    SplitPlan plan;
    Identified into;
    std::size_t references = 0;  // Of other rows of the agency, which mean the row.
};
[[nodiscard]] std::variant<SplitOutlook, std::string> foresee_split(
    const BridgeState& state, const SplitLink& wanted, std::span<const RecordHistory> histories
);

// Carries it out, or says why not. `now` is the hub's clock, `lanes` are those of all agencies. Writes a
// MatchDecided, a LinkSplit and what both records and the row are worth from then on, unless it is refused.
[[nodiscard]] DecisionAnswer split_link(
    const SplitLink& wanted,
    RequestId request,
    PgTime now,
    std::span<const RecordHistory> histories,
    const Lanes& lanes,
    EntryLog& log
);

}  // namespace casebridge::pipeline
