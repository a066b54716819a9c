#include "mapping/set_text.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace casebridge::mapping {
namespace {

using Texts = std::vector<std::string>;

constexpr std::string_view blanks = " \t\r";

bool same_without_case(std::string_view text, std::string_view lower)
{
    return std::ranges::equal(text, lower, [](char one, char other) {
        return (one >= 'A' && one <= 'Z' ? one - 'A' + 'a' : one) == other;
    });
}

// Characters that an array's element is quoted for.
bool needs_quotes(char c)
{
    return std::string_view{"\"\\{}, \t\n\r\v\f"}.find(c) != std::string_view::npos;
}

// Text behind the `{` of an array, up to where its elements end.
class ArrayReader {
public:
    explicit ArrayReader(std::string_view text) : rest_(text) {}

    std::optional<Texts> read()
    {
        Texts elements;
        if (rest_ == "}")
            return elements;
        while (true) {
            auto element = rest_.starts_with('"') ? quoted() : bare();
            if (!element)
                return std::nullopt;
            elements.push_back(std::move(*element));
            if (rest_ == "}")
                return elements;
            if (!rest_.starts_with(','))
                return std::nullopt;
            rest_.remove_prefix(1);
        }
    }

private:
    std::optional<std::string> quoted()
    {
        rest_.remove_prefix(1);
        std::string element;
        while (!rest_.empty() && rest_.front() != '"') {
            if (rest_.front() == '\\')
                rest_.remove_prefix(1);
            if (rest_.empty())
                return std::nullopt;
            element.push_back(rest_.front());
            rest_.remove_prefix(1);
        }
        if (rest_.empty())
            return std::nullopt;
        rest_.remove_prefix(1);
        return element;
    }

    // NULL without quotes is no text.
    std::optional<std::string> bare()
    {
        const auto end = std::ranges::find_if(rest_, needs_quotes) - rest_.begin();
        std::string element{rest_.substr(0, static_cast<std::size_t>(end))};
        rest_.remove_prefix(element.size());
        if (element.empty() || same_without_case(element, "null"))
            return std::nullopt;
        return element;
    }

    std::string_view rest_;
};

// `[0:2]={…}` is an array whose elements do not count from 1; `[1:2][1:2]={…}` one of two dimensions.
std::optional<Texts> read_array(std::string_view text)
{
    if (text.starts_with('[')) {
        const auto end = text.find("]=");
        const auto bounds = text.substr(1, end == std::string_view::npos ? 0 : end - 1);
        if (bounds.empty() || bounds.find_first_not_of("-0123456789:") != std::string_view::npos)
            return std::nullopt;
        text.remove_prefix(end + 2);
    }
    if (!text.starts_with('{'))
        return std::nullopt;
    return ArrayReader{text.substr(1)}.read();
}

std::string write_array(const Texts& elements)
{
    std::string text = "{";
    for (const auto& element : elements) {
        if (text.size() > 1)
            text.push_back(',');
        if (!element.empty() && std::ranges::none_of(element, needs_quotes) &&
            !same_without_case(element, "null")) {
            text += element;
            continue;
        }
        text.push_back('"');
        for (const char c : element) {
            if (c == '"' || c == '\\')
                text.push_back('\\');
            text.push_back(c);
        }
        text.push_back('"');
    }
    return text + "}";
}

std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

Texts read_separated(const std::string& separator, std::string_view text)
{
    // Of `; ` the semicolon separates; of blanks alone, any of them.
    const auto core = trimmed(separator);
    Texts elements;
    while (!text.empty()) {
        const auto end = core.empty() ? text.find_first_of(blanks) : text.find(core);
        const auto element = trimmed(text.substr(0, end));
        if (!element.empty())
            elements.emplace_back(element);
        if (end == std::string_view::npos)
            break;
        text.remove_prefix(end + std::max<std::size_t>(core.size(), 1));
    }
    return elements;
}

std::string write_separated(const std::string& separator, const Texts& elements)
{
    std::string text;
    for (const auto& element : elements)
        text.append(text.empty() ? "" : separator).append(element);
    return text;
}

struct Reader {
    std::string_view text;

    std::optional<Texts> operator()(const SetCodec::Array&) const { return read_array(text); }
    std::optional<Texts> operator()(const SetCodec::Separated& form) const
    {
        return read_separated(form.separator, text);
    }
};

struct Writer {
    const Texts& elements;

    std::string operator()(const SetCodec::Array&) const { return write_array(elements); }
    std::string operator()(const SetCodec::Separated& form) const
    {
        return write_separated(form.separator, elements);
    }
};

}  // namespace

std::optional<TextSet> read_set(const SetCodec& codec, std::string_view text)
{
    auto locals = std::visit(Reader{text}, codec.form);
    if (!locals)
        return std::nullopt;
    std::vector<Value> elements;
    for (auto& local : *locals) {
        const auto code = std::ranges::find(codec.codes, local, &std::pair<std::string, std::string>::first);
        if (!codec.codes.empty() && code == codec.codes.end())
            return std::nullopt;
        elements.emplace_back(codec.codes.empty() ? std::move(local) : code->second);
    }
    return to_text_set(std::move(elements));
}

std::optional<std::string> write_set(const SetCodec& codec, const TextSet& set)
{
    Texts locals;
    for (const auto& element : set) {
        const auto code =
            std::ranges::find(codec.codes, element.expose(), &std::pair<std::string, std::string>::second);
        if (!codec.codes.empty() && code == codec.codes.end())
            return std::nullopt;
        locals.push_back(codec.codes.empty() ? element.expose() : code->first);
    }
    auto text = std::visit(Writer{locals}, codec.form);
    return read_set(codec, text) == set ? std::optional{std::move(text)} : std::nullopt;
}

bool is_separator(std::string_view text)
{
    return !text.empty() && std::ranges::none_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    });
}

}  // namespace casebridge::mapping
