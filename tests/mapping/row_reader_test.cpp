#include "mapping/translate.hpp"
#include "tests/mapping/fixture.hpp"

#include <gtest/gtest.h>

namespace casebridge::mapping {
namespace {

const std::string canary = "Canary-4711";

Relation person_relation()
{
    Relation relation;
    for (const auto* name :
         {"id",
          "house_id",
          "full_name",
          "unmapped",
          "born",
          "gender",
          "able",
          "income",
          "changed",
          "contact"}) {
        RelationColumn column;
        column.name = name;
        column.in_replica_identity = column.name == "id";
        relation.columns.push_back(column);
    }
    return relation;
}

Cell cell(std::string text)
{
    return Cell{.state = Cell::State::text, .text = std::move(text)};
}

Cell empty_cell(Cell::State state)
{
    return Cell{.state = state, .text = {}};
}

Tuple person_row()
{
    return {
        cell("17"),
        {},
        cell("Roe, Jane"),
        cell("x"),
        cell("05.12.1990"),
        cell("2"),
        cell("t"),
        cell("1.50"),
        cell("2024-05-01 10:00:00+00"),
        cell(R"({"phone": {"mob": 123456789012345678901}, "note": ""})")};
}

TEST(Locate, FindsTheColumnsWhereverTheyStand)
{
    const auto positions = locate(person_table(), person_relation());

    ASSERT_TRUE(positions);
    EXPECT_EQ(positions->key, 0U);
    EXPECT_EQ(positions->slots, (std::vector<std::size_t>{2, 4, 5, 6, 7, 8, 9, 1, 9}));
}

TEST(Locate, NamesAMissingColumnAsDrift)
{
    auto relation = person_relation();
    relation.columns[5].name = "sex";

    const auto positions = locate(person_table(), relation);

    ASSERT_FALSE(positions);
    EXPECT_EQ(positions.error().kind, ErrorClass::permanent);
    EXPECT_EQ(positions.error().code, "schema_drift");
    EXPECT_EQ(positions.error().place, "sp.person.gender");
}

TEST(Locate, WantsTheKeyInTheReplicaIdentity)
{
    auto relation = person_relation();
    relation.columns[0].in_replica_identity = false;
    EXPECT_EQ(locate(person_table(), relation).error().code, "schema_drift");
    relation.columns[0].name = "nr";
    EXPECT_EQ(locate(person_table(), relation).error().place, "sp.person.id");
}

TEST(ReadKey, IsPoisonWithoutAKey)
{
    const ColumnPositions positions{.key = 0, .slots = {}};
    EXPECT_EQ(read_key(positions, {cell("17")}).value(), LocalKey{"17"});
    for (const auto state : {Cell::State::null, Cell::State::unchanged, Cell::State::absent}) {
        const auto key = read_key(positions, {empty_cell(state)});
        EXPECT_EQ(key.error().code, "key_missing");
        EXPECT_EQ(key.error().kind, ErrorClass::poison);
    }
}

class ReadRow : public testing::Test {
protected:
    [[nodiscard]] Result<Image> read(const Tuple& row, const Image* previous = nullptr) const
    {
        return read_row(mapping_, locate(mapping_, person_relation()).value(), row, previous);
    }

    TableMapping mapping_ = person_table();
};

TEST_F(ReadRow, TakesTheMappedTextsAndNothingElse)
{
    auto row = person_row();
    row[1].state = Cell::State::null;

    const auto image = read(row);

    ASSERT_TRUE(image);
    std::string all;
    for (const auto& value : *image)
        all += shown(value);
    EXPECT_EQ(all, "'Roe, Jane''05.12.1990''2''t''1.50''2024-05-01 10:00:00+00''123456789012345678901'-''");
}

TEST_F(ReadRow, UnchangedValuesComeFromTheImage)
{
    auto row = person_row();
    row[1].state = Cell::State::null;
    const auto before = read(row).value();
    row[2] = empty_cell(Cell::State::unchanged);
    row[9] = empty_cell(Cell::State::unchanged);

    EXPECT_EQ(read(row, &before).value(), before);
    EXPECT_EQ(read(row).error().code, "value_not_sent");
    EXPECT_EQ(read(row).error().place, "sp.person.full_name");
}

TEST_F(ReadRow, AnAbsentValueIsNeverTakenFromTheImage)
{
    auto row = person_row();
    row[1].state = Cell::State::null;
    const auto before = read(row).value();
    row[2] = empty_cell(Cell::State::absent);

    EXPECT_EQ(read(row, &before).error().code, "value_not_sent");
}

TEST_F(ReadRow, ANullDocumentHasNullMembers)
{
    auto row = person_row();
    row[1].state = Cell::State::null;
    row[9] = empty_cell(Cell::State::null);

    EXPECT_EQ(read(row).value()[at::phone], std::nullopt);
    EXPECT_EQ(read(row).value()[at::note], std::nullopt);
}

TEST_F(ReadRow, AMalformedDocumentIsPoisonAndNotQuoted)
{
    auto row = person_row();
    row[1].state = Cell::State::null;
    row[9] = cell("{\"" + canary);

    const auto error = read(row).error();

    EXPECT_EQ(error.kind, ErrorClass::poison);
    EXPECT_EQ(error.code, "malformed_document");
    EXPECT_EQ((error.place + error.message + error.remedy).find(canary), std::string::npos);
}

}  // namespace
}  // namespace casebridge::mapping
