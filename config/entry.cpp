#include "config/entry.hpp"

#include "config/nearest_name.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>
#include <utility>

namespace casebridge::config {

Entry::Entry(const JsonNode& node, const std::string& file, std::vector<Mistake>& mistakes)
    : node_(&node), file_(&file), mistakes_(&mistakes), key_position_(node.position)
{
}

Entry Entry::named(std::string place) const
{
    auto copy = *this;
    copy.place_ = std::move(place);
    return copy;
}

void Entry::mistake(std::string message) const
{
    mistakes_->push_back(Mistake{*file_, node_->position, place_, std::move(message)});
}

void Entry::key_mistake(std::string message) const
{
    mistakes_->push_back(Mistake{*file_, key_position_, place_, std::move(message)});
}

std::optional<std::string> Entry::any_text() const
{
    return expect(JsonNode::Kind::string) ? std::optional{node_->text} : std::nullopt;
}

std::optional<std::string> Entry::text() const
{
    auto text = any_text();
    if (text && text->empty()) {
        mistake("must not be empty");
        return std::nullopt;
    }
    return text;
}

std::optional<std::string> Entry::one_of(const std::vector<std::string>& words) const
{
    auto word = any_text();
    if (!word || std::ranges::find(words, *word) != words.end())
        return word;
    std::string list;
    for (const auto& known : words)
        list.append(list.empty() ? "" : ", ").append(known);
    mistake("\"" + *word + "\" is none of " + list + did_you_mean(*word, words));
    return std::nullopt;
}

std::optional<std::string> Entry::name(std::size_t length_max) const
{
    auto text = any_text();
    if (text && (!is_name(*text) || text->size() > length_max)) {
        mistake(
            "must be a name of a-z, 0-9 and _, beginning with a letter, of at most " +
            std::to_string(length_max) + " characters"
        );
        return std::nullopt;
    }
    return text;
}

std::optional<bool> Entry::boolean() const
{
    return expect(JsonNode::Kind::boolean) ? std::optional{node_->text == "true"} : std::nullopt;
}

std::optional<std::int64_t> Entry::number(std::int64_t least, std::int64_t greatest) const
{
    if (!expect(JsonNode::Kind::number))
        return std::nullopt;
    std::int64_t number = 0;
    const auto* end = node_->text.data() + node_->text.size();
    const auto [stop, error] = std::from_chars(node_->text.data(), end, number);
    if (error != std::errc{} || stop != end || number < least || number > greatest) {
        mistake("must be a whole number from " + std::to_string(least) + " to " + std::to_string(greatest));
        return std::nullopt;
    }
    return number;
}

std::optional<std::uint32_t> Entry::share() const
{
    if (!expect(JsonNode::Kind::number))
        return std::nullopt;
    double share = 0;
    const auto* end = node_->text.data() + node_->text.size();
    const auto [stop, error] = std::from_chars(node_->text.data(), end, share);
    constexpr double smallest = 0.000001;
    if (error != std::errc{} || stop != end || share < smallest || share > 1) {
        mistake("must be a share above 0 and at most 1, such as 0.05");
        return std::nullopt;
    }
    return static_cast<std::uint32_t>(std::lround(share * 1'000'000));
}

bool Entry::expect(JsonNode::Kind kind) const
{
    if (is(kind))
        return true;
    mistake("must be " + std::string{name_of(kind)} + ", but is " + std::string{name_of(node_->kind)});
    return false;
}

bool Entry::is_object_of(const std::vector<std::string>& known) const
{
    if (!expect(JsonNode::Kind::object))
        return false;
    for (const auto& member : node_->members) {
        if (std::ranges::find(known, member.key) == known.end())
            mistakes_->push_back(Mistake{
                *file_,
                member.key_position,
                place_,
                "unknown key \"" + member.key + "\"" + did_you_mean(member.key, known),
            });
    }
    return true;
}

std::optional<Entry> Entry::find(std::string_view key) const
{
    const auto* member = node_->find(key);
    return member == nullptr ? std::nullopt : std::optional{child(*member)};
}

std::optional<Entry> Entry::required(std::string_view key) const
{
    auto found = find(key);
    if (!found)
        mistake("\"" + std::string{key} + "\" is missing");
    return found;
}

std::vector<Entry> Entry::members() const
{
    std::vector<Entry> all;
    if (expect(JsonNode::Kind::object))
        for (const auto& member : node_->members)
            all.push_back(child(member));
    return all;
}

std::vector<Entry> Entry::elements() const
{
    std::vector<Entry> all;
    if (!expect(JsonNode::Kind::array))
        return all;
    for (std::size_t i = 0; i < node_->elements.size(); ++i) {
        Entry element{node_->elements[i], *file_, *mistakes_};
        element.place_ = below(std::to_string(i));
        all.push_back(std::move(element));
    }
    return all;
}

Entry Entry::child(const JsonMember& member) const
{
    Entry entry{member.value, *file_, *mistakes_};
    entry.place_ = below(member.key);
    entry.key_ = member.key;
    entry.key_position_ = member.key_position;
    return entry;
}

std::string Entry::below(std::string_view name) const
{
    auto place = place_;
    if (!place.empty())
        place += "/";
    return place.append(name);
}

bool is_name(std::string_view text)
{
    const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
    return !text.empty() && letter(text.front()) &&
           std::ranges::all_of(text, [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '_'; });
}

}  // namespace casebridge::config
