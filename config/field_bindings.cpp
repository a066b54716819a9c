#include "config/field_bindings.hpp"

#include "config/create_when.hpp"
#include "config/model_file.hpp"
#include "config/pattern_text.hpp"
#include "mapping/codecs.hpp"
#include "mapping/set_text.hpp"

#include <algorithm>
#include <utility>

namespace casebridge::config {
namespace {

const std::vector<std::string> field_keys{
    "column", "path", "format", "codes", "ref", "required", "separator"};

// `phone.mobile`: the names of object members. The server takes a name of digits for a position in a list.
std::optional<std::vector<std::string>> read_path(const Entry& entry)
{
    const auto text = entry.any_text();
    if (!text)
        return std::nullopt;
    std::vector<std::string> path(1);
    for (const char c : *text) {
        if (c == '.')
            path.emplace_back();
        else
            path.back().push_back(c);
    }
    for (const auto& name : path) {
        if (name.empty()) {
            entry.mistake("a path consists of names joined by dots, none of them empty");
            return std::nullopt;
        }
        if (name.find_first_not_of("-0123456789") == std::string::npos) {
            entry.mistake(
                "\"" + name + "\" would be a position in a list; lists inside documents are not supported"
            );
            return std::nullopt;
        }
    }
    return path;
}

std::optional<mapping::Codec> read_format(const Entry& format, const FieldDefinition& field)
{
    if (field.type != FieldType::date) {
        format.key_mistake(
            "only a date has a format; " + field.name + " is of type " + std::string{name_of(field.type)}
        );
        return std::nullopt;
    }
    auto text = format.any_text();
    if (!text)
        return std::nullopt;
    if (!mapping::is_date_format(*text)) {
        format.mistake("a format has YYYY, MM and DD once each, and no other letters or digits");
        return std::nullopt;
    }
    return mapping::DateCodec{.format = std::move(*text)};
}

}  // namespace

FieldBindings::FieldBindings(
    const CanonicalModel& model,
    const std::vector<mapping::TableMapping>& tables,
    mapping::TableMapping& mapping,
    ColumnUses& uses
)
    : model_(model), tables_(tables), mapping_(mapping), entity_(model.entity(mapping.entity)), uses_(uses)
{
}

void FieldBindings::read_field(const Entry& entry)
{
    const auto* field = entity_.find_field(entry.key());
    if (field == nullptr)
        entry.key_mistake(unknown_field(entity_, entry.key()));
    const bool is_short = entry.is(JsonNode::Kind::string);
    if (!is_short && !entry.is(JsonNode::Kind::object)) {
        entry.mistake("must be a column, or an object with \"column\"");
        return;
    }
    if (!is_short && !entry.is_object_of(field_keys))
        return;
    const auto at_field = [&](std::optional<Entry> found) {
        return found ? std::optional{found->named(entry.place())} : std::nullopt;
    };
    const auto column = is_short ? std::optional{entry} : at_field(entry.required("column"));
    auto name = column ? read_column(*column) : std::nullopt;
    const auto path = at_field(entry.find("path"));
    auto names = path ? read_path(*path) : std::vector<std::string>{};
    if (name && names)
        uses_.take(*column, {.column = *name, .path = *names}, entry.key());
    if (field == nullptr)
        return;
    std::optional<mapping::Codec> codec;
    if (!is_doubtful(*field))
        codec = is_short ? plain_codec(entry, *field) : read_codec(entry, *field);
    bind(
        entry,
        {field},
        {.column = name.value_or(""), .path = names.value_or(std::vector<std::string>{})},
        std::move(codec)
    );
}

std::optional<mapping::Codec> FieldBindings::read_codec(const Entry& entry, const FieldDefinition& field)
    const
{
    const auto at_field = [&](std::string_view key) {
        const auto found = entry.find(key);
        return found ? std::optional{found->named(entry.place())} : std::nullopt;
    };
    const auto format = at_field("format");
    const auto codes = at_field("codes");
    const auto reference = at_field("ref");
    if (const auto required = at_field("required"); required && !reference)
        required->key_mistake("only a reference can be required");
    const int kinds = (format ? 1 : 0) + (codes ? 1 : 0) + (reference ? 1 : 0);
    if (kinds > 1) {
        entry.mistake("\"format\", \"codes\" and \"ref\" exclude each other");
        return std::nullopt;
    }
    if (field.type == FieldType::set && !format && !reference)
        return read_set(entry, field);
    if (const auto separator = at_field("separator"))
        separator->key_mistake(
            "only a set has a separator; " + field.name + " is of type " + std::string{name_of(field.type)}
        );
    if (format)
        return read_format(*format, field);
    if (codes)
        return read_codes(*codes, field);
    if (reference)
        return read_reference(entry, field);
    return plain_codec(entry, field);
}

std::optional<mapping::Codec> FieldBindings::plain_codec(const Entry& entry, const FieldDefinition& field)
    const
{
    if (field.type == FieldType::reference) {
        entry.mistake(field.name + R"( is a reference: write {"column": …, "ref": …})");
        return std::nullopt;
    }
    if (field.type == FieldType::set)
        return read_set(entry, field);
    if (field.type != FieldType::code)
        return mapping::PlainCodec{};
    // The agency uses the canonical codes themselves.
    mapping::CodeCodec same;
    for (const auto& code : model_.code_lists[field.code_list].codes)
        same.codes.emplace_back(code, code);
    return same;
}

std::optional<mapping::Codec> FieldBindings::read_codes(const Entry& codes, const FieldDefinition& field)
    const
{
    if (field.type == FieldType::reference) {
        codes.key_mistake(field.name + " is a reference and has no codes");
        return std::nullopt;
    }
    mapping::CodeCodec codec;
    for (const auto& code : codes.members()) {
        auto canonical = code.any_text();
        if (!canonical)
            continue;
        auto wrong = field.type == FieldType::set ? wrong_element(model_, field, *canonical)
                                                  : wrong_value(model_, field, *canonical);
        if (wrong)
            code.named(codes.place()).mistake(std::move(*wrong));
        codec.codes.emplace_back(code.key(), std::move(*canonical));
    }
    if (codes.is(JsonNode::Kind::object) && codes.members().empty())
        codes.mistake("no code is mapped");
    return codec;
}

// An array, or texts between separators; either may have codes of its own for the elements.
std::optional<mapping::Codec> FieldBindings::read_set(const Entry& entry, const FieldDefinition& field) const
{
    mapping::SetCodec set;
    const auto at_field = [&](std::string_view key) {
        const auto found = entry.is(JsonNode::Kind::object) ? entry.find(key) : std::nullopt;
        return found ? std::optional{found->named(entry.place())} : std::nullopt;
    };
    if (const auto codes = at_field("codes")) {
        if (auto read = read_codes(*codes, field))
            set.codes = std::move(std::get<mapping::CodeCodec>(*read).codes);
    } else if (field.element_list) {
        for (const auto& code : model_.code_lists[*field.element_list].codes)
            set.codes.emplace_back(code, code);
    }
    const auto separator = at_field("separator");
    if (!separator) {
        if (at_field("path"))
            entry.mistake("a set inside a document is a text: name the \"separator\" of its elements");
        return set;
    }
    auto text = separator->any_text();
    if (!text)
        return std::nullopt;
    if (!mapping::is_separator(*text)) {
        separator->mistake("a separator is not empty and has no letters or digits");
        return std::nullopt;
    }
    set.form = mapping::SetCodec::Separated{std::move(*text)};
    for (const auto& [local, canonical] : set.codes)
        if (mapping::read_set(set, local) != TextSet{Value{canonical}})
            separator->mistake("code \"" + local + "\" could not be read again from between the separators");
    return set;
}

std::optional<mapping::Codec> FieldBindings::read_reference(const Entry& entry, const FieldDefinition& field)
    const
{
    const auto reference = entry.find("ref")->named(entry.place());
    if (field.type != FieldType::reference) {
        reference.key_mistake(
            field.name + " is of type " + std::string{name_of(field.type)} + ", not a reference"
        );
        return std::nullopt;
    }
    mapping::ReferenceCodec codec;
    if (const auto required = entry.find("required"))
        codec.required = required->named(entry.place()).boolean().value_or(false);
    const auto word = reference.any_text();
    if (!word)
        return std::nullopt;
    const auto& target = model_.entity(*field.target).name;
    if (*word != target) {
        reference.mistake(field.name + " leads to " + target + ", not to \"" + *word + "\"");
        return std::nullopt;
    }
    codec.entity = *field.target;
    const auto table = std::ranges::find_if(tables_, [&](const mapping::TableMapping& other) {
        return other.agency == mapping_.agency && other.entity == codec.entity;
    });
    if (table == tables_.end()) {
        reference.mistake(
            mapping_.agency.value() + " has no table for " + target + ", so nothing to refer to"
        );
        return std::nullopt;
    }
    codec.table = table->index;
    return codec;
}

void FieldBindings::read_split(const Entry& entry)
{
    if (!entry.is_object_of({"column", "pattern"}))
        return;
    const auto column = entry.required("column");
    auto name = column ? read_column(*column) : std::nullopt;
    const auto pattern = entry.required("pattern");
    const auto parsed = pattern ? read_pattern(*pattern, entity_) : std::nullopt;
    if (!name)
        return;
    mapping::Slot slot{.column = std::move(*name), .path = {}};
    uses_.take(*column, slot, "split");
    if (parsed)
        bind(*pattern, parsed->fields, std::move(slot), mapping::PatternCodec{.literals = parsed->literals});
}

void FieldBindings::bind(
    const Entry& entry,
    const std::vector<const FieldDefinition*>& fields,
    mapping::Slot slot,
    std::optional<mapping::Codec> codec
)
{
    mapping::Binding binding;
    for (const auto* field : fields) {
        if (!bound_.emplace(field->name, entry).second) {
            entry.mistake("field " + field->name + " is mapped already");
            return;
        }
        binding.unit_fields.push_back(field->position_in_unit);
    }
    // A binding whose codec is wrong still maps its field, so that its group counts as whole.
    binding.codec = codec ? std::move(*codec) : mapping::Codec{};
    binding.slot = mapping_.slots.size();
    mapping_.slots.push_back(std::move(slot));
    units_[fields.front()->unit].push_back(std::move(binding));
}

void FieldBindings::finish()
{
    for (auto& [index, bindings] : units_) {
        std::string missing;
        const Entry* first = nullptr;
        for (const auto field : entity_.unit(index).fields) {
            const auto& name = entity_.field(field).name;
            const auto bound = bound_.find(name);
            if (bound == bound_.end())
                missing.append(missing.empty() ? "" : ", ").append(name);
            else if (first == nullptr || bound->second.key_position() < first->key_position())
                first = &bound->second;
        }
        if (!missing.empty() && first != nullptr)
            first->key_mistake(
                "the group " + entity_.unit(index).name + " is mapped without " + missing +
                "; it merges as one: map all of its fields, or none"
            );
        mapping_.units.push_back(mapping::MappedUnit{.unit = index, .bindings = std::move(bindings)});
    }
}

}  // namespace casebridge::config
