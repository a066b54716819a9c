#include "config/model_file.hpp"
#include "config/rules.hpp"

#include <utility>

namespace casebridge::config {
namespace {

using pipeline::StaleForms;

std::optional<StaleForms> read_word(const Entry& entry)
{
    const auto word = entry.one_of({"restored", "any", "off"});
    if (!word)
        return std::nullopt;
    if (*word == "any")
        return StaleForms::any;
    return *word == "off" ? StaleForms::off : StaleForms::restored;
}

void read_entity(const Entry& entry, pipeline::BridgeDefinition& definition, EntityIndex index)
{
    const auto& entity = definition.model.entity(index);
    std::map<UnitIndex, StaleForms> named;
    std::optional<StaleForms> standard;
    for (const auto& member : entry.members()) {
        const auto word = read_word(member);
        if (member.key() == "default") {
            standard = word;
            continue;
        }
        const auto unit = entity.find_unit(member.key());
        if (!unit)
            member.key_mistake(unknown_unit(entity, member.key()));
        else if (word)
            named.emplace(*unit, *word);
    }
    for (std::size_t i = 0; i < entity.units.size(); ++i) {
        const UnitIndex unit{static_cast<std::uint16_t>(i)};
        const auto found = named.find(unit);
        if (found != named.end())
            definition.stale_forms[{index, unit}] = found->second;
        else if (standard)
            definition.stale_forms[{index, unit}] = *standard;
    }
}

}  // namespace

void read_stale_forms(const Entry& entry, pipeline::BridgeDefinition& definition)
{
    for (const auto& entity : entry.members()) {
        const auto index = definition.model.find_entity(entity.key());
        if (index)
            read_entity(entity, definition, *index);
        else
            entity.key_mistake(unknown_entity(definition.model, entity.key()));
    }
}

std::chrono::seconds read_stale_form_window(const Entry& agency)
{
    constexpr std::int64_t standard = 900;
    constexpr std::int64_t day = 86'400;
    const auto window = agency.find("stale_form_window_seconds");
    return std::chrono::seconds{window ? window->number(0, day).value_or(standard) : standard};
}

}  // namespace casebridge::config
