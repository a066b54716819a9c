#pragma once

#include "tests/simulation/world.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace casebridge::simulation {

// The end of a history, arranged for checkers: the records as the journal alone leads to them, found by row.
class FinalState {
public:
    explicit FinalState(const World& world);

    struct Place {
        const pipeline::Record* record = nullptr;
        const pipeline::Link* link = nullptr;
    };

    [[nodiscard]] const std::vector<const pipeline::Record*>& records() const noexcept { return records_; }
    // The record that a row is linked to, live; nothing otherwise.
    [[nodiscard]] std::optional<Place> place_of(const LinkKey& row) const;
    // The record's live row of a table.
    [[nodiscard]] const pipeline::Link* live_link(const pipeline::Record& record, MappingIndex table) const;
    [[nodiscard]] const RowParked* parked(const LinkKey& row) const;
    // By the checkers' own judgement; nothing while it is held or nobody has said anything.
    [[nodiscard]] std::optional<Text> golden(const pipeline::Record& record, UnitIndex unit) const;
    // Whether one of those who wrote the standing value may show it to the agency, or it wrote it itself.
    [[nodiscard]] bool may_know(
        const pipeline::Record& record, UnitIndex unit, const Text& value, const AgencyId& agency
    ) const;

    // Whether the agency has answered what we wrote to the unit more than three times in a row, by a trigger
    // or against an authority: nothing more of the unit is written there.
    [[nodiscard]] bool argues(const pipeline::Record& record, UnitIndex unit, const AgencyId& agency) const;

private:
    void count_answers(const RowRead& read);

    const pipeline::BridgeState& state_;
    const Rules& rules_;
    std::map<std::pair<RecordId, UnitIndex>, std::map<AgencyId, std::size_t>> answers_;
    std::vector<const pipeline::Record*> records_;
    std::map<LinkKey, Place> places_;
};

// Whether a person's row of the same agency shows that home.
[[nodiscard]] bool pointed_at(const World& world, const LinkKey& home);

}  // namespace casebridge::simulation
