#include "tests/pipeline/stale_form_world.hpp"

// Which changes are taken for a stale form's, and which are meant.

namespace casebridge::pipeline {
namespace {

using namespace std::chrono_literals;

TEST(StaleForm, PuttingTheValueBackAloneIsMeant)
{
    auto world = delivered();
    set_phone(world, "a", "100");
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "100");
    EXPECT_TRUE(world.conflicts().empty());
}

TEST(StaleForm, ANewValueIsMeant)
{
    auto world = delivered();
    save_stale_form(world, "300");
    EXPECT_EQ(phone_at(world, "b"), "300");
    EXPECT_TRUE(world.conflicts().empty());
}

TEST(StaleForm, AnotherChangeAloneIsMeantAndLeavesTheMemory)
{
    auto world = delivered();
    save(
        world,
        {
            {"family", "Stern"}
    }
    );
    EXPECT_TRUE(world.conflicts().empty());
    save_stale_form(world, "100", "Wolf");
    EXPECT_EQ(fired(world), 1U);
}

TEST(StaleForm, WhatWasPutBackInPartWasRead)
{
    auto world = linked(guarded());
    world.update(
        "b.person",
        only_key(world, "b.person"),
        {
            {"phone",  "200"},
            {"status", "2"  }
    }
    );
    world.settle();
    save_stale_form(world);
    EXPECT_EQ(phone_at(world, "b"), "100");
    EXPECT_TRUE(world.conflicts().empty());
}

TEST(StaleForm, EverythingThatItPutsBackIsHeld)
{
    auto world = linked(guarded());
    world.update(
        "b.person",
        only_key(world, "b.person"),
        {
            {"phone",  "200"},
            {"status", "2"  }
    }
    );
    world.settle();
    save(
        world,
        {
            {"phone",  "100"  },
            {"status", "S"    },
            {"family", "Stern"}
    }
    );
    EXPECT_TRUE(held(world));
    EXPECT_TRUE(held(world, person::status));
    EXPECT_FALSE(held(world, person::name));
    EXPECT_EQ(fired(world), 2U);
}

TEST(StaleForm, AGroupIsHeldThoughTheFormChangedAnotherPartOfIt)
{
    auto world = linked(guarded());
    world.update(
        "b.person",
        only_key(world, "b.person"),
        {
            {"full_name", "Berg, Anne"}
    }
    );
    world.settle();
    save(
        world,
        {
            {"given",  "Anna" },
            {"family", "Stern"}
    }
    );
    EXPECT_TRUE(held(world, person::name));
    EXPECT_EQ(world.show("b.person", only_key(world, "b.person"), "full_name"), "Berg, Anne");
}

TEST(StaleForm, OpenedBeforeTwoDeliveriesItPutsBackBoth)
{
    auto world = delivered();
    world.update(
        "b.person",
        only_key(world, "b.person"),
        {
            {"status", "2"}
    }
    );
    world.settle();
    save(
        world,
        {
            {"phone",  "100"  },
            {"status", "S"    },
            {"family", "Stern"}
    }
    );
    EXPECT_TRUE(held(world));
    EXPECT_TRUE(held(world, person::status));
}

TEST(StaleForm, OpenedBetweenTwoDeliveriesItPutsBackTheLater)
{
    auto world = delivered();
    world.update(
        "b.person",
        only_key(world, "b.person"),
        {
            {"status", "2"}
    }
    );
    world.settle();
    save(
        world,
        {
            {"status", "S"    },
            {"family", "Stern"}
    }
    );
    EXPECT_FALSE(held(world));
    EXPECT_TRUE(held(world, person::status));
}

TEST(StaleForm, OpenedBeforeOneFieldWasDeliveredTwiceItPutsBackTheFirstValue)
{
    auto world = delivered();
    set_phone(world, "b", "300");
    world.settle();
    save_stale_form(world, "100");
    EXPECT_TRUE(held(world));
    ASSERT_EQ(phones(world).open.size(), 2U);
    EXPECT_EQ(phones(world).open.front().value, UnitValue{Value{"300"}});
}

TEST(StaleForm, OfAFieldThatWentThereAndBackOnlyTheValueBetweenIsStale)
{
    auto world = delivered();
    set_phone(world, "b", "100");
    world.settle();
    save_stale_form(world, "100");
    EXPECT_TRUE(world.conflicts().empty());
    save_stale_form(world, "200", "Wolf");
    EXPECT_TRUE(held(world));
    EXPECT_EQ(fired(world), 1U);
}

TEST(StaleForm, AfterALocalEditOfTheFieldThereIsNothingToPutBack)
{
    auto world = delivered();
    set_phone(world, "a", "300");
    world.settle();
    save_stale_form(world);
    EXPECT_EQ(phone_at(world, "b"), "100");
    EXPECT_TRUE(world.conflicts().empty());
}

TEST(StaleForm, FiresOnce)
{
    auto world = delivered();
    save_stale_form(world);
    set_phone(world, "a", "200");
    world.settle();
    save_stale_form(world, "100", "Wolf");
    EXPECT_EQ(fired(world), 1U);
}

TEST(StaleForm, CountsTheWindowByTheAgencysClock)
{
    auto world = delivered();
    world.agency("a").skew = -std::chrono::microseconds{20min}.count();
    world.pass(30min);
    save_stale_form(world);
    EXPECT_EQ(fired(world), 1U);
}

TEST(StaleForm, OutsideTheWindowEverythingIsMeant)
{
    auto world = delivered();
    world.pass(16min);
    save_stale_form(world);
    EXPECT_EQ(phone_at(world, "b"), "100");
    EXPECT_TRUE(world.conflicts().empty());
    EXPECT_TRUE(world.record_of("a.person", "1").find_link(world.table("a.person").index)->delivered.empty());
}

TEST(StaleForm, WithoutAWindowNothingIsRemembered)
{
    auto bridge = guarded();
    bridge.stale_form_windows.erase(AgencyId{"a"});
    auto world = delivered(std::move(bridge));
    EXPECT_TRUE(world.record_of("a.person", "1").find_link(world.table("a.person").index)->delivered.empty());
    save_stale_form(world);
    EXPECT_EQ(phone_at(world, "b"), "100");
    EXPECT_TRUE(world.conflicts().empty());
}

TEST(StaleForm, IsNoticedByAFieldThatSaysSoAlone)
{
    auto bridge = guarded();
    bridge.stale_forms[{person_entity, person::phone}] = StaleForms::off;
    auto world = delivered(std::move(bridge));
    save_stale_form(world);
    EXPECT_EQ(phone_at(world, "b"), "100");
    EXPECT_TRUE(world.conflicts().empty());
}

TEST(StaleForm, SavedBeforeTheDeliveryIsAnEditLikeAnyOther)
{
    auto world = linked(guarded());
    set_phone(world, "b", "200");
    world.read("b");
    ASSERT_TRUE(world.plan("a"));
    world.update(
        "a.person",
        "1",
        {
            {"family", "Stern"}
    }
    );
    world.execute("a");
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "200");
    EXPECT_TRUE(world.conflicts().empty());
}

TEST(StaleForm, TheValueThatATriggerGaveIsNotRemembered)
{
    auto world = linked(guarded());
    const auto phone = world.table("a.person").slots.size() - 3;
    world.agency("a").trigger = [phone](MappingIndex, Image& row) { row[phone] = Value{"250"}; };
    set_phone(world, "b", "200");
    world.settle();
    world.agency("a").trigger = nullptr;
    EXPECT_EQ(phone_at(world, "b"), "250");
    save_stale_form(world);
    EXPECT_EQ(phone_at(world, "b"), "100");
    EXPECT_EQ(fired(world), 0U);
}

TEST(StaleForm, ARowWithANewKeyIsTheSameRow)
{
    auto world = delivered();
    world.edit("a")
        .rename(
            "a.person",
            "1",
            "9",
            {
                {"phone",  "100"  },
                {"family", "Stern"}
    }
        )
        .commit();
    world.settle();
    EXPECT_EQ(fired(world), 1U);
    EXPECT_EQ(phone_at(world, "b"), "200");
}

TEST(StaleForm, MemoryOfARowIsBounded)
{
    auto world = linked(guarded());
    for (int phone = 1; phone <= 20; ++phone) {
        set_phone(world, "b", std::to_string(phone));
        world.settle();
    }
    const auto& remembered =
        world.record_of("a.person", "1").find_link(world.table("a.person").index)->delivered;
    ASSERT_EQ(remembered.size(), 8U);
    EXPECT_EQ(remembered.front().slots.front().former, Value{"12"});
}

}  // namespace
}  // namespace casebridge::pipeline
