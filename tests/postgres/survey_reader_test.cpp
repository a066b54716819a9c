#include "connectors/postgres/survey_reader.hpp"

#include "mapping/translate.hpp"
#include "tests/postgres/agency_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace casebridge::postgres {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr auto three_households =
    "INSERT INTO sp.household (id, reference_no, city, status, poverty_score, registered_on) VALUES "
    "(9, 'H9', NULL, 'AC', 7.5, '2020-01-31'), (10, 'H10', '', 'SU', NULL, '2020-02-01'),"
    "(100, 'H100', 'Köln', 'CL', 100, '1999-12-31');"
    "INSERT INTO sp.person (id, household_id, full_name, birth_date, able_bodied) VALUES "
    "(1, 9, 'A, B', '1990-01-01', true), (2, 9, 'C, D', '1990-01-01', NULL)";

class Survey : public testing::Test {
protected:
    explicit Survey(Sample sample = Sample::sp) : agency(sample) {}

    SurveyReader open()
    {
        return executor.wait(SurveyReader::open(agency.as("casebridge_capture"), agency.tables()));
    }

    pipeline::SurveyChunk read(
        SurveyReader& reader, MappingIndex table, std::optional<LocalKey> after, std::size_t rows_max
    )
    {
        return executor.wait(reader.read_chunk(table, std::move(after), rows_max, "t1"));
    }

    // Rows of a table as the stream shows their inserts.
    std::vector<pipeline::SurveyedRow> streamed(const mapping::TableMapping& mapping)
    {
        std::vector<pipeline::SurveyedRow> rows;
        for (const auto& transaction : agency.read_stream())
            for (const auto& change : transaction.changes) {
                if (change.relation->table != mapping.table)
                    continue;
                const auto positions = mapping::locate(mapping, *change.relation).value();
                rows.push_back(
                    {mapping::read_key(positions, change.new_row).value(),
                     mapping::read_row(mapping, positions, change.new_row, nullptr).value()}
                );
            }
        return rows;
    }

    static void expect_same(
        const std::vector<pipeline::SurveyedRow>& surveyed, const std::vector<pipeline::SurveyedRow>& streamed
    )
    {
        ASSERT_EQ(surveyed.size(), streamed.size());
        for (std::size_t i = 0; i < surveyed.size(); ++i) {
            EXPECT_TRUE(surveyed[i].key == streamed[i].key) << "row " << i;
            EXPECT_TRUE(surveyed[i].image == streamed[i].image) << "row " << i;
        }
    }

    Agency agency;
    Executor executor;
};

class EsSurvey : public Survey {
protected:
    EsSurvey() : Survey(Sample::es) {}
};

TEST_F(Survey, ShowsRowsExactlyAsTheStreamDoes)
{
    agency.sql(three_households);
    auto reader = open();
    const auto homes = read(reader, household, std::nullopt, 10);
    const auto people = read(reader, person, std::nullopt, 10);
    expect_same(homes.rows, streamed(household_mapping()));
    EXPECT_EQ(people.rows.at(0).image.at(5), text("t"));
    EXPECT_EQ(people.rows.at(1).image.at(5), FieldValue{});
}

TEST_F(EsSurvey, ShowsDocumentsExactlyAsTheStreamDoes)
{
    agency.sql(
        R"(INSERT INTO jobs."JobSeeker" (id, first_name, last_name, status, office, created_by, contact) VALUES
        ('00000000-0000-0000-0000-000000000001', 'A', 'B', 'S', 'HQ', 'me', '{"phone": {"mobile": "1\n\"2"}}'),
        ('00000000-0000-0000-0000-000000000002', 'A', 'B', 'S', 'HQ', 'me', '{"phone": {"mobile": 1.50}}'),
        ('00000000-0000-0000-0000-000000000003', 'A', 'B', 'S', 'HQ', 'me', '{"email": null, "phone": "x"}'))"
    );
    auto reader = open();
    const auto chunk = read(reader, seeker, std::nullopt, 10);
    EXPECT_THAT(chunk.rows, SizeIs(3));
    expect_same(chunk.rows, streamed(seeker_mapping()));
}

TEST_F(Survey, WalksInTheOrderOfTheKeysTypeAndEnds)
{
    agency.sql(three_households);
    auto reader = open();
    const auto first = read(reader, household, std::nullopt, 2);
    EXPECT_FALSE(first.last);
    ASSERT_THAT(first.rows, SizeIs(2));
    EXPECT_EQ(first.rows[0].key, LocalKey{"9"});
    EXPECT_EQ(first.last_key, LocalKey{"10"});
    const auto second = read(reader, household, first.last_key, 2);
    EXPECT_TRUE(second.last);
    ASSERT_THAT(second.rows, SizeIs(1));
    EXPECT_EQ(second.last_key, LocalKey{"100"});
}

TEST_F(Survey, AnEmptyChunkHasASnapshotAndKeepsItsPlace)
{
    auto reader = open();
    const auto chunk = read(reader, household, LocalKey{"100"}, 2);
    EXPECT_TRUE(chunk.last);
    EXPECT_THAT(chunk.rows, IsEmpty());
    EXPECT_TRUE(chunk.snapshot.has_value());
    EXPECT_EQ(chunk.last_key, LocalKey{"100"});
}

TEST_F(Survey, AChunkStandsBetweenItsWatermarks)
{
    agency.read_stream();
    auto reader = open();
    read(reader, household, std::nullopt, 2);
    std::vector<std::string> contents;
    for (const auto& transaction : agency.read_stream())
        for (const auto& message : transaction.messages) {
            EXPECT_EQ(message.prefix, survey_prefix);
            contents.push_back(message.content);
        }
    EXPECT_THAT(contents, ElementsAre("t1 low", "t1 high"));
}

TEST_F(Survey, TextKeysAreOrderedByTheirBytes)
{
    agency.sql(
        "ALTER TABLE sp.household ALTER id DROP IDENTITY; ALTER TABLE sp.person DROP CONSTRAINT "
        "person_household_id_fkey; ALTER TABLE sp.household ALTER id TYPE varchar(9);"
        "CREATE SEQUENCE sp.h OWNED BY sp.household.id;"
        "INSERT INTO sp.household (id, reference_no, registered_on) VALUES ('a', '1', '2020-01-01'), "
        "('B', '2', '2020-01-01'), ('ä', '3', '2020-01-01')"
    );
    auto reader = open();
    const auto first = read(reader, household, std::nullopt, 1);
    EXPECT_EQ(first.last_key, LocalKey{"B"});
    const auto rest = read(reader, household, first.last_key, 3);
    ASSERT_THAT(rest.rows, SizeIs(2));
    EXPECT_EQ(rest.rows[0].key, LocalKey{"a"});
}

// Also for the last one that began, which no snapshot counts as in progress yet.
TEST_F(Survey, WaitsForTransactionsInProgressAndForNoLaterOnes)
{
    auto reader = open();
    auto early = executor.wait(libpq::Connection::open(libpq::ConnectionOptions{agency.admin()}));
    auto late = executor.wait(libpq::Connection::open(libpq::ConnectionOptions{agency.admin()}));
    executor.wait(early.execute_script("BEGIN; SELECT pg_current_xact_id()"));

    auto waiting = executor.start(reader.wait_until_visible());
    executor.run_until([&] {
        return agency.value(
                   "SELECT count(*) FROM pg_stat_activity WHERE usename = 'casebridge_capture' AND state = "
                   "'idle' "
                   "AND query LIKE '%pg_snapshot_xmin%' AND datname = current_database()"
               ) == "1";
    });
    EXPECT_FALSE(waiting->has_value());
    executor.wait(late.execute_script("BEGIN; SELECT pg_current_xact_id()"));
    EXPECT_FALSE(waiting->has_value());
    executor.wait(early.execute_script("COMMIT"));
    executor.finish(waiting);
    executor.wait(late.execute_script("COMMIT"));
}

}  // namespace
}  // namespace casebridge::postgres
