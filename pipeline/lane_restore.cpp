#include "pipeline/lane_restore.hpp"

#include "model/assert.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace casebridge::pipeline {

std::vector<JournalSeq> seqs_to_check(const Record& record, const AgencyId& agency, JournalSeq seen)
{
    std::vector<JournalSeq> seqs;
    const auto look = [&](const Version& version) {
        if (!version.written_by(agency) && version.seq > seen)
            seqs.push_back(version.seq);
    };
    for (const auto& unit : record.units) {
        std::ranges::for_each(unit.open, look);
        std::ranges::for_each(unit.past, look, &SupersededVersion::version);
        if (unit.mark(agency))
            seqs.emplace_back(seen.value() + 1);
    }
    return seqs;
}

void restore_lane(
    Lane& lane, const BridgeState& state, const AgencyId& agency, std::span<const RecordId> records
)
{
    const auto seen = state.agencies.at(agency).seen;
    std::vector<std::pair<JournalSeq, RecordId>> checks;
    std::vector<std::pair<JournalSeq, RecordId>> works;
    for (const auto id : records) {
        const auto* record = state.records.find(id);
        CASEBRIDGE_ASSERT(record != nullptr);
        const auto* table = state.definition->table_of(agency, record->entity);
        if (table == nullptr)
            continue;
        works.emplace_back(record->last_seq, id);
        const auto* link = record->find_link(table->index);
        if (link == nullptr)
            continue;
        for (const auto seq : seqs_to_check(*record, agency, seen))
            checks.emplace_back(seq, id);
        if (link->since > seen)
            lane.newly_linked.push_back(id);
    }
    std::ranges::sort(checks);
    for (const auto& [seq, record] : checks)
        lane.expect_check(record, seq);
    std::ranges::sort(works);
    for (const auto& [seq, record] : works)
        lane.enqueue({record, seq, seq, std::nullopt, false});
    // Whether what stood in their way went while nobody looked is not known: each is tried once.
    for (const auto& [table, record] : state.blocked)
        if (state.definition->table(table).agency == agency)
            lane.enqueue({record, state.last_seq, state.last_seq, std::nullopt, false, Lifts::all});
}

std::vector<AgencyId> agencies_lacking(const BridgeState& state, const Record& record)
{
    std::vector<AgencyId> agencies;
    for (const auto& unit : record.units)
        for (const auto& mark : unit.marks)
            agencies.push_back(mark.agency);
    if (record.leaves())
        for (const auto& link : record.links)
            if (link.state != LinkState::ended)
                agencies.push_back(state.definition->table(link.table).agency);
    std::ranges::sort(agencies);
    const auto repeated = std::ranges::unique(agencies);
    agencies.erase(repeated.begin(), repeated.end());
    return agencies;
}

std::vector<RecordId> unprojected_lacking(const BridgeState& state, const AgencyId& agency)
{
    auto records = state.records.unprojected();
    std::erase_if(records, [&](RecordId id) {
        return !std::ranges::binary_search(agencies_lacking(state, *state.records.find(id)), agency);
    });
    std::ranges::sort(records);
    return records;
}

}  // namespace casebridge::pipeline
