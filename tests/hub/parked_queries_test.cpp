#include "hub/parked_queries.hpp"

#include "hub/overview.hpp"
#include "hub/parked_payload.hpp"
#include "tests/hub/story_fixture.hpp"

#include <gmock/gmock.h>

// What cannot be translated and what is refused.

namespace casebridge::hub {
namespace {

using test::asio::awaitable;
using ::testing::ElementsAre;

class ParkedQueries : public test::StoryTest {
protected:
    static std::vector<std::string> names_of(const std::vector<ParkedHead>& heads)
    {
        std::vector<std::string> names;
        for (const auto& head : heads)
            names.push_back(head.name);
        return names;
    }
};

TEST_F(ParkedQueries, BothSidesAreListedOldestFirstWithWhatWaitsForWhat)
{
    run([this]() -> awaitable<void> {
        auto hub = co_await open_story();
        const auto heads = co_await list_parked(hub.connection, ParkedWhich::waiting, 10);
        EXPECT_THAT(names_of(heads), ElementsAre("2@sp", "8", "9"));
        EXPECT_EQ(heads.at(0).side, ParkedHead::Side::delivery);
        EXPECT_EQ(heads.at(0).code, "23514");
        EXPECT_EQ(heads.at(0).place, "person_check");
        EXPECT_EQ(heads.at(0).record, record_id);
        EXPECT_TRUE(heads.at(0).since.has_value());
        EXPECT_EQ(heads.at(1).table, "public.household");
        EXPECT_EQ(heads.at(1).waiting, 1);
        EXPECT_EQ(heads.at(1).waits_for, std::nullopt);
        EXPECT_EQ(heads.at(2).waits_for, "sp public.household");
        EXPECT_EQ(heads.at(2).since_seq, JournalSeq{9});
        EXPECT_EQ((co_await list_parked(hub.connection, ParkedWhich::all, 1)).size(), 1U);
    });
}

TEST_F(ParkedQueries, WhatWasSetAsideIsListedOnlyWhenAskedForAndNotCounted)
{
    write(ParkedSkipped{AgencyId{"sp"}, test::sp_person, LocalKey{"8"}, RequestId{4}});
    write(DeliverySkipped{AgencyId{"sp"}, test::sp_person, record_id, RequestId{5}});
    run([this]() -> awaitable<void> {
        auto hub = co_await open_story();
        EXPECT_THAT(
            names_of(co_await list_parked(hub.connection, ParkedWhich::waiting, 10)), ElementsAre("8")
        );
        const auto aside = co_await list_parked(hub.connection, ParkedWhich::set_aside, 10);
        EXPECT_THAT(names_of(aside), ElementsAre("2@sp", "9"));
        EXPECT_EQ(aside.at(0).skipped, 5);
        EXPECT_EQ(aside.at(1).skipped, 4);
        EXPECT_EQ((co_await list_parked(hub.connection, ParkedWhich::all, 10)).size(), 3U);
        const auto overview = co_await read_overview(hub.connection);
        EXPECT_EQ(overview.agencies.at(1).parked_keys, 1);
        EXPECT_EQ(overview.agencies.at(1).refusals, 0);

        const auto state = co_await store(hub).load_state();
        EXPECT_EQ(state.parked.size(), 2U);
        EXPECT_EQ(state.parked.at(1).since, JournalSeq{9});
        EXPECT_EQ(state.parked.at(1).skipped, RequestId{4});
        EXPECT_TRUE(state.blocked.empty());
    });
}

TEST_F(ParkedQueries, ADeliveryThatAnotherRowBlocksIsKnownAtTheStart)
{
    write(DeliveryRefused{AgencyId{"sp"}, test::sp_person, record_id, "23505", "person_key"});
    run([this]() -> awaitable<void> {
        auto hub = co_await open_story();
        const auto state = co_await store(hub).load_state();
        EXPECT_THAT(state.blocked, ElementsAre(std::pair{test::sp_person, record_id}));
    });
}

TEST_F(ParkedQueries, ARowIsShownWithItsKeyAndWhatItShows)
{
    write(parked(test::sp_person, "7", "unmappable_value"));
    run([this]() -> awaitable<void> {
        auto hub = co_await open_story();
        const auto row = (co_await show_parked(hub.connection, definition_, "10", today)).value();
        EXPECT_EQ(row.key, "7");
        EXPECT_TRUE(row.readable);
        EXPECT_EQ(row.head.record, record_id);
        EXPECT_EQ(row.changes.size(), 4U);
        const SlotChange last_name{"last_name", "Berg", "unreadable"};
        EXPECT_EQ(std::ranges::count(row.changes, last_name), 1);
        EXPECT_THAT(row.units, ElementsAre("name", "birth_date", "national_id"));

        const auto unlinked = (co_await show_parked(hub.connection, definition_, "8", today)).value();
        const std::vector<SlotChange> changes{
            {"name", std::nullopt, "unreadable"}
        };
        EXPECT_EQ(unlinked.changes, changes);
    });
}

TEST_F(ParkedQueries, ARowThatCouldNotEvenBeReadIsShownAsSuch)
{
    auto unread = parked(test::sp_person, "6", "value_not_sent");
    unread.image.reset();
    write(std::move(unread));
    run([this]() -> awaitable<void> {
        auto hub = co_await open_story();
        const auto row = (co_await show_parked(hub.connection, definition_, "10", today)).value();
        EXPECT_FALSE(row.readable);
        EXPECT_TRUE(row.changes.empty());
    });
}

TEST_F(ParkedQueries, ARefusedDeliveryIsShownWithWhatWouldBeWritten)
{
    run([this]() -> awaitable<void> {
        auto hub = co_await open_story();
        const auto delivery = (co_await show_parked(hub.connection, definition_, "2@sp", today)).value();
        EXPECT_EQ(delivery.key, "7");
        const std::vector<SlotChange> changes{
            {"last_name", "Berg", "Stern"}
        };
        EXPECT_EQ(delivery.changes, changes);
        EXPECT_THAT(delivery.units, ElementsAre("name"));
    });
}

TEST_F(ParkedQueries, OtherNamesShowNothing)
{
    run([this]() -> awaitable<void> {
        auto hub = co_await open_story();
        for (const std::string name : {"", "0", "-8", "8x", "99", "@sp", "2@", "2@es", "2@xx", "x@sp"}) {
            const auto found = co_await show_parked(hub.connection, definition_, name, today);
            EXPECT_FALSE(found.has_value()) << name;
        }
    });
}

TEST(ParkedPayload, IsReadAsItWasWritten)
{
    const pipeline::ParkedNames names{
        {JournalSeq{8}, JournalSeq{9}},
        {{RecordId{2}, AgencyId{"sp"}}            }
    };
    EXPECT_EQ(read_parked_names(parked_payload(names)), names);
}

TEST(ParkedPayload, OfAnyOtherFormIsNotUnderstood)
{
    std::string many = R"({"deliveries": [], "rows": [1)";
    for (std::size_t i = 0; i < parked_names_max; ++i)
        many += ",1";
    for (const std::string& payload : {
             std::string{},
             std::string{"[]"},
             std::string{"{}"},
             std::string{R"({"rows": [8]})"},
             std::string{R"({"rows": [], "deliveries": []})"},
             std::string{R"({"rows": [0], "deliveries": []})"},
             std::string{R"({"rows": ["8"], "deliveries": []})"},
             std::string{R"({"rows": 8, "deliveries": []})"},
             std::string{R"({"rows": [8], "deliveries": [{"record": 2}]})"},
             std::string{R"({"rows": [8], "deliveries": [], "more": 1})"},
             many + "]}",
         })
        EXPECT_EQ(read_parked_names(payload), std::nullopt) << payload.substr(0, 60);
}

}  // namespace
}  // namespace casebridge::hub
