#include "tests/simulation/actions.hpp"

#include <array>

namespace casebridge::simulation {
namespace {

enum class Kind { work, fault };

struct Share {
    Action action;
    std::size_t weight;
    Kind kind;
};

constexpr std::array shares{
    Share{Action::edit,           80,  Kind::work },
    Share{Action::capture,        160, Kind::work },
    Share{Action::lane,           90,  Kind::work },
    Share{Action::server,         90,  Kind::work },
    Share{Action::survey,         40,  Kind::work },
    Share{Action::append,         160, Kind::work },
    Share{Action::project,        40,  Kind::work },
    Share{Action::sweep,          10,  Kind::work },
    Share{Action::release,        6,   Kind::work },
    Share{Action::beat,           4,   Kind::work },
    Share{Action::correct,        6,   Kind::work },
    Share{Action::decide,         40,  Kind::work },
    Share{Action::approve,        20,  Kind::work },
    Share{Action::lock,           8,   Kind::work },
    Share{Action::unlock,         6,   Kind::work },
    Share{Action::crash,          5,   Kind::fault},
    Share{Action::lose_stream,    6,   Kind::fault},
    Share{Action::lose_lane,      8,   Kind::fault},
    Share{Action::fail_delivery,  4,   Kind::fault},
    Share{Action::restart_agency, 2,   Kind::fault},
    Share{Action::set_clock,      2,   Kind::fault},
};

}  // namespace

ActionDeck::ActionDeck(Dice& dice)
{
    constexpr std::array<std::size_t, 3> factors{1, 4, 12};
    const bool calm = dice.one_in(5);
    for (const auto& share : shares) {
        auto weight = share.weight * factors[dice.below(factors.size())];
        if (calm && share.kind == Kind::fault)
            weight = 0;
        weights_.push_back(weight);
        total_ += weight;
    }
}

Action ActionDeck::draw(Dice& dice) const
{
    auto left = dice.below(total_);
    for (std::size_t i = 0; i < shares.size(); ++i) {
        if (left < weights_[i])
            return shares[i].action;
        left -= weights_[i];
    }
    return Action::edit;
}

}  // namespace casebridge::simulation
