#include "tests/config/files.hpp"

#include <gtest/gtest.h>

// What follows from a deletion, and where rows may be deleted: what is taken, and what is said about
// mistakes.

namespace casebridge::config {
namespace {

pipeline::BridgeDefinition loaded(const Files& files)
{
    auto result = files.load();
    EXPECT_EQ(files.mistakes(), "");
    return std::get<Settings>(std::move(result)).definition;
}

TEST(DeleteRule, IsTakenAsItIsWritten)
{
    const auto definition = loaded(Files{});
    const auto rule = [&](const std::string& entity) -> const conflict::DeleteRule& {
        return definition.delete_rule(definition.model.find_entity(entity).value());
    };
    EXPECT_TRUE(std::holds_alternative<conflict::HoldDelete>(rule("household"))) << "nobody said more";
    EXPECT_TRUE(std::holds_alternative<conflict::PropagateDelete>(rule("plan")));
    const auto& archive = std::get<conflict::ArchiveDelete>(rule("person"));
    ASSERT_EQ(archive.values.size(), 2U);
    const auto& person = definition.model.entity(definition.model.find_entity("person").value());
    for (const auto& [unit, value] : archive.values) {
        const bool name = unit == person.find_unit("name");
        EXPECT_EQ(value.size(), name ? 2U : 1U);
        if (!name)
            EXPECT_EQ(value, UnitValue{Value{"unemployed"}});
        else
            EXPECT_EQ(value, (UnitValue{std::nullopt, Value{""}}))
                << "family, then given, as the group has it";
    }
}

TEST(DeleteRule, EachWordIsTaken)
{
    const auto rule_with = [](const std::string& word) {
        Files files;
        files.replace(bridge, R"("on_delete": "propagate")", R"("on_delete": ")" + word + '"');
        const auto definition = loaded(files);
        return std::string{
            conflict::to_string(definition.delete_rule(*definition.model.find_entity("plan")))};
    };
    for (const auto* word : {"hold", "detach", "propagate"})
        EXPECT_EQ(rule_with(word), word);
}

TEST(DeleteRule, ATablePermitsDeletionsOnlyWhereItsMappingSaysSo)
{
    const auto definition = loaded(Files{});
    for (const auto& table : definition.tables)
        EXPECT_EQ(table.remote_delete == mapping::RemoteDelete::permitted, table.name() == "sp.plan");
}

TEST(Mistakes, DeleteRulesAreChecked)
{
    expect_mistakes({
        {bridge,
         R"("on_delete": "propagate")", R"("on_delete": "delete")",
         R"(bridge.jsonc:17:102: rules/plan/on_delete: "delete" is none of hold, detach, propagate)"                                   },
        {bridge,
         R"("on_delete": "propagate")", R"("on_delete": true)",
         "bridge.jsonc:17:102: rules/plan/on_delete: must be text, but is true or false"                                               },
        {bridge,
         R"("on_delete": "propagate")", R"("on_delete": { "archive": {} })",
         R"(bridge.jsonc:17:115: rules/plan/on_delete/archive: what an archived record shows is missing, such as {"status": "closed"})"},
        {bridge,
         R"("on_delete": "propagate")", R"("on_delete": { "archive": { "goals": "x" } })",
         R"(bridge.jsonc:17:117: rules/plan/on_delete/archive/goals: "goals" is no field of plan; did you mean "goal"?)"               },
        {bridge,
         R"("on_delete": "propagate")", R"("on_delete": { "archive": { "person": "1" } })",
         "bridge.jsonc:17:127: rules/plan/on_delete/archive/person: a reference cannot be given: it points "
         "at "
         "another record for every record"                                                                                             },
        {bridge,
         R"("on_delete": "propagate")", R"("on_delete": { "archive": { "budget": "much" } })",
         R"(bridge.jsonc:17:127: rules/plan/on_delete/archive/budget: "much" is no decimal)"                                           },
        {bridge,
         R"("name.given": "", )",       "",
         "bridge.jsonc:16:127: rules/person/on_delete/archive: the group name is archived as a whole: "
         "name.given "
         "is missing (null for empty)"                                                                                                 },
        {sp,
         R"("may_delete": true,)",      "",
         R"(bridge.jsonc:17:102: rules/plan/on_delete: no mapping permits it: say "may_delete": true where rows of plan may go)"       },
        {sp,
         R"("may_delete": true,)",      R"("may_delete": "yes",)",
         "sp.mapping.jsonc:28:46: sp.plan/may_delete: must be true or false, but is text"                                              },
    });
}

}  // namespace
}  // namespace casebridge::config
