#include "hub/entity_views.hpp"

#include "tests/hub/projector_fixture.hpp"

#include <optional>

namespace casebridge::hub {
namespace {

using test::ConflictTest;
using test::ProjectorTest;
using test::asio::awaitable;

TEST_F(ConflictTest, AViewShowsTypedGoldenValuesAndSurvivesBadTexts)
{
    run([&]() -> awaitable<void> {
        auto hub = co_await open_hub();
        co_await refresh_views(hub.connection, bridge.model);
        auto good = conflict_batch();
        good.entries = {};
        good.records[0].golden = {
            test::field("O'Neil"),
            std::nullopt,
            test::field("1990-02-28"),
            test::field(""),
            test::field("Main \"1\""),
            std::nullopt,
            test::field("12.50"),
            test::field("true"),
            test::field("7")};
        auto bad_record = empty_person(2);
        good.records.push_back(projected(bad_record));
        good.records[1].golden = {
            std::nullopt,
            std::nullopt,
            test::field("1990-02-30"),
            std::nullopt,
            std::nullopt,
            std::nullopt,
            test::field("1e5"),
            test::field("yes"),
            test::field("-7")};
        co_await projector(hub).write(std::move(good));
    });
    const casebridge::test::Rows expected{
        {"1", "O'Neil", std::nullopt, "1990-03-01", "", "Main \"1\"", "25.00", "f", "7", "{birth_date}"},
        {"2",
         std::nullopt,
         std::nullopt,
         std::nullopt,
         std::nullopt,
         std::nullopt,
         std::nullopt,
         std::nullopt,
         std::nullopt,
         "{}"                                                                                          }
    };
    EXPECT_EQ(
        sql("SELECT record_id, last_name, first_name, birth_date + 1, national_id, address_street, income * "
            "2,"
            " NOT employed, household, held FROM casebridge_view.person ORDER BY 1"),
        expected
    );
    EXPECT_EQ(value("SELECT count(*) FROM casebridge_view.household"), "0");
    for (const auto* text : {"0000-01-01", "2023-02-29", "2023-13-01", "x", "", "2023-1-1", "infinity"})
        EXPECT_EQ(value(std::string{"SELECT casebridge_view.to_date('"} + text + "') IS NULL"), "t") << text;
    EXPECT_EQ(value("SELECT casebridge_view.to_date('2024-02-29')"), "2024-02-29");
    for (const auto* text :
         {"[]",
          "",
          "a",
          "[\"a\",]",
          "[\"a\" \"b\"]",
          "[1]",
          "[null]",
          "[\"a\"",
          "{}",
          "[\"\\u0000\"]",
          "[\"\\x\"]",
          "[\"\n\"]"})
        EXPECT_EQ(value(std::string{"SELECT casebridge_view.to_texts('"} + text + "') IS NULL"), "t") << text;
    EXPECT_EQ(value("SELECT casebridge_view.to_texts('[\"a\"]')"), "{a}");
    EXPECT_EQ(
        value(R"(SELECT casebridge_view.to_texts('["","a,b","c\"\\\n\u0001","M\u0041"]') IS NULL)"), "t"
    );
    EXPECT_EQ(
        value(
            R"(SELECT casebridge_view.to_texts('["","a,b","c\"\\\n\u0001"]') = array['', 'a,b', E'c"\\\n\x01'])"
        ),
        "t"
    );
    EXPECT_EQ(value("SELECT casebridge_view.to_timestamptz('2024-02-30T10:00:00Z') IS NULL"), "t");
    EXPECT_EQ(
        value("SELECT casebridge_view.to_timestamptz('2024-02-29T10:00:00.5Z') = '2024-02-29 10:00:00.5+00'"),
        "t"
    );
}

TEST_F(ProjectorTest, OnlyViewsWhoseDefinitionChangesAreTouched)
{
    const auto oid = [&](const char* view) {
        return value(std::string{"SELECT 'casebridge_view."} + view + "'::regclass::oid");
    };
    run([&]() -> awaitable<void> {
        auto hub = co_await open_hub();
        co_await refresh_views(hub.connection, bridge.model);
        const auto person_view = oid("person");
        const auto household_view = oid("household");
        auto model = bridge.model;
        model.entities[1].fields[0].name = "title";
        co_await refresh_views(hub.connection, model);
        EXPECT_EQ(oid("person"), person_view);
        EXPECT_NE(oid("household"), household_view);
        EXPECT_EQ(value("SELECT count(title) FROM casebridge_view.household"), "0");
        model.entities.pop_back();
        co_await refresh_views(hub.connection, model);
        EXPECT_EQ(value("SELECT to_regclass('casebridge_view.household') IS NULL"), "t");
    });
}

TEST(ViewQuery, ShowsASetAsAnArray)
{
    EntityDefinition person;
    person.name = "person";
    person.fields.push_back(FieldDefinition{
        .name = "skills", .type = FieldType::set, .target = {}, .unit = {}});
    EXPECT_NE(
        view_query(person).find("casebridge_view.to_texts((r.golden ->> 'skills')) AS"), std::string::npos
    );
}

}  // namespace
}  // namespace casebridge::hub
