#include "tests/pipeline/person_edits.hpp"
#include "tests/pipeline/world_picture.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <unordered_set>

// Every small world: two agencies, one record, two fields, and each order in which a few edits, the reading
// of both streams, the halves of the deliveries and one crash can follow each other. Worlds that look the
// same go on the same way, so one of them is followed. CASEBRIDGE_SMALL_WORLD_EDITS sets how many edits there
// are.

namespace casebridge::pipeline {
namespace {

constexpr auto number = "7000";

enum class Step : std::uint8_t {
    a_phone,
    a_name,
    b_phone,
    b_name,
    read_a,
    read_b,
    plan_a,
    plan_b,
    execute_a,
    execute_b,
    answer_a,
    answer_b,
    crash,
};

using Path = std::vector<Step>;

std::string name_of(Step step)
{
    constexpr std::array names{
        "a_phone",
        "a_name",
        "b_phone",
        "b_name",
        "read_a",
        "read_b",
        "plan_a",
        "plan_b",
        "execute_a",
        "execute_b",
        "answer_a",
        "answer_b",
        "crash"};
    return names.at(static_cast<std::size_t>(step));
}

std::string show(const Path& path)
{
    std::string text;
    for (const auto step : path)
        text += name_of(step) + " ";
    return text;
}

class SmallWorld {
public:
    explicit SmallWorld(const conflict::FieldRule& phone_rule) : world_(bridge(phone_rule))
    {
        for (const auto& id : world_.bridge().agencies)
            world_.agency(id.value()).keys_offered = 1;
        Columns columns{
            {"number", number},
            {"given",  "Kim" }
        };
        columns.push_back(edits_.edit("a", number, Part::phone));
        columns.push_back(edits_.edit("a", number, Part::name));
        world_.insert("a.person", "1", columns);
        // Not by settle(): the books follow a delivery that they saw planned.
        world_.read("a");
        world_.read("b");
        for (const auto step : {Step::plan_b, Step::execute_b, Step::answer_b})
            take(step);
        world_.settle();
        key_at_b_ = world_.keys("b.person").at(0);
        first_ = edits_.written().size();
    }

    // The steps that may change something now.
    [[nodiscard]] std::vector<Step> possible(std::size_t edits_max)
    {
        // An answer that all was written changes nothing and holds the next plan up: it may as well come at
        // once.
        for (const auto step : {Step::answer_a, Step::answer_b})
            if (is_silent(world_.agency(step == Step::answer_a ? "a" : "b")))
                return {step};
        std::vector<Step> steps;
        if (edits() < edits_max)
            steps = {Step::a_phone, Step::a_name, Step::b_phone, Step::b_name};
        const auto add = [&](Step step, bool possible) {
            if (possible)
                steps.push_back(step);
        };
        add(Step::read_a, !world_.unread("a").empty());
        add(Step::read_b, !world_.unread("b").empty());
        add(Step::plan_a, may_plan("a"));
        add(Step::plan_b, may_plan("b"));
        add(Step::execute_a, world_.agency("a").sent.has_value());
        add(Step::execute_b, world_.agency("b").sent.has_value());
        add(Step::answer_a, world_.agency("a").answer.has_value());
        add(Step::answer_b, world_.agency("b").answer.has_value());
        add(Step::crash, !crashed_);
        return steps;
    }

    void take(Step step)
    {
        switch (step) {
            case Step::a_phone:
                return edit("a", "1", Part::phone);
            case Step::a_name:
                return edit("a", "1", Part::name);
            case Step::b_phone:
                return edit("b", key_at_b_, Part::phone);
            case Step::b_name:
                return edit("b", key_at_b_, Part::name);
            case Step::read_a:
                world_.read("a", 1);
                return;
            case Step::read_b:
                world_.read("b", 1);
                return;
            case Step::plan_a:
                edits_.plan("a");
                return;
            case Step::plan_b:
                edits_.plan("b");
                return;
            case Step::execute_a:
                return world_.execute("a");
            case Step::execute_b:
                return world_.execute("b");
            case Step::answer_a:
                return world_.answer("a");
            case Step::answer_b:
                return world_.answer("b");
            case Step::crash:
                crashed_ = true;
                return world_.crash();
        }
    }

    [[nodiscard]] std::size_t edits() const { return edits_.written().size() - first_; }

    [[nodiscard]] std::string picture()
    {
        auto text = picture_of(world_) + (crashed_ ? "crashed" : "");
        for (const auto& written : edits_.written())
            add(text, written.had);
        for (const auto* agency : {"a", "b"})
            for (const auto part : {Part::name, Part::phone})
                add(text, edits_.had(agency, number, part));
        return text;
    }

    void settle_and_check()
    {
        world_.settle();
        edits_.check();
    }

private:
    static BridgeDefinition bridge(const conflict::FieldRule& phone_rule)
    {
        auto bridge = sample_bridge(2);
        rule(bridge, person_entity, person::phone) = phone_rule;
        return bridge;
    }

    static void add(std::string& text, const std::set<std::size_t>& edits)
    {
        for (const auto edit : edits)
            text += std::to_string(edit) + ",";
        text += ";";
    }

    void edit(const std::string& agency, const std::string& key, Part part)
    {
        world_.update(agency + ".person", key, Columns{edits_.edit(agency, number, part)});
    }

    static bool is_silent(const Agency& agency)
    {
        const auto& answer = agency.answer;
        return answer && answer->missed.empty() && answer->refused.empty() && answer->deferred.empty();
    }

    bool may_plan(const std::string& agency)
    {
        const auto& side = world_.agency(agency);
        const auto& lane = world_.lanes().at(side.id);
        const bool something = !lane.queue().empty() || !lane.newly_linked.empty() || lane.marker_asked();
        return lane.phase() == Lane::Phase::ready && !side.sent && !side.answer && something;
    }

    World world_;
    PersonEdits edits_{world_};
    std::string key_at_b_;
    std::size_t first_ = 0;
    bool crashed_ = false;
};

// Breadth first: a shortest path to a failure is found first. Returns how many worlds there are.
std::size_t follow_all(const conflict::FieldRule& phone_rule, std::size_t edits_max)
{
    struct Beginning {
        Path path;
        std::vector<Step> steps;
    };
    std::unordered_set<std::size_t> seen;
    std::deque<Beginning> beginnings{
        {{}, SmallWorld{phone_rule}.possible(edits_max)}
    };
    while (!beginnings.empty()) {
        const auto beginning = std::move(beginnings.front());
        beginnings.pop_front();
        for (const auto step : beginning.steps) {
            SmallWorld world{phone_rule};
            for (const auto taken : beginning.path)
                world.take(taken);
            world.take(step);
            if (!seen.insert(std::hash<std::string>{}(world.picture())).second)
                continue;
            auto path = beginning.path;
            path.push_back(step);
            beginnings.push_back({path, world.possible(edits_max)});
            if (world.edits() < edits_max)
                continue;
            world.settle_and_check();
            if (::testing::Test::HasFailure()) {
                ADD_FAILURE() << show(path);
                return seen.size();
            }
        }
    }
    return seen.size();
}

class SmallWorlds : public ::testing::TestWithParam<conflict::FieldRule> {};

INSTANTIATE_TEST_SUITE_P(
    LatestHoldAndAuthority,
    SmallWorlds,
    ::testing::Values(
        conflict::FieldRule{conflict::Latest{}},
        conflict::FieldRule{conflict::Hold{}},
        conflict::FieldRule{conflict::Authority{AgencyId{"b"}}}
    )
);

TEST_P(SmallWorlds, LoseNoEditAndEndEqualInWhateverOrderThingsHappen)
{
    const auto* wanted = std::getenv("CASEBRIDGE_SMALL_WORLD_EDITS");
    const std::size_t edits = wanted == nullptr ? 1 : std::strtoull(wanted, nullptr, 10);
    const auto worlds = follow_all(GetParam(), edits);
    std::printf("%zu worlds with %zu edits\n", worlds, edits);
    EXPECT_GT(worlds, 400U);
}

}  // namespace
}  // namespace casebridge::pipeline
