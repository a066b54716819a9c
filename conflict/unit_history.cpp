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

const Answers* UnitHistory::answers_of(const AgencyId& agency) const
{
    const auto found = std::ranges::find(answers, agency, &Answers::agency);
    return found == answers.end() ? nullptr : &*found;
}

void UnitHistory::set_mark(const AgencyId& agency, std::optional<JournalSeq> from)
{
    std::erase_if(marks, [&](const UnseenMark& mark) { return mark.agency == agency; });
    if (from)
        marks.push_back({agency, *from});
}

}  // namespace casebridge::conflict
