#include "tests/simulation/checkers/final_state.hpp"

#include <algorithm>

namespace casebridge::simulation {

FinalState::FinalState(const World& world) : state_(world.hub.replayed()), rules_(world.rules)
{
    auto ids = state_.records.unprojected();
    std::ranges::sort(ids);
    for (const auto id : ids) {
        const auto* record = state_.records.find(id);
        records_.push_back(record);
        for (const auto& link : record->links)
            if (live_link(*record, link.table) != nullptr)
                places_[{link.table, link.key}] = {record, &link};
    }
    for (const auto& entry : world.hub.journal())
        if (const auto* read = std::get_if<RowRead>(&entry.body))
            count_answers(*read);
}

void FinalState::count_answers(const RowRead& read)
{
    for (const auto& version : read.versions) {
        auto& counts = answers_[{read.record, version.unit}];
        const bool reverted = std::ranges::any_of(read.conflicts, [&](const ConflictNote& conflict) {
            return conflict.unit == version.unit &&
                   (conflict.verdict == Verdict::reverted || conflict.verdict == Verdict::proposed);
        });
        const bool has_authority =
            rules_.of(read.entity, version.unit) == RuleKind::authority && read.agency == north;
        const bool put_back = version.suspect && version.enters() && !has_authority;
        if (reverted || put_back || (read.source == RowSource::echo && version.enters()))
            ++counts[read.agency];
        else if (!version.enters())
            counts.erase(read.agency);  // It agrees.
        else
            counts.clear();
    }
}

bool FinalState::argues(const pipeline::Record& record, UnitIndex unit, const AgencyId& agency) const
{
    constexpr std::size_t answers_max = 3;
    const auto unit_answers = answers_.find({record.id, unit});
    if (unit_answers == answers_.end())
        return false;
    const auto answers = unit_answers->second.find(agency);
    return answers != unit_answers->second.end() && answers->second > answers_max;
}

std::optional<FinalState::Place> FinalState::place_of(const LinkKey& row) const
{
    const auto found = places_.find(row);
    if (found == places_.end())
        return std::nullopt;
    return found->second;
}

const pipeline::Link* FinalState::live_link(const pipeline::Record& record, MappingIndex table) const
{
    const auto link = std::ranges::find(record.links, table, &pipeline::Link::table);
    if (link == record.links.end() || link->state != pipeline::LinkState::live)
        return nullptr;
    const auto& truncated = state_.tables[table.value()].truncated_at;
    return truncated && link->since < *truncated ? nullptr : &*link;
}

const RowParked* FinalState::parked(const LinkKey& row) const
{
    const auto found = state_.parked.find(row);
    return found == state_.parked.end() ? nullptr : &found->second.newest;
}

std::optional<Text> FinalState::golden(const pipeline::Record& record, UnitIndex unit) const
{
    return standing_value(rules_, record.entity, unit, record.units[unit.value()].open);
}

bool FinalState::may_know(
    const pipeline::Record& record, UnitIndex unit, const Text& value, const AgencyId& agency
) const
{
    return std::ranges::any_of(record.units[unit.value()].open, [&](const Version& version) {
        return text_of(record.entity, unit, version.value) == value &&
               (version.author == agency || shares(version.author, agency, record.entity, unit));
    });
}

bool pointed_at(const World& world, const LinkKey& home)
{
    const auto people = table_of(agency_of(home.table), person_entity);
    const auto slot = people ? reference_slot(*people) : std::nullopt;
    const auto& rows = world.sites.at(agency_of(home.table)).agency.rows();
    return slot && std::ranges::any_of(rows, [&](const auto& row) {
               return row.first.table == people && row.second[*slot] == home.key.value();
           });
}

}  // namespace casebridge::simulation
