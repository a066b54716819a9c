#include "tests/tidy/hygiene.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace casebridge::tidy {

namespace {

constexpr std::size_t lines_max = 400;
constexpr std::size_t lines_at_the_top = 10;
constexpr std::string_view reason_for_length = "Longer than 400 lines because ";

struct Forbidden {
    std::string_view word;
    std::string_view reason;
};

constexpr std::array forbidden_words{
    Forbidden{"sleep_for",   "wait on a condition or a timer, never for a time"},
    Forbidden{"sleep_until", "wait on a condition or a timer, never for a time"},
    Forbidden{"usleep",      "wait on a condition or a timer, never for a time"},
    Forbidden{"nanosleep",   "wait on a condition or a timer, never for a time"},
    Forbidden{"regex",       "std::regex overflows the stack on long input"    },
};

constexpr std::string_view unowned = "a spawned coroutine has an owner who awaits it";

// `detached` is also a state of a link, so only the completion token is meant: qualified by asio or net, or
// standing bare as the last argument of a call.
bool is_completion_token(std::string_view code, const Word& word)
{
    if (word.text != "detached") {
        return false;
    }
    const std::string_view before = code.substr(0, word.at);
    const std::string_view after = code.substr(word.at + word.text.size());
    if (before.ends_with("asio::") || before.ends_with("net::")) {
        return true;
    }
    const std::size_t previous = before.find_last_not_of(" \t\n");
    const std::size_t next = after.find_first_not_of(" \t\n");
    return previous != std::string_view::npos && before[previous] == ',' && next != std::string_view::npos &&
           after[next] == ')';
}

Complaints forbidden_in_cpp(const SourceFile& file)
{
    Complaints complaints;
    for (const Include& include : includes_of(file.text)) {
        if (include.path == "boost/asio/detached.hpp") {
            complaints.push_back(complaint(file, include.line, unowned));
        }
    }
    const std::string code = code_of(file.text, Strings::blanked);
    for (const Word& word : words_of(code)) {
        const auto found = std::ranges::find(forbidden_words, word.text, &Forbidden::word);
        // A test's pattern and text are the project's own; row data and configuration never meet them.
        const bool harmless = word.text == "regex" && is_test(file);
        if (found != forbidden_words.end() && !harmless) {
            complaints.push_back(
                complaint(file, word.line, std::string(word.text) + ": " + std::string(found->reason))
            );
        }
        if (is_completion_token(code, word)) {
            complaints.push_back(complaint(file, word.line, unowned));
        }
    }
    return complaints;
}

Complaints forbidden_in_python(const SourceFile& file)
{
    Complaints complaints;
    std::size_t number = 0;
    for (const std::string_view line : lines_of(file.text)) {
        ++number;
        const std::string_view code = line.substr(0, line.find('#'));
        if (code.find("time.sleep") != std::string_view::npos ||
            code.find("import sleep") != std::string_view::npos) {
            complaints.push_back(complaint(file, number, "wait on a condition, never for a time"));
        }
    }
    return complaints;
}

}  // namespace

Complaints header_complaints(const SourceFile& file)
{
    if (!is_header(file) || file.text.starts_with("#pragma once\n")) {
        return {};
    }
    return {complaint(file, 1, "a header begins with #pragma once")};
}

Complaints length_complaints(const SourceFile& file)
{
    const std::vector<std::string_view> lines = lines_of(file.text);
    const auto top = lines.begin() + static_cast<std::ptrdiff_t>(std::min(lines.size(), lines_at_the_top));
    const bool explained = std::any_of(lines.begin(), top, [](std::string_view line) {
        return line.find(reason_for_length) != std::string_view::npos;
    });
    if (lines.size() <= lines_max || explained) {
        return {};
    }
    return {complaint(file, lines_max + 1, "longer than 400 lines and no reason at the top")};
}

Complaints forbidden_word_complaints(const SourceFile& file)
{
    return file.path.ends_with(".py") ? forbidden_in_python(file) : forbidden_in_cpp(file);
}

}  // namespace casebridge::tidy
