#include "doctor/facts.hpp"

#include <algorithm>
#include <charconv>

namespace casebridge::doctor {

std::optional<ClockOffset> clock_offset(const std::vector<ClockSample>& samples)
{
    if (samples.empty())
        return std::nullopt;
    const auto& best = *std::ranges::min_element(samples, {}, [](const ClockSample& sample) {
        return sample.after - sample.before;
    });
    // The server looked at its clock at some moment between our two looks. Half a microsecond is lost to
    // rounding on either side.
    const auto half = (best.after - best.before) / 2;
    return ClockOffset{best.server - (best.before + half), half + std::chrono::microseconds{1}};
}

std::string SessionFacts::setting(std::string_view name) const
{
    const auto found = settings.find(name);
    return found == settings.end() ? std::string{} : found->second;
}

std::optional<std::int64_t> SessionFacts::number(std::string_view name) const
{
    const auto text = setting(name);
    std::int64_t value = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, failure] = std::from_chars(text.data(), end, value);
    if (failure != std::errc{} || stop != end)
        return std::nullopt;
    return value;
}

bool TableGrants::permits(std::string_view privilege, std::string_view column) const
{
    if (on_table.contains(privilege))
        return true;
    const auto found = columns.find(privilege);
    return found != columns.end() && found->second.contains(column);
}

}  // namespace casebridge::doctor
