#include "connectors/postgres/lane_session.hpp"

#include "tests/postgres/agency_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace casebridge::postgres {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class Lane : public testing::Test {
protected:
    Lane()
    {
        agency.sql(
            "INSERT INTO sp.household (id, reference_no, city, registered_on) VALUES (1, 'H1', 'Alt', "
            "'2020-01-01')"
        );
        agency.read_stream();
    }

    LaneSession open() { return executor.wait(LaneSession::open(agency.lane())); }

    static pipeline::DeliveryPlan city(int to, const std::string& from, const std::string& into)
    {
        return plan(to, {updates(household, {update(1, "1", {slot(1, text(into))}, {slot(1, text(from))})})});
    }

    // An old session may hold the origin until its backend has ended.
    LaneSession reopen()
    {
        executor.run_until([&] {
            return agency.value(
                       "SELECT count(*) FROM pg_stat_activity WHERE usename = 'casebridge_deliver' AND "
                       "datname = "
                       "current_database()"
                   ) == "0";
        });
        return open();
    }

    Agency agency{Sample::sp};
    Executor executor;
};

TEST_F(Lane, PositionMovesWithTheRows)
{
    {
        auto session = open();
        EXPECT_EQ(session.progress(), JournalSeq{0});
        executor.wait(session.deliver(city(10, "Alt", "Neu")));
    }
    EXPECT_EQ(reopen().progress(), JournalSeq{10});
}

TEST_F(Lane, TheStreamShowsOriginAndPosition)
{
    auto session = open();
    executor.wait(session.deliver(city(10, "Alt", "Neu")));
    const auto stream = agency.read_stream();
    ASSERT_THAT(stream, SizeIs(1));
    ASSERT_TRUE(stream[0].origin.has_value());
    EXPECT_EQ(stream[0].origin->name, agency.names().origin);
    EXPECT_EQ(stream[0].origin->position, Lsn{10});
    EXPECT_THAT(stream[0].changes, SizeIs(1));
    EXPECT_THAT(stream[0].messages, IsEmpty());
}

TEST_F(Lane, AMarkerIsATransactionWithAMessageOnly)
{
    auto session = open();
    executor.wait(session.send_marker(JournalSeq{7}));
    const auto stream = agency.read_stream();
    ASSERT_THAT(stream, SizeIs(1));
    EXPECT_EQ(stream[0].origin->position, Lsn{7});
    EXPECT_THAT(stream[0].changes, IsEmpty());
    ASSERT_THAT(stream[0].messages, SizeIs(1));
    EXPECT_EQ(stream[0].messages[0].prefix, marker_prefix);
}

TEST_F(Lane, APlanThatWritesNothingIsAMarker)
{
    auto session = open();
    auto empty = plan(7, {});
    empty.marker_only = true;
    executor.wait(session.deliver(empty));
    const auto outcome = executor.wait(session.deliver(city(8, "other", "Neu")));
    EXPECT_THAT(outcome.missed, ElementsAre(RecordId{1}));
    const auto stream = agency.read_stream();
    ASSERT_THAT(stream, SizeIs(2));
    EXPECT_EQ(stream[1].origin->position, Lsn{8});
    EXPECT_THAT(stream[1].messages, SizeIs(1));
}

TEST_F(Lane, ASecondSessionIsRefusedForAWhile)
{
    const auto session = open();
    try {
        open();
        FAIL() << "two sessions hold the origin";
    } catch (const libpq::ServerError& error) {
        EXPECT_EQ(error.state(), libpq::SqlState{"55006"});
        EXPECT_EQ(error.kind(), ErrorClass::transient);
    }
}

TEST_F(Lane, AMissingOriginIsPermanentAndNamesTheRemedy)
{
    agency.sql("SELECT pg_replication_origin_drop('" + agency.names().origin + "')");
    try {
        open();
        FAIL() << "opened without an origin";
    } catch (const libpq::ConfigurationError& error) {
        EXPECT_EQ(error.error().code, "origin_missing");
        EXPECT_THAT(error.error().remedy, testing::HasSubstr("casebridge setup"));
    }
}

TEST_F(Lane, AnErrorOfTheServerRollsBackAndThePositionDoesNotLeak)
{
    {
        auto session = open();
        agency.sql("REVOKE UPDATE ON sp.household FROM casebridge_deliver");
        try {
            executor.wait(session.deliver(city(10, "Alt", "Neu")));
            FAIL() << "written without a right";
        } catch (const DeliveryRolledBack& error) {
            EXPECT_EQ(error.kind(), ErrorClass::permanent);
        }
    }
    agency.sql("GRANT UPDATE ON sp.household TO casebridge_deliver");
    auto session = reopen();
    EXPECT_EQ(session.progress(), JournalSeq{0});
    executor.wait(session.deliver(city(9, "Alt", "Neu")));
    const auto stream = agency.read_stream();
    ASSERT_THAT(stream, SizeIs(1));
    EXPECT_EQ(stream[0].origin->position, Lsn{9});
}

TEST_F(Lane, ALostConnectionBeforeCommitIsARollBack)
{
    auto session = open();
    agency.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'casebridge_deliver' AND "
        "datname "
        "= current_database()"
    );
    EXPECT_THROW(executor.wait(session.deliver(city(10, "Alt", "Neu"))), DeliveryRolledBack);
}

// The commit waits for a standby that does not exist: it has happened, and its answer never comes.
TEST_F(Lane, ALostAnswerToCommitIsUnknownAndTheNextSessionTells)
{
    agency.sql(
        "DO $$ BEGIN EXECUTE format('ALTER ROLE casebridge_deliver IN DATABASE %I SET synchronous_commit = "
        "on', "
        "current_database()); END $$"
    );
    {
        auto session = open();
        const auto made = city(10, "Alt", "Neu");
        const auto delivery = executor.start(session.deliver(made));
        executor.run_until([&] {
            return agency.value("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'") == "1";
        });
        EXPECT_EQ(agency.value("SELECT city FROM sp.household"), "Alt");
        agency.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
        EXPECT_THROW(executor.finish(delivery), OutcomeUnknown);
    }
    EXPECT_EQ(reopen().progress(), JournalSeq{10});
    EXPECT_EQ(agency.value("SELECT city FROM sp.household"), "Neu");
}

}  // namespace
}  // namespace casebridge::postgres
