#include "pipeline/record_values.hpp"

#include "tests/pipeline/sample_bridge.hpp"

#include <gtest/gtest.h>

namespace casebridge::pipeline {
namespace {

FieldValue text(const char* value)
{
    return Value{value};
}

IdentityKey key(std::size_t rule, const char* value)
{
    const std::vector<FieldValue> values{text(value)};
    return *identity_key(person_entity, rule, values);
}

TEST(IdentityKey, IsNotThereWhenAValueIsMissingOrEmpty)
{
    const std::vector<FieldValue> missing{text("Anna"), std::nullopt};
    const std::vector<FieldValue> empty{text("Anna"), text("")};
    EXPECT_FALSE(identity_key(person_entity, 0, missing));
    EXPECT_FALSE(identity_key(person_entity, 0, empty));
}

TEST(IdentityKey, TellsValuesApartThatLookAlikeWhenJoined)
{
    const std::vector<FieldValue> one{text("ab"), text("c")};
    const std::vector<FieldValue> other{text("a"), text("bc")};
    const std::vector<FieldValue> with_length{text("a1:b"), text("c")};
    const std::vector<FieldValue> with_lengths{text("a"), text("b1:c")};
    EXPECT_NE(identity_key(person_entity, 0, one), identity_key(person_entity, 0, other));
    EXPECT_NE(identity_key(person_entity, 0, with_length), identity_key(person_entity, 0, with_lengths));
}

TEST(IdentifyAnother, WhenNoneOfTheKeysThatCanBeComparedIsShared)
{
    const std::vector shown{key(0, "77"), key(1, "Berg")};
    const std::vector known{key(0, "78"), key(1, "Maier")};
    EXPECT_TRUE(identify_another(shown, known));
}

TEST(IdentifyAnother, NotWhenOneKeyIsShared)
{
    const std::vector shown{key(0, "77"), key(1, "Berg")};
    const std::vector known{key(0, "78"), key(1, "Berg")};
    EXPECT_FALSE(identify_another(shown, known));
}

TEST(IdentifyAnother, NotWhenNothingCanBeCompared)
{
    const std::vector shown{key(0, "77")};
    const std::vector known{key(1, "77")};
    EXPECT_FALSE(identify_another(shown, known));
    EXPECT_FALSE(identify_another(shown, {}));
    EXPECT_FALSE(identify_another({}, known));
}

TEST(AsRecordId, ReadsANumberAndNothingElse)
{
    EXPECT_EQ(as_record_id(text("12")), RecordId{12});
    for (const auto* other : {"", "x", "12x", " 12", "99999999999999999999"})
        EXPECT_FALSE(as_record_id(text(other))) << other;
    EXPECT_FALSE(as_record_id(std::nullopt));
}

// Two agencies say different phones; nobody has said a status.
TEST(GoldenValues, OfAHeldUnitAreNotThereAndTheOldestFindsTheRecord)
{
    auto bridge = sample_bridge(2);
    rule(bridge, person_entity, person::phone) = conflict::Hold{};
    Record record;
    record.entity = person_entity;
    record.units.resize(bridge.model.entity(person_entity).units.size());
    const auto say = [&](UnitIndex unit, std::int64_t seq, const char* agency, const char* value) {
        record.units[unit.value()].open.push_back(
            {JournalSeq{seq}, AgencyId{agency}, UnitValue{text(value)}, PgTime{seq}}
        );
    };
    say(person::number, 1, "a", "77");
    say(person::phone, 2, "a", "100");
    say(person::phone, 3, "b", "200");
    const FieldIndex number{2};
    const FieldIndex phone{3};
    EXPECT_EQ(held_units(bridge, record), std::vector{person::phone});
    EXPECT_TRUE(golden_value(bridge, record, number) == text("77"));
    EXPECT_TRUE(golden_value(bridge, record, phone) == FieldValue{});
    EXPECT_TRUE(findable_value(bridge, record, phone) == text("100"));
    EXPECT_TRUE(findable_value(bridge, record, FieldIndex{4}) == FieldValue{});
    const auto all = golden_values(bridge, record);
    ASSERT_EQ(all.size(), 6U);
    EXPECT_TRUE(all[2] == text("77"));
    EXPECT_TRUE(all[3] == FieldValue{});
}

}  // namespace
}  // namespace casebridge::pipeline
