#include "connectors/postgres/delivery_statements.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace casebridge::postgres {
namespace {

using pipeline::DeliveryPlan;
using pipeline::RowInsert;
using pipeline::RowUpdate;
using pipeline::SlotWrite;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Optional;
using testing::SizeIs;

FieldValue text(std::string value)
{
    return Value{std::move(value)};
}

RowUpdate update(int record, std::vector<SlotWrite> writes, std::vector<SlotWrite> expectations)
{
    return {RecordId{record}, LocalKey{std::to_string(record)}, std::move(writes), std::move(expectations)};
}

class Statements : public testing::Test {
protected:
    Statements()
    {
        mapping.index = MappingIndex{0};
        mapping.key_column = "id";
        mapping.slots = {
            {"name", {}                  },
            {"doc",  {"address", "city"} },
            {"doc",  {"address", "o'zip"}},
            {"doc",  {"mail"}            },
            {"size", {}                  }
        };
        table.mapping = &mapping;
        table.name = R"("s"."t")";
        table.key_type = "pg_catalog.int8";
        add("id", "pg_catalog.int8");
        add("name", "text");
        add("doc", "pg_catalog.jsonb", DocumentType::jsonb);
        add("size", "pg_catalog.int4");
        add("made_by", "text");
        plan.tables.push_back({mapping.index, {}, {}});
    }

    void add(std::string name, std::string cast, DocumentType document = DocumentType::none)
    {
        ColumnCatalog column;
        column.name = name;
        column.cast = std::move(cast);
        column.document = document;
        table.columns[std::move(name)] = column;
    }

    libpq::Statement only_statement()
    {
        const auto batches = write_batches(plan);
        EXPECT_THAT(batches, SizeIs(1));
        return write_statement(batches.at(0), table);
    }

    std::vector<RowUpdate>& updates() { return plan.tables.front().updates; }
    std::vector<RowInsert>& inserts() { return plan.tables.front().inserts; }

    mapping::TableMapping mapping;
    TableCatalog table;
    DeliveryPlan plan;
};

TEST_F(Statements, AnUpdateExpectsOnTheTargetItselfAndTakesValuesAsParameters)
{
    updates().push_back(update(
        1,
        {
            {0, text("new")},
            {4, text("5")  }
    },
        {{0, text("old")}, {4, {}}}
    ));
    updates().push_back(update(
        2,
        {
            {0, {}       },
            {4, text("6")}
    },
        {{0, text("a\"b")}, {4, text("1")}}
    ));
    const auto statement = only_statement();
    EXPECT_EQ(
        statement.sql,
        R"(UPDATE "s"."t" AS t SET "name" = u.w0::text, "size" = u.w1::pg_catalog.int4 )"
        R"(FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) AS u(k, w0, w1, e0, e1) )"
        R"(WHERE t."id" = u.k::pg_catalog.int8 )"
        R"(AND concat(t."name") COLLATE pg_catalog."C" = coalesce(u.e0, '') )"
        R"(AND (t."name" IS NULL) = (u.e0 IS NULL) )"
        R"(AND concat(t."size") COLLATE pg_catalog."C" = coalesce(u.e1, '') )"
        R"(AND (t."size" IS NULL) = (u.e1 IS NULL) RETURNING u.k)"
    );
    EXPECT_THAT(
        statement.parameters,
        ElementsAre(
            Optional(std::string{R"({"1","2"})"}),
            Optional(std::string{R"({"new",NULL})"}),
            Optional(std::string{R"({"5","6"})"}),
            Optional(std::string{R"({"old","a\"b"})"}),
            Optional(std::string{R"({NULL,"1"})"})
        )
    );
}

TEST_F(Statements, PathsOfADocumentAreOneAssignmentLevelByLevel)
{
    updates().push_back(update(
        1,
        {
            {1, text("a")},
            {2, text("b")},
            {3, text("c")}
    },
        {{1, {}}, {2, {}}, {3, {}}}
    ));
    const auto sql = only_statement().sql;
    EXPECT_THAT(
        sql,
        HasSubstr(
            R"("doc" = jsonb_set_lax(jsonb_set(coalesce(nullif(t."doc", 'null'), '{}'), '{"address"}', )"
            R"(jsonb_set_lax(jsonb_set_lax(coalesce(nullif(t."doc" #> '{"address"}', 'null'), '{}'), )"
            R"('{"city"}', to_jsonb(u.w0), true, 'delete_key'), )"
            R"('{"o''zip"}', to_jsonb(u.w1), true, 'delete_key')), )"
            R"('{"mail"}', to_jsonb(u.w2), true, 'delete_key') FROM)"
        )
    );
    EXPECT_THAT(sql, HasSubstr(R"((t."doc" #>> '{"address","o''zip"}') IS NOT DISTINCT FROM u.e1)"));
}

TEST_F(Statements, AJsonColumnGoesThroughJsonb)
{
    table.columns["doc"].document = DocumentType::json;
    updates().push_back(update(
        1,
        {
            {3, text("c")}
    },
        {{3, {}}}
    ));
    EXPECT_THAT(
        only_statement().sql,
        HasSubstr(R"("doc" = (jsonb_set_lax(coalesce(nullif(t."doc"::jsonb, 'null'), '{}'), )"
                  R"('{"mail"}', to_jsonb(u.w0), true, 'delete_key'))::json)")
    );
}

TEST_F(Statements, AnInsertNamesAllColumnsAndTakesNoNotice)
{
    mapping.on_insert = {
        {"made_by", "casebridge"}
    };
    inserts().push_back({
        RecordId{1  },
        LocalKey{   "7"},
        { text("n"), text("x"), {}, {}, {}}
    });
    const auto statement = only_statement();
    EXPECT_EQ(
        statement.sql,
        R"(INSERT INTO "s"."t" AS t ("id", "name", "doc", "size", "made_by") SELECT u.k::pg_catalog.int8, )"
        R"(u.w0::text, jsonb_set_lax(jsonb_set_lax('{}'::jsonb, '{"address"}', )"
        R"(nullif(jsonb_set_lax(jsonb_set_lax('{}'::jsonb, '{"city"}', to_jsonb(u.w1), true, 'delete_key'), )"
        R"('{"o''zip"}', to_jsonb(u.w2), true, 'delete_key'), '{}'), true, 'delete_key'), )"
        R"('{"mail"}', to_jsonb(u.w3), true, 'delete_key'), u.w4::pg_catalog.int4, $7::text::text )"
        R"(FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) )"
        R"(AS u(k, w0, w1, w2, w3, w4) ON CONFLICT DO NOTHING RETURNING concat(t."id"))"
    );
    EXPECT_THAT(statement.parameters, SizeIs(7));
    EXPECT_THAT(statement.parameters.back(), Optional(std::string{"casebridge"}));
}

TEST_F(Statements, ADeferrableConstraintNeedsTheArbiterNamed)
{
    table.has_deferrable_unique = true;
    inserts().push_back({RecordId{1}, LocalKey{"7"}, Image(5)});
    EXPECT_THAT(only_statement().sql, HasSubstr(R"(ON CONFLICT ("id") DO NOTHING)"));
}

TEST_F(Statements, AnIdentityThatIsAlwaysGeneratedIsOverridden)
{
    inserts().push_back({RecordId{1}, LocalKey{"7"}, Image(5)});
    EXPECT_THAT(only_statement().sql, Not(HasSubstr("OVERRIDING")));
    table.columns["id"].identity = Identity::always;
    EXPECT_THAT(only_statement().sql, HasSubstr(") OVERRIDING SYSTEM VALUE SELECT"));
}

TEST_F(Statements, UpdatesAreGroupedByWhatTheyWriteAndExpect)
{
    updates().push_back(update(
        1,
        {
            {0, text("a")}
    },
        {{0, text("b")}}
    ));
    updates().push_back(update(
        2,
        {
            {4, text("1")}
    },
        {{4, text("2")}}
    ));
    updates().push_back(update(
        3,
        {
            {0, text("a")}
    },
        {{0, text("b")}}
    ));
    updates().push_back(update(
        4,
        {
            {0, text("a")}
    },
        {{0, text("b")}, {4, text("2")}}
    ));
    const auto batches = write_batches(plan);
    ASSERT_THAT(batches, SizeIs(3));
    EXPECT_EQ(batches[0].size(), 2U);
    EXPECT_EQ(batches[0].record(1), RecordId{3});
    EXPECT_EQ(batches[2].record(0), RecordId{4});
}

TEST_F(Statements, NoKeyStandsTwiceInAStatement)
{
    updates().push_back(update(
        1,
        {
            {0, text("a")}
    },
        {{0, text("b")}}
    ));
    updates().push_back(update(
        1,
        {
            {0, text("c")}
    },
        {{0, text("a")}}
    ));
    EXPECT_THAT(write_batches(plan), SizeIs(2));
}

TEST_F(Statements, AreBoundedInRowsAndCanBeHalved)
{
    for (int i = 0; i <= 5'000; ++i) {
        updates().push_back(update(
            i,
            {
                {0, text("a")}
        },
            {{0, text("b")}}
        ));
        inserts().push_back({RecordId{i}, LocalKey{std::to_string(i)}, Image(5)});
    }
    const auto batches = write_batches(plan);
    ASSERT_THAT(batches, SizeIs(4));
    EXPECT_EQ(batches[0].size(), statement_rows_max);
    EXPECT_EQ(batches[3].size(), 1U);
    const auto [first, second] = halves(batches[0]);
    EXPECT_EQ(first.size() + second.size(), statement_rows_max);
    EXPECT_EQ(second.record(0), RecordId{2'500});
}

TEST_F(Statements, AllInsertsComeBeforeAllUpdates)
{
    plan.tables.push_back({MappingIndex{1}, {}, {}});
    updates().push_back(update(
        1,
        {
            {0, text("a")}
    },
        {{0, text("b")}}
    ));
    plan.tables[1].inserts.push_back({RecordId{2}, LocalKey{"2"}, Image(5)});
    const auto batches = write_batches(plan);
    ASSERT_THAT(batches, SizeIs(2));
    EXPECT_EQ(batches[0].record(0), RecordId{2});
}

}  // namespace
}  // namespace casebridge::postgres
