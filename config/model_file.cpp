#include "config/model_file.hpp"

#include "config/nearest_name.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace casebridge::config {
namespace {

// Indices of the model are 16 bits wide; nobody needs that many.
constexpr std::size_t entities_max = 1'000;
constexpr std::size_t fields_max = 1'000;

constexpr std::array<std::pair<std::string_view, FieldType>, 9> type_names{
    {
     {"text", FieldType::text},
     {"integer", FieldType::integer},
     {"decimal", FieldType::decimal},
     {"boolean", FieldType::boolean},
     {"date", FieldType::date},
     {"timestamp", FieldType::timestamp},
     {"code", FieldType::code},
     {"reference", FieldType::reference},
     {"set", FieldType::set},
     }
};

template <class Named>
std::vector<std::string> names_of(const std::vector<Named>& all)
{
    std::vector<std::string> names;
    for (const auto& one : all)
        names.push_back(one.name);
    return names;
}

// Names joined by dots: `address.city`.
bool is_field_name(std::string_view text)
{
    while (true) {
        const auto dot = text.find('.');
        if (!is_name(text.substr(0, dot)))
            return false;
        if (dot == std::string_view::npos)
            return true;
        text.remove_prefix(dot + 1);
    }
}

CodeList read_code_list(const Entry& entry)
{
    CodeList list{.name = entry.key(), .codes = {}};
    if (!is_name(list.name))
        entry.key_mistake("the name of a code list consists of a-z, 0-9 and _");
    for (const auto& element : entry.elements()) {
        auto code = element.text();
        if (!code)
            continue;
        if (std::ranges::find(list.codes, *code) != list.codes.end())
            element.mistake("code \"" + *code + "\" is repeated");
        else
            list.codes.push_back(std::move(*code));
    }
    if (entry.is(JsonNode::Kind::array) && list.codes.empty())
        entry.mistake("a code list needs a code");
    return list;
}

class EntityReader {
public:
    EntityReader(CanonicalModel& model, EntityIndex index)
        : model_(model), index_(index), entity_(model.entities[index.value()])
    {
    }

    void read(const Entry& entry, std::vector<IdentityPlace>& places)
    {
        if (!entry.is_object_of({"fields", "groups", "identity"}))
            return;
        if (const auto fields = entry.required("fields"))
            read_fields(*fields);
        if (const auto groups = entry.find("groups"))
            for (const auto& group : groups->members())
                read_group(group);
        make_units();
        if (const auto identity = entry.find("identity"))
            for (const auto& rule : identity->elements())
                read_identity(rule, places);
    }

private:
    void read_fields(const Entry& entry)
    {
        for (const auto& field : entry.members()) {
            if (entity_.fields.size() == fields_max) {
                field.key_mistake("an entity has at most " + std::to_string(fields_max) + " fields");
                return;
            }
            if (!is_field_name(field.key()))
                field.key_mistake("a field's name consists of a-z, 0-9 and _, in parts joined by dots");
            if (field.key() == "default")
                field.key_mistake("\"default\" has a meaning in the rules and cannot name a field");
            entity_.fields.push_back(read_field(field));
        }
        if (entry.is(JsonNode::Kind::object) && entity_.fields.empty())
            entry.mistake("an entity needs a field");
    }

    FieldDefinition read_field(const Entry& entry) const
    {
        FieldDefinition field;
        field.name = entry.key();
        field.code_list = doubtful_field;
        const bool is_short = entry.is(JsonNode::Kind::string);
        if (!is_short && !entry.is(JsonNode::Kind::object)) {
            entry.mistake("must be a type, or an object with \"type\"");
            return field;
        }
        if (!is_short && !entry.is_object_of({"type", "list", "to"}))
            return field;
        const auto type = is_short ? std::optional{entry} : entry.required("type");
        const auto word = type ? type->one_of(type_words()) : std::nullopt;
        if (!word)
            return field;
        field.type =
            std::ranges::find(type_names, *word, &std::pair<std::string_view, FieldType>::first)->second;
        if (is_short && (field.type == FieldType::code || field.type == FieldType::reference)) {
            entry.mistake(
                field.type == FieldType::code ? R"(write {"type": "code", "list": …})"
                                              : R"(write {"type": "reference", "to": …})"
            );
            return field;
        }
        const auto list = read_list(entry, field.type);
        field.target = read_target(entry, field.type);
        const bool known = field.type == FieldType::code        ? list.has_value()
                           : field.type == FieldType::reference ? field.target.has_value()
                           : field.type == FieldType::set       ? list || !entry.find("list")
                                                                : true;
        if (known)
            field.code_list = field.type == FieldType::code ? *list : 0;
        if (field.type == FieldType::set)
            field.element_list = list;
        return field;
    }

    std::optional<std::size_t> read_list(const Entry& entry, FieldType type) const
    {
        if (type != FieldType::code && type != FieldType::set) {
            if (const auto list = entry.find("list"))
                list->key_mistake("only a field of type code or set has a list");
            return std::nullopt;
        }
        const auto list = type == FieldType::code ? entry.required("list") : entry.find("list");
        const auto name = list ? list->text() : std::nullopt;
        if (!name)
            return std::nullopt;
        const auto found = std::ranges::find(model_.code_lists, *name, &CodeList::name);
        if (found == model_.code_lists.end()) {
            list->mistake(
                "there is no code list \"" + *name + "\"" + did_you_mean(*name, names_of(model_.code_lists))
            );
            return std::nullopt;
        }
        // A list without a code is reported where it stands.
        if (found->codes.empty())
            return std::nullopt;
        return static_cast<std::size_t>(found - model_.code_lists.begin());
    }

    std::optional<EntityIndex> read_target(const Entry& entry, FieldType type) const
    {
        if (type != FieldType::reference) {
            if (const auto target = entry.find("to"))
                target->key_mistake("only a field of type reference leads to an entity");
            return std::nullopt;
        }
        const auto target = entry.required("to");
        const auto name = target ? target->text() : std::nullopt;
        if (!name)
            return std::nullopt;
        const auto found = model_.find_entity(*name);
        if (!found)
            target->mistake(unknown_entity(model_, *name));
        return found;
    }

    void read_group(const Entry& entry)
    {
        const auto& name = entry.key();
        if (!is_field_name(name) || name == "default")
            entry.key_mistake("a group's name consists of a-z, 0-9 and _, and is not \"default\"");
        if (entity_.find_field(name) != nullptr)
            entry.key_mistake("a field has the name \"" + name + "\" already");
        std::vector<std::string> members;
        for (const auto& element : entry.elements()) {
            auto field = element.text();
            if (!field)
                continue;
            if (entity_.find_field(*field) == nullptr)
                element.mistake(unknown_field(entity_, *field));
            else if (const auto other = group_of_.find(*field); other != group_of_.end())
                element.mistake(
                    "\"" + *field + "\" is in the group " + other->second + " already; groups do not overlap"
                );
            else {
                group_of_[*field] = name;
                members.push_back(std::move(*field));
            }
        }
        if (entry.is(JsonNode::Kind::array) && entry.elements().size() < 2)
            entry.mistake("a group has two fields or more");
        groups_[name] = std::move(members);
    }

    // In the order in which their first fields are declared.
    void make_units()
    {
        for (std::size_t i = 0; i < entity_.fields.size(); ++i) {
            const auto group = group_of_.find(entity_.fields[i].name);
            if (group == group_of_.end())
                add_unit(entity_.fields[i].name, {entity_.fields[i].name});
            else if (!entity_.find_unit(group->second))
                add_unit(group->second, groups_[group->second]);
        }
    }

    void add_unit(const std::string& name, const std::vector<std::string>& members)
    {
        UnitDefinition unit{.name = name, .fields = {}};
        for (const auto& member : members) {
            auto& field = *std::ranges::find(entity_.fields, member, &FieldDefinition::name);
            field.unit = UnitIndex{static_cast<std::uint16_t>(entity_.units.size())};
            field.position_in_unit = unit.fields.size();
            unit.fields.emplace_back(static_cast<std::uint16_t>(&field - entity_.fields.data()));
        }
        entity_.units.push_back(std::move(unit));
    }

    void read_identity(const Entry& entry, std::vector<IdentityPlace>& places)
    {
        IdentityRule rule;
        for (const auto& element : entry.elements())
            read_identity_field(element, rule);
        if (entry.is(JsonNode::Kind::array) && entry.elements().empty())
            entry.mistake("an identity rule needs a field");
        if (rule.fields.empty())
            return;
        places.push_back(IdentityPlace{index_, entity_.identity.size(), entry});
        entity_.identity.push_back(std::move(rule));
    }

    // A name, or {"field": …, "normalise": …}.
    void read_identity_field(const Entry& entry, IdentityRule& rule) const
    {
        const bool object = entry.is(JsonNode::Kind::object);
        if (object && !entry.is_object_of({"field", "normalise"}))
            return;
        const auto named = object ? entry.required("field") : std::optional{entry};
        const auto name = named ? named->text() : std::nullopt;
        if (!name)
            return;
        std::vector<FieldIndex> fields;
        if (const auto* field = entity_.find_field(*name))
            fields.emplace_back(static_cast<std::uint16_t>(field - entity_.fields.data()));
        else if (const auto unit = entity_.find_unit(*name))
            fields = entity_.unit(*unit).fields;
        else
            named->mistake(unknown_unit(entity_, *name));
        for (const auto field : fields)
            if (entity_.field(field).type == FieldType::set)
                named->mistake(entity_.field(field).name + " is a set: it identifies nobody");
        const auto form = object ? read_match_form(entry, fields) : MatchForm::exact;
        std::ranges::copy(fields, std::back_inserter(rule.fields));
        rule.forms.resize(rule.fields.size(), form);
    }

    MatchForm read_match_form(const Entry& entry, const std::vector<FieldIndex>& fields) const
    {
        const auto normalise = entry.find("normalise");
        const auto word = normalise ? normalise->text() : std::nullopt;
        if (!word || *word == "exact")
            return MatchForm::exact;
        if (*word != "name") {
            normalise->mistake(
                "\"" + *word + "\" is no way to normalise" + did_you_mean(*word, {"exact", "name"})
            );
            return MatchForm::exact;
        }
        for (const auto field : fields)
            if (entity_.field(field).type != FieldType::text)
                normalise->mistake(
                    entity_.field(field).name + " is no text: only texts are compared as names"
                );
        return MatchForm::name;
    }

    static std::vector<std::string> type_words()
    {
        std::vector<std::string> words;
        for (const auto& [word, type] : type_names)
            words.emplace_back(word);
        return words;
    }

    CanonicalModel& model_;
    EntityIndex index_;
    EntityDefinition& entity_;
    std::map<std::string, std::string> group_of_;  // By field.
    std::map<std::string, std::vector<std::string>> groups_;
};

}  // namespace

ModelFile read_model(const Entry& root)
{
    ModelFile file;
    if (!root.is_object_of({"$schema", "code_lists", "entities"}))
        return file;
    if (const auto lists = root.find("code_lists"))
        for (const auto& list : lists->members())
            file.model.code_lists.push_back(read_code_list(list));
    const auto required = root.required("entities");
    if (!required)
        return file;
    auto entities = required->members();
    if (required->is(JsonNode::Kind::object) && entities.empty())
        required->mistake("a model needs an entity");
    if (entities.size() > entities_max) {
        required->mistake("a model has at most " + std::to_string(entities_max) + " entities");
        entities.erase(entities.begin() + entities_max, entities.end());
    }
    // All names first: references lead forward too.
    for (const auto& entity : entities) {
        if (!is_name(entity.key()))
            entity.key_mistake("an entity's name consists of a-z, 0-9 and _");
        file.model.entities.emplace_back().name = entity.key();
    }
    for (std::size_t i = 0; i < entities.size(); ++i)
        EntityReader{file.model, EntityIndex{static_cast<std::uint16_t>(i)}}.read(entities[i], file.identity);
    return file;
}

std::string unknown_unit(const EntityDefinition& entity, const std::string& word)
{
    if (const auto* field = entity.find_field(word))
        return "\"" + word + "\" is part of the group " + entity.unit(field->unit).name + ": name the group";
    return "\"" + word + "\" is no field or group of " + entity.name +
           did_you_mean(word, names_of(entity.units));
}

std::string unknown_field(const EntityDefinition& entity, const std::string& word)
{
    if (entity.find_unit(word))
        return "\"" + word + "\" is a group of " + entity.name + ": name its fields";
    return "\"" + word + "\" is no field of " + entity.name + did_you_mean(word, names_of(entity.fields));
}

std::string unknown_entity(const CanonicalModel& model, const std::string& word)
{
    return "\"" + word + "\" is no entity of the model" + did_you_mean(word, names_of(model.entities));
}

std::string_view name_of(FieldType type)
{
    return std::ranges::find(type_names, type, &std::pair<std::string_view, FieldType>::second)->first;
}

}  // namespace casebridge::config
