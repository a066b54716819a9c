#pragma once

#include <string>
#include <string_view>

// Text inside a log line. Whatever the text holds, the line stays one line for every reader, and a terminal
// that shows it obeys nothing in it.

namespace casebridge::telemetry {

// A JSON string, quotation marks included. Escaped are the quotation mark, the backslash, all control
// characters (C0, DEL and C1), U+2028 and U+2029, which some readers take for line ends, and the marks that
// turn the direction of text. A byte that is not UTF-8 becomes U+FFFD. The result is valid UTF-8 and valid
// JSON for every input.
[[nodiscard]] std::string json_string(std::string_view text);

// The text itself if it consists of ASCII letters, digits and `_-./:+@`, otherwise json_string(): how logfmt
// writes it.
[[nodiscard]] std::string logfmt_value(std::string_view text);

}  // namespace casebridge::telemetry
