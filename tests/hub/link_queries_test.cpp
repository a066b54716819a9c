#include "hub/link_queries.hpp"

#include "hub/failure.hpp"
#include "tests/hub/story_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Rows whose record is in doubt, as the projections tell of them.

namespace casebridge::hub {
namespace {

using namespace test;
using asio::awaitable;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LinkQueries : public StoryTest {
protected:
    static constexpr RecordId nobody{99};

    // A row of es that may be the story's person, or a record that is not there any more.
    void doubt_a_row()
    {
        RowParked row;
        row.agency = AgencyId{"es"};
        row.table = es_jobseeker;
        row.key = LocalKey{"4"};
        row.position = {Lsn{0x50}, 0};
        row.code = "rules_disagree";
        row.place = "identity";
        row.image = {field("Stern"), field("Ida"), std::nullopt, std::nullopt};
        row.candidates = {
            {record_id, {"name~name"}},
            {nobody,    {"phone"}    }
        };
        write(std::move(row));
    }
};

TEST_F(LinkQueries, ARowInDoubtIsListedWithItsCandidates)
{
    doubt_a_row();
    run([this]() -> awaitable<void> {
        auto hub = co_await open_story();
        const auto doubts = co_await list_doubts(hub.connection, definition_, 10);
        EXPECT_EQ(doubts.size(), 1U);
        const auto& row = doubts.at(0);
        EXPECT_EQ(row.agency, "es");
        EXPECT_EQ(row.entity, "person");
        EXPECT_EQ(row.key, LocalKey{"4"});
        EXPECT_EQ(row.code, "rules_disagree");
        EXPECT_EQ(row.candidates.size(), 2U);
        EXPECT_EQ(row.candidates.at(0).record, record_id);
        EXPECT_THAT(row.candidates.at(0).rules, ElementsAre("name~name"));
        EXPECT_THAT(co_await list_doubts(hub.connection, definition_, 0), IsEmpty());
    });
}

TEST_F(LinkQueries, ARowIsShownWithItsColumnsAndWhatTheCandidatesSay)
{
    doubt_a_row();
    run([this]() -> awaitable<void> {
        auto hub = co_await open_story();
        const auto doubt = co_await show_doubt(hub.connection, definition_, "es", "person", LocalKey{"4"});
        const auto& shown = doubt.value();
        EXPECT_THAT(shown.columns.value(), Contains(FieldText{"given", "Ida"}));
        EXPECT_EQ(shown.records.size(), 2U);
        EXPECT_THAT(shown.records.at(0).value(), Contains(FieldText{"last_name", "Stern"}));
        EXPECT_FALSE(shown.records.at(1).has_value());
    });
}

TEST_F(LinkQueries, ARowThatIsNotInDoubtIsNotShown)
{
    run([this]() -> awaitable<void> {
        auto hub = co_await open_story();
        for (const auto* key : {"3", "4"}) {
            const LocalKey named{key};
            EXPECT_FALSE((co_await show_doubt(hub.connection, definition_, "es", "person", named)).has_value()
            );
        }
        const LocalKey parked{"9"};
        EXPECT_FALSE((co_await show_doubt(hub.connection, definition_, "sp", "household", parked)).has_value()
        );
        EXPECT_FALSE((co_await show_doubt(hub.connection, definition_, "sp", "dog", parked)).has_value());
    });
}

TEST_F(LinkQueries, WhatIsStoredOtherwiseThanItIsWrittenIsRefusedAndNotGuessed)
{
    doubt_a_row();
    run([this]() -> awaitable<void> {
        auto hub = co_await open_story();
        sql("UPDATE casebridge.record SET golden = '{\"last_name\": 7}'");
        try {
            const auto doubt =
                co_await show_doubt(hub.connection, definition_, "es", "person", LocalKey{"4"});
            ADD_FAILURE() << "shown: " << doubt.has_value();
        } catch (const HubFailure& failure) {
            EXPECT_EQ(failure.error().code, "malformed");
        }
    });
}

}  // namespace
}  // namespace casebridge::hub
