#pragma once

#include "config/mistake.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// JSON with comments as a tree in which every key and value knows where it stands, so that a mistake found
// much later still has its line.

namespace casebridge::config {

struct JsonMember;

struct JsonNode {
    enum class Kind { null, boolean, number, string, array, object };

    Kind kind = Kind::null;
    Position position;                // Of the first character of the value.
    std::string text;                 // Characters of a string, source text of a number, `true` or `false`.
    std::vector<JsonNode> elements;   // Of an array.
    std::vector<JsonMember> members;  // Of an object, in the order of the file; of repeated keys the first.

    [[nodiscard]] const JsonMember* find(std::string_view key) const;
};

struct JsonMember {
    std::string key;
    Position key_position;
    JsonNode value;
};

// "text", "a number", "an object" …
[[nodiscard]] std::string_view name_of(JsonNode::Kind kind);

// Deeper nesting is a mistake; no configuration needs it.
inline constexpr std::size_t json_depth_max = 32;

// Parses one file. Mistakes (a syntax error, of which there is one at most, or repeated keys) are added to
// `mistakes` under the name `file`. After a syntax error the result is nothing.
[[nodiscard]] std::optional<JsonNode> parse_json(
    const std::string& file, std::string_view text, std::vector<Mistake>& mistakes
);

}  // namespace casebridge::config
