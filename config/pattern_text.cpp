#include "config/pattern_text.hpp"

#include "config/model_file.hpp"

#include <algorithm>
#include <utility>

namespace casebridge::config {
namespace {

struct RawPattern {
    std::vector<std::string> names;
    std::vector<std::string> literals;
};

// Braces mean fields and nothing else; there is no way to write one as a literal.
std::optional<RawPattern> take_apart(const std::string& text)
{
    RawPattern pattern;
    std::size_t at = 0;
    while (true) {
        const auto brace = text.find_first_of("{}", at);
        pattern.literals.push_back(text.substr(at, brace - at));
        if (brace == std::string::npos)
            return pattern;
        const auto end = text.find_first_of("{}", brace + 1);
        if (text[brace] == '}' || end == std::string::npos || text[end] == '{')
            return std::nullopt;
        pattern.names.push_back(text.substr(brace + 1, end - brace - 1));
        at = end + 1;
    }
}

std::optional<std::string> wrong_field(const PatternText& so_far, const FieldDefinition& field)
{
    const bool whole =
        field.type == FieldType::code || field.type == FieldType::reference || field.type == FieldType::set;
    if (!is_doubtful(field) && whole)
        return field.name + " is of type " + std::string{name_of(field.type)} +
               " and cannot be part of a pattern";
    if (std::ranges::find(so_far.fields, &field) != so_far.fields.end())
        return "field " + field.name + " stands in the pattern twice";
    if (!so_far.fields.empty() && so_far.fields.front()->unit != field.unit)
        return so_far.fields.front()->name + " and " + field.name +
               " do not belong to one group; a column is split inside a group only";
    return std::nullopt;
}

}  // namespace

std::optional<PatternText> read_pattern(const Entry& entry, const EntityDefinition& entity)
{
    const auto text = entry.any_text();
    if (!text)
        return std::nullopt;
    auto raw = take_apart(*text);
    if (!raw || raw->names.empty()) {
        entry.mistake("a pattern has fields in braces: {name.family}, {name.given}");
        return std::nullopt;
    }
    const auto inner = std::ranges::subrange(raw->literals.begin() + 1, raw->literals.end() - 1);
    if (std::ranges::any_of(inner, &std::string::empty)) {
        entry.mistake("two fields without a text between them cannot be told apart");
        return std::nullopt;
    }
    PatternText pattern;
    for (const auto& name : raw->names) {
        const auto* field = entity.find_field(name);
        auto wrong =
            field == nullptr ? std::optional{unknown_field(entity, name)} : wrong_field(pattern, *field);
        if (wrong) {
            entry.mistake(std::move(*wrong));
            return std::nullopt;
        }
        pattern.fields.push_back(field);
    }
    pattern.literals = std::move(raw->literals);
    return pattern;
}

}  // namespace casebridge::config
