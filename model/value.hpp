#pragma once

#include <compare>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace casebridge {

// A personal value: the text of a column at an agency, or of a canonical field in canonical form. It has no
// operator<< and no formatter, so that it cannot reach a log, a metric or an error text by accident; whoever needs
// the text says so by calling expose().
class Value {
public:
    Value() = default;
    explicit Value(std::string text) : text_(std::move(text)) {}

    [[nodiscard]] const std::string& expose() const noexcept { return text_; }

    friend auto operator<=>(const Value&, const Value&) = default;
    friend bool operator==(const Value&, const Value&) = default;

private:
    std::string text_;
};

// Empty means SQL NULL: "known to be empty", never "not sent" or "unknown".
using FieldValue = std::optional<Value>;

// The values of one merge unit, one for each of its fields in the unit's order.
using UnitValue = std::vector<FieldValue>;

// The mapped part of one row of an agency, one text per slot of its table mapping in the mapping's order. As that
// agency's WAL or a survey has shown it: it moves by reading only.
using Image = std::vector<FieldValue>;

}  // namespace casebridge
