#include "pipeline/row_identity.hpp"

#include "model/assert.hpp"
#include "pipeline/record_values.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace casebridge::pipeline {

namespace {

// The records that one rule finds.
struct Finding {
    std::size_t rule = 0;
    std::vector<RecordId> records;
};

class RowIdentification {
public:
    RowIdentification(
        const BridgeState& state, const LinkKey& row, std::span<const IdentityKey> shown, JournalSeq seen
    )
        : state_(state), row_(row), shown_(shown), seen_(seen)
    {
        const auto decided = state.matches.find(row);
        if (decided != state.matches.end())
            decided_ = &decided->second;
        for (const auto& key : shown)
            look_up(key);
    }

    Identified run() const
    {
        if (decided_ != nullptr && decided_->same)
            return taken(*decided_->same) ? doubt(local_duplicate, {*decided_->same})
                                          : Identified{*decided_->same};
        if (findings_.empty())
            return NewRecord{};
        const auto& first = findings_.front();
        if (first.records.size() > 1)
            return doubt(ambiguous_identity, all_found());
        const auto record = first.records.front();
        if (std::ranges::any_of(findings_, [&](const Finding& finding) { return !finds(finding, record); }))
            return doubt(rules_disagree, all_found());
        if (contradicted(record, first.rule))
            return doubt(identifier_contradicts, {record});
        if (taken(record))
            return doubt(local_duplicate, {record});
        if (would_go(found(record)))
            return doubt(record_deleted, {record});
        return record;
    }

private:
    static bool finds(const Finding& finding, RecordId record)
    {
        return std::ranges::find(finding.records, record) != finding.records.end();
    }

    void look_up(const IdentityKey& key)
    {
        Finding finding{key.rule, state_.records.identified(key)};
        if (decided_ != nullptr)
            std::erase_if(finding.records, [&](RecordId record) {
                return std::ranges::binary_search(decided_->never, record);
            });
        std::ranges::sort(finding.records);
        if (!finding.records.empty())
            findings_.push_back(std::move(finding));
    }

    // Whether the row and the record both have what a stronger rule compares: it did not find the record, so
    // that they differ.
    [[nodiscard]] bool contradicted(RecordId id, std::size_t rule) const
    {
        const auto known = keys_of(*state_.definition, found(id)).identities;
        return std::ranges::any_of(shown_, [&](const IdentityKey& key) {
            return key.rule < rule && std::ranges::count(known, key.rule, &IdentityKey::rule) > 0;
        });
    }

    [[nodiscard]] const Record& found(RecordId id) const
    {
        const auto* record = state_.records.find(id);
        CASEBRIDGE_ASSERT(record != nullptr);
        return *record;
    }

    // One that is gone, or that we are about to insert, makes room. One that we are about to delete does not:
    // only its echo tells whether it is gone.
    [[nodiscard]] bool taken(RecordId id) const
    {
        const auto* link = found(id).find_link(row_.table);
        return link != nullptr && state_.state_of(*link) == LinkState::live;
    }

    // Whether the row would be deleted with the record, although its agency did not know of the deletion when
    // it was entered: a later change of the row is no decision.
    [[nodiscard]] bool would_go(const Record& record) const
    {
        const auto& table = state_.definition->table(row_.table);
        return record.leaves() && table.remote_delete == mapping::RemoteDelete::permitted &&
               !record.departure->left(row_.table) &&
               (record.departure->since > seen_ || was_doubted(record.id));
    }

    [[nodiscard]] bool was_doubted(RecordId record) const
    {
        const auto parked = state_.parked.find(row_);
        return parked != state_.parked.end() && parked->second.newest.code == record_deleted &&
               parked->second.newest.candidates.front().record == record;
    }

    [[nodiscard]] std::vector<RecordId> all_found() const
    {
        std::vector<RecordId> records;
        for (const auto& finding : findings_)
            for (const auto record : finding.records)
                if (std::ranges::find(records, record) == records.end())
                    records.push_back(record);
        return records;
    }

    [[nodiscard]] Doubt doubt(std::string_view code, const std::vector<RecordId>& records) const
    {
        const auto& entity = state_.definition->model.entity(state_.definition->table(row_.table).entity);
        Doubt result{std::string{code}, {}};
        for (const auto record : records) {
            auto& candidate = result.candidates.emplace_back(MatchCandidate{record, {}});
            for (const auto& finding : findings_)
                if (finds(finding, record))
                    candidate.rules.push_back(entity.rule_name(entity.identity[finding.rule]));
        }
        return result;
    }

    const BridgeState& state_;
    const LinkKey& row_;
    std::span<const IdentityKey> shown_;
    JournalSeq seen_;
    const RowMatches* decided_ = nullptr;
    std::vector<Finding> findings_;  // Of the rules that find any, in their order.
};

}  // namespace

std::vector<IdentityKey> shown_identities(
    const BridgeDefinition& definition, EntityIndex index, std::span<const UnitReading> units
)
{
    const auto& entity = definition.model.entity(index);
    std::vector<IdentityKey> keys;
    for (std::size_t rule = 0; rule < entity.identity.size(); ++rule) {
        std::vector<FieldValue> values;
        for (const auto field : entity.identity[rule].fields) {
            const auto& described = entity.field(field);
            const auto unit = std::ranges::find(units, described.unit, &UnitReading::unit);
            values.push_back(unit == units.end() ? FieldValue{} : unit->value[described.position_in_unit]);
        }
        if (auto key = identity_key(definition.model, index, rule, values))
            keys.push_back(std::move(*key));
    }
    return keys;
}

Identified identify_row(
    const BridgeState& state, const LinkKey& row, std::span<const IdentityKey> shown, JournalSeq seen
)
{
    return RowIdentification{state, row, shown, seen}.run();
}

}  // namespace casebridge::pipeline
