#include "mapping/canonical_text.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace casebridge::mapping {
namespace {

using Table = std::vector<std::pair<std::string, std::string>>;

void expect_canonical(FieldType type, const Table& table)
{
    for (const auto& [text, canonical] : table) {
        EXPECT_EQ(to_canonical(type, text), canonical) << text;
        EXPECT_EQ(to_canonical(type, canonical), canonical) << "a canonical text is its own canonical form";
        for (const auto placement : {Placement::column, Placement::document})
            EXPECT_EQ(to_canonical(type, to_local(type, placement, canonical)), canonical) << text;
    }
}

void expect_refused(FieldType type, const std::vector<std::string>& texts)
{
    for (const auto& text : texts)
        EXPECT_EQ(to_canonical(type, text), std::nullopt) << text;
}

TEST(CanonicalText, IntegersKeepEveryDigit)
{
    expect_canonical(
        FieldType::integer,
        {
            {"0",                              "0"                             },
            {"-0",                             "0"                             },
            {"007",                            "7"                             },
            {"+5",                             "5"                             },
            {"-12",                            "-12"                           },
            {"5.00",                           "5"                             },
            {"100",                            "100"                           },
            {"1e3",                            "1000"                          },
            {"123456789012345678901234567890", "123456789012345678901234567890"},
    }
    );
    expect_refused(
        FieldType::integer, {"", "-", "1.5", "1e-1", "1 ", " 1", "0x10", "NaN", "1,000", "--1", "1e", "."}
    );
}

TEST(CanonicalText, DecimalsKeepEveryDigitAndLoseNeedlessZeros)
{
    expect_canonical(
        FieldType::decimal,
        {
            {"1.50",                  "1.5"                  },
            {"-0.00",                 "0"                    },
            {"10",                    "10"                   },
            {".5",                    "0.5"                  },
            {"5.",                    "5"                    },
            {"0.1000000000000000055", "0.1000000000000000055"},
            {"12.5e-3",               "0.0125"               },
            {"1.25E+1",               "12.5"                 },
            {"1e308",                 "1" + std::string(308,   '0')},
            {"18446744073709551616.1",                       "18446744073709551616.1"                      },
    }
    );
    expect_refused(
        FieldType::decimal,
        {"", "NaN", "Infinity", "1e", "1e+", "1e131073", "1e-16384", "1e99999999999999999999", "1.2.3"}
    );
}

TEST(CanonicalText, BooleansAreWrittenAsTheirPlaceShowsThem)
{
    expect_canonical(
        FieldType::boolean,
        {
            {"t",     "true" },
            {"f",     "false"},
            {"true",  "true" },
            {"false", "false"}
    }
    );
    expect_refused(FieldType::boolean, {"", "T", "1", "yes", "TRUE"});
    EXPECT_EQ(to_local(FieldType::boolean, Placement::column, "true"), "t");
    EXPECT_EQ(to_local(FieldType::boolean, Placement::column, "false"), "f");
    EXPECT_EQ(to_local(FieldType::boolean, Placement::document, "false"), "false");
}

TEST(CanonicalText, DatesOfPostgresSurvive)
{
    for (const auto* date :
         {"2024-02-29",
          "0001-01-01",
          "9999-12-31",
          "10000-01-01",
          "5874897-12-31",
          "0044-03-15 BC",
          "0001-02-29 BC",
          "infinity",
          "-infinity"})
        EXPECT_EQ(to_canonical(FieldType::date, date), date);
    expect_refused(
        FieldType::date,
        {"",
         "2023-02-29",
         "1900-02-29",
         "2024-13-01",
         "2024-00-01",
         "2024-01-00",
         "2024-04-31",
         "0000-01-01",
         "024-01-01",
         "02024-01-01",
         "2024-1-1",
         "2024-01-01 ",
         "2024-01-01 10:00:00",
         "01.02.2024",
         "Infinity",
         "0002-02-29 BC",
         "12345678-01-01"}
    );
}

TEST(CanonicalText, TimestampsBecomeUtc)
{
    expect_canonical(
        FieldType::timestamp,
        {
            {"2024-05-01 10:00:00+00",        "2024-05-01T10:00:00Z"       },
            {"2024-05-01 10:00:00.120+02",    "2024-05-01T08:00:00.12Z"    },
            {"2024-01-01T00:30:00+01:00",     "2023-12-31T23:30:00Z"       },
            {"2024-02-28 23:30:00-03:30",     "2024-02-29T03:00:00Z"       },
            {"1890-01-01 00:53:28+00:53:28",  "1890-01-01T00:00:00Z"       },
            {"2024-05-01 10:00:00.000000Z",   "2024-05-01T10:00:00Z"       },
            {"2024-05-01 10:00:00.123456+00", "2024-05-01T10:00:00.123456Z"},
            {"infinity",                      "infinity"                   },
    }
    );
    expect_refused(
        FieldType::timestamp,
        {"",
         "2024-05-01",
         "2024-05-01 10:00:00",
         "2024-05-01 24:00:00Z",
         "2024-05-01 10:60:00Z",
         "2024-05-01 10:00:60Z",
         "2024-05-01 10:00Z",
         "2024-05-01 10:00:00.Z",
         "2024-05-01 10:00:00+1",
         "2024-05-01 10:00:00+00:60",
         "2024-05-01 10:00:00Zx",
         "0001-01-01 00:00:00+01",
         "2023-02-29 10:00:00Z",
         "9999-12-31 23:59:59-01",
         "0044-03-15 10:00:00+00 BC",
         "2024-05-01 10:00:00+16"}
    );
    EXPECT_EQ(
        to_local(FieldType::timestamp, Placement::column, "2024-05-01T10:00:00.5Z"),
        "2024-05-01 10:00:00.5+00"
    );
    EXPECT_EQ(
        to_local(FieldType::timestamp, Placement::document, "2024-05-01T10:00:00Z"), "2024-05-01T10:00:00Z"
    );
}

TEST(CanonicalText, TextIsNeverTouched)
{
    for (const auto* text : {"", " ", "007", "a  b", "\t"})
        EXPECT_EQ(to_canonical(FieldType::text, text), text);
}

}  // namespace
}  // namespace casebridge::mapping
