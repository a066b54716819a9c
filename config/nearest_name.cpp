#include "config/nearest_name.hpp"

#include <algorithm>
#include <numeric>

namespace casebridge::config {
namespace {

// Levenshtein's distance in bytes.
std::size_t distance(std::string_view left, std::string_view right)
{
    std::vector<std::size_t> row(right.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < left.size(); ++i) {
        auto diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < right.size(); ++j) {
            const auto replaced = diagonal + (left[i] == right[j] ? 0U : 1U);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

}  // namespace

std::string did_you_mean(std::string_view unknown, const std::vector<std::string>& known)
{
    constexpr std::size_t length_max = 100;
    if (unknown.empty() || unknown.size() > length_max)
        return {};
    const std::string* nearest = nullptr;
    auto least = std::max<std::size_t>(1, unknown.size() / 3) + 1;
    for (const auto& name : known) {
        if (name.size() > length_max)
            continue;
        const auto steps = distance(unknown, name);
        if (steps < least) {
            least = steps;
            nearest = &name;
        }
    }
    return nearest == nullptr ? std::string{} : "; did you mean \"" + *nearest + "\"?";
}

}  // namespace casebridge::config
