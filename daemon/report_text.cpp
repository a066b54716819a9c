#include "daemon/report_text.hpp"

#include "model/text_set.hpp"

#include <algorithm>

namespace casebridge::daemon {

std::string joined(const std::vector<std::string>& words, std::string_view between)
{
    std::string text;
    for (const auto& word : words)
        text.append(text.empty() ? "" : between).append(word);
    return text;
}

// Columns as wide as their widest cell; the first row is the heading.
std::string table(const std::vector<std::vector<std::string>>& rows)
{
    std::vector<std::size_t> widths(rows.front().size());
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], row[i].size());
    std::string text;
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            text += row[i];
            if (i + 1 < row.size())
                text.append(widths[i] - row[i].size() + 2, ' ');
        }
        text += '\n';
    }
    return text;
}

// A terminal must not obey what somebody typed into a field.
std::string printable(const std::string& text)
{
    std::string shown = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) {
            constexpr std::string_view digits = "0123456789abcdef";
            shown += "\\x";
            shown += digits[byte >> 4U];
            shown += digits[byte & 0xfU];
        } else {
            if (c == '"' || c == '\\')
                shown += '\\';
            shown += c;
        }
    }
    return shown + '"';
}

// A set is kept as text.
std::string shown_text(const std::string& text)
{
    const auto set = parse_text_set(text);
    if (!set)
        return printable(text);
    std::vector<std::string> elements;
    for (const auto& element : *set)
        elements.push_back(printable(element.expose()));
    return "[" + joined(elements, ", ") + "]";
}

std::string value_text(const std::optional<hub::ShownValue>& value)
{
    if (!value)
        return "(no longer kept)";
    std::vector<std::string> parts;
    for (const auto& [field, text] : *value) {
        auto part = text ? shown_text(*text) : std::string{"(none)"};
        parts.push_back(value->size() == 1 ? std::move(part) : field + "=" + part);
    }
    return parts.empty() ? "(none)" : joined(parts, ", ");
}

std::string value_lines(const hub::ShownValue& value)
{
    std::string lines;
    for (const auto& [field, text] : value)
        lines += "    " + field + ": " + (text ? shown_text(*text) : "(none)") + '\n';
    return lines;
}

std::string author_text(const std::string& author, hub::ShownVersion::Origin origin)
{
    switch (origin) {
        case hub::ShownVersion::Origin::agency:
            return author;
        case hub::ShownVersion::Origin::stale_form:
            return author + ", stale form";
        case hub::ShownVersion::Origin::person:
            break;
    }
    return author.empty() ? "decided" : "decided, of " + author;
}

Json optional_text(const std::optional<std::string>& text)
{
    return text ? Json(*text) : Json(nullptr);
}

Json optional_seq(const std::optional<JournalSeq>& seq)
{
    return seq ? Json(seq->value()) : Json(nullptr);
}

Json value_json(const std::optional<hub::ShownValue>& value)
{
    if (!value)
        return nullptr;
    auto json = Json::object();
    for (const auto& [field, text] : *value)
        json[field] = optional_text(text);
    return json;
}

}  // namespace casebridge::daemon
