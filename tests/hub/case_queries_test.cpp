#include "hub/case_queries.hpp"

#include "tests/hub/projector_fixture.hpp"

// What the command line reads of holds, conflicts and decisions.

namespace casebridge::hub {
namespace {

using test::asio::awaitable;

class CaseQueries : public test::ConflictTest {
protected:
    CaseQueries()
    {
        for (const auto& entity : definition_.model.entities)
            definition_.rules.emplace_back(entity.units.size(), conflict::Hold{});
    }

    awaitable<test::Hub> hub_with(ProjectionBatch batch)
    {
        auto hub = co_await open_hub();
        co_await hub.journal.append(entries_);
        co_await projector(hub).write(std::move(batch));
        co_return hub;
    }

    pipeline::BridgeDefinition definition_ = bridge;
};

TEST_F(CaseQueries, AHoldIsListedWithoutValuesAndShownWithThem)
{
    run([this]() -> awaitable<void> {
        auto hub = co_await hub_with(conflict_batch());
        const auto holds = co_await list_holds(hub.connection, definition_, 10);
        EXPECT_EQ(holds.size(), 1U);
        EXPECT_EQ(holds.at(0).unit, "birth_date");
        EXPECT_EQ(holds.at(0).rule, "hold");
        EXPECT_EQ(holds.at(0).versions, 2U);
        const std::vector<std::string> agencies{"sp", "es"};
        EXPECT_EQ(holds.at(0).agencies, agencies);
        EXPECT_TRUE(holds.at(0).since.has_value());

        const auto shown = co_await show_unit(hub.connection, definition_, RecordId{1}, "birth_date");
        EXPECT_TRUE(shown.has_value());
        EXPECT_EQ(shown->now, UnitNow::on_hold);
        EXPECT_EQ(shown->stands, std::nullopt);
        const ShownValue value{
            {"birth_date", "1990-01-02"}
        };
        EXPECT_EQ(shown->open.at(1).value, value);
        EXPECT_EQ(shown->open.at(1).author, "es");
        EXPECT_EQ(shown->conflicts.size(), 1U);
        EXPECT_FALSE((co_await show_unit(hub.connection, definition_, RecordId{1}, "fax")).has_value());
        EXPECT_FALSE((co_await show_unit(hub.connection, definition_, RecordId{9}, "name")).has_value());
    });
}

TEST_F(CaseQueries, ConflictsAreFoundByEntityRecordAndWhetherTheyWait)
{
    run([this]() -> awaitable<void> {
        auto hub = co_await hub_with(conflict_batch());
        ConflictFilter filter;
        EXPECT_EQ((co_await list_conflicts(hub.connection, filter)).size(), 1U);
        filter.entity = "person";
        filter.record = RecordId{1};
        filter.now = UnitNow::on_hold;
        const auto found = co_await list_conflicts(hub.connection, filter);
        EXPECT_EQ(found.size(), 1U);
        const ConflictPlace place{JournalSeq{2}, 0};
        EXPECT_EQ(found.at(0).place, place);
        EXPECT_EQ(found.at(0).verdict, "held");
        filter.now = UnitNow::decided;
        EXPECT_TRUE((co_await list_conflicts(hub.connection, filter)).empty());
        filter.now.reset();
        filter.record = RecordId{2};
        EXPECT_TRUE((co_await list_conflicts(hub.connection, filter)).empty());
    });
}

TEST_F(CaseQueries, AConflictIsShownWithWhatWasDecidedSince)
{
    entries_.push_back(decision());
    run([this]() -> awaitable<void> {
        auto hub = co_await hub_with(decided_batch());
        const ConflictPlace place{JournalSeq{2}, 0};
        const auto shown = co_await show_conflict(hub.connection, definition_, place);
        EXPECT_TRUE(shown.has_value());
        EXPECT_EQ(shown->versions.size(), 2U);
        EXPECT_EQ(shown->versions.at(0).author, "sp");
        EXPECT_EQ(losers_of(*shown).size(), 2U);
        EXPECT_TRUE(shown->unit.has_value());
        EXPECT_EQ(shown->unit->now, UnitNow::decided);
        EXPECT_EQ(shown->unit->decisions.size(), 1U);
        const auto& decision = shown->unit->decisions.at(0);
        EXPECT_EQ(decision.conflict, place);
        EXPECT_EQ(decision.author, "");
        EXPECT_EQ(decision.before.size(), 2U);
        EXPECT_EQ(decision.value.value().at(0).text, "1990-01-03");

        sql("UPDATE casebridge.decision SET versions = '{\"versions\": []}'");
        const auto erased = co_await show_conflict(hub.connection, definition_, place);
        EXPECT_EQ(erased->unit->decisions.at(0).value, std::nullopt);
        const ConflictPlace other{JournalSeq{2}, 1};
        EXPECT_FALSE((co_await show_conflict(hub.connection, definition_, other)).has_value());
    });
}

}  // namespace
}  // namespace casebridge::hub
