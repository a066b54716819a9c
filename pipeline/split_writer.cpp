#include "pipeline/split_writer.hpp"

#include "conflict/judge.hpp"
#include "model/assert.hpp"
#include "pipeline/conflict_note.hpp"
#include "pipeline/record_values.hpp"
#include "pipeline/row_translation.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace casebridge::pipeline {

namespace {

// The agency's newest open version of a unit; null when it has none.
const Version* word_of(const conflict::UnitHistory& unit, const AgencyId& agency)
{
    const auto last = std::ranges::find_if(unit.open.rbegin(), unit.open.rend(), [&](const Version& version) {
        return version.author == agency;
    });
    return last == unit.open.rend() ? nullptr : &*last;
}

// The value with another target; nothing when it does not point at `before`.
std::optional<UnitValue> pointed_elsewhere(
    const EntityDefinition& entity, UnitIndex unit, UnitValue value, RecordId before, RecordId after
)
{
    const auto& fields = entity.unit(unit).fields;
    bool points = false;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (entity.field(fields[i]).type != FieldType::reference || as_record_id(value[i]) != before)
            continue;
        value[i] = Value{std::to_string(after.value())};
        points = true;
    }
    return points ? std::optional{std::move(value)} : std::nullopt;
}

class SplitWriter {
public:
    SplitWriter(const SplitWish& wish, const SplitPlan& plan, const Identified& into, EntryLog& log)
        : wish_(wish),
          plan_(plan),
          log_(log),
          state_(log.state()),
          mapping_(state_.definition->table(wish.row.table)),
          link_(*state_.records.find(wish.record)->find_link(wish.row.table))
    {
        if (const auto* known = std::get_if<RecordId>(&into))
            joined_ = *known;
    }

    RecordId run()
    {
        const auto references = references_to(state_, *state_.records.find(wish_.record), link_);
        log_.write(MatchDecided{
            wish_.request,
            mapping_.agency,
            mapping_.index,
            wish_.row.key,
            mapping_.entity,
            wish_.record,
            MatchVerdict::never});
        // The entry behind the split begins the row's record.
        into_ = joined_.value_or(RecordId{log_.next_seq().value() + 1});
        log_.write(LinkSplit{
            wish_.request,
            mapping_.agency,
            mapping_.index,
            wish_.row.key,
            mapping_.entity,
            wish_.record,
            into_});
        write_row();
        for (const auto& left : plan_.left)
            write_left(left);
        for (const auto unit : plan_.foreign)
            empty_in_row(unit);
        for (const auto& reference : references)
            write_reference(reference);
        return into_;
    }

private:
    [[nodiscard]] const conflict::FieldRule& rule(EntityIndex entity, UnitIndex unit) const
    {
        return rule_of(*state_.definition, entity, unit);
    }

    [[nodiscard]] UnitValue nothing(UnitIndex unit) const
    {
        return UnitValue(state_.definition->model.entity(mapping_.entity).unit(unit).fields.size());
    }

    // What a row of the agency says, read again where its stream stands.
    [[nodiscard]] RowRead reading(const mapping::TableMapping& table, const Link& link, RecordId record) const
    {
        RowRead read;
        read.agency = table.agency;
        read.table = table.index;
        read.key = link.key;
        read.position = {state_.agencies.at(table.agency).end_lsn, 0};
        read.entity = table.entity;
        read.record = record;
        read.image = link.image;
        read.unresolved = link.unresolved;
        return read;
    }

    // The row with its people's words. Where it shows another's instead, it lacks them: it gets them back.
    void write_row()
    {
        auto read = reading(mapping_, link_, into_);
        read.link = joined_ ? LinkChange::matched : LinkChange::created;
        const auto* record = joined_ ? state_.records.find(*joined_) : nullptr;
        if (record != nullptr)
            read.marks = marks_on_joining(*record, mapping_);
        for (const auto& own : plan_.own) {
            if (record != nullptr)
                join(read, *record, own);
            else
                read.versions.push_back(
                    {.unit = own.unit,
                     .value = own.version.value,
                     .stamp = own.version.stamp,
                     .superseded = {},
                     .tally = own.version.tally,
                     .suspect = own.version.suspect}
                );
            const bool marked = std::ranges::count(read.marks, own.unit, &MarkChange::unit) > 0;
            if (!marked && mapping_.find_unit(own.unit) != nullptr &&
                read_unit(state_, mapping_, own.unit, link_.image) != own.version.value)
                read.marks.push_back({own.unit, log_.next_seq()});
        }
        log_.write(std::move(read));
    }

    // As a row that a rule has found joins a record: nobody there had its words.
    void join(RowRead& read, const Record& record, const SplitPlan::Own& own) const
    {
        const auto& history = record.units[own.unit.value()];
        const auto& of_unit = rule(mapping_.entity, own.unit);
        auto merge = conflict::merge_change(
            history,
            of_unit,
            {.author = mapping_.agency,
             .value = own.version.value,
             .commit_time = own.version.stamp,
             .seen = JournalSeq{0},
             .authority_linked = state_.authority_linked(of_unit, mapping_, &record)}
        );
        merge.added.unit = own.unit;
        if (merge.causality == conflict::Merge::Causality::concurrent)
            read.conflicts.push_back(conflict_note(
                history,
                of_unit,
                merge,
                {.type = ConflictType::insert_exists,
                 .author = mapping_.agency,
                 .base = nothing(own.unit),
                 .seq = log_.next_seq()}
            ));
        read.versions.push_back(std::move(merge.added));
    }

    // What is open from now on: nobody has it until an echo proves that, whoever entered it once.
    void write_left(const SplitPlan::Left& left)
    {
        const auto open = state_.records.find(wish_.record)->units[left.unit.value()].open;
        std::vector<JournalSeq> replaced;
        for (const auto& version : open)
            replaced.push_back(version.seq);
        if (left.versions.empty())
            decide(wish_.record, left.unit, {{}, nothing(left.unit), wish_.now, std::nullopt}, replaced);
        for (const auto& version : left.versions)
            decide(wish_.record, left.unit, version, std::exchange(replaced, {}));
    }

    // Another person's value that was delivered to the row. As the agency's own word it may go there on any
    // day.
    void empty_in_row(UnitIndex unit)
    {
        if (state_.records.find(into_)->units[unit.value()].open.empty())
            decide(into_, unit, {mapping_.agency, nothing(unit), wish_.now, std::nullopt}, {});
    }

    void decide(RecordId record, UnitIndex unit, GivenBack version, std::vector<JournalSeq> replaced)
    {
        log_.write(ValueDecided{
            .request = wish_.request,
            .entity = mapping_.entity,
            .record = record,
            .version =
                {.unit = unit,
                          .value = std::move(version.value),
                          .stamp = version.stamp,
                          .superseded = std::move(replaced),
                          .tally = std::move(version.tally),
                          .suspect = version.suspect},
            .author = std::move(version.author),
            .versions = state_.records.find(record)->units[unit.value()].open,
            .taken = version.taken,
            .conflict = std::nullopt,
            .rule = conflict::to_string(rule(mapping_.entity, unit)),
        });
    }

    // The row says what it said, which means another record now: its agency's own words change with that, and
    // nobody else's.
    void write_reference(const ReferenceToRow& reference)
    {
        const auto& record = *state_.records.find(reference.record);
        const auto& table = state_.definition->table(reference.table);
        const auto& link = *record.find_link(reference.table);
        const auto& history = record.units[reference.unit.value()];
        const auto& of_unit = rule(record.entity, reference.unit);
        const auto before = *word_of(history, table.agency);
        auto value = pointed_elsewhere(
            state_.definition->model.entity(record.entity), reference.unit, before.value, wish_.record, into_
        );
        CASEBRIDGE_ASSERT(value.has_value());
        auto merge = conflict::merge_change(
            history,
            of_unit,
            {.author = table.agency,
             .value = std::move(*value),
             .commit_time = before.stamp,
             .seen = JournalSeq{0},
             .authority_linked = state_.authority_linked(of_unit, table, &record)}
        );
        merge.added.unit = reference.unit;
        // What a person has taken from the agency meant the row as well.
        for (const auto& version : history.open)
            if (version.author == table.agency && version.decided && version.value == before.value)
                merge.added.superseded.push_back(version.seq);
        auto read = reading(table, link, record.id);
        read.delivered = link.delivered;
        if (merge.causality == conflict::Merge::Causality::concurrent)
            read.conflicts.push_back(conflict_note(
                history,
                of_unit,
                merge,
                {.type = ConflictType::update_origin_differs,
                 .author = table.agency,
                 .base = before.value,
                 .seq = log_.next_seq()}
            ));
        read.versions.push_back(std::move(merge.added));
        log_.write(std::move(read));
    }

    const SplitWish& wish_;
    const SplitPlan& plan_;
    EntryLog& log_;
    BridgeState& state_;
    const mapping::TableMapping& mapping_;
    const Link link_;  // As it was before.
    std::optional<RecordId> joined_;
    RecordId into_;
};

}  // namespace

std::vector<ReferenceToRow> references_to(const BridgeState& state, const Record& record, const Link& link)
{
    const auto& agency = state.definition->table(link.table).agency;
    std::vector<ReferenceToRow> references;
    for (const auto id : state.records.referrers_of(record.id)) {
        const auto& other = *state.records.find(id);
        const auto* table = state.definition->table_of(agency, other.entity);
        const auto* there = table == nullptr ? nullptr : other.find_link(table->index);
        if (id == record.id || there == nullptr || state.state_of(*there) != LinkState::live)
            continue;
        for (const auto& unit : table->units) {
            const auto* word = word_of(other.units[unit.unit.value()], agency);
            const auto& entity = state.definition->model.entity(other.entity);
            if (word != nullptr && pointed_elsewhere(entity, unit.unit, word->value, record.id, record.id))
                references.push_back({id, table->index, unit.unit});
        }
    }
    std::ranges::sort(references, {}, [](const ReferenceToRow& one) {
        return std::pair{one.record, one.unit};
    });
    const auto repeated = std::ranges::unique(references, {}, [](const ReferenceToRow& one) {
        return std::pair{one.record, one.unit};
    });
    references.erase(repeated.begin(), repeated.end());
    return references;
}

RecordId write_split(const SplitWish& wish, const SplitPlan& plan, const Identified& into, EntryLog& log)
{
    return SplitWriter{wish, plan, into, log}.run();
}

}  // namespace casebridge::pipeline
