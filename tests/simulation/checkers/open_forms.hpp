#pragma once

#include "tests/simulation/ledger.hpp"
#include "tests/simulation/rows.hpp"
#include "tests/simulation/sim_rules.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace casebridge::simulation {

// One row of an agency as it was read twice in a row.
struct RowStep {
    MappingIndex table;
    const Row& before;
    const Row& after;
    RowSource source = RowSource::stream;
    const OwnWrite* ours = nullptr;  // What a delivery wrote there, if the change is one's.
    std::optional<PgTime> time;      // By the agency's clock.
    std::size_t commit = 0;          // Position in Ledger::commits().
};

// The forms of one row that somebody may have opened before a delivery and not saved yet: for each delivery
// the screen that it outdated. Words docs/conflict_resolution.md ("Stale forms") a second time.
class OpenForms {
public:
    // By unit that the step overwrites as a stale form does: the delivery that the form did not show, and
    // what the form said.
    struct Overwritten {
        std::size_t delivery = 0;
        Row shown;
    };
    using Stale = std::map<UnitIndex, Overwritten>;

    [[nodiscard]] Stale read(const Rules& rules, const RowStep& step);

private:
    struct Cell {
        Text text;
        std::size_t delivery = 0;
    };
    struct Screen {
        PgTime outdated;
        std::map<std::size_t, Cell> cells;  // Where it differs from the row by deliveries alone.
        std::set<std::size_t> first;        // Columns that its own delivery changed.
    };

    [[nodiscard]] const Screen* saved(const RowStep& step) const;
    void remember(const RowStep& step);

    std::vector<Screen> screens_;  // Oldest first.
};

}  // namespace casebridge::simulation
