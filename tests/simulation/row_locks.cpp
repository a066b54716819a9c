#include "tests/simulation/workload.hpp"

#include <string>
#include <vector>

// Rows that somebody keeps locked with an open form.

namespace casebridge::simulation {

bool lock_a_row(World& world, const AgencyId& agency)
{
    auto& site = world.sites.at(agency).agency;
    std::vector<LinkKey> rows;
    for (const auto& [row, content] : site.rows())
        if (!site.writing.contains(row))
            rows.push_back(row);
    if (rows.empty())
        return false;
    const auto row = world.dice.pick(rows);
    world.trace(agency.value().c_str(), [&] { return "somebody opens the form of " + show(row); });
    return site.locked.insert(row).second;
}

bool unlock_rows(World& world, const AgencyId& agency)
{
    auto& locked = world.sites.at(agency).agency.locked;
    if (locked.empty())
        return false;
    world.trace(agency.value().c_str(), [&] { return std::string{"all forms are closed"}; });
    locked.clear();
    return true;
}

}  // namespace casebridge::simulation
