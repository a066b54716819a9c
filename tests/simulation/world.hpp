#pragma once

#include "tests/simulation/broken_core.hpp"
#include "tests/simulation/dice.hpp"
#include "tests/simulation/lane_session.hpp"
#include "tests/simulation/ledger.hpp"
#include "tests/simulation/occurrences.hpp"
#include "tests/simulation/sim_agency.hpp"
#include "tests/simulation/sim_bridge.hpp"
#include "tests/simulation/sim_clock.hpp"
#include "tests/simulation/sim_hub.hpp"
#include "tests/simulation/trace.hpp"

#include <map>
#include <memory>
#include <optional>

namespace casebridge::simulation {

// An agency's server with the session that holds our origin there, if any. The session outlives its client.
struct AgencySite {
    explicit AgencySite(SimAgency agency_) : agency(std::move(agency_)) {}

    SimAgency agency;
    std::unique_ptr<LaneSession> session;
};

// Two agencies in most histories, because they are the quickest; three in every third, four in some. Drawn
// also where somebody wants another number: what else the seed decides stays as it is.
[[nodiscard]] inline std::size_t agency_count(Dice& dice, std::optional<std::size_t> wanted)
{
    const auto drawn = dice.below(10);
    return wanted.value_or(drawn < 6 ? 2 : drawn < 9 ? 3 : 4);
}

// Everything that outlives a fall of the daemon, and who watches.
struct World {
    World(std::uint64_t seed_, BrokenCore broken_, Trace::Mode mode, std::optional<std::size_t> agencies)
        : seed(seed_),
          broken(broken_),
          dice(seed_),
          agencies_here(agency_count(dice, agencies)),
          rules(dice),
          trace(mode),
          definition(simulated_bridge(
              agencies_here,
              broken_ == BrokenCore::forgets_agreements ? Sharing::everything : Sharing::as_agreed,
              rules
          )),
          hub(definition)
    {
        if (broken == BrokenCore::ignores_stale_forms)
            definition.stale_form_windows.clear();
        if (broken == BrokenCore::ignores_breakers)
            definition.breakers.clear();
        if (broken == BrokenCore::suspects_every_edit)
            for (std::uint16_t unit = 0; unit < unit_count(person_entity); ++unit)
                definition.stale_forms[{person_entity, UnitIndex{unit}}] = pipeline::StaleForms::any;
    }

    std::uint64_t seed;
    BrokenCore broken;
    Dice dice;
    std::size_t agencies_here;
    Rules rules;
    VirtualTime time;
    Trace trace;
    Occurrences occurrences;
    pipeline::BridgeDefinition definition;
    SimHub hub;
    std::map<AgencyId, AgencySite> sites;
    Ledger ledger;
};

}  // namespace casebridge::simulation
