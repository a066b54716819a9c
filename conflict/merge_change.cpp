#include "conflict/element_tags.hpp"
#include "conflict/judge.hpp"
#include "conflict/tally.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace casebridge::conflict {

namespace {

// Whether the author's database had been given what was accepted there by somebody else, and the form too if
// the change is a stale form's.
bool was_given(const UnitHistory& history, const Change& change, JournalSeq seq)
{
    const auto mark = history.mark(change.author);
    return seq <= change.seen && (!mark || seq < *mark) && (!change.unseen_from || seq < *change.unseen_from);
}

bool had(const UnitHistory& history, const Change& change, const Version& version)
{
    return version.written_by(change.author) || was_given(history, change, version.seq);
}

// The greatest stamp that the change must exceed.
std::optional<PgTime> floor_for(const UnitHistory& history, const Change& change)
{
    auto floor = history.stamp_floor;
    const auto raise = [&](const Version& version) {
        if (version.stamp && had(history, change, version) && (!floor || *floor < *version.stamp))
            floor = version.stamp;
    };
    std::ranges::for_each(history.open, raise);
    std::ranges::for_each(history.past, raise, &SupersededVersion::version);
    return floor;
}

constexpr std::uint32_t answers_max = 3;
constexpr std::int64_t argument_ends_after = std::int64_t{7} * 24 * 3'600 * 1'000'000;  // Microseconds.

// The number of an answer that comes now.
std::uint32_t next_answer(const UnitHistory& history, const Change& change)
{
    const auto* before = history.answers_of(change.author);
    if (before == nullptr)
        return 1;
    if (before->last && change.commit_time &&
        change.commit_time->value() - before->last->value() > argument_ends_after)
        return 1;
    return before->count + 1;
}

void count_answer(UnitHistory& history, const VersionAdded& added, const AgencyId& author)
{
    if (added.answers == 0 && added.enters()) {
        history.answers.clear();
        return;
    }
    std::erase_if(history.answers, [&](const Answers& old) { return old.agency == author; });
    if (added.answers != 0)
        history.answers.push_back({author, added.answers, added.stamp});
}

// What a change carries under `sum`.
Tally tally_after(
    const UnitHistory& history,
    const FieldRule& rule,
    const Change& change,
    const std::vector<JournalSeq>& superseded
)
{
    std::vector<Version> had;
    for (const auto& version : history.open)
        if (std::ranges::find(superseded, version.seq) != superseded.end())
            had.push_back(version);
    const bool had_all = !had.empty() && had.size() == history.open.size();
    const bool showed_what_stood = had_all && change.base && judge(history.open, rule).value == change.base;
    return tally_of(
        change.value.front(),
        change.base ? TallyBase{change.base->front()} : std::nullopt,
        had,
        showed_what_stood ? Showed::what_stood : Showed::what_it_had
    );
}

// What a change did to the set that the author's row showed. Where that is not known, it is what the author
// had: who enters the whole row again puts in all that it shows, a trigger only what it added to that.
SetEdit edit_of(const UnitHistory& history, const Change& change, const TextSet& after)
{
    const auto base = change.base ? parse_text_set(change.base->front()) : std::nullopt;
    if (base)
        return difference(*base, after);
    const auto known = [&](JournalSeq seq, const Version* version) {
        return version != nullptr ? had(history, change, *version) : was_given(history, change, seq);
    };
    auto edit = difference(union_of(open_among(history, known)).value_or(TextSet{}), after);
    if (!change.in_our_transaction)
        edit.added = after;
    return edit;
}

// What a change carries under `union`; nothing when its value is no set.
std::optional<ElementTags> tags_after(
    const UnitHistory& history, const Change& change, const std::vector<JournalSeq>& superseded
)
{
    const auto after = parse_text_set(change.value.front());
    if (!after)
        return std::nullopt;
    return tags_of(history, edit_of(history, change, *after), superseded, [&](const ElementTags::Tag& tag) {
        return tag.author == change.author || was_given(history, change, tag.by);
    });
}

Merge reject(const UnitHistory& history, const FieldRule& rule, const Change& change)
{
    const auto decision = judge(history.open, rule);
    const bool same = decision.value == change.value;
    Merge merge;
    merge.causality = same ? Merge::Causality::agreeing : Merge::Causality::concurrent;
    merge.added = {
        .unit = {},
        .value = change.value,
        .stamp = change.commit_time,
        .superseded = {},
        .admission = Admission::rejected};
    merge.added.suspect = change.unseen_from.has_value();
    if (same)
        return merge;
    merge.added.answers = next_answer(history, change);
    // What a trigger did, and what a stale form put back, is nobody's wish.
    if (rule.authority()->others == Authority::Others::proposed && !change.in_our_transaction &&
        !merge.added.suspect)
        merge.added.admission = Admission::proposed;
    return merge;
}

}  // namespace

bool lacked_another(const UnitHistory& history, const Change& change)
{
    return std::ranges::any_of(history.open, [&](const Version& version) {
        return !had(history, change, version);
    });
}

Merge merge_change(const UnitHistory& history, const FieldRule& rule, const Change& change)
{
    const auto* authority = rule.authority();
    const bool authority_judges = authority != nullptr && change.authority_linked;
    if (authority_judges && authority->agency != change.author && !history.open.empty())
        return reject(history, rule, change);

    Merge merge;
    // Two equal increases are two, not one on which both agree.
    const bool adds = rule.sum() != nullptr && change.base.has_value();
    bool lacked_same = false;
    bool lacked_other = false;
    for (const auto& version : history.open) {
        const bool had_it = had(history, change, version);
        if (had_it || authority_judges)
            merge.added.superseded.push_back(version.seq);
        if (!had_it)
            (version.value == change.value && !adds ? lacked_same : lacked_other) = true;
    }
    if (rule.sum() != nullptr)
        merge.added.tally = tally_after(history, rule, change, merge.added.superseded);
    if (rule.joins())
        merge.added.tags = tags_after(history, change, merge.added.superseded);
    if (lacked_other)
        merge.causality = Merge::Causality::concurrent;
    else if (lacked_same)
        merge.causality = Merge::Causality::agreeing;

    // Where the rule writes again what a stale form put back, a job that behaves like one must come to an
    // end.
    merge.added.suspect = change.unseen_from.has_value();
    if (change.in_our_transaction || (merge.added.suspect && !authority_judges))
        merge.added.answers = next_answer(history, change);
    merge.added.value = change.value;
    merge.added.stamp = change.commit_time;
    if (merge.added.stamp) {
        const auto floor = floor_for(history, change);
        if (floor && *merge.added.stamp <= *floor)
            merge.added.stamp = PgTime{floor->value() + 1};
    }
    return merge;
}

namespace {

void add_open(UnitHistory& history, const VersionAdded& added, Version version)
{
    for (const auto superseded : added.superseded) {
        const auto found = std::ranges::find(history.open, superseded, &Version::seq);
        if (found == history.open.end())
            continue;
        history.past.push_back({std::move(*found), version.seq});
        history.open.erase(found);
    }
    std::ranges::sort(history.past, {}, [](const SupersededVersion& past) { return past.version.seq; });
    history.open.push_back(std::move(version));
}

// What was proposed and stands now has been accepted.
void drop_accepted(UnitHistory& history, const UnitValue& value)
{
    std::erase_if(history.proposals, [&](const Version& proposal) { return proposal.value == value; });
}

void drop_proposal_of(UnitHistory& history, const AgencyId& agency)
{
    std::erase_if(history.proposals, [&](const Version& proposal) { return proposal.author == agency; });
}

}  // namespace

void apply_version(UnitHistory& history, const VersionAdded& added, const AgencyId& author, JournalSeq seq)
{
    count_answer(history, added, author);
    Version version{seq, author, added.value, added.stamp, added.tally, false, added.suspect, added.tags};
    switch (added.admission) {
        case Admission::entered:
            drop_proposal_of(history, author);
            drop_accepted(history, added.value);
            add_open(history, added, std::move(version));
            break;
        case Admission::rejected:
            // An edit to the value that stands anyway takes the proposal back; a trigger's answer does not.
            if (added.answers == 0)
                drop_proposal_of(history, author);
            break;
        case Admission::proposed:
            drop_proposal_of(history, author);
            history.proposals.push_back(std::move(version));
            break;
    }
}

void apply_decision(UnitHistory& history, const VersionAdded& added, const AgencyId& author, JournalSeq seq)
{
    history.answers.clear();
    drop_accepted(history, added.value);
    add_open(
        history, added, {seq, author, added.value, added.stamp, added.tally, true, added.suspect, added.tags}
    );
}

void tag_decision(
    const UnitHistory& history, const FieldRule& rule, std::span<const JournalSeq> seen, VersionAdded& added
)
{
    const auto after = rule.joins() ? parse_text_set(added.value.front()) : std::nullopt;
    if (!after || seen.empty())
        return;
    const auto last = *std::ranges::max_element(seen);
    const auto stood = open_among(history, [&](JournalSeq seq, const Version*) { return seq <= last; });
    added.tags = tags_of(
        history,
        difference(union_of(stood).value_or(TextSet{}), *after),
        added.superseded,
        [&](const ElementTags::Tag& tag) { return tag.by <= last; }
    );
}

void reject_proposal(UnitHistory& history, JournalSeq proposal)
{
    std::erase_if(history.proposals, [&](const Version& version) { return version.seq == proposal; });
}

bool argues(const UnitHistory& history, const AgencyId& agency)
{
    const auto* answers = history.answers_of(agency);
    return answers != nullptr && answers->count > answers_max;
}

void prune(UnitHistory& history, JournalSeq had_by_all)
{
    std::erase_if(history.past, [&](const SupersededVersion& past) {
        if (past.by > had_by_all)
            return false;
        if (past.version.stamp && (!history.stamp_floor || *history.stamp_floor < *past.version.stamp))
            history.stamp_floor = past.version.stamp;
        return true;
    });
}

}  // namespace casebridge::conflict
