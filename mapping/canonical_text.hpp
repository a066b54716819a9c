#pragma once

#include "model/canonical_model.hpp"

#include <optional>
#include <string>
#include <string_view>

// The text of one value: as an agency's server renders it, and in canonical form. Every function is exact: no
// digit is lost and nothing is guessed; a text that is not certainly of the type is nothing.

namespace casebridge::mapping {

// Where a text stands decides how the server renders it again.
enum class Placement {
    column,    // A column of the type: `t`, `2024-05-01 10:00:00+00`.
    document,  // A member of a json/jsonb document, read by `#>>`: `true`, `2024-05-01T10:00:00Z`.
};

// The canonical form of a text, or nothing when it is none of the type.
//
//   integer    sign and digits; a fraction of zeros is allowed (`5.00` of a numeric column).
//   decimal    sign, digits, fraction, exponent; the exponent is written out, up to the limits of numeric.
//   boolean    `t`, `f`, `true`, `false`.
//   date       `YYYY-MM-DD` of the proleptic Gregorian calendar; also PostgreSQL's `infinity`, `-infinity`,
//   years of
//              more than four digits and ` BC`, which stay as they are: they are legal dates there.
//   timestamp  ISO 8601 or PostgreSQL's rendering, with an offset from UTC, years 1 to 9999; `infinity`,
//   `-infinity`.
//              Without an offset nobody knows the moment: refused.
//   text, code, reference   any text, as is.
//   set        what stands in model/text_set.hpp, as is; columns hold sets in other forms (set_text.hpp).
[[nodiscard]] std::optional<std::string> to_canonical(FieldType type, std::string_view text);

// The text to write for a canonical value, as the server will render it afterwards as far as the type alone
// tells.
[[nodiscard]] std::string to_local(FieldType type, Placement placement, std::string_view canonical);

// `YYYY-MM-DD` with a four-digit year of our era; nothing for anything else, `infinity` included.
struct CalendarDate {
    int year = 0;
    int month = 0;
    int day = 0;
};
[[nodiscard]] std::optional<CalendarDate> parse_plain_date(std::string_view text);
[[nodiscard]] bool is_calendar_date(int year, int month, int day);

}  // namespace casebridge::mapping
