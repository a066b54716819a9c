#include "tests/postgres/agency_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Rows that take each other's value of a column that must be unique.

namespace casebridge::postgres {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// A session on the social protection agency with the people 1 to 4, whose numbers are N1 to N4.
class CircleDelivery : public testing::Test {
protected:
    CircleDelivery()
    {
        agency.sql(
            "INSERT INTO sp.household (id, reference_no, registered_on) VALUES (1, 'H1', '2020-01-01'), "
            "(2, 'H2', '2020-01-01');"
            "INSERT INTO sp.person (id, household_id, full_name, birth_date, phone, national_id) "
            "SELECT i, 1, 'A, B', '1990-01-01', 'p' || i, 'N' || i FROM generate_series(1, 4) i"
        );
        agency.read_stream();
        auto options = agency.lane();
        options.lock_timeout = std::chrono::milliseconds{50};
        session.emplace(executor.wait(LaneSession::open(options)));
    }

    static pipeline::RowUpdate number(int key, const std::string& from, const std::string& to)
    {
        return update(key, std::to_string(key), {slot(3, text(to))}, {slot(3, text(from))});
    }

    pipeline::DeliveryOutcome deliver(std::vector<pipeline::RowUpdate> rows, MappingIndex table = person)
    {
        return executor.wait(session->deliver(plan(10, {updates(table, std::move(rows))})));
    }

    [[nodiscard]] std::string numbers() const
    {
        return agency.value("SELECT string_agg(coalesce(national_id, '-'), ' ' ORDER BY id) FROM sp.person");
    }

    Agency agency{Sample::sp};
    Executor executor;
    std::optional<LaneSession> session;
};

TEST_F(CircleDelivery, RowsThatTakeEachOthersNumberAreWrittenInOneTransaction)
{
    const auto outcome = deliver({number(1, "N1", "N2"), number(2, "N2", "N3"), number(3, "N3", "N1")});
    EXPECT_THAT(outcome.refused, IsEmpty());
    EXPECT_THAT(outcome.missed, IsEmpty());
    EXPECT_EQ(numbers(), "N2 N3 N1 N4");
    const auto stream = agency.read_stream();
    ASSERT_THAT(stream, SizeIs(1));
    EXPECT_EQ(stream[0].origin->position, Lsn{10});
}

TEST_F(CircleDelivery, ARowThatIsInNoCircleStaysRefused)
{
    const auto outcome = deliver({number(1, "N1", "N2"), number(2, "N2", "N1"), number(3, "N3", "N4")});
    ASSERT_THAT(outcome.refused, SizeIs(1));
    EXPECT_EQ(outcome.refused[0].record, RecordId{3});
    EXPECT_EQ(outcome.refused[0].code, "23505");
    EXPECT_EQ(outcome.refused[0].place, "person_national_id_key");
    EXPECT_EQ(numbers(), "N2 N1 N3 N4");
}

TEST_F(CircleDelivery, AnEditOfOneRowKeepsTheWholeCircleAsItWas)
{
    agency.sql("UPDATE sp.person SET phone = 'edited' WHERE id = 2");
    auto second = number(2, "N2", "N1");
    second.expectations.push_back(slot(4, text("p2")));
    const auto outcome = deliver({number(1, "N1", "N2"), second});
    EXPECT_THAT(outcome.missed, ElementsAre(RecordId{2}));
    ASSERT_THAT(outcome.refused, SizeIs(1));
    EXPECT_EQ(outcome.refused[0].record, RecordId{1});
    EXPECT_EQ(numbers(), "N1 N2 N3 N4");
}

TEST_F(CircleDelivery, WhatIsNotAsExpectedWhenItsTurnComesKeepsTheWholeCircleAsItWas)
{
    // A trigger that changes another column when the number goes: the second write finds something else.
    agency.sql(
        "CREATE FUNCTION sp.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF new.national_id IS NULL AND new.id = 2 THEN new.phone := 'gone'; END IF; RETURN new; END $$;"
        "CREATE TRIGGER note BEFORE UPDATE ON sp.person FOR EACH ROW EXECUTE FUNCTION sp.note()"
    );
    auto second = number(2, "N2", "N1");
    second.expectations.push_back(slot(4, text("p2")));
    const auto outcome = deliver({number(1, "N1", "N2"), second});
    EXPECT_THAT(outcome.missed, ElementsAre(RecordId{2}));
    EXPECT_THAT(outcome.deferred, ElementsAre(RecordId{1}));
    EXPECT_THAT(outcome.refused, IsEmpty());
    EXPECT_EQ(numbers(), "N1 N2 N3 N4");
    EXPECT_EQ(agency.value("SELECT phone FROM sp.person WHERE id = 2"), "p2");
}

TEST_F(CircleDelivery, WhileOneRowIsLockedNothingOfTheCircleIsWritten)
{
    auto editor = executor.wait(libpq::Connection::open(libpq::ConnectionOptions{agency.admin()}));
    executor.wait(editor.execute_script("BEGIN; SELECT FROM sp.person WHERE id = 2 FOR KEY SHARE"));
    const auto outcome = deliver({number(1, "N1", "N2"), number(2, "N2", "N1")});
    EXPECT_THAT(outcome.deferred, ElementsAre(RecordId{2}));
    ASSERT_THAT(outcome.refused, SizeIs(1));
    EXPECT_EQ(outcome.refused[0].record, RecordId{1});
    EXPECT_EQ(numbers(), "N1 N2 N3 N4");
}

TEST_F(CircleDelivery, AColumnThatMayNotBeEmptyIsWrittenAtOnceIfItsKeyWaitsAndRefusedOtherwise)
{
    const auto reference = [](int key, const std::string& from, const std::string& to) {
        return update(key, std::to_string(key), {slot(0, text(to))}, {slot(0, text(from))});
    };
    const auto swap = [&] { return std::vector{reference(1, "H1", "H2"), reference(2, "H2", "H1")}; };
    const auto refused = deliver(swap(), household).refused;
    ASSERT_THAT(refused, SizeIs(2));
    EXPECT_EQ(refused[0].code, "23505");
    EXPECT_EQ(agency.value("SELECT reference_no FROM sp.household WHERE id = 1"), "H1");

    agency.sql(
        "ALTER TABLE sp.household DROP CONSTRAINT household_reference_no_key, "
        "ADD CONSTRAINT household_reference_no_key UNIQUE (reference_no) DEFERRABLE"
    );
    auto with_a_bad_one = swap();
    with_a_bad_one.push_back(update(3, "2", {slot(4, text("no date"))}, {}));
    const auto outcome = executor.wait(session->deliver(plan(11, {updates(household, with_a_bad_one)})));
    ASSERT_THAT(outcome.refused, SizeIs(1));
    EXPECT_EQ(outcome.refused[0].record, RecordId{3});
    EXPECT_EQ(agency.value("SELECT reference_no FROM sp.household WHERE id = 1"), "H2");
}

}  // namespace
}  // namespace casebridge::postgres
