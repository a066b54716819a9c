#include "tests/simulation/sim_rules.hpp"

#include "tests/simulation/sim_bridge.hpp"

#include <vector>

namespace casebridge::simulation {

Rules::Rules(Dice& dice)
{
    const auto choose = [&](EntityIndex entity, UnitIndex unit, const std::vector<RuleKind>& kinds) {
        kinds_[{entity, unit}] = dice.pick(kinds);
    };
    using enum RuleKind;
    kinds_ = {
        {{home_entity, home::code},       hold},
        {{person_entity, person::number}, hold},
    };
    choose(home_entity, home::area, {latest, sum, max, filled_latest});
    choose(person_entity, person::phone, {latest, latest_narrow, filled_latest});
    choose(person_entity, person::grade, {authority, authority, sum, sum, sum_max, max, min, filled_min});
    choose(person_entity, person::status, {hold, hold, rank, filled_rank});
    using pipeline::StaleForms;
    phones_ =
        dice.pick(std::vector{StaleForms::restored, StaleForms::restored, StaleForms::any, StaleForms::off});
    stale_form_window_us_ = dice.pick(std::vector<std::int64_t>{0, 5'000'000, 900'000'000, 900'000'000});
    using DeleteKinds = std::vector<DeleteKind>;
    deletes_[home_entity] = dice.pick(DeleteKinds{DeleteKind::hold, DeleteKind::propagate});
    deletes_[person_entity] = dice.pick(DeleteKinds{
        DeleteKind::hold, DeleteKind::detach, DeleteKind::propagate, DeleteKind::propagate});
    for (const auto table : {east_homes, east_people, west_people})
        remote_deletes_[table] =
            dice.one_in(3) ? mapping::RemoteDelete::refused : mapping::RemoteDelete::permitted;
    if (dice.one_in(2))
        mass_change_ = MassChange{1 + dice.below(2), 2 + dice.below(3)};
}

mapping::RemoteDelete Rules::remote_delete(MappingIndex table) const
{
    const auto found = remote_deletes_.find(table);
    return found == remote_deletes_.end() ? mapping::RemoteDelete::permitted : found->second;
}

RuleKind Rules::of(EntityIndex entity, UnitIndex unit) const
{
    const auto found = kinds_.find({entity, unit});
    return found == kinds_.end() ? RuleKind::latest : found->second;
}

pipeline::StaleForms Rules::stale_forms_of(EntityIndex entity, UnitIndex unit) const
{
    const bool is_phone = entity == person_entity && unit == person::phone;
    return is_phone ? phones_ : pipeline::StaleForms::restored;
}

bool Rules::adds(EntityIndex entity, UnitIndex unit) const
{
    const auto kind = of(entity, unit);
    return kind == RuleKind::sum || kind == RuleKind::sum_max;
}

}  // namespace casebridge::simulation
