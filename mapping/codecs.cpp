#include "mapping/codecs.hpp"

#include "mapping/split_pattern.hpp"
#include "model/assert.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace casebridge::mapping {
namespace {

constexpr std::array<std::string_view, 3> date_tokens{"YYYY", "MM", "DD"};

// The date parts of `text` by token, as digits; nothing when literals or lengths differ.
std::optional<std::array<std::string_view, 3>> date_parts(std::string_view format, std::string_view text)
{
    if (text.size() != format.size())
        return std::nullopt;
    std::array<std::string_view, 3> parts;
    for (std::size_t at = 0; at < format.size();) {
        const auto token = std::ranges::find_if(date_tokens, [&](std::string_view name) {
            return format.substr(at).starts_with(name);
        });
        if (token == date_tokens.end()) {
            if (text[at] != format[at])
                return std::nullopt;
            ++at;
            continue;
        }
        parts[static_cast<std::size_t>(token - date_tokens.begin())] = text.substr(at, token->size());
        at += token->size();
    }
    return parts;
}

std::optional<std::string> decode_date(const std::string& format, std::string_view text)
{
    const auto parts = date_parts(format, text);
    if (!parts)
        return std::nullopt;
    std::string canonical{(*parts)[0]};
    canonical.append(1, '-').append((*parts)[1]).append(1, '-').append((*parts)[2]);
    if (!parse_plain_date(canonical))
        return std::nullopt;
    return canonical;
}

std::optional<std::string> encode_date(std::string format, std::string_view canonical)
{
    if (!parse_plain_date(canonical))
        return std::nullopt;
    format.replace(format.find("YYYY"), 4, canonical.substr(0, 4));
    format.replace(format.find("MM"), 2, canonical.substr(5, 2));
    format.replace(format.find("DD"), 2, canonical.substr(8, 2));
    return format;
}

std::vector<Value> one(std::string text)
{
    std::vector<Value> values;
    values.emplace_back(std::move(text));
    return values;
}

struct Decoder {
    std::span<const FieldType> types;
    std::string_view text;

    std::optional<std::vector<Value>> operator()(const PlainCodec&) const
    {
        auto canonical = to_canonical(types.front(), text);
        return canonical ? std::optional{one(std::move(*canonical))} : std::nullopt;
    }

    std::optional<std::vector<Value>> operator()(const DateCodec& codec) const
    {
        auto canonical = decode_date(codec.format, text);
        return canonical ? std::optional{one(std::move(*canonical))} : std::nullopt;
    }

    std::optional<std::vector<Value>> operator()(const CodeCodec& codec) const
    {
        const auto found = std::ranges::find(codec.codes, text, &std::pair<std::string, std::string>::first);
        return found == codec.codes.end() ? std::nullopt : std::optional{one(found->second)};
    }

    std::optional<std::vector<Value>> operator()(const PatternCodec& codec) const
    {
        const auto parts = split(codec.literals, text);
        if (!parts)
            return std::nullopt;
        CASEBRIDGE_ASSERT(parts->size() == types.size());
        std::vector<Value> values;
        for (std::size_t i = 0; i < types.size(); ++i) {
            auto canonical = to_canonical(types[i], (*parts)[i]);
            if (!canonical)
                return std::nullopt;
            values.emplace_back(std::move(*canonical));
        }
        return values;
    }

    std::optional<std::vector<Value>> operator()(const ReferenceCodec&) const { CASEBRIDGE_ASSERT(false); }
    std::optional<std::vector<Value>> operator()(const SetCodec&) const { CASEBRIDGE_ASSERT(false); }
};

struct Encoder {
    std::span<const FieldType> types;
    Placement placement;
    std::span<const Value> values;

    std::optional<std::string> operator()(const PlainCodec&) const
    {
        return to_local(types.front(), placement, values.front().expose());
    }

    std::optional<std::string> operator()(const DateCodec& codec) const
    {
        return encode_date(codec.format, values.front().expose());
    }

    std::optional<std::string> operator()(const CodeCodec& codec) const
    {
        const auto& canonical = values.front().expose();
        const auto found =
            std::ranges::find(codec.codes, canonical, &std::pair<std::string, std::string>::second);
        return found == codec.codes.end() ? std::nullopt : std::optional{found->first};
    }

    std::optional<std::string> operator()(const PatternCodec& codec) const
    {
        std::vector<std::string> parts;
        for (std::size_t i = 0; i < types.size(); ++i)
            parts.push_back(to_local(types[i], Placement::document, values[i].expose()));
        return join(codec.literals, parts);
    }

    std::optional<std::string> operator()(const ReferenceCodec&) const { CASEBRIDGE_ASSERT(false); }
    std::optional<std::string> operator()(const SetCodec&) const { CASEBRIDGE_ASSERT(false); }
};

}  // namespace

std::optional<std::vector<Value>> decode(
    const Codec& codec, std::span<const FieldType> types, std::string_view text
)
{
    return std::visit(Decoder{types, text}, codec);
}

std::optional<std::string> encode(
    const Codec& codec, std::span<const FieldType> types, Placement placement, std::span<const Value> values
)
{
    CASEBRIDGE_ASSERT(types.size() == values.size());
    auto text = std::visit(Encoder{types, placement, values}, codec);
    if (!text)
        return std::nullopt;
    const auto back = decode(codec, types, *text);
    if (!back || !std::ranges::equal(*back, values))
        return std::nullopt;
    return text;
}

bool is_date_format(std::string_view format)
{
    std::array<int, 3> seen{};
    while (!format.empty()) {
        const auto token = std::ranges::find_if(date_tokens, [&](std::string_view name) {
            return format.starts_with(name);
        });
        if (token != date_tokens.end()) {
            ++seen[static_cast<std::size_t>(token - date_tokens.begin())];
            format.remove_prefix(token->size());
            continue;
        }
        const char c = format.front();
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (letter || (c >= '0' && c <= '9'))
            return false;
        format.remove_prefix(1);
    }
    return std::ranges::all_of(seen, [](int count) { return count == 1; });
}

}  // namespace casebridge::mapping
