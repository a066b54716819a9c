#include "hub/deletion_queries.hpp"

#include "tests/hub/story_fixture.hpp"

#include <gmock/gmock.h>

// Records of which an agency has deleted its row.

namespace casebridge::hub {
namespace {

using test::asio::awaitable;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DeletionQueries : public test::StoryTest {
protected:
    void delete_at_sp(DeleteEffect effect)
    {
        write(RowDeleted{
            .agency = AgencyId{"sp"},
            .table = test::sp_person,
            .key = LocalKey{         "7"   },
            .position = { Lsn{0x50},    0},
            .entity = test::person,
            .record = record_id,
            .effect = effect,
        });
    }
};

TEST_F(DeletionQueries, WhatIsHeldIsListedWithWhoStillHasTheRecord)
{
    delete_at_sp(DeleteEffect::held);
    run([this]() -> awaitable<void> {
        auto hub = co_await open_story();
        const auto heads = co_await list_deletions(hub.connection, DeletionWhich::held, 10);
        EXPECT_EQ(heads.size(), 1U);
        const auto& head = heads.at(0);
        EXPECT_EQ(head.record, record_id);
        EXPECT_EQ(head.entity, "person");
        EXPECT_EQ(head.agency, "sp");
        EXPECT_EQ(head.key, "7");
        EXPECT_EQ(head.state, pipeline::DepartureState::held);
        EXPECT_EQ(head.since, JournalSeq{10});
        EXPECT_TRUE(head.when.has_value());
        EXPECT_THAT(head.others, ElementsAre("es"));
        EXPECT_THAT(co_await list_deletions(hub.connection, DeletionWhich::held, 0), IsEmpty());

        const auto shown = (co_await show_deletion(hub.connection, record_id)).value();
        EXPECT_EQ(shown.heads.size(), 1U);
        EXPECT_EQ(shown.heads.at(0).since, JournalSeq{10});
        EXPECT_EQ(shown.seen, JournalSeq{10});
        const FieldText surname{"last_name", "Stern"};
        EXPECT_EQ(std::ranges::count(shown.values, surname), 1);
        EXPECT_FALSE((co_await show_deletion(hub.connection, RecordId{99})).has_value());

        const auto loaded = co_await store(hub).load_state();
        EXPECT_EQ(loaded.projected_seq, JournalSeq{10});
    });
}

TEST_F(DeletionQueries, WhatARuleHasDecidedIsListedOnlyWhenAskedFor)
{
    delete_at_sp(DeleteEffect::propagated);
    run([this]() -> awaitable<void> {
        auto hub = co_await open_story();
        EXPECT_THAT(co_await list_deletions(hub.connection, DeletionWhich::held, 10), IsEmpty());
        const auto heads = co_await list_deletions(hub.connection, DeletionWhich::all, 10);
        EXPECT_EQ(heads.size(), 1U);
        EXPECT_EQ(heads.at(0).state, pipeline::DepartureState::ruled);
    });
}

TEST_F(DeletionQueries, WhatAPersonDecidedToKeepIsNoDeletionAnyMore)
{
    delete_at_sp(DeleteEffect::held);
    write(DeletionDecided{RequestId{1}, test::person, record_id, JournalSeq{10}, DeletionChoice::keep});
    run([this]() -> awaitable<void> {
        auto hub = co_await open_story();
        EXPECT_THAT(co_await list_deletions(hub.connection, DeletionWhich::all, 10), IsEmpty());
    });
}

}  // namespace
}  // namespace casebridge::hub
