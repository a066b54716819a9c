#include "mapping/translate.hpp"
#include "tests/mapping/fixture.hpp"

#include <gtest/gtest.h>

namespace casebridge::mapping {
namespace {

class UnitTranslation : public testing::Test {
protected:
    UnitTranslation() { links_.add(household_table, LocalKey{"h1"}, RecordId{51}); }

    // The unit's values when its slot holds `slot`, or the error.
    [[nodiscard]] Result<UnitValue> get(std::uint16_t unit, FieldValue slot) const
    {
        Image image(at::count);
        image[unit] = std::move(slot);
        return get_unit(mapping_, entity_, mapping_.units[unit], image, links_);
    }

    // The slot's text after `wanted` was put where `before` stood.
    [[nodiscard]] Result<FieldValue> put(std::uint16_t unit, FieldValue before, const UnitValue& wanted) const
    {
        Image row(at::count, text("elsewhere"));
        row[unit] = before;
        const auto done = put_unit(mapping_, entity_, mapping_.units[unit], wanted, links_, row);
        for (std::size_t slot = 0; slot < row.size(); ++slot) {
            if (slot != unit) {
                EXPECT_EQ(row[slot], text("elsewhere")) << "another unit's slot " << slot;
            }
        }
        if (!done) {
            EXPECT_EQ(row[unit], before) << "an error leaves the row alone";
            return done.error();
        }
        return row[unit];
    }

    EntityDefinition entity_ = person_entity();
    TableMapping mapping_ = person_table();
    Links links_;
};

TEST_F(UnitTranslation, NullIsNullAndEmptyTextIsNot)
{
    EXPECT_EQ(get(at::note, std::nullopt).value(), UnitValue{std::nullopt});
    EXPECT_EQ(get(at::note, text("")).value(), UnitValue{text("")});
    EXPECT_EQ(put(at::note, text("x"), {std::nullopt}).value(), std::nullopt);
    EXPECT_EQ(put(at::note, std::nullopt, {text("")}).value(), text(""));
    EXPECT_EQ(put(at::note, text(""), {std::nullopt}).value(), std::nullopt);
    EXPECT_EQ(get(at::name, std::nullopt).value(), (UnitValue{std::nullopt, std::nullopt}));
    EXPECT_EQ(put(at::name, text("Roe, Jane"), {std::nullopt, std::nullopt}).value(), std::nullopt);
}

TEST_F(UnitTranslation, APatternFollowsTheOrderOfTheUnit)
{
    EXPECT_EQ(get(at::name, text("Roe, Jane")).value(), (UnitValue{text("Jane"), text("Roe")}));
    EXPECT_EQ(put(at::name, std::nullopt, {text("Jane"), text("Roe")}).value(), text("Roe, Jane"));
}

TEST_F(UnitTranslation, ASlotThatMeansTheSameKeepsItsText)
{
    EXPECT_EQ(put(at::sex, text("0"), {text("unknown")}).value(), text("0"));
    EXPECT_EQ(put(at::sex, text("1"), {text("unknown")}).value(), text("9"));
    EXPECT_EQ(put(at::income, text("1.500"), {text("1.5")}).value(), text("1.500"));
    EXPECT_EQ(put(at::income, text("1.500"), {text("1.6")}).value(), text("1.6"));
    EXPECT_EQ(
        put(at::changed_at, text("2024-05-01 12:00:00+02"), {text("2024-05-01T10:00:00Z")}).value(),
        text("2024-05-01 12:00:00+02")
    );
    EXPECT_EQ(put(at::able_bodied, text("f"), {text("true")}).value(), text("t"));
}

TEST_F(UnitTranslation, ATextThatMeansNothingIsReplaced)
{
    EXPECT_EQ(put(at::sex, text("?"), {text("female")}).value(), text("2"));
    EXPECT_EQ(put(at::birth_date, text("soon"), {text("1990-12-05")}).value(), text("05.12.1990"));
    EXPECT_EQ(put(at::household, text("gone"), {text("51")}).value(), text("h1"));
}

TEST_F(UnitTranslation, ReferencesGoThroughTheLinks)
{
    EXPECT_EQ(get(at::household, text("h1")).value(), UnitValue{text("51")});
    EXPECT_EQ(get(at::household, text("h2")).error().code, "unresolved_reference");
    EXPECT_EQ(put(at::household, std::nullopt, {text("51")}).value(), text("h1"));
    EXPECT_EQ(put(at::household, text("h1"), {text("52")}).error().code, "unresolved_reference");
    EXPECT_EQ(put(at::household, text("h1"), {text("5x")}).error().code, "unmappable_value");
    EXPECT_EQ(put(at::household, text("h1"), {std::nullopt}).value(), std::nullopt);
}

TEST_F(UnitTranslation, WhatCannotBeReadIsPoisonAndNeverQuoted)
{
    const std::string canary = "Canary-4711";
    for (const auto unit :
         {at::name, at::birth_date, at::sex, at::able_bodied, at::income, at::changed_at, at::household}) {
        const auto values = get(unit, text(canary));
        ASSERT_FALSE(values) << unit;
        const auto& error = values.error();
        EXPECT_EQ(error.kind, ErrorClass::poison);
        EXPECT_EQ(error.code, unit == at::household ? "unresolved_reference" : "unmappable_value");
        EXPECT_TRUE(error.place.starts_with("sp.person." + mapping_.slots[unit].column)) << error.place;
        EXPECT_EQ((error.code + error.place + error.message + error.remedy).find(canary), std::string::npos);
    }
}

TEST_F(UnitTranslation, WhatCannotBeWrittenIsPoisonAndNeverQuoted)
{
    const std::string canary = "Canary-4711";
    const std::vector<std::pair<std::uint16_t, UnitValue>> wanted{
        {at::name,        {text("Jane"), text(canary + ", Jr")}},
        {at::name,        {text(canary), std::nullopt}         },
        {at::name,        {std::nullopt, text(canary)}         },
        {at::birth_date,  {text(canary)}                       },
        {at::birth_date,  {text("infinity")}                   },
        {at::sex,         {text(canary)}                       },
        {at::able_bodied, {text(canary)}                       },
        {at::income,      {text("1.50")}                       },
        {at::changed_at,  {text(canary)}                       },
        {at::household,   {text(canary)}                       },
    };
    for (const auto& [unit, values] : wanted) {
        const auto done = put(unit, text("stays"), values);
        ASSERT_FALSE(done) << unit;
        EXPECT_EQ(done.error().kind, ErrorClass::poison);
        EXPECT_EQ(done.error().code, "unmappable_value");
        const auto& error = done.error();
        EXPECT_EQ((error.code + error.place + error.message + error.remedy).find(canary), std::string::npos);
    }
}

TEST_F(UnitTranslation, PlacesNameTableColumnPathAndField)
{
    EXPECT_EQ(get(at::name, text("x")).error().place, "sp.person.full_name (name.family, name.given)");
    mapping_.units[at::phone].bindings[0].codec = CodeCodec{};
    EXPECT_EQ(get(at::phone, text("x")).error().place, "sp.person.contact/phone/mob (phone)");
}

TEST_F(UnitTranslation, AFailingBindingLeavesTheOthersOfItsUnitAlone)
{
    mapping_.units[at::name].bindings = {
        Binding{.slot = at::note, .unit_fields = {0}, .codec = PlainCodec{}                      },
        Binding{.slot = at::sex,  .unit_fields = {1}, .codec = CodeCodec{.codes = {{"r", "Roe"}}}},
    };
    Image row(at::count);

    EXPECT_FALSE(
        put_unit(mapping_, entity_, mapping_.units[at::name], {text("Jane"), text("Doe")}, links_, row)
    );
    EXPECT_EQ(row, Image(at::count));
    EXPECT_TRUE(
        put_unit(mapping_, entity_, mapping_.units[at::name], {text("Jane"), text("Roe")}, links_, row)
    );
    EXPECT_EQ(shown(row[at::note]) + shown(row[at::sex]), "'Jane''r'");
}

TEST(TableMapping, FindsAUnitItMaps)
{
    auto mapping = person_table();
    std::erase_if(mapping.units, [](const MappedUnit& unit) { return unit.unit.value() == at::sex; });
    ASSERT_NE(mapping.find_unit(UnitIndex{at::income}), nullptr);
    EXPECT_EQ(mapping.find_unit(UnitIndex{at::income})->unit, UnitIndex{at::income});
    EXPECT_EQ(mapping.find_unit(UnitIndex{at::sex}), nullptr);
    EXPECT_EQ(mapping.find_unit(UnitIndex{at::count}), nullptr);
}

}  // namespace
}  // namespace casebridge::mapping
