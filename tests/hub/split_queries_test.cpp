#include "hub/split_queries.hpp"

#include "tests/hub/story_fixture.hpp"

#include <gmock/gmock.h>

#include <string>

// What people see of a link before they take it apart.

namespace casebridge::hub {
namespace {

using test::asio::awaitable;
using ::testing::HasSubstr;

// A second person, known to sp as 70, with whom the row 30 of es was confused.
class SplitQueriesTest : public test::StoryTest {
protected:
    SplitQueriesTest()
    {
        auto here = told_at_sp();
        here.key = LocalKey{"70"};
        here.record = confused;
        write(std::move(here));  // 10
        auto there = read_at_es(RowSource::stream, "Stern", 0x50);
        there.key = LocalKey{"30"};
        there.record = confused;
        there.link = LinkChange::matched;
        VersionAdded name;
        name.unit = test::unit_name;
        name.value = {test::field("Stern"), test::field("Anna")};
        name.stamp = PgTime{30'000'000};
        there.versions = {name};
        write(std::move(there));  // 11
    }

    // The journal and the projection of that person.
    awaitable<SplitAnswer> show(std::string key, std::string then)
    {
        auto hub = co_await open_hub();
        co_await hub.journal.append(entries_);
        auto all = batch(0, state_->last_seq.value());
        all.entries = entries_;
        const auto& record = *state_->records.find(confused);
        all.records.push_back(projected(record));
        all.agencies.assign(state_->agencies.begin(), state_->agencies.end());
        co_await projector(hub).write(std::move(all));
        if (!then.empty())
            sql(then);
        pipeline::SplitLink wanted{
            AgencyId{"es"}, "person", LocalKey{std::move(key)}, confused, JournalSeq{0}, pipeline::ByRules{}};
        co_return co_await show_split(hub.connection, definition_, std::move(wanted));
    }

    static constexpr RecordId confused{10};
};

TEST_F(SplitQueriesTest, AnOutlookHasWhatChangesAndWhatWasSeen)
{
    run([this]() -> awaitable<void> {
        const auto answer = co_await show("30", "");
        EXPECT_EQ(answer.fault, "");
        if (!answer.split)
            co_return;
        const auto& split = *answer.split;
        EXPECT_EQ(split.wanted.seen, JournalSeq{11});
        EXPECT_FALSE(split.into.has_value());
        EXPECT_EQ(split.references, 0U);
        EXPECT_EQ(split.fields.size(), 1U);
        const auto& name = split.fields.at(0);
        EXPECT_EQ(name.unit, "name");
        EXPECT_EQ(name.now.value().at(0).text, "Stern");
        EXPECT_EQ(name.row.value().at(0).text, "Stern");
        EXPECT_EQ(name.then.value().size(), 1U);
        EXPECT_EQ(name.then.value().at(0).value.value().at(0).text, "Berg");
        EXPECT_EQ(name.then.value().at(0).author, "sp");
    });
}

TEST_F(SplitQueriesTest, WhatWouldBeRefusedSaysWhy)
{
    run([this]() -> awaitable<void> {
        const auto answer = co_await show("31", "");
        EXPECT_FALSE(answer.split.has_value());
        EXPECT_THAT(answer.fault, HasSubstr("no row under that key"));
    });
}

TEST_F(SplitQueriesTest, NothingIsGuessedOfWhatTheJournalHasLetGoOf)
{
    run([this]() -> awaitable<void> {
        const auto answer = co_await show("30", "DELETE FROM casebridge.journal WHERE seq >= 10");
        EXPECT_FALSE(answer.split.has_value());
        EXPECT_THAT(answer.fault, HasSubstr("no longer kept"));
    });
}

}  // namespace
}  // namespace casebridge::hub
