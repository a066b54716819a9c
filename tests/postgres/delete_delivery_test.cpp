#include "tests/postgres/agency_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

// Deletions in a real server: what has to be as expected, and what the server itself refuses.

namespace casebridge::postgres {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// A session on the social protection agency with one household (1) and two people (1, 2); person 2 has no
// national id.
class DeleteDelivery : public testing::Test {
protected:
    DeleteDelivery()
    {
        agency.sql(
            "GRANT DELETE ON sp.household, sp.person TO casebridge_deliver;"
            "INSERT INTO sp.household (id, reference_no, city, registered_on) VALUES (1, 'H1', 'Alt', "
            "'2020-01-01');"
            "INSERT INTO sp.person (id, household_id, full_name, birth_date, phone, national_id, "
            "able_bodied) "
            "VALUES (1, 1, 'A, B', '1990-01-01', '11', 'N1', true), (2, 1, 'C, D', '1991-01-01', '22', NULL, "
            "false)"
        );
        agency.read_stream();
    }

    pipeline::DeliveryOutcome deliver(std::vector<pipeline::TableWrites> writes)
    {
        auto session = executor.wait(LaneSession::open(agency.lane()));
        return executor.wait(session.deliver(plan(10, std::move(writes))));
    }

    // As the row of person 1 or 2 is known, but for its phone.
    static pipeline::RowDelete person_row(int key, const std::string& phone)
    {
        pipeline::RowDelete row{RecordId{key}, LocalKey{std::to_string(key)}, {}};
        const std::array<FieldValue, 6> first{
            text("1"), text("A, B"), text("1990-01-01"), text("N1"), text(phone), text("t")};
        const std::array<FieldValue, 6> second{
            text("1"), text("C, D"), text("1991-01-01"), {}, text(phone), text("f")};
        for (std::size_t i = 0; i < first.size(); ++i)
            row.expectations.push_back(slot(i, key == 1 ? first[i] : second[i]));
        return row;
    }

    static pipeline::RowDelete household_row()
    {
        pipeline::RowDelete row{RecordId{100}, LocalKey{"1"}, {}};
        const std::array<FieldValue, 2> known{text("H1"), text("Alt")};
        for (std::size_t i = 0; i < known.size(); ++i)
            row.expectations.push_back(slot(i, known[i]));
        return row;
    }

    static pipeline::TableWrites deletes(MappingIndex table, std::vector<pipeline::RowDelete> rows)
    {
        return {table, {}, {}, std::move(rows)};
    }

    [[nodiscard]] std::string people() const
    {
        return agency.value("SELECT coalesce(string_agg(id::text, ',' ORDER BY id), '') FROM sp.person");
    }

    Agency agency{Sample::sp};
    Executor executor;
};

TEST_F(DeleteDelivery, DeletesTheRowsThatAreAsExpected)
{
    const auto outcome = deliver({deletes(person, {person_row(1, "11"), person_row(2, "22")})});
    EXPECT_THAT(outcome.missed, IsEmpty());
    EXPECT_THAT(outcome.refused, IsEmpty());
    EXPECT_EQ(people(), "");
    const auto stream = agency.read_stream();
    ASSERT_THAT(stream, SizeIs(1));
    EXPECT_THAT(stream.front().changes, SizeIs(2));
    EXPECT_EQ(stream.front().changes.front().operation, RowOperation::erase);
}

TEST_F(DeleteDelivery, MissesARowThatShowsAnythingElse)
{
    auto emptied = person_row(1, "11");
    emptied.expectations[3].value.reset();
    const auto outcome = deliver({deletes(person, {emptied, person_row(2, "edited")})});
    EXPECT_THAT(outcome.missed, ElementsAre(RecordId{1}, RecordId{2}));
    EXPECT_EQ(people(), "1,2");
}

TEST_F(DeleteDelivery, MissesARowThatIsGone)
{
    agency.sql("DELETE FROM sp.person WHERE id = 1");
    const auto outcome = deliver({deletes(person, {person_row(1, "11"), person_row(2, "22")})});
    EXPECT_THAT(outcome.missed, ElementsAre(RecordId{1}));
    EXPECT_EQ(people(), "");
}

TEST_F(DeleteDelivery, AConcurrentEditThatCommitsWhileItWaitsKeepsTheRow)
{
    auto session = executor.wait(LaneSession::open(agency.lane()));
    auto editor = executor.wait(libpq::Connection::open(libpq::ConnectionOptions{agency.admin()}));
    executor.wait(editor.execute_script("BEGIN; UPDATE sp.person SET phone = 'edited' WHERE id = 1"));
    const auto made = plan(10, {deletes(person, {person_row(1, "11")})});
    auto delivery = executor.start(session.deliver(made));
    executor.run_until([&] { return agency.value("SELECT count(*) FROM pg_locks WHERE NOT granted") != "0"; }
    );
    auto edit = executor.start(editor.execute_script("COMMIT"));
    const auto outcome = executor.finish(std::move(delivery));
    executor.finish(std::move(edit));
    EXPECT_THAT(outcome.missed, ElementsAre(RecordId{1}));
    EXPECT_EQ(people(), "1,2");
}

TEST_F(DeleteDelivery, ALockedRowIsDeferredWhileOthersGo)
{
    auto options = agency.lane();
    options.lock_timeout = std::chrono::milliseconds{50};
    auto session = executor.wait(LaneSession::open(options));
    auto editor = executor.wait(libpq::Connection::open(libpq::ConnectionOptions{agency.admin()}));
    executor.wait(editor.execute_script("BEGIN; SELECT FROM sp.person WHERE id = 1 FOR UPDATE"));
    const auto made = plan(10, {deletes(person, {person_row(1, "11"), person_row(2, "22")})});
    const auto outcome = executor.wait(session.deliver(made));
    executor.wait(editor.execute_script("COMMIT"));
    EXPECT_THAT(outcome.deferred, ElementsAre(RecordId{1}));
    EXPECT_EQ(people(), "1");
}

// Whoever inserts a row that points at ours holds the weakest of locks, which an update need not wait for.
// How often the server was asked to delete: a sequence remembers what was rolled back.
TEST_F(DeleteDelivery, ARowThatSomebodyIsPointingAtIsDeferredAfterOneWait)
{
    agency.sql(
        "CREATE SEQUENCE sp.attempts;"
        "CREATE FUNCTION sp.count_attempt() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS "
        "'BEGIN PERFORM nextval(''sp.attempts''); RETURN NULL; END';"
        "CREATE TRIGGER count_attempt BEFORE DELETE ON sp.person FOR EACH STATEMENT "
        "EXECUTE FUNCTION sp.count_attempt()"
    );
    auto options = agency.lane();
    options.lock_timeout = std::chrono::milliseconds{50};
    auto session = executor.wait(LaneSession::open(options));
    auto editor = executor.wait(libpq::Connection::open(libpq::ConnectionOptions{agency.admin()}));
    executor.wait(editor.execute_script(
        "BEGIN; INSERT INTO sp.case_note (person_id, author, body) VALUES (1, 'y', 'x')"
    ));
    const auto made = plan(10, {deletes(person, {person_row(1, "11"), person_row(2, "22")})});
    const auto outcome = executor.wait(session.deliver(made));
    executor.wait(editor.execute_script("COMMIT"));
    EXPECT_THAT(outcome.deferred, ElementsAre(RecordId{1}));
    EXPECT_THAT(outcome.refused, IsEmpty());
    EXPECT_EQ(people(), "1");
    EXPECT_EQ(agency.value("SELECT last_value FROM sp.attempts"), "2");
}

// Only the server knows all that points at a row.
TEST_F(DeleteDelivery, IsRefusedWhileAnotherRowPointsAtItAndTheOthersGo)
{
    agency.sql("INSERT INTO sp.case_note (person_id, author, body) VALUES (1, 'y', 'x')");
    const auto outcome = deliver({deletes(person, {person_row(1, "11"), person_row(2, "22")})});
    ASSERT_THAT(outcome.refused, SizeIs(1));
    EXPECT_EQ(outcome.refused.front().record, RecordId{1});
    EXPECT_EQ(outcome.refused.front().code, "23503");
    EXPECT_THAT(outcome.missed, IsEmpty());
    EXPECT_EQ(people(), "1");
    EXPECT_EQ(agency.value("SELECT count(*) FROM sp.case_note"), "1");
}

TEST_F(DeleteDelivery, DeletesChildrenBeforeTheirParents)
{
    const auto outcome = deliver(
        {deletes(household, {household_row()}), deletes(person, {person_row(1, "11"), person_row(2, "22")})}
    );
    EXPECT_THAT(outcome.refused, IsEmpty());
    EXPECT_THAT(outcome.missed, IsEmpty());
    EXPECT_EQ(agency.value("SELECT count(*) FROM sp.household"), "0");
}

}  // namespace
}  // namespace casebridge::postgres
