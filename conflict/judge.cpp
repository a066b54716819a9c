#include "conflict/judge.hpp"

#include <algorithm>
#include <type_traits>

namespace casebridge::conflict {

namespace {

bool all_equal(std::span<const Version> open)
{
    return std::ranges::all_of(open, [&](const Version& version) {
        return version.value == open.front().value;
    });
}

// Order of `latest`; versions without a stamp come first. The seq only separates versions of one agency.
bool earlier(const Version& left, const Version& right)
{
    return std::tie(left.stamp, left.author, left.seq) < std::tie(right.stamp, right.author, right.seq);
}

std::size_t last_of(std::span<const Version> open)
{
    return static_cast<std::size_t>(std::ranges::max_element(open, earlier) - open.begin());
}

Decision stands(std::size_t winner)
{
    return {Decision::Outcome::stands, winner};
}

Decision judge_latest(std::span<const Version> open, const Latest& rule)
{
    const auto last = last_of(open);
    for (const auto& version : open) {
        if (version.value == open[last].value)
            continue;
        if (!version.stamp || !open[last].stamp)
            return {Decision::Outcome::held, std::nullopt};
        if (open[last].stamp->value() - version.stamp->value() <= rule.skew_bound.count())
            return {Decision::Outcome::held, std::nullopt};
    }
    return stands(last);
}

Decision judge_authority(std::span<const Version> open, const Authority& rule)
{
    const auto own = std::ranges::find(open, rule.agency, &Version::author);
    if (own != open.end())
        return stands(static_cast<std::size_t>(own - open.begin()));
    // Not written by the authority yet, and concurrent before it was linked: the stamps decide.
    return judge_latest(open, Latest{});
}

bool had(const UnitHistory& history, const Change& change, const Version& version)
{
    if (version.written_by(change.author))
        return true;
    const auto mark = history.mark(change.author);
    return version.seq <= change.seen && (!mark || version.seq < *mark);
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
    if (added.answers == 0 && !added.rejected) {
        history.answers.clear();
        return;
    }
    std::erase_if(history.answers, [&](const Answers& old) { return old.agency == author; });
    if (added.answers != 0)
        history.answers.push_back({author, added.answers, added.stamp});
}

Merge reject(const UnitHistory& history, const FieldRule& rule, const Change& change)
{
    const auto decision = judge(history.open, rule);
    const bool same = decision.winner && history.open[*decision.winner].value == change.value;
    Merge merge;
    merge.causality = same ? Merge::Causality::agreeing : Merge::Causality::concurrent;
    merge.added = {
        .unit = {}, .value = change.value, .stamp = change.commit_time, .superseded = {}, .rejected = true};
    merge.reverted = !same;
    if (merge.reverted)
        merge.added.answers = next_answer(history, change);
    return merge;
}

}  // namespace

std::string to_string(const FieldRule& rule)
{
    return std::visit(
        [](const auto& kind) -> std::string {
            using Kind = std::decay_t<decltype(kind)>;
            if constexpr (std::is_same_v<Kind, Authority>)
                return "authority:" + kind.agency.value();
            else if constexpr (std::is_same_v<Kind, Latest>)
                return "latest";
            else
                return "hold";
        },
        rule
    );
}

Decision judge(std::span<const Version> open, const FieldRule& rule)
{
    if (open.empty())
        return {};
    if (const auto* authority = std::get_if<Authority>(&rule))
        return judge_authority(open, *authority);
    if (all_equal(open))
        return stands(last_of(open));
    if (const auto* latest = std::get_if<Latest>(&rule))
        return judge_latest(open, *latest);
    return {Decision::Outcome::held, std::nullopt};
}

std::optional<UnitValue> golden_as_of(
    const UnitHistory& history, const FieldRule& rule, const AgencyId& agency, JournalSeq to
)
{
    const auto known = [&](const Version& version) {
        return version.seq <= to || version.written_by(agency);
    };
    std::vector<Version> open;
    std::ranges::copy_if(history.open, std::back_inserter(open), known);

    const auto known_seq = [&](JournalSeq seq) {
        if (seq <= to)
            return true;
        const auto is = [&](const Version& version) {
            return version.seq == seq && version.written_by(agency);
        };
        return std::ranges::any_of(history.open, is) ||
               std::ranges::any_of(history.past, is, &SupersededVersion::version);
    };
    for (const auto& [version, by] : history.past)
        if (known(version) && !known_seq(by))
            open.push_back(version);

    const auto decision = judge(open, rule);
    if (!decision.winner)
        return std::nullopt;
    return open[*decision.winner].value;
}

bool wrote_elsewhere(const UnitHistory& history, const AgencyId& agency, const UnitValue& value)
{
    const auto is = [&](const Version& version) {
        return !version.written_by(agency) && version.value == value;
    };
    return std::ranges::any_of(history.open, is) ||
           std::ranges::any_of(history.past, is, &SupersededVersion::version);
}

Merge merge_change(const UnitHistory& history, const FieldRule& rule, const Change& change)
{
    const auto* authority = std::get_if<Authority>(&rule);
    const bool authority_judges = authority != nullptr && change.authority_linked;
    if (authority_judges && authority->agency != change.author && !history.open.empty())
        return reject(history, rule, change);

    Merge merge;
    bool lacked_same = false;
    bool lacked_other = false;
    for (const auto& version : history.open) {
        const bool had_it = had(history, change, version);
        if (had_it || authority_judges)
            merge.added.superseded.push_back(version.seq);
        if (!had_it)
            (version.value == change.value ? lacked_same : lacked_other) = true;
    }
    if (lacked_other)
        merge.causality = Merge::Causality::concurrent;
    else if (lacked_same)
        merge.causality = Merge::Causality::agreeing;

    if (change.in_our_transaction)
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

}  // namespace

void apply_version(UnitHistory& history, const VersionAdded& added, const AgencyId& author, JournalSeq seq)
{
    count_answer(history, added, author);
    if (!added.rejected)
        add_open(history, added, {seq, author, added.value, added.stamp});
}

void apply_decision(UnitHistory& history, const VersionAdded& added, const AgencyId& author, JournalSeq seq)
{
    history.answers.clear();
    add_open(history, added, {seq, author, added.value, added.stamp, true});
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
