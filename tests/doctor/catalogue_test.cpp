#include "doctor/finding.hpp"
#include "tests/doctor/healthy_bridge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sstream>

namespace casebridge::doctor {
namespace {

using Known = std::vector<std::string>;

std::string line_of(std::string_view code, std::string_view severity)
{
    return std::string{code} + " " + std::string{severity};
}

// `| `code` * | severity | …`
Known documented()
{
    std::ifstream page{CASEBRIDGE_SOURCE_DIR "/docs/doctor.md"};
    Known known;
    for (std::string line; std::getline(page, line);) {
        if (!line.starts_with("| `") || line.starts_with("| `-"))
            continue;
        const auto end = line.find('`', 3);
        std::istringstream rest{line.substr(end + 1)};
        std::string word;
        while (rest >> word && (word == "*" || word == "|"))
            continue;
        known.push_back(line_of(line.substr(3, end - 3), word));
    }
    return known;
}

TEST(Catalogue, IsWhatThePageExplainsInTheSameOrder)
{
    Known known;
    for (const auto& kind : catalogue())
        known.push_back(line_of(kind.code, to_string(kind.severity)));
    EXPECT_THAT(documented(), testing::ContainerEq(known));
}

TEST(Catalogue, HasNoCodeTwice)
{
    std::set<std::string_view> codes;
    for (const auto& kind : catalogue()) {
        EXPECT_TRUE(codes.insert(kind.code).second) << kind.code;
        EXPECT_FALSE(kind.effect.empty()) << kind.code;
    }
}

TEST(Catalogue, IsProvokedAsAWholeByTheCasesOfTheseTests)
{
    std::set<std::string_view> provoked;
    for (const auto* cases : {&test::agency_cases(), &test::table_cases(), &test::bridge_cases()})
        for (const auto& one : *cases)
            provoked.insert(one.code);
    std::set<std::string_view> known;
    for (const auto& kind : catalogue())
        known.insert(kind.code);
    EXPECT_THAT(provoked, testing::ContainerEq(known));
}

}  // namespace
}  // namespace casebridge::doctor
