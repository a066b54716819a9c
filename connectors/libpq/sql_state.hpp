#pragma once

#include "model/error.hpp"

#include <array>
#include <compare>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

// SQLSTATE, and the one table that says what the daemon does about each.

namespace casebridge::libpq {

// Five characters [0-9A-Z]; the first two are the class. Never empty.
class SqlState {
public:
    // From a literal: `SqlState{"23505"}`. Anything else than five characters does not compile.
    consteval explicit SqlState(const char (&text)[6])
    {
        if (!well_formed(std::string_view{text}))
            throw std::invalid_argument("an SQLSTATE is five characters of [0-9A-Z]");
        assign(text);
    }

    // From a server's message; nothing when the text is no SQLSTATE.
    [[nodiscard]] static std::optional<SqlState> parse(std::string_view text) noexcept
    {
        if (!well_formed(text))
            return std::nullopt;
        SqlState state;
        state.assign(text);
        return state;
    }

    [[nodiscard]] std::string_view text() const noexcept { return {code_.data(), code_.size()}; }
    [[nodiscard]] std::string_view class_text() const noexcept { return text().substr(0, 2); }

    friend auto operator<=>(const SqlState&, const SqlState&) = default;
    friend bool operator==(const SqlState&, const SqlState&) = default;

private:
    SqlState() = default;

    static constexpr bool well_formed(std::string_view text) noexcept
    {
        if (text.size() != 5)
            return false;
        for (const char c : text)
            if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')))
                return false;
        return true;
    }

    constexpr void assign(std::string_view text) noexcept
    {
        for (std::size_t i = 0; i < code_.size(); ++i)
            code_[i] = text[i];
    }

    std::array<char, 5> code_{};
};

// Total: a state that the table does not know is permanent, because retrying what nobody understands hides
// it.
//
// 23503 is poison here. A delivery asks for that state first and treats it as a miss (the parent is on its
// way); whoever does not ask loses one record to the parked ones, not the stream.
[[nodiscard]] ErrorClass classify(SqlState state) noexcept;

// What the operator can do about it, one sentence without personal values.
[[nodiscard]] std::string_view remedy(SqlState state) noexcept;

}  // namespace casebridge::libpq
