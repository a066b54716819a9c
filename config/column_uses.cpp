#include "config/column_uses.hpp"

#include "config/sql_name.hpp"

#include <algorithm>
#include <utility>

namespace casebridge::config {

std::optional<std::string> column_name(const std::string& text)
{
    const bool legal = !text.empty() && text.size() <= identifier_bytes_max &&
                       text.find_first_of(std::string_view{"\"\0", 2}) == std::string::npos;
    return legal ? std::optional{text} : std::nullopt;
}

std::string column_name_rule()
{
    return "a column is named as the catalogue spells it, without quotes, in 1 to " +
           std::to_string(identifier_bytes_max) + " bytes";
}

std::optional<std::string> read_column(const Entry& entry)
{
    const auto text = entry.any_text();
    if (!text)
        return std::nullopt;
    auto name = column_name(*text);
    if (!name)
        entry.mistake(column_name_rule());
    return name;
}

void ColumnUses::take(const Entry& entry, mapping::Slot slot, std::string use)
{
    if (auto message = conflict(slot))
        entry.mistake(std::move(*message));
    uses_.push_back(Use{std::move(slot), std::move(use)});
}

void ColumnUses::take_key(const Entry& entry, mapping::Slot slot, std::string use)
{
    if (auto message = conflict(slot))
        entry.key_mistake(std::move(*message));
    uses_.push_back(Use{std::move(slot), std::move(use)});
}

std::optional<std::string> ColumnUses::conflict(const mapping::Slot& slot) const
{
    const auto overlaps = [&](const Use& use) {
        const auto common = std::min(use.slot.path.size(), slot.path.size());
        return use.slot.column == slot.column && std::equal(
                                                     slot.path.begin(),
                                                     slot.path.begin() + static_cast<std::ptrdiff_t>(common),
                                                     use.slot.path.begin()
                                                 );
    };
    const auto found = std::ranges::find_if(uses_, overlaps);
    if (found == uses_.end())
        return std::nullopt;
    return "column \"" + slot.column + "\" is used already, by " + found->name;
}

}  // namespace casebridge::config
