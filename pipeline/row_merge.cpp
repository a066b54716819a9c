#include "pipeline/row_merge.hpp"

#include "conflict/judge.hpp"
#include "model/assert.hpp"
#include "pipeline/conflict_note.hpp"
#include "pipeline/departure.hpp"
#include "pipeline/parked_rows.hpp"
#include "pipeline/record_values.hpp"
#include "pipeline/row_identity.hpp"
#include "pipeline/row_translation.hpp"
#include "pipeline/stale_form.hpp"
#include "pipeline/state_resolver.hpp"

#include <algorithm>
#include <array>
#include <deque>

namespace casebridge::pipeline {

namespace {

bool says_nothing(const UnitValue& value)
{
    return std::ranges::none_of(value, [](const FieldValue& field) { return field.has_value(); });
}

class RowMerge {
public:
    RowMerge(EntryLog& log, RowInput input)
        : log_(log),
          state_(log.state()),
          input_(std::move(input)),
          mapping_(*input_.mapping),
          entered_knowing_(entered_knowing())
    {
    }

    // Returns the row when it was linked by this: others may wait for it.
    std::optional<LinkKey> run()
    {
        locate();
        const auto* base = change_ == LinkChange::none ? link_ : nullptr;
        const auto translated = translate_row(state_, mapping_, input_.image, base, input_.answered);
        if (const auto* obstacle = std::get_if<Obstacle>(&translated))
            return park(*obstacle);
        const auto& translation = std::get<Translation>(translated);
        const bool known = change_ == LinkChange::none || change_ == LinkChange::confirmed;
        if (!known && !identify(translation))
            return std::nullopt;
        return write(translation);
    }

private:
    [[nodiscard]] LinkKey row() const { return {mapping_.index, input_.key}; }
    [[nodiscard]] const EntityDefinition& entity() const
    {
        return state_.definition->model.entity(mapping_.entity);
    }

    // What the agency's database had been dealt with up to when the row was entered. Of a row that a survey
    // meets, and of one that could not be read when it was, nobody knows: it may be older than anything.
    [[nodiscard]] JournalSeq entered_knowing() const
    {
        const auto waited = [&](const LocalKey& key) {
            const auto parked = state_.parked.find({mapping_.index, key});
            return parked != state_.parked.end() &&
                   parked->second.newest.position.commit_lsn != input_.position.commit_lsn;
        };
        const bool unknown = input_.source == RowSource::survey || waited(input_.key) ||
                             (input_.previous_key && waited(*input_.previous_key));
        return unknown ? JournalSeq{0} : input_.seen;
    }

    // Finds the live link of the row and its record.
    void locate()
    {
        const auto id = input_.previous_key ? input_.record : state_.records.linked(row());
        if (!id)
            return;
        record_ = state_.records.find(*id);
        CASEBRIDGE_ASSERT(record_ != nullptr);
        link_ = record_->find_link(mapping_.index);
        CASEBRIDGE_ASSERT(link_ != nullptr);
        switch (state_.state_of(*link_)) {
            case LinkState::live:
                change_ = LinkChange::none;
                return;
            case LinkState::reserved:
                change_ = LinkChange::confirmed;
                return;
            case LinkState::ended:
                change_ = LinkChange::reopened;
                return;
        }
    }

    [[nodiscard]] bool was_unresolved(UnitIndex unit) const
    {
        return change_ == LinkChange::none && link_ != nullptr &&
               std::ranges::count(link_->unresolved, unit) > 0;
    }

    // Finds the record of a row without a live link, or decides that it is a new one. False when the row was
    // parked.
    bool identify(const Translation& translation)
    {
        const auto shown = identities(translation);
        RowToIdentify wanted{row(), input_.previous_key, std::nullopt, shown, entered_knowing_};
        if (record_ != nullptr)
            wanted.former = record_->id;
        const auto found = identify_row(state_, wanted);
        const auto* record = std::get_if<RecordId>(&found);
        if (record != nullptr && wanted.former == *record)
            return true;
        record_ = nullptr;
        link_ = nullptr;
        change_ = LinkChange::created;
        if (const auto* doubt = std::get_if<Doubt>(&found)) {
            park({doubt->code, mapping_.name(), std::nullopt}, doubt->candidates);
            return false;
        }
        if (record != nullptr) {
            record_ = state_.records.find(*record);
            dissolve_reservation();
            change_ = LinkChange::matched;
        }
        return true;
    }

    [[nodiscard]] std::vector<IdentityKey> identities(const Translation& translation) const
    {
        return shown_identities(*state_.definition, mapping_.entity, translation.units);
    }

    // A reservation of ours that the local row makes needless.
    void dissolve_reservation()
    {
        const auto* old = record_->find_link(mapping_.index);
        if (old == nullptr || state_.state_of(*old) != LinkState::reserved)
            return;
        log_.write(LinkDissolved{mapping_.agency, mapping_.index, old->key, record_->id});
        record_ = state_.records.find(record_->id);
    }

    std::optional<LinkKey> write(const Translation& translation)
    {
        // Before anything is judged: a conflict names the change by the seq that it will have.
        release_parked(log_, row());
        if (input_.previous_key && !input_.previous_taken)
            release_parked(log_, {mapping_.index, *input_.previous_key});
        auto read = reading();
        read.unresolved = translation.unresolved;
        read.returns = returns();
        if (change_ == LinkChange::none)
            stale_ = find_stale_form(*state_.definition, *link_, input_);
        for (const auto& unit : translation.units)
            add_version(read, unit);
        if (joins())
            read.marks = marks_on_joining(*record_, mapping_);
        const bool nothing_new = change_ == LinkChange::none && !input_.previous_key &&
                                 read.versions.empty() && link_->image == input_.image &&
                                 link_->unresolved == read.unresolved;
        if (nothing_new)
            return std::nullopt;
        remember_delivered(read, input_.image);
        read.image = std::move(input_.image);
        read.record = change_ == LinkChange::created ? RecordId{log_.next_seq().value()} : record_->id;
        log_.write(std::move(read));
        return change_ == LinkChange::none ? std::nullopt : std::optional{row()};
    }

    // Whether this is the person's coming back behind the deletion: an agency that deleted the row has it
    // again, or another one, that knew of the deletion, a new one; or somebody has decided that the row is
    // this record although it is being deleted. An insert of ours that the deletion crossed is no such thing.
    [[nodiscard]] bool returns() const
    {
        if (record_ == nullptr || !record_->departure || !joins() || input_.source == RowSource::echo)
            return false;
        return knew_of_deletion() || (record_->leaves() && is_decided_same());
    }

    [[nodiscard]] bool is_decided_same() const
    {
        const auto same = [&](const LinkKey& row) {
            const auto decided = state_.matches.find(row);
            return decided != state_.matches.end() && decided->second.same == record_->id;
        };
        return same(row()) || (input_.previous_key && same({mapping_.index, *input_.previous_key}));
    }

    [[nodiscard]] bool joins() const
    {
        return change_ == LinkChange::matched || change_ == LinkChange::reopened;
    }

    [[nodiscard]] bool knew_of_deletion() const
    {
        const auto& departure = *record_->departure;
        return departure.is_of(mapping_.index) || (record_->leaves() && departure.since <= entered_knowing_);
    }

    // What the database had of the unit. A rule had what goes with the record written down, a person had not.
    [[nodiscard]] JournalSeq had_up_to(const conflict::UnitHistory& unit) const
    {
        if (!joins())
            return input_.seen;
        const bool ruled = record_->departure && record_->departure->state == DepartureState::ruled;
        return ruled && knew_of_deletion() ? had_on_return(*state_.definition, *record_, unit)
                                           : JournalSeq{0};
    }

    // Judges one changed unit.
    void add_version(RowRead& read, const UnitReading& reading)
    {
        if (std::ranges::count(input_.written_by_us, reading.unit) > 0 || inserted_before(reading))
            return;
        const bool first_reading = change_ != LinkChange::none || was_unresolved(reading.unit);
        // An empty unit of a row that was never read before asserts nothing: it is not an edit that clears a
        // value.
        if (first_reading && says_nothing(reading.value))
            return;
        const auto former =
            first_reading ? std::nullopt : read_unit(state_, mapping_, reading.unit, link_->image);
        const auto base = former.value_or(UnitValue(reading.value.size()));
        const bool answered = std::ranges::count(input_.answered, reading.unit) > 0;
        if (!first_reading && !answered && base == reading.value)
            return;

        static const conflict::UnitHistory nothing_yet;
        const auto& history = record_ == nullptr ? nothing_yet : record_->units[reading.unit.value()];
        const auto& rule = rule_of(*state_.definition, mapping_.entity, reading.unit);
        const auto* stale = first_reading ? nullptr : stale_.find(reading.unit);
        // A trigger's answer came after what we wrote, and a survey may have missed what we wrote meanwhile;
        // but whoever seems to put an element of ours into a set changes nothing by it.
        const bool began_there = rule.joins() ? !answered : input_.source == RowSource::stream;
        auto merge = conflict::merge_change(
            history,
            rule,
            {.author = mapping_.agency,
             .value = reading.value,
             .commit_time = input_.commit_time,
             .seen = had_up_to(history),
             .authority_linked = state_.authority_linked(rule, mapping_, record_),
             .in_our_transaction = input_.source == RowSource::echo,
             .base = stale != nullptr ? read_unit(state_, mapping_, reading.unit, stale_.shown)
                     : began_there    ? former
                                      : std::nullopt,
             .unseen_from = stale == nullptr ? std::nullopt : std::optional{stale->unseen_from}}
        );
        merge.added.unit = reading.unit;
        // Nor do later edits of the row come from anybody who has seen it, until it is there again.
        if (stale != nullptr)
            read.marks.push_back(
                {reading.unit,
                 std::min(history.mark(mapping_.agency).value_or(stale->unseen_from), stale->unseen_from)}
            );
        const bool lost = record_ != nullptr && record_->leaves() && !read.returns &&
                          may_take_along(*state_.definition, *record_, mapping_.agency);
        if (lost || merge.causality == conflict::Merge::Causality::concurrent) {
            auto note = conflict_note(
                history,
                rule,
                merge,
                {.type = joins() ? ConflictType::insert_exists : ConflictType::update_origin_differs,
                 .author = mapping_.agency,
                 .base = base,
                 .seq = log_.next_seq()}
            );
            if (lost)
                lose_to_deletion(
                    note, record_->departure->state, deletion_rule_name(*state_.definition, mapping_.entity)
                );
            read.conflicts.push_back(std::move(note));
        }
        read.versions.push_back(std::move(merge.added));
    }

    // Whether an earlier process of ours inserted the value with the row, whose reservation a local row has
    // taken since: one of the versions that other agencies wrote.
    [[nodiscard]] bool inserted_before(const UnitReading& reading) const
    {
        if (input_.source != RowSource::echo || change_ != LinkChange::matched)
            return false;
        return conflict::could_have_written(
            record_->units[reading.unit.value()],
            rule_of(*state_.definition, mapping_.entity, reading.unit),
            mapping_.agency,
            JournalSeq{0},
            reading.value
        );
    }

    void remember_delivered(RowRead& read, const Image& image) const
    {
        if (change_ == LinkChange::none)
            read.delivered = delivered_after(*state_.definition, *record_, *link_, input_, image);
    }

    // Parks the row. Returns it when that confirmed our own insert: others may wait for it.
    std::optional<LinkKey> park(const Obstacle& obstacle, std::vector<MatchCandidate> candidates = {})
    {
        const bool confirmed = read_own_writes();
        auto parked = parked_of(input_);
        parked.code = obstacle.code;
        parked.place = obstacle.place;
        parked.image = std::move(input_.image);
        parked.candidates = std::move(candidates);
        if (obstacle.awaited) {
            parked.waits_table = obstacle.awaited->table;
            parked.waits_key = obstacle.awaited->key;
        }
        park_row(log_, std::move(parked));
        return confirmed ? std::optional{row()} : std::nullopt;
    }

    // Before a row of our own transaction is parked: the image takes what we wrote, so that no later reading
    // of the row credits it to the agency. Returns whether it confirmed our insert.
    bool read_own_writes()
    {
        const bool confirmed = change_ == LinkChange::confirmed;
        if (input_.source != RowSource::echo || link_ == nullptr || change_ == LinkChange::reopened)
            return false;
        auto read = reading();
        read.record = record_->id;
        read.image = confirmed ? Image(mapping_.slots.size()) : link_->image;
        read.unresolved = link_->unresolved;
        for (const auto unit : input_.written_by_us) {
            for (const auto& binding : mapping_.find_unit(unit)->bindings)
                read.image[binding.slot] = input_.image[binding.slot];
            std::erase(read.unresolved, unit);
        }
        if (!confirmed && read.image == link_->image)
            return false;
        remember_delivered(read, read.image);
        log_.write(std::move(read));
        return confirmed;
    }

    // What the input says of the row, before anything is judged.
    [[nodiscard]] RowRead reading() const
    {
        RowRead read;
        read.source = input_.source;
        read.agency = mapping_.agency;
        read.table = mapping_.index;
        read.key = input_.key;
        read.previous_key = input_.previous_key;
        read.position = input_.position;
        read.entity = mapping_.entity;
        read.link = change_;
        read.commit_time = input_.commit_time;
        return read;
    }

    EntryLog& log_;
    BridgeState& state_;
    RowInput input_;
    const mapping::TableMapping& mapping_;
    const JournalSeq entered_knowing_;
    const Record* record_ = nullptr;
    const Link* link_ = nullptr;
    LinkChange change_ = LinkChange::created;
    StaleForm stale_;
};

}  // namespace

void merge_row(EntryLog& log, RowInput input)
{
    std::deque<RowInput> inputs;
    inputs.push_back(std::move(input));
    while (!inputs.empty()) {
        const RowInput next = std::move(inputs.front());
        inputs.pop_front();
        const auto linked = RowMerge{log, next}.run();
        if (!linked)
            continue;
        const auto found = log.state().waiting.find(*linked);
        if (found == log.state().waiting.end())
            continue;
        for (const auto& waiting : found->second) {
            if (next.coming != nullptr && next.coming->contains(waiting))
                continue;
            if (auto again = read_again(log.state(), waiting, next))
                inputs.push_back(std::move(*again));
        }
    }
}

void park_unreadable(EntryLog& log, const RowInput& input, const Error& error)
{
    auto parked = parked_of(input);
    parked.code = error.code;
    parked.place = error.place;
    park_row(log, std::move(parked));
}

}  // namespace casebridge::pipeline
