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

std::vector<Version> open_among(const UnitHistory& history, const Known& known)
{
    std::vector<Version> open;
    for (const auto& version : history.open)
        if (known(version.seq, &version))
            open.push_back(version);
    const auto version_of = [&](JournalSeq seq) -> const Version* {
        for (const auto& version : history.open)
            if (version.seq == seq)
                return &version;
        for (const auto& past : history.past)
            if (past.version.seq == seq)
                return &past.version;
        return nullptr;
    };
    for (const auto& [version, by] : history.past)
        if (known(version.seq, &version) && !known(by, version_of(by)))
            open.push_back(version);
    return open;
}

}  // namespace casebridge::conflict
