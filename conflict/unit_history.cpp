#include "conflict/unit_history.hpp"

#include <algorithm>

namespace casebridge::conflict {

std::optional<JournalSeq> UnitHistory::mark(const AgencyId& agency) const
{
    const auto found = std::ranges::find(marks, agency, &UnseenMark::agency);
    if (found == marks.end())
        return std::nullopt;
    return found->from;
}

void UnitHistory::set_mark(const AgencyId& agency, std::optional<JournalSeq> from)
{
    std::erase_if(marks, [&](const UnseenMark& mark) { return mark.agency == agency; });
    if (from)
        marks.push_back({agency, *from});
}

}  // namespace casebridge::conflict
