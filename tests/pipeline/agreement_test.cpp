#include "tests/pipeline/sample_bridge.hpp"

#include <gtest/gtest.h>

// On which days, for whom and for what an agreement lets something through.

namespace casebridge::pipeline {
namespace {

using namespace std::chrono_literals;

constexpr auto begin = 2026y / 3 / 10;
constexpr auto end = 2026y / 3 / 20;

bool shared_on(const BridgeDefinition& bridge, std::chrono::year_month_day day)
{
    return bridge.find_agreement(AgencyId{"a"}, AgencyId{"b"}, person_entity, person::phone, day) != nullptr;
}

TEST(Agreement, HoldsFromItsFirstDayToItsLast)
{
    auto bridge = sample_bridge(2);
    agreement(bridge, "a", "b").valid_from = begin;
    agreement(bridge, "a", "b").valid_to = end;
    EXPECT_FALSE(shared_on(bridge, 2026y / 3 / 9));
    EXPECT_TRUE(shared_on(bridge, begin));
    EXPECT_TRUE(shared_on(bridge, end));
    EXPECT_FALSE(shared_on(bridge, 2026y / 3 / 21));
}

TEST(Agreement, WithoutADayHoldsAlwaysOnThatSide)
{
    auto bridge = sample_bridge(2);
    agreement(bridge, "a", "b").valid_from = begin;
    EXPECT_TRUE(shared_on(bridge, 2099y / 1 / 1));
    agreement(bridge, "a", "b").valid_from.reset();
    agreement(bridge, "a", "b").valid_to = end;
    EXPECT_TRUE(shared_on(bridge, 1999y / 1 / 1));
    EXPECT_FALSE(shared_on(bridge, 2099y / 1 / 1));
}

TEST(Agreement, IsOneOfItsTwoAgenciesInOneDirectionForTheUnitsThatItNames)
{
    auto bridge = sample_bridge(3);
    std::erase_if(bridge.agreements, [](const Agreement& other) { return other.id != "a-b"; });
    agreement(bridge, "a", "b").shared[person_entity.value()][person::status.value()] = false;
    const auto holds = [&](const char* from, const char* to, EntityIndex entity, UnitIndex unit) {
        return bridge.find_agreement(AgencyId{from}, AgencyId{to}, entity, unit, begin) != nullptr;
    };
    EXPECT_TRUE(holds("a", "b", person_entity, person::phone));
    EXPECT_FALSE(holds("a", "b", person_entity, person::status));
    EXPECT_TRUE(holds("a", "b", household_entity, household::code));
    EXPECT_FALSE(holds("b", "a", person_entity, person::phone));
    EXPECT_FALSE(holds("a", "c", person_entity, person::phone));
    EXPECT_FALSE(holds("c", "b", person_entity, person::phone));
}

}  // namespace
}  // namespace casebridge::pipeline
