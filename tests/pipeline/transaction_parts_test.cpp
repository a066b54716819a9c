#include "tests/pipeline/linked_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>

// Transactions that are too large to be held whole are merged part by part. A server knows nothing of that:
// after a break it sends the whole transaction again.

namespace casebridge::pipeline {
namespace {

Columns person_named(const std::string& given, const std::string& status = "S")
{
    return {
        {"given",  given },
        {"family", "Berg"},
        {"number", given },
        {"phone",  "100" },
        {"status", status}
    };
}

// Five people in one transaction; the second cannot be translated.
void insert_five(World& world)
{
    world.edit("a")
        .insert("a.person", "11", person_named("Anna"))
        .insert("a.person", "12", person_named("Bela", "?"))
        .insert("a.person", "13", person_named("Cleo"))
        .insert("a.person", "14", person_named("Dora"))
        .insert("a.person", "15", person_named("Emil"))
        .commit();
}

// The server sends the agency's last transaction again, and it is cut after every so many changes.
void cut_last(World& world, const std::string& agency, std::size_t rows)
{
    auto& wal = world.agency(agency).wal;
    const auto begin = std::ranges::find(wal, wal.back().commit_lsn, &SourceTransaction::commit_lsn);
    auto whole = wal.back();
    whole.portion = Portion::last;
    std::vector<RowChange> changes;
    for (auto part = begin; part != wal.end(); ++part)
        std::ranges::move(part->changes, std::back_inserter(changes));
    wal.erase(begin, wal.end());
    auto part = whole;
    part.portion = Portion::more_follows;
    part.end_lsn = Lsn{};
    part.changes.clear();
    for (auto& change : changes) {
        part.changes.push_back(std::move(change));
        if (part.changes.size() == rows)
            wal.push_back(std::exchange(
                part,
                SourceTransaction{
                    part.xid, part.portion, part.commit_lsn, {}, part.commit_time, {}, {}, {}, 0}
            ));
    }
    whole.changes = std::move(part.changes);
    wal.push_back(std::move(whole));
}

std::size_t rows_read(const World& world)
{
    return count<RowRead>(world) + count<RowParked>(world);
}

TEST(TransactionParts, AddUpToTheTransaction)
{
    World world{sample_bridge(2)};
    insert_five(world);
    cut_last(world, "a", 2);
    const auto report = world.read("a");
    EXPECT_EQ(report.transactions, 1U);
    EXPECT_EQ(report.parts, 2U);
    EXPECT_EQ(report.changes, 5U);
    world.settle();
    EXPECT_EQ(world.keys("b.person").size(), 4U);
}

TEST(TransactionParts, DoNotMoveTheAcknowledgedPosition)
{
    auto world = linked();
    insert_five(world);
    cut_last(world, "a", 2);
    const auto& agency = world.state().agencies.at(AgencyId{"a"});
    const auto before = agency.end_lsn;
    world.read("a", 1);
    EXPECT_EQ(agency.end_lsn, before);
    ASSERT_TRUE(agency.inside.has_value());
    EXPECT_EQ(agency.inside->ordinal, 1U);
    world.read("a");
    EXPECT_GT(agency.end_lsn, before);
    EXPECT_FALSE(agency.inside.has_value());
}

TEST(TransactionParts, AreNotMergedTwiceAfterACrashWhereverItCame)
{
    for (std::size_t read_before = 0; read_before <= 3; ++read_before) {
        World world{sample_bridge(2)};
        insert_five(world);
        cut_last(world, "a", 2);
        if (read_before > 0)
            world.read("a", read_before);
        world.crash();
        world.read("a");
        EXPECT_EQ(rows_read(world), 5U) << read_before << " parts read before the crash";
        world.settle();
        EXPECT_EQ(world.keys("b.person").size(), 4U);
    }
}

TEST(TransactionParts, MayBeCutElsewhereAfterACrash)
{
    for (std::size_t rows = 1; rows <= 6; ++rows) {
        World world{sample_bridge(2)};
        insert_five(world);
        cut_last(world, "a", 2);
        world.read("a", 1);
        cut_last(world, "a", rows);
        world.crash();
        world.read("a");
        EXPECT_EQ(rows_read(world), 5U) << "cut after " << rows << " changes";
        world.settle();
        EXPECT_EQ(world.keys("b.person").size(), 4U);
    }
}

TEST(TransactionParts, OfATruncationDoNotEndWhatTheirFirstPartBrought)
{
    auto world = linked();
    world.edit("a")
        .truncate("a.person")
        .insert("a.person", "8", person_named("Hans"))
        .insert("a.person", "9", person_named("Ines"))
        .commit();
    cut_last(world, "a", 2);
    world.read("a", 1);
    world.crash();
    world.settle();
    EXPECT_EQ(count<TableTruncated>(world), 1U);
    for (const std::string key : {"8", "9"}) {
        const auto& record = world.record_of("a.person", key);
        EXPECT_EQ(world.state().state_of(*record.find_link(world.table("a.person").index)), LinkState::live);
    }
}

TEST(TransactionParts, AreDeliveredAsTheyAreMerged)
{
    World world{sample_bridge(2)};
    world.settle();
    insert_five(world);
    cut_last(world, "a", 2);
    world.read("a", 1);
    world.deliver("b");
    EXPECT_EQ(world.keys("b.person").size(), 1U);
}

TEST(TransactionParts, RefuseAStreamThatGoesOnWithSomethingElse)
{
    auto world = linked();
    insert_five(world);
    cut_last(world, "a", 2);
    world.read("a", 1);
    auto& wal = world.agency("a").wal;
    wal.resize(wal.size() - 3);
    world.erase("a.person", "1");
    const auto rest = world.unread("a");
    const auto demand = world.stream("a").demand(rest);
    ASSERT_TRUE(demand.has_error());
    EXPECT_EQ(demand.error().code, "history_changed");
    EXPECT_EQ(demand.error().kind, ErrorClass::permanent);
}

}  // namespace
}  // namespace casebridge::pipeline
