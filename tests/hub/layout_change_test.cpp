#include "hub/layout_change.hpp"

#include "tests/hub/sample_bridge.hpp"

#include <gtest/gtest.h>

namespace casebridge::hub {
namespace {

std::string changes_with(void (*change)(pipeline::BridgeDefinition&))
{
    auto next = test::sample_bridge();
    change(next);
    std::string found;
    for (const auto& error : layout_changes(test::sample_bridge(), next))
        found += error.code + " " + error.place + ";";
    return found;
}

TEST(LayoutChange, NamesWhatTheHubCouldNotBeReadByAnyMore)
{
    using Bridge = pipeline::BridgeDefinition;
    EXPECT_EQ(changes_with([](Bridge&) {}), "");
    EXPECT_EQ(
        changes_with([](Bridge& next) { next.tables[0].slots.pop_back(); }),
        "layout_changed sp public.person;"
    );
    EXPECT_EQ(
        changes_with([](Bridge& next) { next.tables[0].table = "human"; }), "unknown_table sp public.person;"
    );
    EXPECT_EQ(
        changes_with([](Bridge& next) { next.model.entities[0].units[1].name = "born"; }),
        "layout_changed person;"
    );
    EXPECT_EQ(
        changes_with([](Bridge& next) { next.model.entities[0].fields[2].name = "born"; }),
        "layout_changed person.birth_date;"
    );
    EXPECT_EQ(
        changes_with([](Bridge& next) { next.model.entities[1].name = "home"; }),
        "unknown_entity household;layout_changed sp public.household;"
    );
}

TEST(LayoutChange, OrderRulesAndCodecsAreNone)
{
    EXPECT_EQ(
        changes_with([](pipeline::BridgeDefinition& next) {
            std::swap(next.tables[0].slots[0], next.tables[0].slots[1]);
            next.tables[0].create_when = mapping::CreateNever{};
            next.rules.clear();
        }),
        ""
    );
}

}  // namespace
}  // namespace casebridge::hub
