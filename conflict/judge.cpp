#include "conflict/judge.hpp"

#include "conflict/element_tags.hpp"
#include "conflict/tally.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace casebridge::conflict {

namespace {

// The versions among which is decided.
using Candidates = std::vector<const Version*>;

bool all_equal(const Candidates& candidates)
{
    return std::ranges::all_of(candidates, [&](const Version* version) {
        return version->value == candidates.front()->value;
    });
}

// Order of `latest`; versions without a stamp come first. The seq only separates versions of one agency.
bool earlier(const Version* left, const Version* right)
{
    return std::tie(left->stamp, left->author, left->seq) < std::tie(right->stamp, right->author, right->seq);
}

const Version& last_of(const Candidates& candidates)
{
    return **std::ranges::max_element(candidates, earlier);
}

Candidates all_of(std::span<const Version> open)
{
    Candidates candidates;
    for (const auto& version : open)
        candidates.push_back(&version);
    return candidates;
}

Decision stands(std::span<const Version> open, const Version& winner, std::string_view by)
{
    return {Decision::Outcome::stands, winner.value, static_cast<std::size_t>(&winner - open.data()), by};
}

bool empty(const UnitValue& value)
{
    return std::ranges::none_of(value, [](const FieldValue& field) { return field.has_value(); });
}

// Each rule leaves the candidates that it could not tell from the leading one: a function of their set. Those
// that ask which edit came later, or whether there is a value, abstain beside a stale form's: that is always
// the later one, and its value is not one that anybody meant.
struct Narrow {
    const Candidates& from;

    Candidates operator()(const Latest& rule) const
    {
        if (is_doubtful())
            return from;
        const auto& last = last_of(from);
        const auto near = [&](const Version* version) {
            return version->value == last.value || !version->stamp || !last.stamp ||
                   last.stamp->value() - version->stamp->value() <= rule.skew_bound.count();
        };
        return those(near);
    }

    Candidates operator()(const Max& rule) const { return leading(rule.order, std::strong_ordering::less); }
    Candidates operator()(const Min& rule) const
    {
        return leading(rule.order, std::strong_ordering::greater);
    }

    Candidates operator()(const Rank& rule) const
    {
        const auto place = [&](const Version* version) {
            const auto& value = version->value.front();
            if (!value)
                return rule.values.size() + 1;
            return static_cast<std::size_t>(std::ranges::find(rule.values, *value) - rule.values.begin());
        };
        const auto first = std::ranges::min(from, {}, place);
        return those([&](const Version* version) { return place(version) == place(first); });
    }

    Candidates operator()(const Filled&) const
    {
        if (is_doubtful())
            return from;
        auto filled = those([](const Version* version) { return !empty(version->value); });
        return filled.empty() ? from : filled;
    }

    // Were asked first, with all versions.
    Candidates operator()(const Sum&) const { return from; }
    Candidates operator()(const Union&) const { return from; }

private:
    [[nodiscard]] bool is_doubtful() const
    {
        return std::ranges::any_of(from, [](const Version* version) { return version->suspect; });
    }

    template <class Wanted>
    [[nodiscard]] Candidates those(const Wanted& wanted) const
    {
        Candidates kept;
        std::ranges::copy_if(from, std::back_inserter(kept), wanted);
        return kept;
    }

    // Those beside which no other is the better; `behind` is how a worse one compares with a better one.
    [[nodiscard]] Candidates leading(ValueOrder order, std::strong_ordering behind) const
    {
        const auto filled = those([](const Version* version) { return version->value.front().has_value(); });
        const Version* best = filled.empty() ? nullptr : filled.front();
        for (const auto* version : filled) {
            const auto compared = compare(order, *best->value.front(), *version->value.front());
            if (!compared || !compare(order, *version->value.front(), *version->value.front()))
                return from;
            if (*compared == behind)
                best = version;
        }
        return those([&](const Version* version) { return best == nullptr || version->value == best->value; }
        );
    }
};

// What all versions make together, where that is not the value of the only one.
std::optional<Decision> compute(std::span<const Version> open, const FieldRule& rule)
{
    const auto computed = [](FieldValue value, std::string_view by) {
        return Decision{Decision::Outcome::stands, UnitValue{std::move(value)}, std::nullopt, by};
    };
    if (const auto* sum = rule.sum())
        if (auto total = total_of(open, *sum);
            total && (open.size() > 1 || total != open.front().value.front()))
            return computed(std::move(total), "sum");
    if (!rule.joins())
        return std::nullopt;
    const auto elements = union_of(open);
    if (!elements)
        return std::nullopt;
    auto joined = write_text_set(*elements);
    const bool on_all =
        std::ranges::all_of(open, [&](const Version& version) { return version.value.front() == joined; });
    return on_all ? std::nullopt : std::optional{computed(std::move(joined), "union")};
}

Decision judge_chain(std::span<const Version> open, const FieldRule& rule)
{
    if (auto computed = compute(open, rule))
        return *std::move(computed);
    if (open.size() == 1)  // Nearly always: nothing to weigh.
        return stands(open, open.front(), {});
    auto candidates = all_of(open);
    if (all_equal(candidates))
        return stands(open, last_of(candidates), {});
    for (const auto& chained : rule.chain()) {
        candidates = std::visit(Narrow{candidates}, chained);
        if (all_equal(candidates))
            return stands(open, last_of(candidates), to_string(chained));
    }
    return {Decision::Outcome::held, std::nullopt, std::nullopt, {}};
}

Decision judge_authority(std::span<const Version> open, const Authority& rule)
{
    const auto own = std::ranges::find(open, rule.agency, &Version::author);
    if (own != open.end())
        return stands(open, *own, {});
    // Not written by the authority yet, and concurrent before it was linked: the stamps decide.
    static const FieldRule latest{Latest{}};
    return judge_chain(open, latest);
}

}  // namespace

Decision judge(std::span<const Version> open, const FieldRule& rule)
{
    if (open.empty())
        return {};
    if (const auto* authority = rule.authority())
        return judge_authority(open, *authority);
    return judge_chain(open, rule);
}

std::optional<UnitValue> golden_as_of(
    const UnitHistory& history, const FieldRule& rule, const AgencyId& agency, JournalSeq to
)
{
    const auto known = [&](JournalSeq seq, const Version* version) {
        return seq <= to || (version != nullptr && version->written_by(agency));
    };
    return judge(open_among(history, known), rule).value;
}

bool could_have_written(
    const UnitHistory& history,
    const FieldRule& rule,
    const AgencyId& agency,
    JournalSeq to,
    const UnitValue& value
)
{
    // What it was made of: all that was journalled when the transaction was planned, the agency's own
    // versions included only if they were read by then.
    const auto stood_at = [&](JournalSeq at) {
        const auto known = [&](JournalSeq seq, const Version*) { return seq <= at; };
        return judge(open_among(history, known), rule).value == value;
    };
    if (stood_at(to) || golden_as_of(history, rule, agency, to) == value)
        return true;
    const auto wrote = [&](const Version& version) {
        const bool elsewhere = !rule.computes() && !version.written_by(agency) && version.value == value;
        return elsewhere || (version.seq > to && stood_at(version.seq));
    };
    return std::ranges::any_of(history.open, wrote) ||
           std::ranges::any_of(history.past, wrote, &SupersededVersion::version);
}

}  // namespace casebridge::conflict
