#include "pipeline/value_decision.hpp"

#include "conflict/judge.hpp"
#include "mapping/canonical_text.hpp"
#include "model/text_set.hpp"
#include "pipeline/record_values.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace casebridge::pipeline {

namespace {

std::string version_text(JournalSeq seq)
{
    return "version " + std::to_string(seq.value());
}

const Version* find_version(const conflict::UnitHistory& unit, JournalSeq seq)
{
    if (const auto open = std::ranges::find(unit.open, seq, &Version::seq); open != unit.open.end())
        return &*open;
    const auto past =
        std::ranges::find_if(unit.past, [&](const SupersededVersion& old) { return old.version.seq == seq; });
    if (past != unit.past.end())
        return &past->version;
    const auto proposed = std::ranges::find(unit.proposals, seq, &Version::seq);
    return proposed == unit.proposals.end() ? nullptr : &*proposed;
}

// The unit's version that an entry accepted or recorded; nothing when it holds none of it.
std::optional<Version> version_in(const Entry& entry, RecordId record, UnitIndex unit)
{
    const auto version_of = [&](const auto& row) -> std::optional<Version> {
        const auto added = std::ranges::find(row.versions, unit, &VersionAdded::unit);
        if (row.record != record || added == row.versions.end())
            return std::nullopt;
        return Version{entry.seq, row.agency, added->value, added->stamp};
    };
    if (const auto* row = std::get_if<RowRead>(&entry.body))
        return version_of(*row);
    if (const auto* row = std::get_if<RowDeleted>(&entry.body))
        return version_of(*row);
    if (const auto* decided = std::get_if<ValueDecided>(&entry.body)) {
        if (decided->record != record || decided->version.unit != unit)
            return std::nullopt;
        return Version{
            entry.seq, decided->author, decided->version.value, decided->version.stamp, std::nullopt, true};
    }
    return std::nullopt;
}

// The conflicts of the record that an entry tells of.
std::span<const ConflictNote> conflicts_in(const Entry& entry, RecordId record)
{
    if (const auto* row = std::get_if<RowRead>(&entry.body); row != nullptr && row->record == record)
        return row->conflicts;
    if (const auto* row = std::get_if<RowDeleted>(&entry.body); row != nullptr && row->record == record)
        return row->conflicts;
    return {};
}

// What is decided, once everything it names was found.
struct Chosen {
    UnitValue value;
    AgencyId author;
    std::optional<JournalSeq> taken;
};

// Finds what the request names. Every failure is a text for the person.
class Finder {
public:
    Finder(const BridgeState& state, const DecideValue& wanted) : state_(state), wanted_(wanted) {}

    // Entity, record and unit.
    [[nodiscard]] std::optional<std::string> find()
    {
        const auto entity = state_.definition->model.find_entity(wanted_.entity);
        if (!entity)
            return "the configuration has no entity of that name";
        entity_ = &state_.definition->model.entity(*entity);
        const auto unit = entity_->find_unit(wanted_.unit);
        if (!unit)
            return "the entity has no field or group of that name";
        unit_ = *unit;
        record_ = state_.records.find(wanted_.record);
        if (record_ == nullptr)
            return "there is no record of that number";
        if (record_->entity != *entity)
            return "the record is of another entity";
        return std::nullopt;
    }

    [[nodiscard]] const EntityDefinition& entity() const { return *entity_; }
    [[nodiscard]] const Record& record() const { return *record_; }
    [[nodiscard]] UnitIndex unit() const { return unit_; }
    [[nodiscard]] const conflict::UnitHistory& history() const { return record_->units[unit_.value()]; }

private:
    const BridgeState& state_;
    const DecideValue& wanted_;
    const EntityDefinition* entity_ = nullptr;
    const Record* record_ = nullptr;
    UnitIndex unit_;
};

// Whether a value can be one of the field; if not, why.
std::optional<std::string> fault_of(
    const BridgeState& state, const FieldDefinition& field, const FieldValue& value
)
{
    if (!value)
        return std::nullopt;
    const auto& text = value->expose();
    if (mapping::to_canonical(field.type, text) != text)
        return field.name + ": the value is not the canonical text of its type";
    if (field.type == FieldType::code) {
        const auto& list = state.definition->model.code_lists[field.code_list];
        if (std::ranges::find(list.codes, text) == list.codes.end())
            return field.name + ": the value is no code of the list " + list.name;
    }
    if (field.element_list) {
        const auto& list = state.definition->model.code_lists[*field.element_list];
        const auto unknown = [&](const Value& element) {
            return std::ranges::find(list.codes, element.expose()) == list.codes.end();
        };
        if (std::ranges::any_of(*parse_text_set(text), unknown))
            return field.name + ": an element is no code of the list " + list.name;
    }
    if (field.type == FieldType::reference) {
        const auto id = as_record_id(value);
        const auto* target = id ? state.records.find(*id) : nullptr;
        if (target == nullptr || std::to_string(id->value()) != text || target->entity != field.target)
            return field.name + ": there is no such record to point at";
    }
    return std::nullopt;
}

// Carries out one decision.
class Decider {
public:
    Decider(const DecideValue& wanted, std::span<const Entry> looked_up, EntryLog& log)
        : wanted_(wanted), looked_up_(looked_up), log_(log), finder_(log.state(), wanted)
    {
    }

    DecisionAnswer run(RequestId request, PgTime now)
    {
        if (const auto fault = finder_.find())
            return refused(*fault);
        if (const auto fault = choose())
            return refused(*fault);
        if (const auto fault = conflict_fault())
            return refused(*fault);
        if (finder_.history().open.size() == 1 && verdict().value == chosen_.value)
            return {RequestOutcome::done, "the value stands already; nothing has changed"};
        auto decided = decision(request, now);
        if (decided.version.superseded.empty())
            return refused("what you saw is no longer there; look again");
        const auto seq = log_.write(std::move(decided));
        return {RequestOutcome::done, outcome(seq)};
    }

private:
    static DecisionAnswer refused(std::string why) { return {RequestOutcome::refused, std::move(why)}; }

    std::optional<std::string> choose()
    {
        if (const auto* own = std::get_if<UnitValue>(&wanted_.value)) {
            chosen_.value = *own;
            return own_fault();
        }
        const auto seq = std::get<JournalSeq>(wanted_.value);
        if (const auto* known = find_version(finder_.history(), seq)) {
            chosen_ = {known->value, known->author, seq};
            return std::nullopt;
        }
        const auto entry = std::ranges::find(looked_up_, seq, &Entry::seq);
        const auto version = entry == looked_up_.end()
                                 ? std::nullopt
                                 : version_in(*entry, finder_.record().id, finder_.unit());
        if (!version)
            return version_text(seq) +
                   " is none of this field whose value is still kept; choose another or give the value "
                   "itself";
        chosen_ = {version->value, version->author, seq};
        return std::nullopt;
    }

    [[nodiscard]] std::optional<std::string> own_fault() const
    {
        const auto& fields = finder_.entity().unit(finder_.unit()).fields;
        if (chosen_.value.size() != fields.size())
            return "one value is needed for each of the " + std::to_string(fields.size()) + " fields";
        for (std::size_t i = 0; i < fields.size(); ++i)
            if (auto fault = fault_of(
                    std::as_const(log_).state(), finder_.entity().field(fields[i]), chosen_.value[i]
                ))
                return fault;
        return std::nullopt;
    }

    // A conflict whose entry is not kept any more is what the person says it is.
    [[nodiscard]] std::optional<std::string> conflict_fault() const
    {
        if (!wanted_.conflict)
            return std::nullopt;
        const auto entry = std::ranges::find(looked_up_, wanted_.conflict->seq, &Entry::seq);
        if (entry == looked_up_.end())
            return std::nullopt;
        const auto conflicts = conflicts_in(*entry, wanted_.record);
        const auto position = wanted_.conflict->position;
        if (position >= conflicts.size() || conflicts[position].unit != finder_.unit())
            return "there is no such conflict of this field";
        return std::nullopt;
    }

    [[nodiscard]] ValueDecided decision(RequestId request, PgTime now) const
    {
        const auto& open = finder_.history().open;
        VersionAdded added{.unit = finder_.unit(), .value = chosen_.value, .stamp = now, .superseded = {}};
        for (const auto& version : open) {
            if (version.stamp && *added.stamp <= *version.stamp)
                added.stamp = PgTime{version.stamp->value() + 1};
            if (std::ranges::find(wanted_.seen, version.seq) != wanted_.seen.end())
                added.superseded.push_back(version.seq);
        }
        const auto entity = finder_.record().entity;
        const auto& rule = rule_of(*std::as_const(log_).state().definition, entity, finder_.unit());
        conflict::tag_decision(finder_.history(), rule, wanted_.seen, added);
        return {
            .request = request,
            .entity = entity,
            .record = finder_.record().id,
            .version = std::move(added),
            .author = chosen_.author,
            .versions = open,
            .taken = chosen_.taken,
            .conflict = wanted_.conflict,
            .rule = conflict::to_string(rule),
        };
    }

    [[nodiscard]] conflict::Decision verdict() const
    {
        return decide(*std::as_const(log_).state().definition, finder_.record(), finder_.unit());
    }

    // The record is as it is after the decision.
    [[nodiscard]] std::string outcome(JournalSeq seq) const
    {
        const auto text = "decided, as " + version_text(seq);
        const auto decision = verdict();
        if (!decision.value)
            return text + "; a newer value that you had not seen keeps the field on hold: look again";
        if (!decision.winner && decision.value != chosen_.value)
            return text + "; newer edits that you had not seen count beside it: look again";
        if (decision.value != chosen_.value)
            return text + "; a newer value that you had not seen stands: look again";
        return text + "; it goes to every agency that may have it";
    }

    const DecideValue& wanted_;
    std::span<const Entry> looked_up_;
    EntryLog& log_;
    Finder finder_;
    Chosen chosen_;
};

}  // namespace

Demand decision_demand(const BridgeState& state, const DecideValue& wanted)
{
    Demand demand;
    const auto want = [&](RecordId record) {
        if (!state.records.knows(record))
            demand.records.push_back(record);
    };
    want(wanted.record);
    const auto entity = state.definition->model.find_entity(wanted.entity);
    const auto* own = std::get_if<UnitValue>(&wanted.value);
    if (!entity || own == nullptr)
        return demand;
    const auto& defined = state.definition->model.entity(*entity);
    const auto unit = defined.find_unit(wanted.unit);
    if (!unit || defined.unit(*unit).fields.size() != own->size())
        return demand;
    for (std::size_t i = 0; i < own->size(); ++i)
        if (defined.field(defined.unit(*unit).fields[i]).type == FieldType::reference)
            if (const auto target = as_record_id((*own)[i]))
                want(*target);
    return demand;
}

std::vector<JournalSeq> decision_entries(const BridgeState& state, const DecideValue& wanted)
{
    std::vector<JournalSeq> entries;
    Finder finder{state, wanted};
    if (finder.find())
        return entries;
    if (const auto* taken = std::get_if<JournalSeq>(&wanted.value);
        taken != nullptr && find_version(finder.history(), *taken) == nullptr)
        entries.push_back(*taken);
    if (wanted.conflict)
        entries.push_back(wanted.conflict->seq);
    return entries;
}

DecisionAnswer decide_value(
    const DecideValue& wanted, RequestId request, PgTime now, std::span<const Entry> looked_up, EntryLog& log
)
{
    return Decider{wanted, looked_up, log}.run(request, now);
}

}  // namespace casebridge::pipeline
