#include "tests/hub/sample_bridge.hpp"

#include <algorithm>
#include <tuple>
#include <type_traits>
#include <utility>

// Equality of entries. Structured bindings name every member: a new one does not compile until it is
// compared.

namespace casebridge::hub::test {
namespace {
template <class T>
bool equal(const T& left, const T& right);

template <class T>
bool equal(const std::vector<T>& left, const std::vector<T>& right)
{
    return std::ranges::equal(left, right, [](const T& a, const T& b) { return equal(a, b); });
}

template <class... Members>
struct Members_of {
    std::tuple<const Members&...> members;
    bool operator==(const Members_of& other) const
    {
        return each(other, std::index_sequence_for<Members...>{});
    }

private:
    template <std::size_t... I>
    bool each(const Members_of& other, std::index_sequence<I...>) const
    {
        return (equal(std::get<I>(members), std::get<I>(other.members)) && ...);
    }
};

template <class... Members>
Members_of<Members...> all(const Members&... members)
{
    return {std::tie(members...)};
}

auto members(const MarkChange& m)
{
    const auto& [a, b] = m;
    return all(a, b);
}
auto members(const VersionAdded& v)
{
    const auto& [a, b, c, d, e, f, g, h, i] = v;
    return all(a, b, c, d, e, f, g, h, i);
}
auto members(const ConflictNote& n)
{
    const auto& [a, b, c, d, e, f, g, h, i, j] = n;
    return all(a, b, c, d, e, f, g, h, i, j);
}
auto members(const RowRead& read)
{
    const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r] = read;
    return all(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r);
}
auto members(const RowDeleted& r)
{
    const auto& [a, b, c, d, e, f, g, h, i, j] = r;
    return all(a, b, c, d, e, f, g, h, i, j);
}
auto members(const TableTruncated& t)
{
    const auto& [a, b, c] = t;
    return all(a, b, c);
}
auto members(const RowParked& r)
{
    const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n] = r;
    return all(a, b, c, d, e, f, g, h, i, j, k, l, m, n);
}
auto members(const ParkedReleased& r)
{
    const auto& [a, b, c] = r;
    return all(a, b, c);
}
auto members(const MarksMoved& m)
{
    const auto& [a, b, c, d] = m;
    return all(a, b, c, d);
}
auto members(const StreamPosition& s)
{
    const auto& [a, b, c, d] = s;
    return all(a, b, c, d);
}
auto members(const LinkReserved& l)
{
    const auto& [a, b, c, d] = l;
    return all(a, b, c, d);
}
auto members(const LinkDissolved& l)
{
    const auto& [a, b, c, d] = l;
    return all(a, b, c, d);
}
auto members(const DeliveryRefused& d)
{
    const auto& [a, b, c, e, f] = d;
    return all(a, b, c, e, f);
}
auto members(const DeliveryReleased& d)
{
    const auto& [a, b, c] = d;
    return all(a, b, c);
}
auto members(const LaneReason& l)
{
    const auto& [a] = l;
    return all(a);
}
auto members(const SurveyProgress& s)
{
    const auto& [a, b, c, d] = s;
    return all(a, b, c, d);
}
auto members(const AgencySwept& s)
{
    const auto& [a] = s;
    return all(a);
}
auto members(const JournalPruned& j)
{
    const auto& [a, b, c] = j;
    return all(a, b, c);
}
auto members(const ConfigurationApplied& c)
{
    const auto& [a, b] = c;
    return all(a, b);
}

auto members(const RequestAnswered& r)
{
    const auto& [a, b, c] = r;
    return all(a, b, c);
}
auto members(const AgencyPaused& p)
{
    const auto& [a, b, c, d, e] = p;
    return all(a, b, c, d, e);
}
auto members(const AgencyResumed& r)
{
    const auto& [a, b] = r;
    return all(a, b);
}
auto members(const ValueDecided& v)
{
    const auto& [a, b, c, d, e, f, g, h, i] = v;
    return all(a, b, c, d, e, f, g, h, i);
}
auto members(const ParkedSkipped& s)
{
    const auto& [a, b, c, d] = s;
    return all(a, b, c, d);
}
auto members(const DeliverySkipped& s)
{
    const auto& [a, b, c, d] = s;
    return all(a, b, c, d);
}

auto members(const MatchDecided& m)
{
    const auto& [a, b, c, d, e, f, g] = m;
    return all(a, b, c, d, e, f, g);
}
auto members(const LinkSplit& s)
{
    const auto& [a, b, c, d, e, f, g] = s;
    return all(a, b, c, d, e, f, g);
}
auto members(const DoubtSettled& d)
{
    const auto& [a, b, c] = d;
    return all(a, b, c);
}
auto members(const DeletionDecided& d)
{
    const auto& [a, b, c, e, f] = d;
    return all(a, b, c, e, f);
}

auto members(const ProposalRejected& r)
{
    const auto& [a, b, c, e, f] = r;
    return all(a, b, c, e, f);
}
auto members(const BreakerApproved& b)
{
    const auto& [a, c, d, e] = b;
    return all(a, c, d, e);
}

template <class T>
bool equal(const T& left, const T& right)
{
    if constexpr (requires { left == right; })
        return left == right;
    else
        return members(left) == members(right);
}

}  // namespace

bool same(const EntryBody& left, const EntryBody& right)
{
    return left.index() == right.index() &&
           std::visit(
               [&](const auto& body) { return equal(body, std::get<std::decay_t<decltype(body)>>(right)); },
               left
           );
}

}  // namespace casebridge::hub::test
