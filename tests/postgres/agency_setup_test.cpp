#include "connectors/postgres/agency_setup.hpp"

#include "tests/postgres/agency_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace casebridge::postgres {
namespace {

using namespace test;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(AgencyNames, AreMadeOfBridgeAgencyAndIncarnation)
{
    const auto names = agency_names("north", AgencyId{"sp"}, "7f").value();
    EXPECT_EQ(names.publication, "casebridge_north_sp");
    EXPECT_EQ(names.slot, "casebridge_north_sp");
    EXPECT_EQ(names.origin, "casebridge_north_sp_7f");
}

TEST(AgencyNames, ThatNoSlotCanHaveAreRefused)
{
    EXPECT_EQ(agency_names("North", AgencyId{"sp"}, "7f").error().code, "bad_slot_name");
    EXPECT_EQ(agency_names(std::string(60, 'a'), AgencyId{"sp"}, "7f").error().code, "bad_slot_name");
}

// An agency without anything of ours.
class Setup : public testing::Test {
protected:
    Setup()
    {
        tear();
        agency.sql("REVOKE ALL ON FUNCTION pg_replication_origin_session_setup(text) FROM casebridge_deliver"
        );  // The grants outlive a tear-down.
    }

    libpq::Connection connect()
    {
        return executor.wait(libpq::Connection::open(libpq::ConnectionOptions{agency.admin()}));
    }

    SetupReport set() { return set(agency.setup_request()); }
    SetupReport set(SetupRequest request)
    {
        auto connection = connect();
        return executor.wait(set_up(connection, std::move(request)));
    }

    SetupReport tear()
    {
        auto connection = connect();
        return executor.wait(tear_down(connection, agency.names()));
    }

    // Codes of what a setup finds wrong. It must have changed nothing.
    std::vector<std::string> refusals()
    {
        const auto before = everything();
        std::vector<std::string> codes;
        try {
            set();
        } catch (const AgencyMismatch& error) {
            std::ranges::transform(error.mismatches(), std::back_inserter(codes), &Error::code);
        }
        EXPECT_EQ(everything(), before);
        return codes;
    }

    // Publications, slot and origin that exist.
    casebridge::test::Rows everything()
    {
        return agency.sql(
            "SELECT 'publication', pubname::text FROM pg_publication UNION ALL SELECT 'table', "
            "r.prrelid::text FROM "
            "pg_publication_rel r UNION ALL SELECT 'slot', slot_name::text FROM pg_replication_slots WHERE "
            "database "
            "= current_database() UNION ALL SELECT 'origin', roname FROM pg_replication_origin WHERE roname "
            "= '" +
            agency.names().origin + "' ORDER BY 1, 2"
        );
    }

    Agency agency{Sample::sp};
    Executor executor;
};

TEST_F(Setup, MakesWhatASessionAndASurveyNeedAndMayBeRepeated)
{
    EXPECT_THAT(set().done, SizeIs(4));
    const auto after = everything();
    const auto again = set();
    EXPECT_THAT(again.done, IsEmpty());
    EXPECT_THAT(again.found, SizeIs(4));
    EXPECT_EQ(everything(), after);

    auto session = executor.wait(LaneSession::open(agency.lane()));
    executor.wait(session.send_marker(JournalSeq{1}));
    EXPECT_THAT(agency.read_stream(), SizeIs(1));
}

TEST_F(Setup, TheStepsForAnAdministratorDoTheSame)
{
    set();
    const auto made = everything();
    tear();
    for (const auto& step : setup_steps(agency.setup_request())) {
        EXPECT_FALSE(step.purpose.empty());
        agency.sql(step.sql);
    }
    EXPECT_EQ(everything(), made);
}

TEST_F(Setup, TearDownLeavesNothing)
{
    set();
    EXPECT_THAT(tear().done, SizeIs(3));
    EXPECT_THAT(everything(), IsEmpty());
    const auto again = tear();
    EXPECT_THAT(again.done, IsEmpty());
    EXPECT_THAT(again.notices, SizeIs(3));
}

TEST_F(Setup, TearDownRefusesWhileASessionHoldsTheOrigin)
{
    set();
    const auto session = executor.wait(LaneSession::open(agency.lane()));
    const auto before = everything();
    EXPECT_THROW(tear(), libpq::ServerError);
    EXPECT_EQ(everything(), before);
}

TEST_F(Setup, AMissingTableIsAddedAndAForeignOneIsReported)
{
    agency.sql("CREATE PUBLICATION " + agency.names().publication + " FOR TABLE sp.case_note, sp.household");
    const auto report = set();
    EXPECT_THAT(report.done, Contains("publish sp.person"));
    EXPECT_THAT(report.notices, ElementsAre(HasSubstr("sp.case_note")));
    EXPECT_THAT(agency.sql("SELECT FROM pg_publication_rel"), SizeIs(3));
}

TEST_F(Setup, APublicationThatLeavesOutTruncateIsCorrected)
{
    agency.sql(
        "CREATE PUBLICATION " + agency.names().publication +
        " FOR TABLE sp.person, sp.household WITH (publish = 'insert, update')"
    );
    EXPECT_THAT(set().done, Contains("publish every kind of change"));
    EXPECT_EQ(agency.value("SELECT pubtruncate AND pubdelete FROM pg_publication"), "t");
}

TEST_F(Setup, RefusesTablesWhoseUpdatesItWouldBreak)
{
    agency.sql(
        "ALTER TABLE sp.household REPLICA IDENTITY NOTHING; ALTER TABLE sp.person DROP CONSTRAINT "
        "person_pkey CASCADE"
    );
    EXPECT_THAT(refusals(), ElementsAre("no_replica_identity", "no_replica_identity"));
}

TEST_F(Setup, RefusesAReplicaIdentityWithoutTheKey)
{
    agency.sql("ALTER TABLE sp.household REPLICA IDENTITY USING INDEX household_reference_no_key");
    EXPECT_THAT(refusals(), ElementsAre("no_replica_identity"));
    agency.sql("ALTER TABLE sp.household REPLICA IDENTITY FULL");
    EXPECT_THAT(set().done, SizeIs(4));
}

TEST_F(Setup, RefusesTablesWithoutAStream)
{
    agency.sql(
        "DROP TABLE sp.household CASCADE; DROP TABLE sp.person CASCADE; CREATE VIEW sp.person AS SELECT 1 AS "
        "id; "
        "CREATE UNLOGGED TABLE sp.household (id int PRIMARY KEY)"
    );
    EXPECT_THAT(refusals(), ElementsAre("not_logged", "not_a_table"));
    agency.sql("DROP TABLE sp.household");
    EXPECT_THAT(refusals(), ElementsAre("table_missing", "not_a_table"));
}

TEST_F(Setup, RefusesAPublicationThatFilters)
{
    agency.sql("CREATE PUBLICATION " + agency.names().publication + " FOR TABLE sp.household (id, city)");
    EXPECT_THAT(refusals(), ElementsAre("publication_filters"));
    agency.sql(
        "DROP PUBLICATION " + agency.names().publication + "; CREATE PUBLICATION " +
        agency.names().publication + " FOR ALL TABLES"
    );
    EXPECT_THAT(refusals(), ElementsAre("publication_too_wide"));
}

TEST_F(Setup, RefusesASlotThatCanNotBeUsed)
{
    agency.sql("SELECT pg_create_logical_replication_slot('" + agency.names().slot + "', 'test_decoding')");
    EXPECT_THAT(refusals(), ElementsAre("slot_of_another_kind", "slot_without_publication"));
    agency.sql(
        "SELECT pg_drop_replication_slot('" + agency.names().slot +
        "'); SELECT pg_create_logical_replication_slot('" + agency.names().slot + "', 'pgoutput')"
    );
    EXPECT_THAT(refusals(), ElementsAre("slot_without_publication"));
}

// The slot names its publication: what others publish does not reach it.
TEST_F(Setup, AnotherPublicationWithAColumnListDisturbsNothing)
{
    agency.sql("CREATE PUBLICATION other FOR TABLE sp.household (id, city)");
    set();
    agency.sql(
        "INSERT INTO sp.household (id, reference_no, registered_on) VALUES (1, 'H1', '2020-01-01'); "
        "UPDATE sp.household SET city = 'Neu'"
    );
    const auto stream = agency.read_stream();
    ASSERT_THAT(stream, SizeIs(1));
    EXPECT_EQ(stream[0].changes.at(0).relation->columns.size(), 9U);
}

TEST(SetupOnALowWalLevel, IsRefused)
{
    const casebridge::test::Cluster cluster{{.settings = {"wal_level = replica"}}};
    Executor executor;
    auto connection = executor.wait(libpq::Connection::open(libpq::ConnectionOptions{cluster.conninfo()}));
    try {
        executor.wait(
            set_up(connection, SetupRequest{agency_names("b", AgencyId{"sp"}, "1").value(), {}, "postgres"})
        );
        FAIL() << "set up on a server without logical WAL";
    } catch (const AgencyMismatch& error) {
        EXPECT_EQ(error.error().code, "wal_level_too_low");
    }
}

}  // namespace
}  // namespace casebridge::postgres
