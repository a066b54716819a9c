#include "pipeline/record_values.hpp"

#include "mapping/match_text.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

namespace casebridge::pipeline {

const conflict::FieldRule& rule_of(const BridgeDefinition& definition, EntityIndex entity, UnitIndex unit)
{
    return definition.rules[entity.value()][unit.value()];
}

conflict::Decision decide(const BridgeDefinition& definition, const Record& record, UnitIndex unit)
{
    return conflict::judge(record.units[unit.value()].open, rule_of(definition, record.entity, unit));
}

FieldValue golden_value(const BridgeDefinition& definition, const Record& record, FieldIndex field)
{
    const auto& described = definition.model.entity(record.entity).field(field);
    auto decision = decide(definition, record, described.unit);
    if (!decision.value)
        return std::nullopt;
    return std::move((*decision.value)[described.position_in_unit]);
}

std::vector<FieldValue> golden_values(const BridgeDefinition& definition, const Record& record)
{
    const auto& entity = definition.model.entity(record.entity);
    std::vector<FieldValue> values(entity.fields.size());
    for (std::uint16_t number = 0; number < entity.units.size(); ++number) {
        const UnitIndex unit{number};
        auto decision = decide(definition, record, unit);
        if (!decision.value)
            continue;
        for (std::size_t i = 0; i < decision.value->size(); ++i)
            values[entity.unit(unit).fields[i].value()] = std::move((*decision.value)[i]);
    }
    return values;
}

std::vector<UnitIndex> held_units(const BridgeDefinition& definition, const Record& record)
{
    std::vector<UnitIndex> held;
    for (std::uint16_t number = 0; number < record.units.size(); ++number)
        if (decide(definition, record, UnitIndex{number}).outcome == conflict::Decision::Outcome::held)
            held.emplace_back(number);
    return held;
}

FieldValue findable_value(const BridgeDefinition& definition, const Record& record, FieldIndex field)
{
    const auto& described = definition.model.entity(record.entity).field(field);
    const auto& open = record.units[described.unit.value()].open;
    if (open.empty())
        return std::nullopt;
    const auto decision = decide(definition, record, described.unit);
    const auto& value = decision.value ? *decision.value : open.front().value;
    return value[described.position_in_unit];
}

std::optional<IdentityKey> identity_key(
    EntityIndex entity, std::size_t rule, std::span<const FieldValue> values
)
{
    std::string joined;
    for (const auto& value : values) {
        if (!value || value->expose().empty())
            return std::nullopt;
        joined += std::to_string(value->expose().size());
        joined += ':';
        joined += value->expose();
    }
    return IdentityKey{entity, rule, Value{std::move(joined)}};
}

std::optional<IdentityKey> identity_key(
    const CanonicalModel& model, EntityIndex entity, std::size_t rule, std::span<const FieldValue> values
)
{
    const auto& defined = model.entity(entity).identity[rule];
    std::vector<FieldValue> compared;
    for (std::size_t i = 0; i < values.size(); ++i) {
        switch (defined.form(i)) {
            case MatchForm::exact:
                compared.push_back(values[i]);
                break;
            case MatchForm::name:
                compared.push_back(
                    values[i] ? FieldValue{mapping::name_match_text(values[i]->expose())} : FieldValue{}
                );
                break;
        }
    }
    return identity_key(entity, rule, compared);
}

bool identify_another(std::span<const IdentityKey> shown, std::span<const IdentityKey> known)
{
    const bool comparable = std::ranges::any_of(shown, [&](const IdentityKey& key) {
        return std::ranges::count(known, key.rule, &IdentityKey::rule) > 0;
    });
    return comparable && std::ranges::find_first_of(shown, known) == shown.end();
}

std::set<std::size_t> identifying_slots(
    const BridgeDefinition& definition, const mapping::TableMapping& mapping
)
{
    std::set<std::size_t> slots;
    const auto& entity = definition.model.entity(mapping.entity);
    for (const auto& rule : entity.identity)
        for (const auto field : rule.fields)
            if (const auto* unit = mapping.find_unit(entity.field(field).unit))
                for (const auto& binding : unit->bindings)
                    slots.insert(binding.slot);
    return slots;
}

std::vector<MarkChange> marks_on_joining(const Record& record, const mapping::TableMapping& mapping)
{
    std::vector<MarkChange> marks;
    for (const auto& unit : mapping.units) {
        const bool foreign =
            std::ranges::any_of(record.units[unit.unit.value()].open, [&](const Version& version) {
                return !version.written_by(mapping.agency);
            });
        if (foreign)
            marks.push_back({unit.unit, JournalSeq{1}});
    }
    return marks;
}

std::optional<RecordId> as_record_id(const FieldValue& value)
{
    if (!value)
        return std::nullopt;
    const auto& text = value->expose();
    std::int64_t number = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stop != end)
        return std::nullopt;
    return RecordId{number};
}

}  // namespace casebridge::pipeline
