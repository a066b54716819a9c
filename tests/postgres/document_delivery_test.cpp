#include "tests/postgres/agency_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace casebridge::postgres {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const std::string key = "00000000-0000-0000-0000-000000000001";

// A session on the employment service, whose contact data are one document.
class DocumentDelivery : public testing::Test {
protected:
    void given(const std::string& contact)
    {
        agency.sql(
            "INSERT INTO jobs.\"JobSeeker\" (id, first_name, last_name, status, office, created_by, contact) "
            "VALUES ('" +
            key + "', 'A', 'B', 'S', 'HQ', 'me', '" + contact + "')"
        );
        agency.read_stream();
    }

    // The outcome of one update in the seeker's document.
    pipeline::DeliveryOutcome write(Slots writes, Slots expectations)
    {
        auto session = executor.wait(LaneSession::open(agency.lane()));
        const auto made =
            plan(10, {updates(seeker, {update(1, key, std::move(writes), std::move(expectations))})});
        return executor.wait(session.deliver(made));
    }

    std::string contact() { return agency.value("SELECT contact FROM jobs.\"JobSeeker\""); }

    Agency agency{Sample::es};
    Executor executor;
};

TEST_F(DocumentDelivery, OtherMembersStayAsTheyAre)
{
    given(R"({"email": "a@b", "fax": [1, 2], "phone": {"mobile": "1", "home": 7}})");
    EXPECT_THAT(write({slot(4, text("2"))}, {slot(4, text("1"))}).missed, IsEmpty());
    EXPECT_EQ(contact(), R"({"fax": [1, 2], "email": "a@b", "phone": {"home": 7, "mobile": "2"}})");
}

TEST_F(DocumentDelivery, MissingObjectsOnTheWayAreCreated)
{
    given(R"({"address": null})");
    const auto outcome = write(
        {slot(4, text("2")), slot(5, text("x@y")), slot(6, text("Bonn"))},
        {slot(4, {}), slot(5, {}), slot(6, {})}
    );
    EXPECT_THAT(outcome.missed, IsEmpty());
    EXPECT_EQ(contact(), R"({"email": "x@y", "phone": {"mobile": "2"}, "address": {"city": "Bonn"}})");
}

TEST_F(DocumentDelivery, NullRemovesTheMember)
{
    given(R"({"email": "a@b", "phone": {"mobile": "1", "home": "7"}})");
    write({slot(4, {}), slot(5, {})}, {slot(4, text("1")), slot(5, text("a@b"))});
    EXPECT_EQ(contact(), R"({"phone": {"home": "7"}})");
}

TEST_F(DocumentDelivery, AnotherContentThanExpectedIsAMiss)
{
    given(R"({"email": "edited"})");
    EXPECT_THAT(write({slot(5, text("x@y"))}, {slot(5, text("a@b"))}).missed, ElementsAre(RecordId{1}));
    EXPECT_EQ(contact(), R"({"email": "edited"})");
}

TEST_F(DocumentDelivery, AnUnmappedMemberThatChangedIsNoMiss)
{
    given(R"({"email": "a@b", "note": "old"})");
    agency.sql(R"(UPDATE jobs."JobSeeker" SET contact = contact || '{"note": "new"}')");
    EXPECT_THAT(write({slot(5, text("x@y"))}, {slot(5, text("a@b"))}).missed, IsEmpty());
    EXPECT_EQ(contact(), R"({"note": "new", "email": "x@y"})");
}

TEST_F(DocumentDelivery, WhatIsNoObjectIsNeverReplacedByOne)
{
    given(R"({"phone": "0123", "address": ["x"]})");
    const auto scalar = write({slot(4, text("2"))}, {slot(4, {})});
    ASSERT_THAT(scalar.refused, SizeIs(1));
    EXPECT_EQ(scalar.refused[0].code, "22023");
    EXPECT_EQ(contact(), R"({"phone": "0123", "address": ["x"]})");
}

TEST_F(DocumentDelivery, AJsonColumnIsWrittenLikeAJsonbOne)
{
    agency.sql(
        "ALTER TABLE jobs.\"JobSeeker\" DROP CONSTRAINT \"JobSeeker_contact_check\", "
        "ALTER contact DROP DEFAULT, ALTER contact TYPE json USING contact::json"
    );
    given(R"({"b":1, "email": "a@b"})");
    EXPECT_THAT(write({slot(5, text("x@y"))}, {slot(5, text("a@b"))}).missed, IsEmpty());
    EXPECT_EQ(contact(), R"({"b": 1, "email": "x@y"})");
}

TEST_F(DocumentDelivery, AnInsertHoldsWhatIsMappedAndTheConstants)
{
    auto session = executor.wait(LaneSession::open(agency.lane()));
    const auto keys = executor.wait(session.allocate_keys(seeker, 2));
    ASSERT_THAT(keys, SizeIs(2));
    EXPECT_NE(keys[0], keys[1]);
    const auto made = plan(
        10,
        {inserts(
            seeker,
            {insert(1, keys[0].value(), {text("A"), text("B"), {}, text("N"), text("1"), {}, {}}),
             insert(2, keys[1].value(), {text("C"), text("D"), {}, text("N"), {}, {}, {}})}
        )}
    );
    EXPECT_THAT(executor.wait(session.deliver(made)).missed, IsEmpty());
    const auto rows = agency.sql(
        "SELECT first_name, contact, created_by, office FROM jobs.\"JobSeeker\" ORDER BY first_name"
    );
    EXPECT_EQ(
        rows,
        (casebridge::test::Rows{
            {"A", R"({"phone": {"mobile": "1"}})", "casebridge", "HQ"},
            {"C", "{}",                            "casebridge", "HQ"}
    })
    );
}

}  // namespace
}  // namespace casebridge::postgres
