#pragma once

#include "model/strong.hpp"

#include <cstdint>
#include <string>

namespace casebridge {

// Microseconds since 2000-01-01 00:00 UTC, PostgreSQL's own epoch, by the clock of the server that stamped
// it. Clocks of agencies differ; only the rule `latest` compares stamps of different agencies.
using PgTime = Strong<struct PgTimeTag, std::int64_t>;

// Distance between the Unix epoch and PostgreSQL's, in microseconds.
inline constexpr std::int64_t pg_epoch_unix_microseconds = 946'684'800LL * 1'000'000LL;

// `2026-01-02 03:04:05 UTC`; fractions of a second are cut off.
[[nodiscard]] std::string to_utc_text(PgTime time);

}  // namespace casebridge
