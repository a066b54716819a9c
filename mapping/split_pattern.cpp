#include "mapping/split_pattern.hpp"

#include "model/assert.hpp"

namespace casebridge::mapping {

std::optional<std::vector<std::string>> split(const Literals& literals, std::string_view text)
{
    CASEBRIDGE_ASSERT(literals.size() >= 2);
    const std::string_view first = literals.front();
    const std::string_view last = literals.back();
    if (text.size() < first.size() + last.size() || !text.starts_with(first) || !text.ends_with(last))
        return std::nullopt;
    text.remove_prefix(first.size());
    text.remove_suffix(last.size());

    std::vector<std::string> parts;
    for (std::size_t i = 1; i + 1 < literals.size(); ++i) {
        const auto found = text.find(literals[i]);
        if (found == std::string_view::npos)
            return std::nullopt;
        parts.emplace_back(text.substr(0, found));
        text.remove_prefix(found + literals[i].size());
    }
    parts.emplace_back(text);
    return parts;
}

std::string join(const Literals& literals, std::span<const std::string> parts)
{
    CASEBRIDGE_ASSERT(literals.size() == parts.size() + 1);
    std::string text = literals.front();
    for (std::size_t i = 0; i < parts.size(); ++i)
        text.append(parts[i]).append(literals[i + 1]);
    return text;
}

}  // namespace casebridge::mapping
