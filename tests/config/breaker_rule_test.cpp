#include "tests/config/files.hpp"

#include <gtest/gtest.h>

#include <chrono>

// When a mass change is stopped: what is taken, what stands where nobody says anything, and what is said
// about mistakes.

namespace casebridge::config {
namespace {

pipeline::BridgeDefinition loaded(const Files& files)
{
    auto result = files.load();
    EXPECT_EQ(files.mistakes(), "");
    return std::get<Settings>(std::move(result)).definition;
}

const pipeline::BreakerRule* rule_of(const pipeline::BridgeDefinition& definition, const std::string& entity)
{
    return definition.breaker(definition.model.find_entity(entity).value());
}

TEST(BreakerRule, IsOnWhereNobodySaysAnything)
{
    const auto definition = loaded(Files{});
    const auto* rule = rule_of(definition, "person");
    ASSERT_NE(rule, nullptr);
    EXPECT_EQ(rule->window, std::chrono::hours{1});
    EXPECT_EQ(rule->changed, (pipeline::BreakerLimit{250'000, 1'000}));
    EXPECT_EQ(rule->deleted, (pipeline::BreakerLimit{50'000, 100}));
}

TEST(BreakerRule, IsTakenAsItIsWrittenAndTheRestIsAsUsual)
{
    const auto definition = loaded(Files{});
    const auto* rule = rule_of(definition, "plan");
    ASSERT_NE(rule, nullptr);
    EXPECT_EQ(rule->window, std::chrono::minutes{30});
    EXPECT_EQ(rule->changed, (pipeline::BreakerLimit{500'000, 20}));
    EXPECT_EQ(rule->deleted, (pipeline::BreakerLimit{10'000, 100}));
}

TEST(BreakerRule, IsOffOnlyWhereTheWordIsSaid)
{
    EXPECT_EQ(rule_of(loaded(Files{}), "household"), nullptr);
}

TEST(BreakerRule, OneIsAWholeShare)
{
    Files files;
    files.replace(bridge, R"("share": 1e-2)", R"("share": 1)");
    EXPECT_EQ(rule_of(loaded(files), "plan")->deleted.per_million, 1'000'000U);
}

TEST(Mistakes, BreakersAreChecked)
{
    const std::string share = "must be a share above 0 and at most 1, such as 0.05";
    const std::string minutes = "must be a whole number from 1 to 10080";
    const std::string many = "must be a whole number from 1 to 1000000000";
    expect_mistakes({
        {bridge,
         R"("share": 0.5)",         R"("share": 0)",
         "bridge.jsonc:17:172: rules/plan/breaker/changed/share: " + share                     },
        {bridge,
         R"("share": 0.5)",         R"("share": 1.01)",
         "bridge.jsonc:17:172: rules/plan/breaker/changed/share: " + share                     },
        {bridge,
         R"("share": 0.5)",         R"("share": -0.5)",
         "bridge.jsonc:17:172: rules/plan/breaker/changed/share: " + share                     },
        {bridge,
         R"("share": 0.5)",         R"("share": "half")",
         "bridge.jsonc:17:172: rules/plan/breaker/changed/share: must be a number, but is text"},
        {bridge,
         R"("at_least": 20)",       R"("at_least": 0)",
         "bridge.jsonc:17:189: rules/plan/breaker/changed/at_least: " + many                   },
        {bridge,
         R"("window_minutes": 30)", R"("window_minutes": 0)",
         "bridge.jsonc:17:146: rules/plan/breaker/window_minutes: " + minutes                  },
        {bridge,
         R"("window_minutes": 30)", R"("window_minutes": 20000)",
         "bridge.jsonc:17:146: rules/plan/breaker/window_minutes: " + minutes                  },
        {bridge,
         R"("breaker": "off")",     R"("breaker": "on")",
         R"(bridge.jsonc:17:255: rules/household/breaker: "on" is none of off)"                },
        {bridge,
         R"("breaker": "off")",     R"("breaker": false)",
         "bridge.jsonc:17:255: rules/household/breaker: must be text, but is true or false"    },
    });
}

}  // namespace
}  // namespace casebridge::config
