#include "hub/retention.hpp"

#include "tests/hub/projector_fixture.hpp"

// What retention lets go of, and that a rebuild does not need it.

namespace casebridge::hub {
namespace {

using std::chrono::days;
using test::ConflictTest;
using test::ProjectorTest;
using test::asio::awaitable;

constexpr std::size_t everything = 100'000;

class RetentionTest : public ProjectorTest {
protected:
    // A journal of which entry n is 100.5 - n days old.
    awaitable<void> fill(Journal& journal)
    {
        const auto all = entries(1, 100);
        co_await journal.append(all);
        sql("UPDATE casebridge.journal SET recorded_at = now() - (100.5 - seq) * interval '1 day'");
    }

    void project_to(int seq)
    {
        sql("UPDATE casebridge.projection SET projected_seq = " + std::to_string(seq));
    }

    // `es` is known to have been dealt with up to here, `sp` further.
    void seen_to(int seq)
    {
        sql("DELETE FROM casebridge.agency_state;"
            "INSERT INTO casebridge.agency_state (agency, end_lsn, seen, swept) VALUES ('sp', '0/0', 1000, "
            "true), ('es', '0/0', " +
            std::to_string(seq) + ", true)");
    }
};

TEST_F(RetentionTest, ReachesWhatIsOldEnoughProjectedAndSettled)
{
    run([&]() -> awaitable<void> {
        auto hub = co_await open_hub();
        co_await fill(hub.journal);
        project_to(90);
        Retention retention;
        auto horizon = co_await find_prune_horizon(hub.connection, retention);
        EXPECT_EQ(horizon.journal_values.value(), 0) << "kept for ever";
        EXPECT_EQ(horizon.conflict_values.value(), 0);

        retention.journal_values = days{30};
        retention.conflict_values = days{60};
        horizon = co_await find_prune_horizon(hub.connection, retention);
        EXPECT_EQ(horizon.journal_values.value(), 70);
        EXPECT_EQ(horizon.conflict_values.value(), 40);

        retention.journal_values = days{0};
        horizon = co_await find_prune_horizon(hub.connection, retention);
        EXPECT_EQ(horizon.journal_values.value(), 90) << "the projections do not hold more";
    });
}

TEST_F(RetentionTest, ErasesValuesAndLeavesEnvelopes)
{
    run([&]() -> awaitable<void> {
        auto hub = co_await open_hub();
        co_await fill(hub.journal);
        project_to(100);
        const auto envelopes = sql("SELECT seq, kind, envelope FROM casebridge.journal ORDER BY seq");
        const auto with_values = value("SELECT count(payload) FROM casebridge.journal WHERE seq <= 70");
        const PruneHorizon horizon{JournalSeq{70}, JournalSeq{0}, JournalSeq{0}};
        const auto expected = co_await count_prunable(hub.connection, horizon);
        EXPECT_EQ(std::to_string(expected.journal_values), with_values);

        const auto counts = co_await prune(hub.connection, horizon);
        EXPECT_EQ(std::to_string(counts.journal_values), with_values);
        EXPECT_EQ(value("SELECT count(payload) FROM casebridge.journal WHERE seq <= 70"), "0");
        EXPECT_NE(value("SELECT count(payload) FROM casebridge.journal WHERE seq > 70"), "0");
        EXPECT_EQ(sql("SELECT seq, kind, envelope FROM casebridge.journal ORDER BY seq"), envelopes);
        EXPECT_EQ((co_await prune(hub.connection, horizon)).journal_values, 0) << "nothing is left to do";
    });
}

TEST_F(RetentionTest, ErasesNothingThatARebuildWouldRead)
{
    run([&]() -> awaitable<void> {
        auto hub = co_await open_hub();
        co_await fill(hub.journal);
        project_to(50);
        co_await prune(hub.connection, {JournalSeq{100}, JournalSeq{0}, JournalSeq{0}});
        EXPECT_EQ(value("SELECT min(seq) > 50 FROM casebridge.journal WHERE payload IS NOT NULL"), "t");
        EXPECT_NE(value("SELECT count(payload) FROM casebridge.journal"), "0");
    });
}

TEST_F(RetentionTest, DropsWholePartitionsAndTheJournalGoesOn)
{
    run([&]() -> awaitable<void> {
        auto journal = co_await Journal::open(options(), codec, JournalSettings{.partition_rows = 20});
        co_await journal.lead("test");
        co_await fill(journal);
        project_to(100);
        auto connection = co_await libpq::Connection::open(options());
        Retention retention;
        retention.journal = days{30};
        seen_to(55);
        auto horizon = co_await find_prune_horizon(connection, retention);
        EXPECT_EQ(horizon.journal.value(), 40) << "an agency was not dealt with beyond 55";
        seen_to(100);
        horizon = co_await find_prune_horizon(connection, retention);
        EXPECT_EQ(horizon.journal.value(), 60) << "70 lies inside a partition";

        const auto counts = co_await prune(connection, horizon);
        EXPECT_EQ(counts.partitions, 3);
        EXPECT_EQ(value("SELECT min(seq) FROM casebridge.journal"), "61");
        EXPECT_EQ(value("SELECT count(*) FROM casebridge.journal_partition WHERE from_seq < 61"), "0");
        horizon = co_await find_prune_horizon(connection, retention);
        EXPECT_EQ(horizon.journal.value(), 0);

        const auto more = entries(101, 50);
        co_await journal.append(more);
        EXPECT_EQ((co_await journal.read(JournalSeq{0}, everything)).size(), 90u);
    });
}

TEST_F(RetentionTest, TheCopyHasTheColumnsOfTheProjections)
{
    run([&]() -> awaitable<void> {
        auto hub = co_await open_hub();
        const auto columns = [](const std::string& schema) {
            return "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE "
                   "table_schema = '" +
                   schema + "' AND table_name <> 'projection'";
        };
        const auto tables =
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'casebridge_snapshot'";
        EXPECT_EQ(
            value(
                "SELECT count(*) FROM (" + columns("casebridge_snapshot") + " EXCEPT " +
                columns("casebridge") + ") d"
            ),
            "0"
        );
        EXPECT_EQ(
            value(
                "SELECT count(*) FROM (" + columns("casebridge") + " AND table_name IN (" + tables +
                ") EXCEPT " + columns("casebridge_snapshot") + ") d"
            ),
            "0"
        );
    });
}

TEST_F(ConflictTest, ValuesOfDecidedConflictsAreErasedAndOfHeldOnesKept)
{
    run([&]() -> awaitable<void> {
        auto hub = co_await open_hub();
        co_await hub.journal.append(entries_);
        co_await projector(hub).write(conflict_batch());
        const PruneHorizon horizon{JournalSeq{0}, JournalSeq{2}, JournalSeq{0}};
        EXPECT_EQ((co_await count_prunable(hub.connection, horizon)).conflict_values, 0);
        EXPECT_EQ((co_await prune(hub.connection, horizon)).conflict_values, 0)
            << "a person needs them to decide";

        sql("DELETE FROM casebridge.hold");
        EXPECT_EQ((co_await count_prunable(hub.connection, horizon)).conflict_values, 1);
        EXPECT_EQ((co_await prune(hub.connection, horizon)).conflict_values, 1);
        EXPECT_EQ(value("SELECT versions::text LIKE '%1990%' FROM casebridge.conflict"), "f");
        EXPECT_EQ(value("SELECT versions #>> '{versions,1,author}' FROM casebridge.conflict"), "es");
        EXPECT_EQ((co_await prune(hub.connection, horizon)).conflict_values, 0);
    });
}

TEST_F(ConflictTest, ValuesOfDecisionsAreErasedWithThoseOfConflicts)
{
    run([&]() -> awaitable<void> {
        auto hub = co_await open_hub();
        entries_.push_back(decision());
        co_await hub.journal.append(entries_);
        auto writer = projector(hub);
        co_await writer.write(decided_batch());
        const PruneHorizon horizon{JournalSeq{0}, JournalSeq{3}, JournalSeq{0}};
        EXPECT_EQ((co_await count_prunable(hub.connection, horizon)).conflict_values, 2);
        EXPECT_EQ((co_await prune(hub.connection, horizon)).conflict_values, 2);
        EXPECT_EQ(value("SELECT versions::text LIKE '%1990%' FROM casebridge.decision"), "f");
        EXPECT_EQ(value("SELECT versions #>> '{versions,0,author}' FROM casebridge.decision"), "sp");
        const auto before = co_await writer.dump_projections();
        sql("DELETE FROM casebridge.decision");
        co_await writer.reset_projections();
        EXPECT_EQ(co_await writer.dump_projections(), before) << "the copy has it without values";
        EXPECT_EQ((co_await prune(hub.connection, horizon)).conflict_values, 0);
    });
}

TEST_F(ConflictTest, AfterPruningARebuildStartsFromTheCopy)
{
    run([&]() -> awaitable<void> {
        auto hub = co_await open_hub();
        co_await hub.journal.append(entries_);
        auto writer = projector(hub);
        co_await writer.write(conflict_batch());
        co_await prune(hub.connection, {JournalSeq{2}, JournalSeq{2}, JournalSeq{0}});
        const auto before = co_await writer.dump_projections();
        sql("DELETE FROM casebridge.record; DELETE FROM casebridge.conflict");
        co_await writer.reset_projections();
        EXPECT_EQ(co_await writer.dump_projections(), before);
        EXPECT_EQ(value("SELECT projected_seq FROM casebridge.projection"), "2");
    });
}

}  // namespace
}  // namespace casebridge::hub
