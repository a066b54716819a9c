#include "connectors/postgres/unique_circles.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace casebridge::postgres {
namespace {

using pipeline::RowUpdate;
using pipeline::SlotWrite;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// A table with the slots number, office and note; number and office are unique together.
class UniqueCircles : public testing::Test {
protected:
    UniqueCircles()
    {
        mapping.key_column = "id";
        mapping.slots = {
            {"number", {}},
            {"office", {}},
            {"note",   {}}
        };
        table.mapping = &mapping;
        for (const auto* name : {"number", "office", "note"})
            table.columns[name].name = name;
    }

    // A row that has `from` and is to get `to`.
    const RowUpdate* take(const std::string& from, const std::string& to)
    {
        return add(
            {
                {0, Value{to}}
        },
            {{0, Value{from}}}
        );
    }

    const RowUpdate* add(std::vector<SlotWrite> writes, std::vector<SlotWrite> expectations)
    {
        const auto number = static_cast<int>(updates.size()) + 1;
        updates.push_back(std::make_unique<RowUpdate>(RowUpdate{
            RecordId{number}, LocalKey{std::to_string(number)}, std::move(writes), std::move(expectations)}));
        return updates.back().get();
    }

    std::vector<Circle> circles()
    {
        std::vector<const RowUpdate*> refused;
        for (const auto& update : updates)
            refused.push_back(update.get());
        return find_circles(refused, key, table);
    }

    mapping::TableMapping mapping;
    TableCatalog table;
    UniqueKey key{
        "number_office", {"number", "office"}
    };
    std::vector<std::unique_ptr<RowUpdate>> updates;
};

TEST_F(UniqueCircles, TwoRowsThatTakeEachOthersValueAreOne)
{
    const auto* a = take("1", "2");
    const auto* b = take("2", "1");
    EXPECT_THAT(circles(), ElementsAre(ElementsAre(a, b)));
}

TEST_F(UniqueCircles, ThreeInAnyOrderAreOneAndOthersAreNotInIt)
{
    take("8", "9");  // Nobody here has 9.
    take("7", "1");  // Wants what the circle has, and nobody wants what it has.
    const auto* a = take("1", "3");
    const auto* b = take("2", "1");
    const auto* c = take("3", "2");
    EXPECT_THAT(circles(), ElementsAre(ElementsAre(a, c, b)));
}

TEST_F(UniqueCircles, TwoCirclesAreTwo)
{
    const auto* a = take("1", "2");
    const auto* c = take("3", "4");
    const auto* b = take("2", "1");
    const auto* d = take("4", "3");
    EXPECT_THAT(circles(), ElementsAre(ElementsAre(a, b), ElementsAre(c, d)));
}

TEST_F(UniqueCircles, AChainIsNone)
{
    take("1", "2");
    take("2", "3");
    EXPECT_THAT(circles(), IsEmpty());
}

TEST_F(UniqueCircles, ARowThatWritesNothingOfTheKeyIsInNone)
{
    add(
        {
            {2, Value{"x"}}
    },
        {{0, Value{"1"}}, {2, Value{"y"}}}
    );
    add(
        {
            {2, Value{"y"}}
    },
        {{0, Value{"2"}}, {2, Value{"x"}}}
    );
    EXPECT_THAT(circles(), IsEmpty());
}

TEST_F(UniqueCircles, RowsThatChangeDifferentColumnsOfTheKeyAreFound)
{
    const auto* a = add(
        {
            {0, Value{"2"}}
    },
        {{0, Value{"1"}}, {1, Value{"n"}}}
    );
    const auto* b = add(
        {
            {0, Value{"1"}},
            {1, Value{"n"}}
    },
        {{0, Value{"2"}}, {1, Value{"s"}}}
    );
    EXPECT_THAT(circles(), ElementsAre(ElementsAre(a, b)));
}

TEST_F(UniqueCircles, EachRowGivesUpWhatItHasBeforeAnyTakesWhatItGets)
{
    take("1", "2");
    take("2", "1");
    const auto found = circles();
    ASSERT_THAT(found, SizeIs(1));
    const auto writes = circle_writes(found.front(), key, table);
    ASSERT_THAT(writes.aside, SizeIs(2));
    EXPECT_EQ(writes.aside[0].writes.front().value, std::nullopt);
    EXPECT_EQ(writes.aside[0].expectations.front().value, Value{"1"});
    ASSERT_THAT(writes.last, SizeIs(2));
    EXPECT_EQ(writes.last[0].writes.front().value, Value{"2"});
    EXPECT_EQ(writes.last[0].expectations.front().value, std::nullopt);
    EXPECT_EQ(writes.last[1].key, LocalKey{"2"});
}

TEST_F(UniqueCircles, NothingIsGivenUpWhereAColumnMayNotBeEmpty)
{
    table.columns["number"].not_null = true;
    take("1", "2");
    take("2", "1");
    const auto found = circles();
    ASSERT_THAT(found, SizeIs(1));
    const auto writes = circle_writes(found.front(), key, table);
    EXPECT_THAT(writes.aside, IsEmpty());
    EXPECT_EQ(writes.last[0].expectations.front().value, Value{"1"});
}

}  // namespace
}  // namespace casebridge::postgres
