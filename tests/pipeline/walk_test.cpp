#include "tests/pipeline/person_edits.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

// Random walks over the world: edits, reads, deliveries, lost answers and crashes in any order. Whatever
// happened, afterwards every agency shows the same, no edit is gone without a trace, and the journal alone
// gives the same state. CASEBRIDGE_SEED replays one walk.

namespace casebridge::pipeline {
namespace {

class Walk {
public:
    explicit Walk(std::uint64_t seed) : random_(seed), world_(bridge(random_))
    {
        if (one_in(2))
            world_.keep_nothing_cached();
        if (one_in(2))
            world_.deliver_at_most(1);
        for (const auto& id : world_.bridge().agencies) {
            auto& side = world_.agency(id.value());
            side.skew = static_cast<std::int64_t>(pick(3)) * 7'000'000;
            const auto& table = world_.table(id.value() + ".person");
            side.unique.emplace(table.index, slot(id.value(), "number"));
        }
    }

    void run()
    {
        const auto people = 1 + pick(3);
        for (std::size_t i = 0; i < people; ++i)
            insert(agency(), std::to_string(7000 + i));
        const auto steps = 20 + pick(41);
        for (std::size_t i = 0; i < steps; ++i)
            step(people);
        for (const auto& id : world_.bridge().agencies) {
            world_.agency(id.value()).locked.clear();
            correct(id.value());
        }
        world_.settle();
    }

    void check() { edits_.check(); }

private:
    static BridgeDefinition bridge(std::mt19937_64& random)
    {
        auto bridge = sample_bridge(2 + random() % 2);
        switch (random() % 4) {
            case 0:
                rule(bridge, person_entity, person::phone) = conflict::Hold{};
                break;
            case 1:
                rule(bridge, person_entity, person::phone) = conflict::Authority{AgencyId{"b"}};
                break;
            default:
                break;
        }
        return bridge;
    }

    std::size_t pick(std::size_t bound) { return random_() % bound; }
    bool one_in(std::size_t bound) { return pick(bound) == 0; }
    std::string agency() { return world_.bridge().agencies[pick(world_.bridge().agencies.size())].value(); }

    std::size_t slot(const std::string& id, const std::string& column)
    {
        const auto& slots = world_.table(id + ".person").slots;
        std::size_t found = 0;
        while (slots[found].column != column)
            ++found;
        return found;
    }

    void insert(const std::string& id, const std::string& number)
    {
        if (edits_.row(id, number))
            return;
        Columns columns{
            {"number", number}
        };
        columns.push_back(edits_.edit(id, number, Part::phone));
        columns.push_back(edits_.edit(id, number, Part::name));
        if (id != "b")
            columns.emplace_back("given", "Kim");
        spoil(id, columns);
        world_.insert(id + ".person", world_.new_key(), columns);
    }

    // A code that no mapping knows parks the row until it is corrected.
    void spoil(const std::string& id, Columns& columns)
    {
        if (one_in(4))
            columns.emplace_back("status", one_in(2) ? "?" : id == "b" ? "2" : "W");
    }

    void correct(const std::string& id)
    {
        const auto table = id + ".person";
        for (const auto& key : world_.keys(table))
            if (world_.show(table, key, "status") == "?")
                world_.update(
                    table,
                    key,
                    {
                        {"status", id == "b" ? "1" : "S"}
                }
                );
    }

    void change(const std::string& id, const std::string& number)
    {
        const auto key = edits_.row(id, number);
        if (!key) {
            if (one_in(3))
                insert(id, number);
            return;
        }
        Columns columns;
        const auto parts = 1 + pick(3);
        if ((parts & 1U) != 0)
            columns.push_back(edits_.edit(id, number, Part::phone));
        if ((parts & 2U) != 0)
            columns.push_back(edits_.edit(id, number, Part::name));
        spoil(id, columns);
        if (one_in(6))
            world_.edit(id).rename(id + ".person", *key, world_.new_key(), columns).commit();
        else
            world_.update(id + ".person", *key, columns);
    }

    void step(std::size_t people)
    {
        const auto id = agency();
        auto& side = world_.agency(id);
        switch (pick(20)) {
            case 0:
                if (one_in(3))
                    world_.crash();
                return;
            case 1:
                world_.disconnect(id);
                return;
            case 2:
                if (side.sent)
                    world_.roll_back(id);
                return;
            case 3:
                if (const auto key = edits_.row(id, "7000"))
                    side.locked.insert({world_.table(id + ".person").index, LocalKey{*key}});
                return;
            case 4:
                side.locked.clear();
                return;
            default:
                break;
        }
        switch (pick(6)) {
            case 0:
            case 1:
                change(id, std::to_string(7000 + pick(people)));
                return;
            case 2:
                world_.read(id, 1 + pick(3));
                return;
            case 3:
                world_.read(id);
                return;
            case 4:
                edits_.plan(id);
                return;
            default:
                if (side.sent)
                    world_.execute(id);
                if (side.answer && one_in(2))
                    world_.answer(id);
                return;
        }
    }

    std::mt19937_64 random_;
    World world_;
    PersonEdits edits_{world_};
};

void walk(std::uint64_t seed)
{
    SCOPED_TRACE("CASEBRIDGE_SEED=" + std::to_string(seed));
    Walk walk{seed};
    walk.run();
    walk.check();
}

TEST(Walk, ConvergesAndLosesNoEditWhateverTheOrder)
{
    if (const auto* seed = std::getenv("CASEBRIDGE_SEED")) {
        walk(std::strtoull(seed, nullptr, 10));
        return;
    }
    for (std::uint64_t seed = 1; seed <= 1'500 && !HasFailure(); ++seed)
        walk(seed);
}

}  // namespace
}  // namespace casebridge::pipeline
