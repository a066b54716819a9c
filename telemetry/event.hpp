#pragma once

#include "model/error.hpp"
#include "model/ids.hpp"
#include "model/lsn.hpp"
#include "model/value.hpp"
#include "telemetry/event_codes.hpp"

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

// What happened, as a value: `Event{EventCode::retry_scheduled}.at(agency).with("delay_seconds", 2.5)`. An
// event is made for logs that leave the daemon, so its fields take numbers, positions and words of closed
// sets, and nothing that could be a person's data. telemetry/event_log.hpp turns it into a line and a count.

namespace casebridge::telemetry {

// The name of a field, snake_case with its unit. Literals only: a name made at run time does not compile.
class FieldKey {
public:
    // NOLINTNEXTLINE(google-explicit-constructor): a literal stands for the key wherever one is expected.
    consteval FieldKey(const char* name) : name_(name)
    {
        if (name_.empty() || name_.size() > 40 || name_.front() < 'a' || name_.front() > 'z')
            throw "a field's name begins with a lower-case letter and has at most 40 characters";
        for (const char letter : name_)
            if (letter != '_' && !(letter >= 'a' && letter <= 'z') && !(letter >= '0' && letter <= '9'))
                throw "a field's name is snake_case";
    }

    [[nodiscard]] constexpr std::string_view name() const noexcept { return name_; }

private:
    std::string_view name_;
};

// Text that the program or its configuration wrote: a table, a mapping, a rule, a listening address, a
// version. The constructor is explicit so that every use says so; what an agency's server sent is never such
// a text.
class ConfiguredName {
public:
    explicit ConfiguredName(std::string text) : text_(std::move(text)) {}
    explicit ConfiguredName(const Value&) = delete;
    explicit ConfiguredName(const LocalKey&) = delete;

    [[nodiscard]] const std::string& text() const noexcept { return text_; }

    friend bool operator==(const ConfiguredName&, const ConfiguredName&) = default;

private:
    std::string text_;
};

// An enumeration with a to_string beside it: a word of a closed set.
template <class T>
concept Word = std::is_enum_v<T> && requires(T word)
{
    {
        to_string(word)
        } -> std::convertible_to<std::string_view>;
};

template <class T>
concept Number = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> && sizeof(T) <= 8;

using FieldContent = std::variant<std::int64_t, std::uint64_t, double, std::string>;

struct EventField {
    std::string_view key;  // Static storage: it comes from a FieldKey.
    FieldContent content;

    friend bool operator==(const EventField&, const EventField&) = default;
};

class Event {
public:
    explicit Event(EventCode code) : code_(code), level_(meaning_of(code).level) {}
    Event(EventCode code, Level level) : code_(code), level_(level) {}

    // Names the agency that the event is about. Once at most.
    Event& at(AgencyId agency) &;
    Event&& at(AgencyId agency) && { return std::move(at(std::move(agency))); }

    // Adds a field behind those that are there. A key is used once; it must not be one of reserved_keys.
    template <Number T>
    Event& with(FieldKey key, T number) &
    {
        if constexpr (std::is_signed_v<T>)
            return add(key, std::int64_t{number});
        else
            return add(key, std::uint64_t{number});
    }
    template <std::floating_point T>
    Event& with(FieldKey key, T number) &
    {
        return add(key, static_cast<double>(number));
    }
    template <Word T>
    Event& with(FieldKey key, T word) &
    {
        return add(key, std::string{std::string_view{to_string(word)}});
    }
    Event& with(FieldKey key, Lsn position) & { return add(key, to_string(position)); }
    Event& with(FieldKey key, JournalSeq seq) & { return add(key, seq.value()); }
    Event& with(FieldKey key, const ConfiguredName& name) & { return add(key, name.text()); }

    // Personal data has no way in. Without these a conversion could be added elsewhere one day.
    Event& with(FieldKey key, const Value&) & = delete;
    Event& with(FieldKey key, const std::optional<Value>&) & = delete;
    Event& with(FieldKey key, const LocalKey&) & = delete;
    Event& with(FieldKey key, RecordId) & = delete;

    template <class T>
        Event&& with(FieldKey key, T&& content) && requires requires(Event& event)
    {
        event.with(key, std::forward<T>(content));
    }
    {
        return std::move(with(key, std::forward<T>(content)));
    }

    // Adds `class`, `error`, `place`, `reason` and, if there is one, `remedy`. An Error holds no personal
    // value; that is its contract (model/error.hpp), and this is the only way for a sentence into an event.
    Event& because(const Error& error) &;
    Event&& because(const Error& error) && { return std::move(because(error)); }

    [[nodiscard]] EventCode code() const noexcept { return code_; }
    [[nodiscard]] Level level() const noexcept { return level_; }
    [[nodiscard]] const std::optional<AgencyId>& agency() const noexcept { return agency_; }
    [[nodiscard]] const std::vector<EventField>& fields() const noexcept { return fields_; }

    friend bool operator==(const Event&, const Event&) = default;

private:
    Event& add(FieldKey key, FieldContent content);

    EventCode code_;
    Level level_;
    std::optional<AgencyId> agency_;
    std::vector<EventField> fields_;
};

// Keys of the parts that every line has.
inline constexpr std::string_view reserved_keys[] = {"time", "level", "event", "agency", "says"};

}  // namespace casebridge::telemetry
