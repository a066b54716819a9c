#include "config/nearest_name.hpp"

#include <gtest/gtest.h>

namespace casebridge::config {
namespace {

TEST(NearestName, IsTheOneATypingErrorExplains)
{
    const std::vector<std::string> known{"address", "name", "birth_date", "sp"};
    EXPECT_EQ(did_you_mean("adress", known), "; did you mean \"address\"?");
    EXPECT_EQ(did_you_mean("brith_date", known), "; did you mean \"birth_date\"?");
    EXPECT_EQ(did_you_mean("spp", known), "; did you mean \"sp\"?");
    EXPECT_EQ(did_you_mean("telephone", known), "");
    EXPECT_EQ(did_you_mean("", known), "");
    EXPECT_EQ(did_you_mean(std::string(1000, 'a'), known), "");
    EXPECT_EQ(did_you_mean("name", {}), "");
}

}  // namespace
}  // namespace casebridge::config
