#include "pipeline/row_identity.hpp"
#include "tests/pipeline/asking.hpp"
#include "tests/pipeline/deletion_world.hpp"

#include <gtest/gtest.h>

// A row under a key that another one had: it is identified like any other row, and what was decided of it
// goes with it.

namespace casebridge::pipeline {
namespace {

constexpr FieldIndex given{0};
constexpr FieldIndex family{1};
constexpr FieldIndex number{2};

// By number, else by name.
BridgeDefinition two_rules(BridgeDefinition bridge)
{
    auto& rules = bridge.model.entities[person_entity.value()].identity;
    rules.clear();
    rules.push_back({{number}});
    rules.push_back({
        {given,           family         },
        {MatchForm::name, MatchForm::name}
    });
    return bridge;
}

Columns person(const std::string& given_name, const std::string& family_name, const std::string& with_number)
{
    return {
        {"given",  given_name },
        {"family", family_name},
        {"number", with_number}
    };
}

// Anna is gone at a, and her key is free.
World anna_is_gone()
{
    auto world = linked(two_rules(with_delete(conflict::DetachDelete{}, 3)));
    world.erase("a.person", "1");
    world.settle();
    return world;
}

TEST(ReusedKey, OfOneWhoComesBackIsHers)
{
    auto world = anna_is_gone();
    const auto anna = world.record_of("b.person", only_key(world, "b.person")).id;
    world.insert("a.person", "1", person("Anna", "Berg", "77"));
    world.settle();
    EXPECT_EQ(world.record_of("a.person", "1").id, anna);
}

TEST(ReusedKey, OfANamesakeWithAnotherNumberIsInDoubt)
{
    auto world = anna_is_gone();
    world.insert("a.person", "1", person("Anna", "Berg", "99"));
    world.settle();
    ASSERT_EQ(count<RowParked>(world), 1U);
    EXPECT_EQ(world.entries<RowParked>().back().code, identifier_contradicts);
}

TEST(ReusedKey, OfOneWithTheNumberOfAnotherAndHerNameIsInDoubt)
{
    auto world = anna_is_gone();
    world.insert("c.person", "55", person("Berta", "Holm", "88"));
    world.settle();
    world.insert("a.person", "1", person("Anna", "Berg", "88"));
    world.settle();
    ASSERT_GE(count<RowParked>(world), 1U);
    EXPECT_EQ(world.entries<RowParked>().back().key, LocalKey{"1"});
}

// Two of the same name: under her own key the row is hers.
TEST(ReusedKey, OfOneWhomAWeakRuleTakesForTwoIsHersWhoHadIt)
{
    auto bridge = with_delete(conflict::DetachDelete{}, 3);
    auto& rules = bridge.model.entities[person_entity.value()].identity;
    rules.clear();
    rules.push_back({
        {given,           family         },
        {MatchForm::name, MatchForm::name}
    });
    bridge = creating_none_at("a", std::move(bridge));
    auto world = linked(std::move(bridge));
    const auto anna = world.record_of("a.person", "1").id;
    world.insert("c.person", "55", person("Anne", "Berg", "88"));
    world.settle();
    world.update("c.person", "55", person("Anna", "Berg", "88"));
    world.settle();
    world.erase("a.person", "1");
    world.insert("a.person", "1", person("Anna", "Berg", "77"));
    world.settle();
    EXPECT_EQ(world.record_of("a.person", "1").id, anna);
    EXPECT_EQ(count<RowParked>(world), 0U);
}

// Both in one transaction: what was decided under the old key counts for the new one.
TEST(ReusedKey, ANeverGoesAlongWithARenameThatMakesTheRowAlike)
{
    World world{two_rules(sample_bridge(3))};
    world.settle();
    const auto enter = [&](const std::string& agency, const std::string& key, const Columns& columns) {
        world.insert(agency + ".person", key, columns);
        world.read(agency);
    };
    enter("a", "1", person("Anna", "Berg", "77"));
    enter("a", "2", person("Berta", "Holm", "88"));
    enter("c", "9", person("Berta", "Holm", "77"));
    const auto anna = world.record_of("a.person", "1").id;
    ask(world, DecideMatch{AgencyId{"c"}, "person", LocalKey{"9"}, anna, MatchVerdict::never});
    world.edit("c")
        .rename(
            "c.person",
            "9",
            "10",
            {
                {"given",  "Anna"},
                {"family", "Berg"}
    }
        )
        .commit();
    world.settle();
    EXPECT_NE(world.record_of("c.person", "10").id, anna);
}

// Anna's row goes, and somebody else has its key, in one transaction of a.
World given_to(const Columns& other, BridgeDefinition bridge)
{
    auto world = linked(two_rules(std::move(bridge)));
    world.edit("a").erase("a.person", "1").insert("a.person", "1", other).commit();
    world.settle();
    return world;
}

TEST(ReusedKey, BySomebodyElseInTheSameTransactionIsADeletion)
{
    auto world = given_to(person("Bert", "Adler", "99"), with_delete(conflict::HoldDelete{}));
    const auto& anna = first_record(world);
    ASSERT_TRUE(anna.departure.has_value());
    EXPECT_TRUE(anna.departure->is_of(world.table("a.person").index));
    EXPECT_EQ(world.keys("b.person").size(), 2U);
}

TEST(ReusedKey, BySomebodyElseInTheSameTransactionDeletesWhereTheRuleSaysSo)
{
    auto world = given_to(person("Bert", "Adler", "99"), with_delete(conflict::PropagateDelete{}));
    const auto left = world.keys("b.person");
    ASSERT_EQ(left.size(), 1U);
    EXPECT_EQ(world.show("b.person", left.front(), "number"), "99");
}

TEST(ReusedKey, BySomebodyWhoCannotBeReadOrIsInDoubtInTheSameTransactionIsNone)
{
    auto namesake = given_to(person("Anna", "Berg", "99"), with_delete(conflict::PropagateDelete{}));
    EXPECT_FALSE(first_record(namesake).departure.has_value());
    EXPECT_EQ(namesake.keys("b.person").size(), 1U);
    auto unreadable = person("Bert", "Adler", "99");
    unreadable.emplace_back("status", "?");
    auto waiting = given_to(unreadable, with_delete(conflict::PropagateDelete{}));
    EXPECT_FALSE(first_record(waiting).departure.has_value());
    EXPECT_EQ(waiting.keys("b.person").size(), 1U);
}

}  // namespace
}  // namespace casebridge::pipeline
