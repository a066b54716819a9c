#include "tests/tidy/sample_names.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace casebridge::tidy {

namespace {

// Distinctive by their spelling, yet words that the project needs for itself.
constexpr std::array stop_list{
    "created_at",  // When a row was made: every database has it, the hub too.
    "created_by",  // Who made it, likewise.
    "updated_at",  // When it was changed, likewise.
    "valid_from",  // A data-sharing agreement has a first day,
    "valid_to",    // and a last one.
    "to_date",     // A function of PostgreSQL.
};

constexpr std::array constraint_words{
    "CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "EXCLUDE", "LIKE"};

bool is_distinctive(std::string_view name)
{
    return std::ranges::any_of(name, [](char c) {
        return c == '_' || std::isupper(static_cast<unsigned char>(c)) != 0;
    });
}

// SQL without `--` comments and without the insides of string literals.
std::string plain_sql(std::string_view sql)
{
    std::string plain;
    for (std::size_t at = 0; at < sql.size();) {
        if (sql.substr(at, 2) == "--") {
            at = std::min(sql.find('\n', at), sql.size());
        } else if (sql[at] == '\'') {
            at = std::min(sql.find('\'', at + 1), sql.size() - 1) + 1;
        } else {
            plain += sql[at++];
        }
    }
    return plain;
}

std::string_view trimmed(std::string_view text)
{
    text.remove_prefix(std::min(text.find_first_not_of(" \t\n"), text.size()));
    return text;
}

// The name at the beginning of the text, quoted or not; empty when there is none. Moves the text behind it.
std::string take_name(std::string_view& text)
{
    text = trimmed(text);
    std::size_t end = 0;
    if (text.starts_with('"')) {
        end = std::min(text.find('"', 1), text.size());
        std::string name(text.substr(1, end - 1));
        text.remove_prefix(std::min(end + 1, text.size()));
        return name;
    }
    while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_')
    ) {
        ++end;
    }
    std::string name(text.substr(0, end));
    text.remove_prefix(end);
    return name;
}

// The elements between the parentheses at the beginning of the text, split at the commas of the outermost
// level.
std::vector<std::string_view> elements_of(std::string_view text)
{
    std::vector<std::string_view> elements;
    int depth = 0;
    std::size_t begin = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '(' && ++depth == 1) {
            begin = at + 1;
        } else if ((c == ',' && depth == 1) || (c == ')' && depth == 1)) {
            elements.push_back(text.substr(begin, at - begin));
            begin = at + 1;
        }
        if (c == ')' && --depth == 0) {
            break;
        }
    }
    return elements;
}

// Whether `name` stands at `at` by itself and not as part of a longer name.
bool stands_alone(std::string_view text, std::size_t at, std::size_t length)
{
    const auto part_of_name = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
    };
    const bool before = at > 0 && part_of_name(text[at - 1]);
    const bool after = at + length < text.size() && part_of_name(text[at + length]);
    return !before && !after;
}

}  // namespace

std::set<std::string> distinctive_names(std::string_view schema_sql)
{
    std::set<std::string> names;
    const std::string sql = plain_sql(schema_sql);
    constexpr std::string_view create = "CREATE TABLE";
    for (std::size_t at = sql.find(create); at != std::string::npos; at = sql.find(create, at + 1)) {
        std::string_view rest = std::string_view(sql).substr(at + create.size());
        std::string table = take_name(rest);
        if (rest.starts_with('.')) {
            rest.remove_prefix(1);
            const std::string schema = std::exchange(table, take_name(rest));
            names.insert(schema + "." + table);
        }
        names.insert(table);
        for (std::string_view element : elements_of(rest)) {
            const std::string column = take_name(element);
            if (std::ranges::find(constraint_words, column) == constraint_words.end()) {
                names.insert(column);
            }
        }
    }
    std::erase_if(names, [](const std::string& name) {
        return std::ranges::find(stop_list, name) != stop_list.end() ||
               (!is_distinctive(name) && name.find('.') == std::string::npos);
    });
    return names;
}

Complaints sample_name_complaints(const SourceFile& file, const std::set<std::string>& names)
{
    Complaints complaints;
    const std::string code = code_of(file.text, Strings::kept);
    std::size_t number = 0;
    for (const std::string_view line : lines_of(code)) {
        ++number;
        for (const std::string& name : names) {
            const std::size_t at = line.find(name);
            if (at != std::string_view::npos && stands_alone(line, at, name.size())) {
                complaints.push_back(complaint(file, number, name + " is a name of the sample agencies"));
            }
        }
    }
    return complaints;
}

}  // namespace casebridge::tidy
