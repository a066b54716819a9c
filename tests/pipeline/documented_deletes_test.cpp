#include "tests/pipeline/asking.hpp"
#include "tests/pipeline/linked_world.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

// The table "What follows from a deletion" of docs/conflict_resolution.md, each row lived through.

namespace casebridge::pipeline {
namespace {

struct DocumentedDeletion {
    std::string line;
    std::string rule;
    std::vector<std::vector<std::string>> phases;  // In each, what happens before anything is delivered.
    std::map<std::string, std::string> shown;      // By agency: a value, or `none`.
    std::string asked;
};

std::vector<std::string> split(const std::string& text, char separator)
{
    std::vector<std::string> parts;
    std::istringstream stream{text};
    for (std::string part; std::getline(stream, part, separator);) {
        const auto first = part.find_first_not_of(' ');
        parts.push_back(
            first == std::string::npos ? "" : part.substr(first, part.find_last_not_of(' ') - first + 1)
        );
    }
    return parts;
}

std::vector<DocumentedDeletion> documented_rows()
{
    std::ifstream page{CASEBRIDGE_SOURCE_DIR "/docs/conflict_resolution.md"};
    std::vector<DocumentedDeletion> rows;
    bool here = false;
    for (std::string line; std::getline(page, line);) {
        if (line.starts_with("#"))
            here = line == "### What follows from a deletion";
        if (!here || !line.starts_with("| `") || line.starts_with("| `on_delete`"))
            continue;
        const auto cells = split(line, '|');
        if (cells.size() != 6) {
            ADD_FAILURE() << "the page has a row that says nothing: " << line;
            continue;
        }
        DocumentedDeletion row{
            line, cells[1], {               },
              { {"a", cells[3]}, {"b", cells[4]}},
              cells[5]
        };
        for (const auto& phase : split(cells[2], ';'))
            row.phases.push_back(split(phase, ','));
        rows.push_back(std::move(row));
    }
    return rows;
}

const std::map<std::string, conflict::DeleteRule>& rules()
{
    static const std::map<std::string, conflict::DeleteRule> rules{
        {"`hold`",       conflict::HoldDelete{}                                           },
        {"`detach`",     conflict::DetachDelete{}                                         },
        {"`propagate`",  conflict::PropagateDelete{}                                      },
        {"`archive`: 9", conflict::ArchiveDelete{{{person::phone, UnitValue{Value{"9"}}}}}},
    };
    return rules;
}

BridgeDefinition bridge_with(const conflict::DeleteRule& rule)
{
    auto bridge = with_rule(conflict::Latest{});
    bridge.on_delete.insert_or_assign(person_entity, rule);
    for (auto& table : bridge.tables)
        table.remote_delete = mapping::RemoteDelete::permitted;
    return bridge;
}

void decide(World& world, DeletionChoice choice)
{
    const auto& record = world.load(world.all_records().front());
    ask(world, DecideDeletion{record.id, record.departure.value().since, choice, record.last_seq});
}

// `sp deletes`, `es 2`, `es enters 3`, or a decision. False for anything else.
bool happens(World& world, const std::string& step)
{
    static const std::map<std::string, DeletionChoice> choices{
        {"keep",    DeletionChoice::keep   },
        {"remove",  DeletionChoice::remove },
        {"restore", DeletionChoice::restore}
    };
    if (const auto choice = choices.find(step); choice != choices.end()) {
        decide(world, choice->second);
        return true;
    }
    const auto words = split(step, ' ');
    if (words.size() < 2 || (words[0] != "sp" && words[0] != "es"))
        return false;
    const std::string agency = words[0] == "sp" ? "a" : "b";
    const auto table = agency + ".person";
    world.pass(std::chrono::seconds{100});
    if (words[1] == "deletes")
        world.erase(table, only_key(world, table));
    else if (words[1] == "enters" && words.size() == 3)
        world.insert(
            table,
            "50",
            {
                {"number", "77"    },
                {"phone",  words[2]}
        }
        );
    else
        set_phone(world, agency, words[1]);
    return true;
}

// A person is asked about a deletion that is held while somebody has a row, and about a row that is in doubt.
bool asks(World& world)
{
    if (!world.state().parked.empty())
        return true;
    const auto& record = world.load(world.all_records().front());
    const bool somebody = !world.keys("a.person").empty() || !world.keys("b.person").empty();
    return somebody && record.departure && record.departure->state == DepartureState::held;
}

void live_through(const DocumentedDeletion& row, const std::string& read_first)
{
    World world{bridge_with(rules().at(row.rule))};
    world.insert(
        "a.person",
        "1",
        {
            {"number", "77"},
            {"phone",  "1" }
    }
    );
    world.settle();
    for (const auto& phase : row.phases) {
        for (const auto& step : phase)
            ASSERT_TRUE(happens(world, step)) << step;
        world.read(read_first);
        world.settle();
    }
    for (const auto& [agency, shown] : row.shown) {
        const bool none = world.keys(agency + ".person").empty();
        EXPECT_EQ(none ? "none" : phone_at(world, agency), shown) << agency << " first " << read_first;
    }
    EXPECT_EQ(asks(world) ? "yes" : "no", row.asked);
    EXPECT_EQ(world.all_records().size(), 1U);
}

TEST(DocumentedDeletes, EveryRowIsWhatTheBridgeDoes)
{
    for (const auto& row : documented_rows()) {
        SCOPED_TRACE(row.line);
        ASSERT_TRUE(rules().contains(row.rule)) << row.rule;
        for (const auto* first : {"a", "b"})
            live_through(row, first);
    }
}

TEST(DocumentedDeletes, EveryRuleHasItsRows)
{
    std::map<std::string, std::size_t> rows;
    for (const auto& row : documented_rows())
        ++rows[row.rule];
    for (const auto& [rule, value] : rules())
        EXPECT_GE(rows[rule], 3U) << rule;
}

}  // namespace
}  // namespace casebridge::pipeline
