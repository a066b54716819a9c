#include "config/sql_name.hpp"

#include <utility>

namespace casebridge::config {
namespace {

std::optional<std::string> take_quoted(std::string_view& text)
{
    std::string name;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] != '"') {
            name.push_back(text[i]);
            continue;
        }
        if (i + 1 < text.size() && text[i + 1] == '"') {
            name.push_back(text[++i]);
            continue;
        }
        text.remove_prefix(i + 1);
        return name;
    }
    return std::nullopt;
}

// Bytes outside ASCII are letters to PostgreSQL and are not folded in a multi-byte encoding.
std::optional<std::string> take_unquoted(std::string_view& text)
{
    std::string name;
    for (const char c : text) {
        const bool upper = c >= 'A' && c <= 'Z';
        const bool letter =
            upper || (c >= 'a' && c <= 'z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
        const bool later = (c >= '0' && c <= '9') || c == '$';
        if (!letter && (!later || name.empty()))
            break;
        name.push_back(upper ? static_cast<char>(c - 'A' + 'a') : c);
    }
    text.remove_prefix(name.size());
    return name;
}

std::optional<std::string> take_identifier(std::string_view& text)
{
    auto name = text.starts_with('"') ? take_quoted(text) : take_unquoted(text);
    const bool legal = name && !name->empty() && name->size() <= identifier_bytes_max &&
                       name->find('\0') == std::string::npos;
    return legal ? name : std::nullopt;
}

}  // namespace

std::optional<TableName> parse_table_name(std::string_view text)
{
    auto schema = take_identifier(text);
    if (!schema || !text.starts_with('.'))
        return std::nullopt;
    text.remove_prefix(1);
    auto table = take_identifier(text);
    if (!table || !text.empty())
        return std::nullopt;
    return TableName{std::move(*schema), std::move(*table)};
}

}  // namespace casebridge::config
