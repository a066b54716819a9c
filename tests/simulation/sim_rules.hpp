#pragma once

#include "model/ids.hpp"
#include "pipeline/bridge_definition.hpp"
#include "tests/simulation/dice.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

// Which rule judges which unit of a simulated bridge. The seed chooses it for some; the others stay as
// sim_bridge.hpp says. The words are the simulator's own: the checkers read them without the project's rules.

namespace casebridge::simulation {

enum class RuleKind {
    hold,
    latest,
    latest_narrow,  // A skew bound of 100 ms.
    authority,      // Of north.
    filled_latest,
    max,
    min,
    filled_min,
    rank,  // Of `ranked`.
    filled_rank,
    sum,
    sum_max,
};

// Of a status; the others are not listed.
inline constexpr const char* ranked[] = {"retired", "working"};

// What follows when an agency deletes its row.
enum class DeleteKind { hold, detach, propagate };

class Rules {
public:
    explicit Rules(Dice& dice);

    [[nodiscard]] DeleteKind on_delete(EntityIndex entity) const { return deletes_.at(entity); }

    // Whether a table of east or west lets us delete; the others do.
    [[nodiscard]] mapping::RemoteDelete remote_delete(MappingIndex table) const;

    // How many records of an entity an agency may delete in one transaction, and how many it may change,
    // before a person is asked; nothing: as many as it likes.
    struct MassChange {
        std::size_t deleted = 0;
        std::size_t changed = 0;
    };
    [[nodiscard]] const std::optional<MassChange>& mass_change() const { return mass_change_; }

    [[nodiscard]] RuleKind of(EntityIndex entity, UnitIndex unit) const;
    [[nodiscard]] bool adds(EntityIndex entity, UnitIndex unit) const;
    // Which edits are taken for a stale form's, and how long a form may stay open; 0: no guard.
    [[nodiscard]] pipeline::StaleForms stale_forms_of(EntityIndex entity, UnitIndex unit) const;
    [[nodiscard]] std::int64_t stale_form_window_us() const { return stale_form_window_us_; }

private:
    std::map<std::pair<EntityIndex, UnitIndex>, RuleKind> kinds_;
    std::map<EntityIndex, DeleteKind> deletes_;
    std::map<MappingIndex, mapping::RemoteDelete> remote_deletes_;
    pipeline::StaleForms phones_ = pipeline::StaleForms::restored;
    std::int64_t stale_form_window_us_ = 0;
    std::optional<MassChange> mass_change_;
};

}  // namespace casebridge::simulation
