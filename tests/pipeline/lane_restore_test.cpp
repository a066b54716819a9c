#include "pipeline/lane_restore.hpp"

#include "tests/pipeline/deletion_world.hpp"

#include <gtest/gtest.h>

#include <optional>

// What a lane of an earlier process left undone is found again.

namespace casebridge::pipeline {
namespace {

// Behind each entry, the records that memory alone knows to lack something of the agency.
TEST(LaneRestore, FindsARecordWhoseMarkIsNotProjectedYet)
{
    auto world = linked();
    const LinkKey row{world.table("b.person").index, LocalKey{only_key(world, "b.person")}};
    set_phone(world, "a", "200");
    world.read("a");
    ASSERT_TRUE(world.plan("b"));
    world.agency("b").locked.insert(row);
    world.execute("b");
    world.read("b");
    std::optional<std::size_t> marked;
    for (std::size_t place = 0; place < world.journal().size(); ++place)
        if (const auto* moved = std::get_if<MarksMoved>(&world.journal()[place].body);
            moved != nullptr && moved->agency.value() == "b")
            marked = place;
    ASSERT_TRUE(marked);
    const auto record = world.record_of("a.person", "1").id;

    auto state = world.replay(*marked);
    EXPECT_TRUE(unprojected_lacking(state, AgencyId{"b"}).empty());
    apply(state, world.journal()[*marked]);
    EXPECT_EQ(unprojected_lacking(state, AgencyId{"b"}), std::vector{record});
    EXPECT_TRUE(unprojected_lacking(state, AgencyId{"a"}).empty());
    state.records.projected(state.last_seq);
    EXPECT_TRUE(unprojected_lacking(state, AgencyId{"b"}).empty());
}

// Nothing of it is unseen: only that it goes says that b lacks something.
TEST(LaneRestore, FindsARecordThatLeavesAsLongAsTheAgencyHasItsRow)
{
    auto world = linked(with_delete(conflict::PropagateDelete{}));
    const AgencyId b{"b"};
    set_phone(world, "b", "200");
    world.settle();
    world.erase("a.person", "1");
    world.read("a");
    const auto& record = first_record(world);
    const auto id = record.id;
    EXPECT_EQ(agencies_lacking(world.state(), record), std::vector{b});
    EXPECT_EQ(unprojected_lacking(world.replay(world.journal().size()), b), std::vector{id});
    world.settle();
    EXPECT_TRUE(agencies_lacking(world.state(), first_record(world)).empty());
}

// Under an authority an agency's own earlier value may stand and be written back to it.
TEST(LaneRestore, TakesAnAgencysOwnValueWrittenBackForOurs)
{
    World world{with_rule(conflict::Authority{AgencyId{"a"}})};
    world.settle();
    world.insert(
        "b.person",
        "9",
        {
            {"number", "77" },
            {"phone",  "100"}
    }
    );
    world.settle();
    set_phone(world, "b", "200");
    world.read("b");
    ASSERT_TRUE(world.plan("b"));
    world.execute("b");
    const auto before = world.journal().size();
    world.crash();
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "100");
    for (auto place = before; place < world.journal().size(); ++place)
        if (const auto* read = std::get_if<RowRead>(&world.journal()[place].body)) {
            EXPECT_TRUE(read->versions.empty());
        }
}

TEST(LaneRestore, ChecksAMarkedRecordWithTheNextEchoAlthoughNothingNewWasWritten)
{
    auto world = linked();
    const auto record = world.record_of("a.person", "1").id;
    const auto seen = world.state().agencies.at(AgencyId{"b"}).seen;
    const std::vector records{record};
    Lane unmarked;
    restore_lane(unmarked, world.state(), AgencyId{"b"}, records);
    EXPECT_TRUE(unmarked.checks_up_to(JournalSeq{seen.value() + 99}).empty());
    EXPECT_EQ(unmarked.queue().size(), 1U);

    EntryLog log{world.state()};
    log.write(MarksMoved{AgencyId{"b"}, person_entity, record, {{person::phone, JournalSeq{3}}}});
    Lane marked;
    restore_lane(marked, world.state(), AgencyId{"b"}, records);
    EXPECT_TRUE(marked.checks_up_to(seen).empty());
    EXPECT_EQ(marked.checks_up_to(JournalSeq{seen.value() + 1}), records);
    Lane other;
    restore_lane(other, world.state(), AgencyId{"a"}, records);
    EXPECT_TRUE(other.checks_up_to(JournalSeq{seen.value() + 99}).empty());
}

TEST(LaneRestore, LooksForWhatPointsAtRowsThatWereLinkedBehindWhatTheAgencyHad)
{
    auto world = linked();
    const AgencyId b{"b"};
    const auto& record = world.record_of("a.person", "1");
    const auto since = record.find_link(world.table("b.person").index)->since;
    const std::vector records{record.id};
    ASSERT_LT(world.state().agencies.at(b).seen, since);
    Lane behind;
    restore_lane(behind, world.state(), b, records);
    EXPECT_EQ(behind.newly_linked, records);

    EntryLog log{world.state()};
    log.write(StreamPosition{b, world.state().agencies.at(b).end_lsn, since, std::nullopt});
    Lane had;
    restore_lane(had, world.state(), b, records);
    EXPECT_TRUE(had.newly_linked.empty());
}

}  // namespace
}  // namespace casebridge::pipeline
