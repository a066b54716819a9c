#include "connectors/libpq/identifier.hpp"

#include "model/assert.hpp"

#include <cstddef>

namespace casebridge::libpq {

std::string quote_identifier(std::string_view name)
{
    CASEBRIDGE_ASSERT(!name.empty() && name.find('\0') == std::string_view::npos);
    std::string quoted{'"'};
    for (const char c : name) {
        if (c == '"')
            quoted += '"';
        quoted += c;
    }
    return quoted += '"';
}

std::string quote_qualified(std::string_view schema, std::string_view name)
{
    return quote_identifier(schema) + '.' + quote_identifier(name);
}

std::string quote_literal(std::string_view text)
{
    CASEBRIDGE_ASSERT(text.find('\0') == std::string_view::npos);
    // The blank before E keeps it apart from a keyword or name in front of it.
    std::string quoted = text.find('\\') == std::string_view::npos ? "'" : " E'";
    for (const char c : text) {
        if (c == '\'' || c == '\\')
            quoted += c;
        quoted += c;
    }
    return quoted += '\'';
}

std::string to_array_literal(std::span<const std::optional<std::string_view>> elements)
{
    std::size_t bytes = 2;
    for (const auto& element : elements)
        bytes += element ? element->size() + 3 : 5;
    std::string literal;
    literal.reserve(bytes + bytes / 16);
    literal += '{';
    for (const auto& element : elements) {
        if (literal.size() > 1)
            literal += ',';
        if (!element) {
            literal += "NULL";
            continue;
        }
        literal += '"';
        for (const char c : *element) {
            if (c == '"' || c == '\\')
                literal += '\\';
            literal += c;
        }
        literal += '"';
    }
    return literal += '}';
}

}  // namespace casebridge::libpq
