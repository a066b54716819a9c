#pragma once

#include "config/json_document.hpp"
#include "config/mistake.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace casebridge::config {

// One value of a configuration file with its place: where the readers of all files take their values from.
// Whatever is not as asked for becomes a mistake, and the answer is nothing: the reader goes on, so that all
// mistakes are found at once. It refers to the document, the file name and the list of mistakes; they outlive
// it.
class Entry {
public:
    // The root of a document.
    Entry(const JsonNode& node, const std::string& file, std::vector<Mistake>& mistakes);

    // The key under which the value stands; empty for an element of a list.
    [[nodiscard]] const std::string& key() const { return key_; }
    [[nodiscard]] const std::string& place() const { return place_; }
    [[nodiscard]] Position position() const { return node_->position; }
    [[nodiscard]] Position key_position() const { return key_position_; }
    [[nodiscard]] const std::string& file() const { return *file_; }
    [[nodiscard]] bool is(JsonNode::Kind kind) const { return node_->kind == kind; }

    // The same value under another name for people. What is below it takes the new name as prefix.
    [[nodiscard]] Entry named(std::string place) const;

    // A mistake at the value, or at its key.
    void mistake(std::string message) const;
    void key_mistake(std::string message) const;

    // Text of any kind; text that is not empty; one of `words`.
    [[nodiscard]] std::optional<std::string> any_text() const;
    [[nodiscard]] std::optional<std::string> text() const;
    [[nodiscard]] std::optional<std::string> one_of(const std::vector<std::string>& words) const;
    // Text of the form [a-z][a-z0-9_]*, at most `length_max` bytes long.
    [[nodiscard]] std::optional<std::string> name(std::size_t length_max) const;
    [[nodiscard]] std::optional<bool> boolean() const;
    // A whole number; both bounds belong.
    [[nodiscard]] std::optional<std::int64_t> number(std::int64_t least, std::int64_t greatest) const;
    // A share of something, above 0 and at most 1, in millionths; what is finer is rounded.
    [[nodiscard]] std::optional<std::uint32_t> share() const;

    // The value has the kind; anything else is a mistake.
    [[nodiscard]] bool expect(JsonNode::Kind kind) const;
    // The value is an object; a key that is none of `known` is a mistake, but no reason to stop.
    [[nodiscard]] bool is_object_of(const std::vector<std::string>& known) const;

    // Of an object. A required key that is missing is a mistake, at the object's beginning.
    [[nodiscard]] std::optional<Entry> find(std::string_view key) const;
    [[nodiscard]] std::optional<Entry> required(std::string_view key) const;
    // In the order of the file; a value that is no object, or no list, is a mistake and has none.
    [[nodiscard]] std::vector<Entry> members() const;
    [[nodiscard]] std::vector<Entry> elements() const;

private:
    [[nodiscard]] Entry child(const JsonMember& member) const;
    [[nodiscard]] std::string below(std::string_view name) const;

    const JsonNode* node_;
    const std::string* file_;
    std::vector<Mistake>* mistakes_;
    std::string place_;
    std::string key_;
    Position key_position_;
};

// [a-z][a-z0-9_]*
[[nodiscard]] bool is_name(std::string_view text);

}  // namespace casebridge::config
