#include "pipeline/entry_demand.hpp"
#include "tests/pipeline/linked_world.hpp"

#include <gtest/gtest.h>

namespace casebridge::pipeline {
namespace {

// A busy afternoon: links, conflicts, a hold, a parked row, a delete, a refusal, a dissolved reservation.
World busy()
{
    auto world = linked(with_rule(conflict::Hold{}, 3));
    set_phone(world, "a", "200");
    set_phone(world, "b", "300");
    world.update(
        "a.person",
        "1",
        {
            {"status", "W"}
    }
    );
    world.settle();
    world.insert(
        "a.person",
        "2",
        {
            {"number", "78"},
            {"status", "?" }
    }
    );
    world.insert(
        "b.person",
        "3",
        {
            {"number",       "79"},
            {"household_id", "40"}
    }
    );
    world.read("a");
    world.read("b");
    world.edit("c")
        .insert(
            "c.household",
            "40",
            {
                {"code", "H1"}
    }
        )
        .commit();
    world.crash();
    world.settle();
    world.erase("c.person", world.keys("c.person").front());
    world.settle();
    return world;
}

TEST(Rebuild, AProjectionAndTheTailBehindItEqualAFullReplay)
{
    auto world = busy();
    const auto& journal = world.journal();
    const auto whole = world.replay(journal.size());
    for (std::size_t cut = 0; cut <= journal.size(); ++cut) {
        const auto projected = world.replay(cut);
        // What the hub stores of it, loaded by what the tail asks for.
        BridgeState state{world.bridge()};
        state.agencies = projected.agencies;
        state.tables = projected.tables;
        state.parked = projected.parked;
        state.waiting = projected.waiting;
        state.last_seq = projected.last_seq;
        const auto tail = std::span{journal}.subspan(cut);
        const auto demand = demand_of(state, tail);
        std::vector<Record> loaded;
        for (const auto id : demand.records)
            if (const auto* record = projected.records.find(id))
                loaded.push_back(*record);
        state.records.answer(demand, std::move(loaded));
        for (const auto& entry : tail)
            apply(state, entry);
        for (const auto id : whole.records.unprojected()) {
            const auto* again =
                state.records.find(id) != nullptr ? state.records.find(id) : projected.records.find(id);
            ASSERT_NE(again, nullptr);
            EXPECT_TRUE(*again == *whole.records.find(id)) << "record " << id.value() << " cut at " << cut;
        }
        EXPECT_TRUE(state.agencies == whole.agencies);
        EXPECT_TRUE(state.tables == whole.tables);
        EXPECT_EQ(state.parked.size(), whole.parked.size());
    }
}

}  // namespace
}  // namespace casebridge::pipeline
