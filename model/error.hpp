#pragma once

#include <boost/system/result.hpp>

#include <stdexcept>
#include <string>
#include <utility>

// Failures that depend on the input. They are returned; failures of the world (a server, a socket) are exceptions
// and exist above the border only; failures of the programmer are assertions (model/assert.hpp).

namespace casebridge {

// What the daemon does about it (docs/delivery_guarantees.md).
enum class ErrorClass {
    transient,  // The same step may succeed later: retry from durable progress with back-off.
    poison,     // This change can never be applied: park its record, everything else flows.
    permanent,  // This stream can never work as configured: stop it, keep the others, name the remedy.
};

[[nodiscard]] constexpr const char* to_string(ErrorClass kind) noexcept
{
    switch (kind) {
        case ErrorClass::transient:
            return "transient";
        case ErrorClass::poison:
            return "poison";
        case ErrorClass::permanent:
            return "permanent";
    }
    return "permanent";
}

// No part of an error holds a personal value: `place` names a table, column, field or message, `message` and
// `remedy` are sentences for an operator.
struct Error {
    ErrorClass kind = ErrorClass::permanent;
    std::string code;     // Stable, snake_case: `unmappable_value`. Written to logs, metrics and the journal.
    std::string place;    // `person.sex`, `pgoutput Insert at byte 7`.
    std::string message;  // What is wrong, lower case, no full stop.
    std::string remedy;   // What to do about it; may be empty.

    friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
using Result = boost::system::result<T, Error>;

// Found by boost::system::result when value() is called on an error: a failure of the programmer.
[[noreturn]] inline void throw_exception_from_error(const Error& error, const boost::source_location&)
{
    throw std::logic_error("unchecked error " + error.code + " at " + error.place);
}

}  // namespace casebridge
