#include "hub/breaker_queries.hpp"

#include "hub/overview.hpp"
#include "tests/hub/story_fixture.hpp"

#include <gmock/gmock.h>

// Transactions that the breaker has stopped, as the projections have them.

namespace casebridge::hub {
namespace {

using test::asio::awaitable;
using ::testing::IsEmpty;

class BreakerQueries : public test::StoryTest {
protected:
    static BreakerTripped tripped()
    {
        return {
            .agency = AgencyId{"sp"},
            .commit_lsn = Lsn{0x500},
            .xid = Xid{4'000'000'000},
            .commit_time = PgTime{3'600'000'000},
            .extent = BreakerExtent::part,
            .findings = {{"person", BreakerReason::deleted, 40, 2, 50}},
            .tables = {{"public.person", 1, 40, 0}},
        };
    }
};

TEST_F(BreakerQueries, WhatIsStoppedIsListedAndLoadedAgain)
{
    write(tripped());
    run([this]() -> awaitable<void> {
        auto hub = co_await open_story();
        const auto stopped = co_await list_breakers(hub.connection);
        EXPECT_EQ(stopped.size(), 1U);
        EXPECT_EQ(stopped.at(0).agency, "sp");
        EXPECT_EQ(stopped.at(0).breaker.since, JournalSeq{10});
        EXPECT_EQ(stopped.at(0).breaker.tripped, tripped());
        EXPECT_FALSE(stopped.at(0).breaker.approved.has_value());
        EXPECT_TRUE(stopped.at(0).when.has_value());
        const auto loaded = co_await store(hub).load_state();
        bool found = false;
        for (const auto& [agency, state] : loaded.agencies) {
            if (agency != AgencyId{"sp"})
                continue;
            found = true;
            EXPECT_EQ(state.breaker, stopped.at(0).breaker);
            EXPECT_TRUE(state.held());
        }
        EXPECT_TRUE(found);
        for (const auto& agency : (co_await read_overview(hub.connection)).agencies)
            EXPECT_EQ(agency.breaker.has_value(), agency.agency == "sp");
    });
}

TEST_F(BreakerQueries, WhatIsApprovedSaysSoUntilTheStreamIsPastIt)
{
    write(tripped());
    write(BreakerApproved{RequestId{1}, AgencyId{"sp"}, JournalSeq{10}, ApprovedDeletions::hold});
    run([this]() -> awaitable<void> {
        auto hub = co_await open_story();
        const auto stopped = co_await list_breakers(hub.connection);
        EXPECT_EQ(stopped.size(), 1U);
        EXPECT_EQ(stopped.at(0).breaker.approved, ApprovedDeletions::hold);
        for (const auto& [agency, state] : (co_await store(hub).load_state()).agencies) {
            EXPECT_EQ(state.breaker.has_value(), agency == AgencyId{"sp"});
            EXPECT_FALSE(state.held());
        }
        for (const auto& agency : (co_await read_overview(hub.connection)).agencies)
            EXPECT_FALSE(agency.breaker.has_value());
    });
}

TEST_F(BreakerQueries, BehindTheTransactionNothingIsLeftOfIt)
{
    write(tripped());
    write(BreakerApproved{RequestId{1}, AgencyId{"sp"}, JournalSeq{10}, ApprovedDeletions::follow});
    write(StreamPosition{AgencyId{"sp"}, Lsn{0x600}, JournalSeq{0}, std::nullopt});
    run([this]() -> awaitable<void> {
        auto hub = co_await open_story();
        EXPECT_THAT(co_await list_breakers(hub.connection), IsEmpty());
    });
}

TEST_F(BreakerQueries, LinkedRowsAreCountedByTable)
{
    write(RowDeleted{
        .agency = AgencyId{"sp"},
        .table = test::sp_person,
        .key = LocalKey{         "7"   },
        .position = { Lsn{0x50},    0},
        .entity = test::person,
        .record = record_id,
        .effect = DeleteEffect::detached,
    });
    run([this]() -> awaitable<void> {
        auto hub = co_await open_story();
        const auto loaded = co_await store(hub).load_state();
        std::size_t at_es = 0;
        for (const auto& [table, count] : loaded.linked_rows) {
            EXPECT_NE(table, test::sp_person) << "its only row is gone";
            at_es += count;
        }
        EXPECT_EQ(at_es, 1U);
    });
}

}  // namespace
}  // namespace casebridge::hub
