#include "config/create_when.hpp"

#include "config/model_file.hpp"
#include "config/nearest_name.hpp"
#include "mapping/canonical_text.hpp"
#include "model/text_set.hpp"

#include <algorithm>
#include <utility>

namespace casebridge::config {
namespace {

std::optional<mapping::AgeBetween> read_age(const Entry& condition, const FieldDefinition& field)
{
    if (!condition.is_object_of({"age"}))
        return std::nullopt;
    const auto age = condition.required("age");
    if (!age)
        return std::nullopt;
    if (field.type != FieldType::date && !is_doubtful(field))
        condition.mistake(field.name + " is no date and has no age");
    if (!age->is_object_of({"from", "to"}))
        return std::nullopt;
    constexpr std::int64_t years_max = 150;
    const auto from = age->required("from");
    const auto to = age->required("to");
    const auto least = from ? from->number(0, years_max) : std::nullopt;
    const auto greatest = to ? to->number(0, years_max) : std::nullopt;
    if (!least || !greatest)
        return std::nullopt;
    if (*least > *greatest)
        age->mistake("\"from\" is greater than \"to\": no age fits");
    return mapping::AgeBetween{
        .from_years = static_cast<int>(*least), .to_years = static_cast<int>(*greatest)};
}

mapping::AnyOf read_values(const Entry& condition, const CanonicalModel& model, const FieldDefinition& field)
{
    mapping::AnyOf any;
    if (field.type == FieldType::reference) {
        condition.mistake(field.name + " is a reference; conditions on references are not supported");
        return any;
    }
    if (field.type == FieldType::set) {
        condition.mistake(field.name + " is a set; conditions on sets are not supported");
        return any;
    }
    const bool single = condition.is(JsonNode::Kind::string);
    if (!single && !condition.is(JsonNode::Kind::array)) {
        condition.mistake(R"(must be a value as text, a list of them, or {"age": …})");
        return any;
    }
    const auto elements = single ? std::vector{condition} : condition.elements();
    for (const auto& element : elements) {
        auto text = element.any_text();
        if (!text)
            continue;
        if (auto wrong = wrong_value(model, field, *text))
            element.mistake(std::move(*wrong));
        any.values.emplace_back(std::move(*text));
    }
    if (condition.is(JsonNode::Kind::array) && elements.empty())
        condition.mistake("a condition without a value never holds");
    return any;
}

std::optional<std::string> wrong_code(const CodeList& list, const std::string& text)
{
    if (std::ranges::find(list.codes, text) != list.codes.end())
        return std::nullopt;
    return "code list " + list.name + " has no \"" + text + "\"" + did_you_mean(text, list.codes);
}

}  // namespace

mapping::CreateWhen read_create_when(
    const Entry& entry, const CanonicalModel& model, const EntityDefinition& entity
)
{
    if (entry.is(JsonNode::Kind::string)) {
        if (entry.one_of({"always", "never"}) == "always")
            return mapping::CreateAlways{};
        return mapping::CreateNever{};
    }
    std::vector<mapping::CreateCondition> conditions;
    for (const auto& condition : entry.members()) {
        const auto* field = entity.find_field(condition.key());
        if (field == nullptr) {
            condition.key_mistake(unknown_field(entity, condition.key()));
            continue;
        }
        const FieldIndex index{static_cast<std::uint16_t>(field - entity.fields.data())};
        if (!condition.is(JsonNode::Kind::object))
            conditions.push_back({.field = index, .test = read_values(condition, model, *field)});
        else if (const auto age = read_age(condition, *field))
            conditions.push_back({.field = index, .test = *age});
    }
    if (entry.is(JsonNode::Kind::object) && entry.members().empty())
        entry.mistake("no condition; write \"always\" or \"never\"");
    if (conditions.empty())
        return mapping::CreateNever{};
    return conditions;
}

std::optional<std::string> wrong_element(
    const CanonicalModel& model, const FieldDefinition& field, const std::string& text
)
{
    return field.element_list ? wrong_code(model.code_lists[*field.element_list], text) : std::nullopt;
}

std::optional<std::string> wrong_value(
    const CanonicalModel& model, const FieldDefinition& field, const std::string& text
)
{
    if (is_doubtful(field))
        return std::nullopt;
    if (field.type == FieldType::code)
        return wrong_code(model.code_lists[field.code_list], text);
    if (field.type == FieldType::set) {
        const auto set = parse_text_set(text);
        if (!set)
            return "\"" + text +
                   R"(" is no set: write ["a","b"] without blanks, the elements in order, each once)";
        for (const auto& element : *set)
            if (auto wrong = wrong_element(model, field, element.expose()))
                return wrong;
        return std::nullopt;
    }
    const auto canonical = mapping::to_canonical(field.type, text);
    if (!canonical)
        return "\"" + text + "\" is no " + std::string{name_of(field.type)};
    if (*canonical != text)
        return "\"" + text + "\" must be written \"" + *canonical + "\"";
    return std::nullopt;
}

}  // namespace casebridge::config
