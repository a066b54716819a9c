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
    RowIdentification(const BridgeState& state, const RowToIdentify& row)
        : state_(state), row_(row), decided_(decided(row.row))
    {
        if (row.previous_key)
            join(decided_, decided({row.row.table, *row.previous_key}));
        for (const auto& key : row.shown)
            look_up(key);
    }

    Identified run() const
    {
        if (decided_.same)
            return taken(*decided_.same) ? doubt(local_duplicate, {*decided_.same})
                                         : Identified{*decided_.same};
        if (findings_.empty())
            return is_former() ? unless_it_goes(*row_.former) : NewRecord{};
        const auto& first = findings_.front();
        const auto record = found_by_all() ? *row_.former : first.records.front();
        if (first.records.size() > 1 && record != row_.former)
            return doubt(ambiguous_identity, all_found());
        if (std::ranges::any_of(findings_, [&](const Finding& finding) { return !finds(finding, record); }))
            return doubt(rules_disagree, all_found());
        if (contradicted(record, first.rule))
            return doubt(identifier_contradicts, {record});
        if (taken(record))
            return doubt(local_duplicate, {record});
        return unless_it_goes(record);
    }

private:
    static bool finds(const Finding& finding, RecordId record)
    {
        return std::ranges::find(finding.records, record) != finding.records.end();
    }

    [[nodiscard]] RowMatches decided(const LinkKey& row) const
    {
        const auto found = state_.matches.find(row);
        return found == state_.matches.end() ? RowMatches{} : found->second;
    }

    static void join(RowMatches& decided, const RowMatches& before)
    {
        if (!decided.same)
            decided.same = before.same;
        decided.never.insert(decided.never.end(), before.never.begin(), before.never.end());
        std::ranges::sort(decided.never);
    }

    [[nodiscard]] bool is_never(RecordId record) const
    {
        return record == row_.never || std::ranges::binary_search(decided_.never, record);
    }

    void look_up(const IdentityKey& key)
    {
        Finding finding{key.rule, state_.records.identified(key)};
        std::erase_if(finding.records, [&](RecordId record) { return is_never(record); });
        std::ranges::sort(finding.records);
        if (!finding.records.empty())
            findings_.push_back(std::move(finding));
    }

    [[nodiscard]] bool found_by_all() const
    {
        return row_.former && std::ranges::all_of(findings_, [&](const Finding& finding) {
                   return finds(finding, *row_.former);
               });
    }

    // A key that a deleted row had may be given to another person's.
    [[nodiscard]] bool is_former() const
    {
        return row_.former && !is_never(*row_.former) &&
               !identify_another(row_.shown, keys_of(*state_.definition, found(*row_.former)).identities);
    }

    [[nodiscard]] Identified unless_it_goes(RecordId record) const
    {
        return would_go(found(record)) ? doubt(record_deleted, {record}) : Identified{record};
    }

    // Whether the row and the record both have what a stronger rule compares: it did not find the record, so
    // that they differ.
    [[nodiscard]] bool contradicted(RecordId id, std::size_t rule) const
    {
        const auto known = keys_of(*state_.definition, found(id)).identities;
        return std::ranges::any_of(row_.shown, [&](const IdentityKey& key) {
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
        const auto* link = found(id).find_link(row_.row.table);
        return link != nullptr && state_.state_of(*link) == LinkState::live;
    }

    // Whether the record is being deleted, and its agency did not know that when it entered the row.
    [[nodiscard]] bool would_go(const Record& record) const
    {
        return record.leaves() && !record.departure->is_of(row_.row.table) &&
               record.departure->since > row_.seen;
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
        const auto& entity = state_.definition->model.entity(state_.definition->table(row_.row.table).entity);
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
    const RowToIdentify& row_;
    RowMatches decided_;             // Under the key that the row has and the one that it had.
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

Identified identify_row(const BridgeState& state, const RowToIdentify& row)
{
    return RowIdentification{state, row}.run();
}

bool comes_back(
    const BridgeState& state,
    const LinkKey& row,
    const std::optional<LocalKey>& previous_key,
    const Image& image,
    RecordId former
)
{
    const auto& mapping = state.definition->table(row.table);
    const auto translated = translate_row(state, mapping, image, nullptr, {});
    const auto* translation = std::get_if<Translation>(&translated);
    if (translation == nullptr)
        return true;  // It waits, and nobody knows whose it is.
    const auto shown = shown_identities(*state.definition, mapping.entity, translation->units);
    const auto found = identify_row(state, {row, previous_key, former, shown, JournalSeq{0}});
    const auto* record = std::get_if<RecordId>(&found);
    return std::holds_alternative<Doubt>(found) || (record != nullptr && *record == former);
}

}  // namespace casebridge::pipeline
