#include "pipeline/record_values.hpp"
#include "tests/pipeline/set_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

// The tables "By example" of docs/conflict_resolution.md, each row lived through by merge and delivery.

namespace casebridge::pipeline {
namespace {

using Text = std::optional<std::string>;

struct DocumentedEdit {
    std::string agency;
    Text value;
    std::int64_t at_us = 0;
};

struct DocumentedRow {
    std::string rule;
    std::string line;
    bool common_base = false;
    Text base;
    std::vector<DocumentedEdit> edits;
    bool hold = false;
    Text result;
};

std::string trimmed(const std::string& text)
{
    const auto first = text.find_first_not_of(' ');
    return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::vector<std::string> split(const std::string& text, char separator)
{
    std::vector<std::string> parts;
    std::istringstream stream{text};
    for (std::string part; std::getline(stream, part, separator);)
        parts.push_back(trimmed(part));
    return parts;
}

Text value_of(const std::string& cell)
{
    return cell == "–" ? Text{} : Text{cell};
}

// `sp 2 @100.5`
std::optional<DocumentedEdit> edit_of(const std::string& cell)
{
    static const std::map<std::string, std::string> agencies{
        {"sp", "a"},
        {"es", "b"},
        {"hs", "c"}
    };
    const auto blank = cell.find(' ');
    const auto at = cell.rfind(" @");
    const auto agency = agencies.find(cell.substr(0, blank));
    if (blank == std::string::npos || at == std::string::npos || at <= blank || agency == agencies.end())
        return std::nullopt;
    std::size_t read = 0;
    const auto seconds = std::stod(cell.substr(at + 2), &read);
    if (read != cell.size() - at - 2)
        return std::nullopt;
    return DocumentedEdit{
        agency->second,
        value_of(trimmed(cell.substr(blank, at - blank))),
        static_cast<std::int64_t>(seconds * 1'000'000)};
}

std::optional<DocumentedRow> row_of(const std::string& line)
{
    const auto cells = split(line, '|');
    if (cells.size() != 4 || !cells[0].empty())
        return std::nullopt;
    DocumentedRow row;
    row.common_base = cells[1] != "none";
    row.base = value_of(cells[1]);
    for (const auto& cell : split(cells[2], ',')) {
        const auto edit = edit_of(cell);
        if (!edit)
            return std::nullopt;
        row.edits.push_back(*edit);
    }
    row.hold = cells[3] == "hold";
    row.result = value_of(cells[3]);
    if (cells[1].empty() || cells[3].empty() || row.edits.empty())
        return std::nullopt;
    return row;
}

std::vector<DocumentedRow> documented_rows()
{
    std::ifstream page{CASEBRIDGE_SOURCE_DIR "/docs/conflict_resolution.md"};
    std::vector<DocumentedRow> rows;
    std::string rule;
    bool by_example = false;
    for (std::string line; std::getline(page, line);) {
        if (line.starts_with("#### "))
            rule = line.substr(5);
        else if (line.starts_with("#"))
            by_example = line == "### By example";
        if (!by_example || !line.starts_with("|") || line.starts_with("|---") ||
            line == "| base | edits | result |")
            continue;
        auto row = row_of(line);
        if (!row) {
            ADD_FAILURE() << "the page has a row that says nothing: " << line;
            continue;
        }
        row->rule = rule;
        row->line = line;
        rows.push_back(std::move(*row));
    }
    return rows;
}

const std::map<std::string, conflict::FieldRule>& rules()
{
    using namespace conflict;
    static const std::map<std::string, FieldRule> rules{
        {"`hold`",                   Hold{}                                               },
        {"`latest`",                 Latest{}                                             },
        {"`authority: sp`",          Authority{AgencyId{"a"}}                             },
        {"`authority: sp`, propose", Authority{AgencyId{"a"}, Authority::Others::proposed}},
        {"`max`",                    Max{}                                                },
        {"`min`, dates",             Min{ValueOrder::date}                                },
        {"`rank`: deceased, exited", Rank{{Value{"deceased"}, Value{"exited"}}}           },
        {"`filled`",                 Filled{}                                             },
        {"`filled>latest`",          Chain{{Filled{}, Latest{}}}                          },
        {"`latest>max`",             Chain{{Latest{}, Max{}}}                             },
        {"`sum`",                    Sum{}                                                },
        {"`sum>max`",                Chain{{Sum{}, Max{}}}                                },
        {"`union`",                  Union{}                                              },
    };
    return rules;
}

std::vector<std::string> agencies_of(const DocumentedRow& row)
{
    const bool third =
        std::ranges::any_of(row.edits, [](const DocumentedEdit& edit) { return edit.agency == "c"; });
    return third ? std::vector<std::string>{"a", "b", "c"} : std::vector<std::string>{"a", "b"};
}

Columns columns(const Text& phone)
{
    return {
        {"number", "77" },
        {"phone",  phone}
    };
}

void commit(World& world, const DocumentedRow& row, const DocumentedEdit& edit)
{
    auto& agency = world.agency(edit.agency);
    agency.skew = 0;
    // Its next commit is 10 s later by the world's clock.
    const auto next = world.now(agency).value() + 10'000'000;
    agency.skew = 10'000'000'000 + edit.at_us - next;
    const auto table = edit.agency + ".person";
    if (!row.common_base && world.keys(table).empty())
        world.insert(table, "9", columns(edit.value));
    else
        world.update(
            table,
            only_key(world, table),
            {
                {"phone", edit.value}
        }
        );
}

// What every agency shows in the end, by agency, when the streams are read in the order given.
std::map<std::string, std::string> lived_through(
    const DocumentedRow& row, const std::vector<std::string>& order
)
{
    auto bridge = with_rule(rules().at(row.rule), agencies_of(row).size());
    if (rules().at(row.rule).joins())
        bridge = with_sets(std::move(bridge), [](const AgencyId&) { return separated_codec(" "); });
    if (!row.common_base)
        for (const auto& agency : order)
            table_named(bridge, agency + ".person").create_when = mapping::CreateNever{};
    World world{bridge};
    if (row.common_base) {
        world.insert("a.person", "1", columns(row.base));
        world.settle();
    }
    for (const auto& edit : row.edits)
        commit(world, row, edit);
    for (const auto& agency : order)
        world.read(agency);
    world.settle();
    std::map<std::string, std::string> shown;
    for (const auto& agency : order)
        shown[agency] = phone_at(world, agency);
    // The set without elements is written as a text without elements.
    for (auto& [agency, text] : shown)
        if (text.empty())
            text = "(null)";
    return shown;
}

std::map<std::string, std::string> expected(const DocumentedRow& row)
{
    std::map<std::string, std::string> shown;
    for (const auto& agency : agencies_of(row))
        shown[agency] = (row.hold ? row.base : row.result).value_or("(null)");
    if (row.hold)
        for (const auto& edit : row.edits)
            shown[edit.agency] = edit.value.value_or("(null)");
    return shown;
}

TEST(DocumentedRules, EveryRowIsWhatTheBridgeDoes)
{
    for (const auto& row : documented_rows()) {
        ASSERT_TRUE(rules().contains(row.rule)) << row.rule;
        auto order = agencies_of(row);
        do {
            EXPECT_EQ(lived_through(row, order), expected(row)) << row.rule << " " << row.line;
        } while (std::ranges::next_permutation(order).found);
    }
}

TEST(DocumentedRules, ThePageShowsEveryRule)
{
    std::map<std::string, std::size_t> rows;
    for (const auto& row : documented_rows())
        ++rows[row.rule];
    for (const auto& [name, rule] : rules())
        EXPECT_GE(rows[name], 2U) << name;
    EXPECT_EQ(rows.size(), rules().size());
}

}  // namespace
}  // namespace casebridge::pipeline
