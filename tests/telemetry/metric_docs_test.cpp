#include "telemetry/event_codes.hpp"
#include "telemetry/metric_catalogue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <string>

// The documents say what the tables in the code say.

namespace casebridge::telemetry {
namespace {

using ::testing::HasSubstr;

std::string read(const std::string& path)
{
    std::ifstream file{CASEBRIDGE_SOURCE_DIR "/" + path};
    return {std::istreambuf_iterator<char>{file}, {}};
}

std::string row_of(const MetricEntry& entry)
{
    std::string labels;
    for (const auto label : entry.labels.both())
        if (!label.empty())
            labels += (labels.empty() ? "" : ", ") + std::string{label};
    std::string row = "| `";
    row += entry.name;
    row += "` | ";
    row += to_string(entry.kind);
    row += " | " + labels + (labels.empty() ? "| " : " | ");
    row += entry.help;
    row += " | ";
    row += entry.answers;
    return row + " |\n";
}

std::string row_of(const EventMeaning& meaning)
{
    std::string row = "| `";
    row += meaning.name;
    row += "` | ";
    row += to_string(meaning.level);
    row += " | ";
    row += meaning.says;
    return row + " |";
}

TEST(MetricDocs, ExplainEveryMetricInTheWordsOfTheCatalogue)
{
    const auto page = read("docs/metrics.md");
    for (const auto& entry : metric_catalogue)
        EXPECT_THAT(page, HasSubstr(row_of(entry)));
}

TEST(MetricDocs, NameNoMetricThatDoesNotExist)
{
    const auto page = read("docs/metrics.md");
    const std::regex name{R"(casebridge_[a-z_]+)"};
    const std::regex part{"_(bucket|sum|count)$"};
    for (std::sregex_iterator found{page.begin(), page.end(), name}, end; found != end; ++found) {
        const auto family = std::regex_replace(found->str(), part, "");
        EXPECT_TRUE(std::any_of(
            metric_catalogue.begin(),
            metric_catalogue.end(),
            [&family](const MetricEntry& entry) { return entry.name == family; }
        )) << found->str();
    }
}

TEST(MetricDocs, ListEveryLabelValue)
{
    const auto page = read("docs/metrics.md");
    const auto expect_all = [&page](const auto& words) {
        for (const auto word : words)
            EXPECT_THAT(page, HasSubstr("`" + std::string{to_string(word)} + "`"));
    };
    expect_all(stream_states);
    expect_all(lane_states);
    expect_all(sides);
    expect_all(verdicts);
    expect_all(conflict_types);
    expect_all(rules);
}

TEST(EventDocs, ListEveryEventInTheWordsOfTheCode)
{
    const auto page = read("docs/operate.md");
    for (const auto& meaning : event_meanings)
        EXPECT_THAT(page, HasSubstr(row_of(meaning)));
}

}  // namespace
}  // namespace casebridge::telemetry
