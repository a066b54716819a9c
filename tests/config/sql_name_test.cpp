#include "config/sql_name.hpp"

#include <gtest/gtest.h>

namespace casebridge::config {
namespace {

std::string parsed(const std::string& text)
{
    const auto name = parse_table_name(text);
    return name ? name->schema + "|" + name->table : "!";
}

TEST(TableName, FoldsAsSqlDoes)
{
    EXPECT_EQ(parsed("sp.person"), "sp|person");
    EXPECT_EQ(parsed("SP.Person_2$"), "sp|person_2$");
    EXPECT_EQ(parsed("jobs.\"JobSeeker\""), "jobs|JobSeeker");
    EXPECT_EQ(parsed("\"a.b\".\"c \"\"d\""), "a.b|c \"d");
    EXPECT_EQ(parsed("sp.\xC3\x84mter"), "sp|\xC3\x84mter");
    EXPECT_EQ(parsed("s." + std::string(63, 'x')), "s|" + std::string(63, 'x'));
}

TEST(TableName, IsExactlyTwoIdentifiers)
{
    for (const std::string bad :
         {"",
          ".",
          "person",
          "sp.",
          ".person",
          "db.sp.person",
          "sp.per son",
          "1sp.person",
          "sp.$p",
          "sp.\"",
          "sp.\"a",
          "sp.\"\"",
          "sp.\"a\"b",
          " sp.person",
          "sp.person ",
          "sp.a-b"})
        EXPECT_EQ(parsed(bad), "!") << bad;
    EXPECT_EQ(parsed("s." + std::string(64, 'x')), "!");
}

}  // namespace
}  // namespace casebridge::config
