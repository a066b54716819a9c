#include "mapping/translate.hpp"
#include "tests/mapping/fixture.hpp"

#include <gtest/gtest.h>

#include <random>

// The two laws of a mapping that can be trusted: what was put is got, and putting what was got changes
// nothing.

namespace casebridge::mapping {
namespace {

constexpr int rounds = 4000;

class GetPut : public testing::Test {
protected:
    GetPut()
    {
        for (int i = 0; i < 5; ++i)
            links_.add(household_table, LocalKey{"h" + std::to_string(i)}, RecordId{50 + i});
    }

    std::size_t pick(std::size_t count)
    {
        return std::uniform_int_distribution<std::size_t>{0, count - 1}(random_);
    }

    std::string one_of(const std::vector<std::string>& texts) { return texts[pick(texts.size())]; }

    std::string word()
    {
        std::string characters;
        for (auto length = pick(5); length > 0; --length)
            characters += one_of({"a", "B", ",", " ", ", ", "\xC3\xA4", "\"", "1"});
        return characters;
    }

    std::string digits(std::size_t count)
    {
        std::string number;
        while (number.size() < count)
            number.push_back(static_cast<char>('0' + pick(10)));
        return number;
    }

    // Texts that an agency's row may hold, legal ones mostly.
    std::string local(std::uint16_t unit)
    {
        switch (unit) {
            case at::name:
                return word() + ", " + word();
            case at::birth_date:
                return one_of({"0", "1", "2"}) + digits(1) + ".0" + digits(1) + "." + digits(4);
            case at::sex:
                return digits(1);
            case at::able_bodied:
                return one_of({"t", "f"});
            case at::income:
                return one_of({"", "-"}) + digits(1 + pick(25)) + "." + digits(pick(5));
            case at::changed_at:
                return "20" + digits(2) + "-0" + digits(1) + "-1" + digits(1) + " 0" + digits(1) + ":1" +
                       digits(1) + ":2" + digits(1) + one_of({"", ".5", ".120000"}) +
                       one_of({"+00", "+02", "-03:30"});
            case at::household:
                return "h" + digits(1);
            default:
                return word();
        }
    }

    EntityDefinition entity_ = person_entity();
    TableMapping mapping_ = person_table();
    Links links_;
    std::mt19937_64 random_{20261};
};

TEST_F(GetPut, PuttingWhatWasGotLeavesTheImageAlone)
{
    int readable = 0;
    for (int round = 0; round < rounds; ++round) {
        Image image(at::count);
        const auto unit = static_cast<std::uint16_t>(pick(at::count));
        if (pick(10) != 0)
            image[unit] = text(local(unit));
        const auto values = get_unit(mapping_, entity_, mapping_.units[unit], image, links_);
        if (!values)
            continue;
        auto row = image;
        ASSERT_TRUE(put_unit(mapping_, entity_, mapping_.units[unit], *values, links_, row));
        EXPECT_EQ(row, image);
        ++readable;
    }
    EXPECT_GT(readable, rounds / 2);
}

TEST_F(GetPut, WhatWasPutIsGot)
{
    int written = 0;
    for (int round = 0; round < rounds; ++round) {
        // Wanted values as another table would read them, so that they are canonical, over any other row.
        const auto unit = static_cast<std::uint16_t>(pick(at::count));
        Image source(at::count);
        source[unit] = text(local(unit));
        auto wanted = get_unit(mapping_, entity_, mapping_.units[unit], source, links_);
        if (!wanted)
            continue;
        if (unit == at::name)
            wanted = UnitValue{text(word()), text(word())};
        Image row(at::count);
        row[unit] = pick(3) == 0 ? FieldValue{} : text(local(unit));
        if (!put_unit(mapping_, entity_, mapping_.units[unit], *wanted, links_, row)) {
            EXPECT_EQ(unit, at::name) << "only a name that contains the literal cannot be written";
            continue;
        }
        EXPECT_EQ(get_unit(mapping_, entity_, mapping_.units[unit], row, links_).value(), *wanted);
        ++written;
    }
    EXPECT_GT(written, rounds / 2);
}

}  // namespace
}  // namespace casebridge::mapping
