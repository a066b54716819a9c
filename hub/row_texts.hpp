#pragma once

#include "connectors/libpq/query_result.hpp"
#include "model/assert.hpp"
#include "model/pg_time.hpp"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Texts of our own tables as values. Their column types vouch for the form; anything else is a failure of the
// programmer.

namespace casebridge::hub {

[[nodiscard]] inline std::int64_t to_int64(std::string_view text)
{
    std::int64_t number = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    CASEBRIDGE_ASSERT(error == std::errc{} && stop == text.data() + text.size());
    return number;
}

[[nodiscard]] inline std::optional<std::string> to_string(std::optional<std::string_view> text)
{
    return text ? std::optional<std::string>{*text} : std::nullopt;
}

// Microseconds as model/pg_time.hpp counts them.
[[nodiscard]] inline std::optional<PgTime> to_optional_time(std::optional<std::string_view> text)
{
    return text ? std::optional{PgTime{to_int64(*text)}} : std::nullopt;
}

}  // namespace casebridge::hub
