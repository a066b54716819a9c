#include "mapping/set_text.hpp"
#include "mapping/translate.hpp"
#include "tests/postgres/agency_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

// Columns that hold sets, written and read by a real server.

namespace casebridge::postgres {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const std::string key = "00000000-0000-0000-0000-000000000001";

mapping::SetCodec array()
{
    return {mapping::SetCodec::Array{}, {}};
}

TextSet set_of(const std::vector<std::string>& texts)
{
    std::vector<Value> elements;
    for (const auto& text : texts)
        elements.emplace_back(text);
    return to_text_set(std::move(elements));
}

// A session on the employment service, which keeps skills as an array that must not be NULL.
class SetDelivery : public testing::Test {
protected:
    SetDelivery() : mapping_(seeker_mapping())
    {
        agency_.sql(
            "CREATE TYPE jobs.shift AS ENUM ('early', 'late');"
            R"(ALTER TABLE jobs."JobSeeker" ADD skills text[] NOT NULL DEFAULT '{}', ADD short varchar(5)[],)"
            " ADD shifts jobs.shift[], ADD sizes int[], ADD words text;"
            R"(GRANT SELECT, INSERT, UPDATE ON jobs."JobSeeker" TO casebridge_deliver;)"
            R"(INSERT INTO jobs."JobSeeker" (id, first_name, last_name, status, office, created_by))"
            " VALUES ('" +
            key + "', 'A', 'B', 'S', 'HQ', 'me')"
        );
        agency_.read_stream();
        map("skills", array());
        map("short", array());
        map("shifts", array());
    }

    void map(const std::string& column, mapping::SetCodec codec)
    {
        const auto position = mapping_.slots.size();
        mapping_.slots.push_back({column, {}});
        mapping_.units.push_back(
            {UnitIndex{static_cast<std::uint16_t>(position)}, {{position, {0}, std::move(codec)}}}
        );
    }

    [[nodiscard]] std::size_t slot_of(const std::string& column) const
    {
        return static_cast<std::size_t>(
            std::ranges::find(mapping_.slots, column, &mapping::Slot::column) - mapping_.slots.begin()
        );
    }

    pipeline::DeliveryOutcome deliver(int to, pipeline::TableWrites writes)
    {
        const LaneOptions options{agency_.as("casebridge_deliver"), agency_.names().origin, {&mapping_}};
        auto session = executor_.wait(LaneSession::open(options));
        return executor_.wait(session.deliver(plan(to, {std::move(writes)})));
    }

    pipeline::DeliveryOutcome write(
        int to, const std::string& column, const FieldValue& before, const std::string& after
    )
    {
        const auto at = slot_of(column);
        return deliver(to, updates(seeker, {update(1, key, {slot(at, text(after))}, {slot(at, before)})}));
    }

    std::string shown(const std::string& column)
    {
        return agency_.value("SELECT coalesce(concat(" + column + "), 'NULL') FROM jobs.\"JobSeeker\"");
    }

    // What the stream says of a column after the last change.
    std::string streamed(const std::string& column)
    {
        std::string text = "(nothing)";
        for (const auto& transaction : agency_.read_stream())
            for (const auto& change : transaction.changes) {
                const auto& columns = change.relation->columns;
                const auto at = std::ranges::find(columns, column, &RelationColumn::name) - columns.begin();
                text = change.new_row.at(static_cast<std::size_t>(at)).text;
            }
        return text;
    }

    Agency agency_{Sample::es};
    mapping::TableMapping mapping_;
    Executor executor_;
};

TEST_F(SetDelivery, EveryArrayThatIsWrittenIsRenderedByTheServerInTheSameWay)
{
    FieldValue before = text("{}");
    int to = 10;
    for (const auto& set :
         {set_of({"b", "a"}),
          set_of({"", "NULL", "null", "nullo", "a b"}),
          set_of({"a,b", "{", "}", "{a}", "\"", "\\", "\\\"", ";"}),
          set_of({"\t", "\n", "\r", "\v", "\f", "\x01", "\x7f"}),
          set_of({"\xC3\xA4", "\xE2\x82\xAC", "\xC2\xA0", "[1:1]={a}"}),
          TextSet{}}) {
        const auto written = mapping::write_set(array(), set).value();
        EXPECT_THAT(write(++to, "skills", before, written).missed, IsEmpty());
        EXPECT_EQ(shown("skills"), written);
        EXPECT_EQ(streamed("skills"), written);
        EXPECT_EQ(
            agency_.value("SELECT cardinality(skills) FROM jobs.\"JobSeeker\""), std::to_string(set.size())
        );
        before = text(written);
    }
}

TEST_F(SetDelivery, WhatTheServerRendersIsRead)
{
    const auto read = [&](const std::string& array_sql) {
        agency_.sql("UPDATE jobs.\"JobSeeker\" SET skills = " + array_sql);
        return mapping::read_set(array(), streamed("skills"));
    };
    EXPECT_EQ(read("array['x', 'b c', 'x', '']"), set_of({"", "b c", "x"}));
    EXPECT_EQ(read("'[0:1]={p,q}'"), set_of({"p", "q"}));
    EXPECT_EQ(read("array['x', NULL]"), std::nullopt);
    EXPECT_EQ(read("array[array['x'], array['y']]"), std::nullopt);
}

TEST_F(SetDelivery, AnotherOrderThanExpectedIsAMiss)
{
    agency_.sql("UPDATE jobs.\"JobSeeker\" SET skills = array['b', 'a']");
    EXPECT_THAT(write(20, "skills", text("{a,b}"), "{a}").missed, ElementsAre(RecordId{1}));
    EXPECT_THAT(write(21, "skills", text("{b,a}"), "{a}").missed, IsEmpty());
    EXPECT_EQ(shown("skills"), "{a}");
}

TEST_F(SetDelivery, ANewRowHasAnEmptySetWhereNullIsForbidden)
{
    auto image = mapping::new_row(mapping_);
    image[0] = text("C");
    image[1] = text("D");
    image[3] = text("S");
    image[4] = text("1");
    const std::string other = "00000000-0000-0000-0000-000000000002";
    const auto outcome = deliver(30, inserts(seeker, {insert(2, other, image)}));
    EXPECT_THAT(outcome.refused, IsEmpty());
    EXPECT_EQ(agency_.value("SELECT skills::text FROM jobs.\"JobSeeker\" WHERE first_name = 'C'"), "{}");
}

TEST_F(SetDelivery, ElementsThatTheColumnCannotTakeAreRefusedNotCut)
{
    EXPECT_THAT(write(40, "short", {}, "{abcde}").refused, IsEmpty());
    const auto long_one = write(41, "short", text("{abcde}"), "{abcdef}");
    ASSERT_THAT(long_one.refused, SizeIs(1));
    EXPECT_EQ(long_one.refused[0].code, "22001");
    const auto unknown = write(42, "shifts", {}, "{night}");
    ASSERT_THAT(unknown.refused, SizeIs(1));
    EXPECT_EQ(unknown.refused[0].code, "22P02");
    EXPECT_THAT(write(43, "shifts", {}, "{early,late}").refused, IsEmpty());
    EXPECT_EQ(shown("shifts"), "{early,late}");
}

TEST_F(SetDelivery, AColumnOfAnotherFormIsNamedAtStart)
{
    map("sizes", array());
    map("words", array());
    mapping_.units.push_back(
        {UnitIndex{90}, {{slot_of("skills"), {0}, mapping::SetCodec{mapping::SetCodec::Separated{";"}, {}}}}}
    );
    try {
        deliver(50, updates(seeker, {}));
        FAIL() << "accepted";
    } catch (const AgencyMismatch& error) {
        std::vector<std::string> found;
        for (const auto& mismatch : error.mismatches())
            found.push_back(mismatch.place + " " + mismatch.code);
        EXPECT_THAT(
            found,
            ElementsAre(
                "jobs.JobSeeker.sizes not_an_array",
                "jobs.JobSeeker.words not_an_array",
                "jobs.JobSeeker.skills not_an_array"
            )
        );
    }
}

}  // namespace
}  // namespace casebridge::postgres
