#include "pipeline/record.hpp"

#include <algorithm>

namespace casebridge::pipeline {

const Link* Record::find_link(MappingIndex table) const
{
    const auto found = std::ranges::find(links, table, &Link::table);
    return found == links.end() ? nullptr : &*found;
}

Link* Record::find_link(MappingIndex table)
{
    const auto found = std::ranges::find(links, table, &Link::table);
    return found == links.end() ? nullptr : &*found;
}

const Refusal* Record::find_refusal(MappingIndex table) const
{
    const auto found = std::ranges::find(refusals, table, &TableRefusal::table);
    return found == refusals.end() ? nullptr : &found->refusal;
}

bool Departure::is_of(MappingIndex table) const
{
    return std::ranges::find(tables, table) != tables.end();
}

}  // namespace casebridge::pipeline
