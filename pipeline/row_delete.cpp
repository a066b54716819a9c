#include "pipeline/row_delete.hpp"

#include "conflict/judge.hpp"
#include "model/assert.hpp"
#include "pipeline/conflict_note.hpp"
#include "pipeline/parked_rows.hpp"
#include "pipeline/record_values.hpp"
#include "pipeline/state_resolver.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace casebridge::pipeline {

namespace {

class RowDeletion {
public:
    RowDeletion(EntryLog& log, const DeleteInput& input)
        : log_(log), state_(log.state()), input_(input), mapping_(*input.mapping)
    {
    }

    void run()
    {
        // One that came back unreadable in the transaction that deleted it is gone only now.
        const bool was_parked = state_.parked.contains({mapping_.index, input_.key});
        release_parked(log_, {mapping_.index, input_.key});
        if (input_.record) {
            record_ = state_.records.find(*input_.record);
            CASEBRIDGE_ASSERT(record_ != nullptr);
            link_ = record_->find_link(mapping_.index);
            CASEBRIDGE_ASSERT(link_ != nullptr);
            unreadable_ = was_parked && link_->state == LinkState::ended;
            if (state_.state_of(*link_) == LinkState::ended && !unreadable_)
                return;
        }
        RowDeleted deleted{
            .agency = mapping_.agency,
            .table = mapping_.index,
            .key = input_.key,
            .position = input_.position,
            .entity = mapping_.entity,
            .record = input_.record,
        };
        if (input_.by == DeletedBy::agency && !input_.in_echo)
            deleted.commit_time = input_.commit_time;
        if (record_ != nullptr)
            decide(deleted);
        log_.write(std::move(deleted));
    }

private:
    void decide(RowDeleted& deleted) const
    {
        if (input_.by == DeletedBy::us) {
            deleted.effect = DeleteEffect::confirmed;
            return;
        }
        // Of a record that is leaving everywhere this says nothing new.
        if (input_.by == DeletedBy::agency_for_a_moment || record_->leaves() || !anybody_else_has_it())
            return;
        const auto& rule = state_.definition->delete_rule(mapping_.entity);
        // What a person is asked about already is one question about all; and of a row that nobody could read
        // nobody knows whose it was.
        const bool hold = input_.approved == ApprovedDeletions::hold || record_->departure || unreadable_;
        if (hold || std::holds_alternative<conflict::HoldDelete>(rule)) {
            deleted.effect = DeleteEffect::held;
        } else if (std::holds_alternative<conflict::DetachDelete>(rule)) {
            deleted.effect = DeleteEffect::detached;
        } else if (std::holds_alternative<conflict::PropagateDelete>(rule)) {
            // Of a row that another agency entered meanwhile the agency has not said that it should go.
            if (somebody_entered_it_unseen()) {
                deleted.effect = DeleteEffect::held;
                return;
            }
            deleted.effect = DeleteEffect::propagated;
            note_what_it_lacked(deleted);
        } else {
            deleted.effect = DeleteEffect::archived;
            archive(deleted, std::get<conflict::ArchiveDelete>(rule));
        }
    }

    [[nodiscard]] bool anybody_else_has_it() const
    {
        return std::ranges::any_of(record_->links, [&](const Link& link) {
            return link.table != mapping_.index && state_.state_of(link) != LinkState::ended;
        });
    }

    [[nodiscard]] bool somebody_entered_it_unseen() const
    {
        return std::ranges::any_of(record_->links, [&](const Link& link) {
            return link.table != mapping_.index && state_.state_of(link) == LinkState::live &&
                   link.origin == LinkOrigin::agency && link.since > input_.seen;
        });
    }

    // The unit as the deleted row showed it; nothing when nobody can read it.
    [[nodiscard]] std::optional<UnitValue> shown(UnitIndex unit) const
    {
        const auto* mapped = mapping_.find_unit(unit);
        if (mapped == nullptr || state_.state_of(*link_) != LinkState::live)
            return std::nullopt;
        const auto& entity = state_.definition->model.entity(mapping_.entity);
        const StateResolver resolver{state_};
        auto value = mapping::get_unit(mapping_, entity, *mapped, link_->image, resolver);
        return value ? std::optional{std::move(*value)} : std::nullopt;
    }

    [[nodiscard]] conflict::Change change_to(UnitValue value) const
    {
        return {
            .author = mapping_.agency,
            .value = std::move(value),
            .commit_time = input_.commit_time,
            .seen = input_.seen,
        };
    }

    // Also what says the same as the row did: when the agency enters the person again with another value,
    // nobody would know that somebody else had said so. And what the agency does not keep at all: its row
    // went without anybody there knowing of it.
    void note_what_it_lacked(RowDeleted& deleted) const
    {
        const auto& entity = state_.definition->model.entity(mapping_.entity);
        for (std::uint16_t number = 0; number < entity.units.size(); ++number) {
            const UnitIndex unit{number};
            const auto& history = record_->units[number];
            auto base = shown(unit).value_or(UnitValue(entity.unit(unit).fields.size()));
            const bool lacked = mapping_.find_unit(unit) == nullptr
                                    ? says_something(history)
                                    : conflict::lacked_another(history, change_to(base));
            if (!lacked)
                continue;
            ConflictNote note;
            note.unit = unit;
            note.type = ConflictType::delete_origin_differs;
            note.rule = deletion_rule_name(*state_.definition, mapping_.entity);
            note.verdict = Verdict::deleted;
            note.base = std::move(base);
            note.versions = told(history.open);
            deleted.conflicts.push_back(std::move(note));
        }
    }

    [[nodiscard]] static bool says_something(const conflict::UnitHistory& history)
    {
        return std::ranges::any_of(history.open, [](const Version& version) {
            return std::ranges::any_of(version.value, [](const FieldValue& field) {
                return field.has_value();
            });
        });
    }

    // The agency's last edit: it closes what it leaves behind.
    void archive(RowDeleted& deleted, const conflict::ArchiveDelete& rule) const
    {
        for (const auto& [unit, value] : rule.values) {
            const auto& history = record_->units[unit.value()];
            const auto base = shown(unit);
            if (base == value)
                continue;
            const auto& of_unit = rule_of(*state_.definition, mapping_.entity, unit);
            auto change = change_to(value);
            change.authority_linked = state_.authority_linked(of_unit, mapping_, record_);
            change.base = base;
            auto merge = conflict::merge_change(history, of_unit, change);
            merge.added.unit = unit;
            if (merge.causality == conflict::Merge::Causality::concurrent)
                deleted.conflicts.push_back(conflict_note(
                    history,
                    of_unit,
                    merge,
                    {.type = ConflictType::delete_origin_differs,
                     .author = mapping_.agency,
                     .base = base.value_or(UnitValue(value.size())),
                     .seq = log_.next_seq()}
                ));
            deleted.versions.push_back(std::move(merge.added));
        }
    }

    EntryLog& log_;
    BridgeState& state_;
    const DeleteInput& input_;
    const mapping::TableMapping& mapping_;
    const Record* record_ = nullptr;
    const Link* link_ = nullptr;
    bool unreadable_ =
        false;  // It came under a key of the record's that had ended, and was parked until now.
};

// The deletion of the row that another one pointed at, if it waits for that. Returns the record of a row that
// is to be deleted.
std::optional<RecordId> release(EntryLog& log, const AgencyId& agency, const LinkKey& row)
{
    const auto& state = std::as_const(log).state();
    const auto id = state.records.linked(row);
    const auto* record = id ? state.records.find(*id) : nullptr;
    if (record == nullptr || !record->leaves())
        return std::nullopt;
    const auto* refusal = record->find_refusal(row.table);
    if (refusal != nullptr && refusal->code == pointed_at && !refusal->skipped)
        log.write(DeliveryReleased{agency, row.table, *id});
    return id;
}

}  // namespace

std::vector<RecordId> let_go(
    EntryLog& log, const mapping::TableMapping& mapping, const Image& before, const Image* after
)
{
    std::vector<RecordId> leaving;
    if (before.empty())
        return leaving;
    for (const auto& unit : mapping.units)
        for (const auto& binding : unit.bindings) {
            const auto* reference = std::get_if<mapping::ReferenceCodec>(&binding.codec);
            const auto& target = before[binding.slot];
            if (reference == nullptr || !target || (after != nullptr && (*after)[binding.slot] == target))
                continue;
            if (const auto id = release(log, mapping.agency, {reference->table, LocalKey{target->expose()}}))
                leaving.push_back(*id);
        }
    return leaving;
}

void merge_delete(EntryLog& log, const DeleteInput& input)
{
    RowDeletion{log, input}.run();
}

}  // namespace casebridge::pipeline
