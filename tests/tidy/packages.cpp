#include "tests/tidy/packages.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>

namespace casebridge::tidy {

namespace {

bool is_package_character(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return std::islower(byte) != 0 || std::isdigit(byte) != 0 || c == '-' || c == '+' || c == '.';
}

// Words of package characters that nothing else touches: not a part of a path, an option, a variable or an
// identifier.
std::vector<std::string_view> free_words(std::string_view line)
{
    std::vector<std::string_view> words;
    for (std::size_t at = 0; at < line.size();) {
        if (!is_package_character(line[at])) {
            ++at;
            continue;
        }
        std::size_t end = at;
        while (end < line.size() && is_package_character(line[end])) {
            ++end;
        }
        constexpr std::string_view joins = "/$_{=@";
        const bool joined_before = at > 0 && (joins.find(line[at - 1]) != std::string_view::npos ||
                                              std::isupper(static_cast<unsigned char>(line[at - 1])) != 0);
        const bool joined_after =
            end < line.size() && (line[end] == '/' || line[end] == '_' || line[end] == '=');
        std::string_view word = line.substr(at, end - at);
        while (word.ends_with('.')) {
            word.remove_suffix(1);
        }
        if (!joined_before && !joined_after && !word.empty() &&
            std::isalnum(static_cast<unsigned char>(word[0])) != 0) {
            words.push_back(word);
        }
        at = end;
    }
    return words;
}

bool can_only_be_a_package(std::string_view word)
{
    const bool server =
        word.starts_with("postgresql-") && std::isdigit(static_cast<unsigned char>(word.back())) != 0;
    const bool python = word.starts_with("python3-") && word.size() > std::string_view("python3-").size();
    return server || python || (word.starts_with("lib") && word.ends_with("-dev"));
}

// What stands behind the install command on this line; empty when there is none.
std::string_view installed_on(std::string_view line)
{
    for (const std::string_view command : {"apt-get", "apt"}) {
        const std::size_t at = line.find(command);
        const std::size_t install = at == std::string_view::npos ? at : line.find(" install ", at);
        if (install != std::string_view::npos) {
            return line.substr(install + std::string_view(" install ").size());
        }
    }
    return {};
}

}  // namespace

std::set<std::string> listed_packages(std::string_view list)
{
    std::set<std::string> packages;
    for (const std::string_view line : lines_of(list)) {
        for (const std::string_view word : free_words(line.substr(0, line.find('#')))) {
            packages.emplace(word);
        }
    }
    return packages;
}

Complaints package_complaints(const SourceFile& file, const std::set<std::string>& listed)
{
    Complaints complaints;
    std::size_t number = 0;
    for (const std::string_view line : lines_of(file.text)) {
        ++number;
        std::set<std::string_view> named;
        for (const std::string_view word : free_words(installed_on(line))) {
            named.insert(word);
        }
        std::ranges::copy_if(free_words(line), std::inserter(named, named.end()), can_only_be_a_package);
        for (const std::string_view name : named) {
            if (!listed.contains(std::string(name))) {
                complaints.push_back(complaint(file, number, std::string(name) + " is not in packages.txt"));
            }
        }
    }
    return complaints;
}

}  // namespace casebridge::tidy
