#include "conflict/field_rule.hpp"

#include <type_traits>

namespace casebridge::conflict {

std::span<const ChainedRule> FieldRule::chain() const
{
    const auto* chain = std::get_if<Chain>(&kind_);
    return chain == nullptr ? std::span<const ChainedRule>{} : std::span{chain->rules};
}

const Sum* FieldRule::sum() const
{
    const auto rules = chain();
    return rules.empty() ? nullptr : std::get_if<Sum>(&rules.front());
}

bool FieldRule::joins() const
{
    const auto rules = chain();
    return !rules.empty() && std::holds_alternative<Union>(rules.front());
}

std::string_view to_string(const ChainedRule& rule)
{
    return std::visit(
        [](const auto& kind) -> std::string_view {
            using Kind = std::decay_t<decltype(kind)>;
            if constexpr (std::is_same_v<Kind, Latest>)
                return "latest";
            else if constexpr (std::is_same_v<Kind, Max>)
                return "max";
            else if constexpr (std::is_same_v<Kind, Min>)
                return "min";
            else if constexpr (std::is_same_v<Kind, Rank>)
                return "rank";
            else if constexpr (std::is_same_v<Kind, Filled>)
                return "filled";
            else if constexpr (std::is_same_v<Kind, Sum>)
                return "sum";
            else {
                static_assert(std::is_same_v<Kind, Union>);
                return "union";
            }
        },
        rule
    );
}

std::string to_string(const FieldRule& rule)
{
    if (const auto* authority = rule.authority())
        return "authority:" + authority->agency.value();
    std::string names;
    for (const auto& chained : rule.chain()) {
        if (!names.empty())
            names += '>';
        names += to_string(chained);
    }
    return names.empty() ? "hold" : names;
}

}  // namespace casebridge::conflict
