#include "config/hub_address.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace casebridge::config {
namespace {

class HubAddress : public ::testing::Test {
protected:
    void SetUp() override
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "casebridge_hub_XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        directory_ = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    [[nodiscard]] std::optional<std::string> found_in(const std::string& text) const
    {
        std::ofstream{directory_ / "bridge.jsonc"} << text;
        return find_hub_connection(directory_ / "bridge.jsonc");
    }

    std::filesystem::path directory_;
};

TEST_F(HubAddress, IsFoundWhateverElseIsWrong)
{
    EXPECT_EQ(found_in(R"({"rules": 7, /* ! */ "hub": {"connection": "dbname=hub"}, "x": 1})"), "dbname=hub");
}

TEST_F(HubAddress, IsNotGuessed)
{
    EXPECT_EQ(found_in("{"), std::nullopt);
    EXPECT_EQ(found_in(R"({"hub": "dbname=hub"})"), std::nullopt);
    EXPECT_EQ(found_in(R"({"hub": {"connection": 7}})"), std::nullopt);
    EXPECT_EQ(find_hub_connection(directory_ / "none.jsonc"), std::nullopt);
}

}  // namespace
}  // namespace casebridge::config
