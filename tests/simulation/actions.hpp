#pragma once

#include "tests/simulation/dice.hpp"

#include <cstddef>
#include <vector>

namespace casebridge::simulation {

// What may happen next in a history.
enum class Action {
    edit,
    capture,
    lane,
    server,
    survey,
    append,
    project,
    sweep,
    release,
    beat,
    correct,
    decide,
    approve,
    lock,
    unlock,
    crash,
    lose_stream,
    lose_lane,
    fail_delivery,
    restart_agency,
    set_clock,
};

// Draws what happens next. Some histories have much of one thing and little of another, because the average
// of all is dull; some have no faults.
class ActionDeck {
public:
    explicit ActionDeck(Dice& dice);

    [[nodiscard]] Action draw(Dice& dice) const;

private:
    std::vector<std::size_t> weights_;
    std::size_t total_ = 0;
};

}  // namespace casebridge::simulation
