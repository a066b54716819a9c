#include "pipeline/parked_rows.hpp"
#include "tests/pipeline/sample_bridge.hpp"

#include <gtest/gtest.h>

// What is kept of a row that waits, whoever touched it last.

namespace casebridge::pipeline {
namespace {

class ParkRow : public testing::Test {
protected:
    RowParked parked(RowSource source, std::optional<PgTime> commit_time)
    {
        RowParked row;
        row.agency = AgencyId{"a"};
        row.table = MappingIndex{1};
        row.key = LocalKey{"1"};
        row.source = source;
        row.commit_time = commit_time;
        row.code = "unknown_code";
        return row;
    }

    const RowParked& newest(const char* key = "1")
    {
        return state_.parked.at({MappingIndex{1}, LocalKey{key}}).newest;
    }

    BridgeDefinition bridge_ = sample_bridge(1);
    BridgeState state_{bridge_};
    EntryLog log_{state_};
};

TEST_F(ParkRow, OurOwnTransactionLeavesTimeAndSourceOfTheEditThatWaits)
{
    park_row(log_, parked(RowSource::stream, PgTime{100}));
    park_row(log_, parked(RowSource::echo, PgTime{200}));
    EXPECT_EQ(newest().commit_time, PgTime{100});
    EXPECT_EQ(newest().source, RowSource::stream);
}

TEST_F(ParkRow, ALaterEditBringsItsOwnTime)
{
    park_row(log_, parked(RowSource::stream, PgTime{100}));
    park_row(log_, parked(RowSource::stream, PgTime{200}));
    EXPECT_EQ(newest().commit_time, PgTime{200});
}

TEST_F(ParkRow, OurOwnTransactionCountsWhenNobodyKnowsTheTimeOfTheEdit)
{
    park_row(log_, parked(RowSource::survey, std::nullopt));
    park_row(log_, parked(RowSource::echo, PgTime{200}));
    EXPECT_EQ(newest().commit_time, PgTime{200});
    EXPECT_EQ(newest().source, RowSource::echo);
}

TEST_F(ParkRow, ARenamedRowIsParkedUnderItsNewKeyAloneAndItsChangesAreCounted)
{
    park_row(log_, parked(RowSource::stream, PgTime{100}));
    auto renamed = parked(RowSource::stream, PgTime{200});
    renamed.previous_key = renamed.key;
    renamed.key = LocalKey{"2"};
    park_row(log_, std::move(renamed));
    ASSERT_EQ(state_.parked.size(), 1U);
    EXPECT_EQ(newest("2").commit_time, PgTime{200});
    EXPECT_EQ(state_.parked.begin()->second.count, 2U);
}

TEST_F(ParkRow, WhatIsNotParkedIsNotReleased)
{
    release_parked(log_, {MappingIndex{1}, LocalKey{"1"}});
    EXPECT_TRUE(log_.entries().empty());
    park_row(log_, parked(RowSource::stream, PgTime{100}));
    release_table(log_, MappingIndex{0});
    EXPECT_EQ(state_.parked.size(), 1U);
    release_table(log_, MappingIndex{1});
    EXPECT_TRUE(state_.parked.empty());
}

TEST_F(ParkRow, WaitsForTheLastThingThatItLackedAndForNothingOnceItIsReleased)
{
    auto waiting = parked(RowSource::stream, PgTime{100});
    waiting.waits_table = MappingIndex{0};
    waiting.waits_key = LocalKey{"7"};
    park_row(log_, waiting);
    EXPECT_TRUE(state_.waiting.contains({MappingIndex{0}, LocalKey{"7"}}));
    waiting.waits_key = LocalKey{"8"};
    park_row(log_, waiting);
    EXPECT_EQ(state_.waiting.size(), 1U);
    EXPECT_TRUE(state_.waiting.contains({MappingIndex{0}, LocalKey{"8"}}));
    release_parked(log_, {MappingIndex{1}, LocalKey{"1"}});
    EXPECT_TRUE(state_.waiting.empty());
}

TEST_F(ParkRow, IsReadAgainAsItsAgencyWroteItAndNotWhenNobodyCouldReadIt)
{
    const LinkKey row{MappingIndex{1}, LocalKey{"1"}};
    RowInput cause;
    cause.source = RowSource::survey;
    cause.commit_time = PgTime{900};
    EXPECT_FALSE(read_again(state_, row, cause));
    auto waiting = parked(RowSource::stream, PgTime{100});
    park_row(log_, waiting);
    EXPECT_FALSE(read_again(state_, row, cause));
    waiting.image = Image{Value{"Anna"}};
    park_row(log_, waiting);
    const auto again = read_again(state_, row, cause);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->source, RowSource::stream);
    EXPECT_EQ(again->commit_time, PgTime{100});
    EXPECT_TRUE(again->image == waiting.image);
}

}  // namespace
}  // namespace casebridge::pipeline
