#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

// Exact decimal arithmetic on canonical texts of any length: no digit is ever lost or rounded.

namespace casebridge::conflict {

class Decimal {
public:
    Decimal() = default;  // 0.

    // Nothing when the text is not a sign, digits and an optional fraction.
    [[nodiscard]] static std::optional<Decimal> parse(std::string_view text);

    [[nodiscard]] std::string to_string() const;  // Canonical: no needless zeros, `-` in front, never `-0`.
    [[nodiscard]] std::size_t digit_count() const { return digits_.size(); }

    [[nodiscard]] Decimal operator-() const;
    friend Decimal operator+(const Decimal& left, const Decimal& right);
    friend Decimal operator-(const Decimal& left, const Decimal& right) { return left + -right; }
    friend std::strong_ordering operator<=>(const Decimal& left, const Decimal& right);
    friend bool operator==(const Decimal& left, const Decimal& right) { return (left <=> right) == 0; }

private:
    Decimal(bool negative, std::string digits, std::size_t fraction);

    // ±digits / 10^fraction, without leading zeros; 0 is empty, positive and of fraction 0, as is every whole
    // number. The last digit of a fraction is not 0.
    bool negative_ = false;
    std::string digits_;
    std::size_t fraction_ = 0;
};

}  // namespace casebridge::conflict
