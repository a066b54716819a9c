#include "doctor/finding.hpp"

#include "model/assert.hpp"

namespace casebridge::doctor {

const FindingKind& kind_of(std::string_view code)
{
    const auto found = std::ranges::find(catalogue(), code, &FindingKind::code);
    CASEBRIDGE_ASSERT(found != catalogue().end());
    return *found;
}

void Subject::found(std::string_view code, std::string cause, std::string remedy)
{
    CASEBRIDGE_ASSERT(std::ranges::count(looked_for_, code) == 1);
    findings_.push_back({&kind_of(code), std::move(cause), std::move(remedy)});
}

void Subject::withdraw(std::initializer_list<std::string_view> codes)
{
    for (const auto code : codes)
        std::erase(looked_for_, code);
}

std::vector<std::string_view> Subject::passed() const
{
    std::vector<std::string_view> codes;
    for (const auto code : looked_for_)
        if (std::ranges::none_of(findings_, [&](const Finding& f) { return f.kind->code == code; }))
            codes.push_back(code);
    return codes;
}

}  // namespace casebridge::doctor
