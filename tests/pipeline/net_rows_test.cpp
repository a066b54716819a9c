#include "pipeline/net_rows.hpp"

#include "tests/pipeline/sample_bridge.hpp"

#include <gtest/gtest.h>

namespace casebridge::pipeline {
namespace {

using Names = std::vector<std::string>;

std::shared_ptr<const Relation> persons_with(const Names& columns)
{
    auto relation = std::make_shared<Relation>();
    relation->oid = RelationOid{16'001};
    relation->schema = "a";
    relation->table = "person";
    for (const auto& column : columns)
        relation->columns.push_back({column, TypeOid{25}, -1, column == "id"});
    return relation;
}

RowChange update(std::shared_ptr<const Relation> relation, std::uint32_t ordinal, const std::string& key)
{
    RowChange change;
    change.operation = RowOperation::update;
    change.ordinal = ordinal;
    for (const auto& column : relation->columns)
        change.new_row.push_back({Cell::State::text, column.name == "id" ? key : column.name});
    change.relation = std::move(relation);
    return change;
}

TEST(NetRows, ATupleIsReadByTheRelationThatItCameWith)
{
    const auto bridge = sample_bridge(1);
    const auto before = persons_with({"id", "given", "family", "number", "phone", "status", "household_id"});
    const auto after =
        persons_with({"household_id", "status", "phone", "number", "family", "given", "added", "id"});
    SourceTransaction transaction;
    transaction.changes = {update(before, 0, "1"), update(after, 1, "1")};
    RelationMap relations{bridge, AgencyId{"a"}};
    const auto effect = net_effect(relations, transaction, 0);
    ASSERT_TRUE(effect);
    ASSERT_EQ(effect->rows.size(), 1U);
    const auto& row = effect->rows.front();
    EXPECT_EQ(row.relation->relation, after);
    const auto image =
        mapping::read_row(*row.relation->mapping, row.relation->positions, *row.tuple, nullptr);
    ASSERT_TRUE(image);
    EXPECT_TRUE((*image)[3] == FieldValue{Value{"phone"}});
}

TEST(NetRows, AnOldRowWithTheSameKeyIsNoRename)
{
    const auto bridge = sample_bridge(1);
    const auto relation =
        persons_with({"id", "given", "family", "number", "phone", "status", "household_id"});
    auto change = update(relation, 0, "1");
    change.old_row = change.new_row;
    SourceTransaction transaction;
    transaction.changes = {change};
    RelationMap relations{bridge, AgencyId{"a"}};
    const auto same = net_effect(relations, transaction, 0);
    ASSERT_TRUE(same);
    EXPECT_EQ(same->rows.front().previous_key, std::nullopt);
    transaction.changes.front().old_row->front().text = "2";
    const auto other = net_effect(relations, transaction, 0);
    ASSERT_TRUE(other);
    EXPECT_EQ(other->rows.front().previous_key, LocalKey{"2"});
}

// Households are table 0, persons table 1.
TEST(ParentsFirst, RanksATableBehindThoseThatItsRowsCannotBeWithout)
{
    auto bridge = sample_bridge(1);
    EXPECT_EQ(parents_first(bridge), (std::vector<std::size_t>{0, 0}));
    require_household(bridge);
    EXPECT_EQ(parents_first(bridge), (std::vector<std::size_t>{0, 1}));
}

TEST(ParentsFirst, RanksAlongTheLongestWay)
{
    auto bridge = sample_bridge(2);
    const auto point = [&](std::size_t table, std::uint16_t at) {
        for (auto& unit : bridge.tables[table].units)
            for (auto& binding : unit.bindings)
                if (auto* reference = std::get_if<mapping::ReferenceCodec>(&binding.codec)) {
                    reference->table = MappingIndex{at};
                    reference->required = true;
                }
    };
    point(0, 1);
    point(1, 2);
    point(2, 3);
    point(3, 3);
    EXPECT_EQ(parents_first(bridge), (std::vector<std::size_t>{3, 2, 1, 0}));
}

TEST(NetRows, ARelationWithoutAMappedColumnIsAnError)
{
    const auto bridge = sample_bridge(1);
    SourceTransaction transaction;
    transaction.changes = {update(persons_with({"id", "given", "family"}), 0, "1")};
    RelationMap relations{bridge, AgencyId{"a"}};
    const auto effect = net_effect(relations, transaction, 0);
    ASSERT_FALSE(effect);
    EXPECT_EQ(effect.error().code, "schema_drift");
}

}  // namespace
}  // namespace casebridge::pipeline
