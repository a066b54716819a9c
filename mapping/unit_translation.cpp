#include "mapping/codecs.hpp"
#include "mapping/set_text.hpp"
#include "mapping/translate.hpp"
#include "model/assert.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace casebridge::mapping {
namespace {

// One binding with everything that is needed to translate it.
struct Context {
    const TableMapping& mapping;
    const EntityDefinition& entity;
    const MappedUnit& unit;
    const Binding& binding;
    const ReferenceResolver& references;

    [[nodiscard]] const FieldDefinition& field(std::size_t i) const
    {
        return entity.field(entity.unit(unit.unit).fields[binding.unit_fields[i]]);
    }

    [[nodiscard]] std::vector<FieldType> types() const
    {
        std::vector<FieldType> all;
        for (std::size_t i = 0; i < binding.unit_fields.size(); ++i)
            all.push_back(field(i).type);
        return all;
    }

    [[nodiscard]] const Slot& slot() const { return mapping.slots[binding.slot]; }
};

// `sp.person.contact/phone (phone)`
std::string place(const Context& context)
{
    auto text = context.mapping.name() + "." + context.slot().column;
    for (const auto& name : context.slot().path)
        text.append(1, '/').append(name);
    for (std::size_t i = 0; i < context.binding.unit_fields.size(); ++i)
        text.append(i == 0 ? " (" : ", ").append(context.field(i).name);
    return text + ")";
}

Error unmappable(const Context& context, std::string message)
{
    return Error{
        .kind = ErrorClass::poison,
        .code = "unmappable_value",
        .place = place(context),
        .message = std::move(message),
        .remedy = "correct the value at the agency, or extend the mapping",
    };
}

Error unresolved(const Context& context, std::string message)
{
    return Error{
        .kind = ErrorClass::poison,
        .code = "unresolved_reference",
        .place = place(context),
        .message = std::move(message),
        .remedy = "it resolves itself once the referenced row is known",
    };
}

struct WhatDoesNotFit {
    std::string operator()(const PlainCodec&) const { return "is no text of the field's type"; }
    std::string operator()(const DateCodec& codec) const
    {
        return "is no date of the format " + codec.format;
    }
    std::string operator()(const CodeCodec&) const { return "is none of the mapped local codes"; }
    std::string operator()(const PatternCodec&) const
    {
        return "does not fit the pattern or its fields' types";
    }
    std::string operator()(const ReferenceCodec&) const { return "is no key"; }
    std::string operator()(const SetCodec& codec) const
    {
        const std::string form = std::holds_alternative<SetCodec::Array>(codec.form)
                                     ? "is no array of one dimension without NULL elements"
                                     : "is no set";
        return codec.codes.empty() ? form : form + ", or holds what is none of the mapped local codes";
    }
};

struct WhatCannotBeWritten {
    std::string operator()(const PlainCodec&) const { return "is not in the canonical form of its type"; }
    std::string operator()(const DateCodec& codec) const
    {
        return "cannot be written in the format " + codec.format;
    }
    std::string operator()(const CodeCodec&) const { return "has no local code in this table"; }
    std::string operator()(const PatternCodec&) const
    {
        return "would not be split into the same fields again";
    }
    std::string operator()(const ReferenceCodec&) const { return "is no record"; }
    std::string operator()(const SetCodec& codec) const
    {
        return codec.codes.empty() ? "holds an element that would not be read in the same way again"
                                   : "holds an element that has no local code in this table";
    }
};

std::optional<RecordId> parse_record(const Value& canonical)
{
    const auto& text = canonical.expose();
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return RecordId{number};
}

// The canonical values of one binding's fields, in its order.
Result<UnitValue> get_binding(const Context& context, const Image& image)
{
    const auto& text = image[context.binding.slot];
    const auto count = context.binding.unit_fields.size();
    if (!text)
        return UnitValue(count);
    if (const auto* reference = std::get_if<ReferenceCodec>(&context.binding.codec)) {
        const auto record = context.references.record_of(reference->table, LocalKey{text->expose()});
        if (!record)
            return unresolved(context, "the key belongs to a row that no record is linked to yet");
        return UnitValue{Value{std::to_string(record->value())}};
    }
    if (const auto* codec = std::get_if<SetCodec>(&context.binding.codec)) {
        const auto set = read_set(*codec, text->expose());
        if (!set)
            return unmappable(context, "the value " + WhatDoesNotFit{}(*codec));
        return UnitValue{write_text_set(*set)};
    }
    auto values = decode(context.binding.codec, context.types(), text->expose());
    if (!values)
        return unmappable(context, "the value " + std::visit(WhatDoesNotFit{}, context.binding.codec));
    UnitValue result;
    for (auto& value : *values)
        result.emplace_back(std::move(value));
    return result;
}

Result<FieldValue> put_reference(const Context& context, const ReferenceCodec& codec, const Value& wanted)
{
    const auto record = parse_record(wanted);
    if (!record)
        return unmappable(context, "the canonical value is no record");
    const auto key = context.references.key_of(codec.table, *record);
    if (!key)
        return unresolved(context, "the referenced record has no row at this agency yet");
    return FieldValue{Value{key->value()}};
}

// The set without elements is written as such, never as NULL: every column that holds sets has room for it.
Result<FieldValue> put_set(const Context& context, const SetCodec& codec, const FieldValue& wanted)
{
    const auto set = parse_text_set(wanted);
    auto text = set ? write_set(codec, *set) : std::nullopt;
    if (!text)
        return unmappable(context, "the canonical value " + WhatCannotBeWritten{}(codec));
    return FieldValue{Value{std::move(*text)}};
}

// The new text of the binding's slot. `wanted` are its fields' values in its order.
Result<FieldValue> put_binding(const Context& context, const UnitValue& wanted, const Image& row)
{
    const auto* set = std::get_if<SetCodec>(&context.binding.codec);
    const auto present =
        std::ranges::count_if(wanted, [](const FieldValue& value) { return value.has_value(); });
    if (present == 0 && set == nullptr)
        return FieldValue{};
    if (present != 0 && static_cast<std::size_t>(present) != wanted.size())
        return unmappable(context, "some of the fields that share this column are empty and some are not");
    if (const auto standing = get_binding(context, row); standing && *standing == wanted)
        return row[context.binding.slot];
    if (set != nullptr)
        return put_set(context, *set, wanted.front());
    if (const auto* reference = std::get_if<ReferenceCodec>(&context.binding.codec))
        return put_reference(context, *reference, *wanted.front());

    std::vector<Value> values;
    for (const auto& value : wanted)
        values.push_back(*value);
    const auto placement = context.slot().path.empty() ? Placement::column : Placement::document;
    auto text = encode(context.binding.codec, context.types(), placement, values);
    if (!text)
        return unmappable(
            context, "the canonical value " + std::visit(WhatCannotBeWritten{}, context.binding.codec)
        );
    return FieldValue{Value{std::move(*text)}};
}

}  // namespace

Image new_row(const TableMapping& mapping)
{
    Image row(mapping.slots.size());
    for (const auto& unit : mapping.units)
        for (const auto& binding : unit.bindings)
            if (const auto* set = std::get_if<SetCodec>(&binding.codec);
                set != nullptr && mapping.slots[binding.slot].path.empty())
                row[binding.slot] = Value{write_set(*set, {}).value()};
    return row;
}

Result<UnitValue> get_unit(
    const TableMapping& mapping,
    const EntityDefinition& entity,
    const MappedUnit& unit,
    const Image& image,
    const ReferenceResolver& references
)
{
    CASEBRIDGE_ASSERT(image.size() == mapping.slots.size());
    UnitValue result(entity.unit(unit.unit).fields.size());
    for (const auto& binding : unit.bindings) {
        auto values = get_binding(Context{mapping, entity, unit, binding, references}, image);
        if (!values)
            return values.error();
        for (std::size_t i = 0; i < binding.unit_fields.size(); ++i)
            result[binding.unit_fields[i]] = std::move((*values)[i]);
    }
    return result;
}

Result<void> put_unit(
    const TableMapping& mapping,
    const EntityDefinition& entity,
    const MappedUnit& unit,
    const UnitValue& wanted,
    const ReferenceResolver& references,
    Image& row
)
{
    CASEBRIDGE_ASSERT(row.size() == mapping.slots.size());
    CASEBRIDGE_ASSERT(wanted.size() == entity.unit(unit.unit).fields.size());
    // All texts first, so that an error leaves the row as it was.
    std::vector<FieldValue> texts;
    for (const auto& binding : unit.bindings) {
        UnitValue of_binding;
        for (const auto field : binding.unit_fields)
            of_binding.push_back(wanted[field]);
        auto text = put_binding(Context{mapping, entity, unit, binding, references}, of_binding, row);
        if (!text)
            return text.error();
        texts.push_back(std::move(*text));
    }
    for (std::size_t i = 0; i < texts.size(); ++i)
        row[unit.bindings[i].slot] = std::move(texts[i]);
    return {};
}

}  // namespace casebridge::mapping
