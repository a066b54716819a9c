#include "pipeline/conflict_note.hpp"

#include <utility>

namespace casebridge::pipeline {

namespace {

Verdict verdict_of(Admission admission, conflict::Decision::Outcome outcome)
{
    switch (admission) {
        case Admission::rejected:
            return Verdict::reverted;
        case Admission::proposed:
            return Verdict::proposed;
        case Admission::entered:
            break;
    }
    return outcome == conflict::Decision::Outcome::held ? Verdict::held : Verdict::stands;
}

}  // namespace

ConflictNote conflict_note(
    const conflict::UnitHistory& history,
    const conflict::FieldRule& rule,
    const conflict::Merge& merge,
    ConcurrentChange change
)
{
    ConflictNote note;
    note.unit = merge.added.unit;
    note.type = change.type;
    note.rule = conflict::to_string(rule);
    note.base = std::move(change.base);
    note.versions = told(history.open);
    note.versions.push_back({change.seq, change.author, merge.added.value, merge.added.stamp});
    note.versions.back().suspect = merge.added.suspect;
    note.stale_form = merge.added.suspect;

    auto after = history;
    conflict::apply_version(after, merge.added, change.author, change.seq);
    auto decision = conflict::judge(after.open, rule);
    if (decision.winner)
        note.winner = after.open[*decision.winner].seq;
    else
        note.computed = std::move(decision.value);
    if (rule.chain().size() > 1)
        note.decided_by = decision.decided_by;
    note.verdict = verdict_of(merge.added.admission, decision.outcome);
    return note;
}

std::vector<Version> told(std::vector<Version> versions)
{
    for (auto& version : versions) {
        version.tally.reset();
        version.tags.reset();
    }
    return versions;
}

std::string deletion_rule_name(const BridgeDefinition& definition, EntityIndex entity)
{
    return "on_delete:" + std::string{conflict::to_string(definition.delete_rule(entity))};
}

void lose_to_deletion(ConflictNote& note, DepartureState state, std::string rule)
{
    note.type = ConflictType::update_deleted;
    note.rule = std::move(rule);
    note.verdict = state == DepartureState::decided ? Verdict::held : Verdict::deleted;
    note.winner.reset();
    note.computed.reset();
    note.decided_by.clear();
    note.stale_form = false;
}

}  // namespace casebridge::pipeline
