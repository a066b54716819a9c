#include "mapping/canonical_text.hpp"

#include "model/assert.hpp"
#include "model/text_set.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <system_error>

namespace casebridge::mapping {
namespace {

// What PostgreSQL's numeric can hold; an exponent may not make more digits out of a few bytes.
constexpr std::int64_t digits_before_point_max = 131'072;
constexpr std::int64_t digits_after_point_max = 16'383;

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool all_digits(std::string_view text)
{
    return !text.empty() && std::ranges::all_of(text, is_digit);
}

std::string_view take_digits(std::string_view& text)
{
    const auto end = std::ranges::find_if_not(text, is_digit) - text.begin();
    const auto digits = text.substr(0, static_cast<std::size_t>(end));
    text.remove_prefix(digits.size());
    return digits;
}

bool take(std::string_view& text, char expected)
{
    if (text.empty() || text.front() != expected)
        return false;
    text.remove_prefix(1);
    return true;
}

std::optional<int> take_number(std::string_view& text, std::size_t width)
{
    const auto digits = text.substr(0, width);
    if (digits.size() != width || !all_digits(digits))
        return std::nullopt;
    int number = 0;
    for (const char c : digits)
        number = number * 10 + (c - '0');
    text.remove_prefix(width);
    return number;
}

// Exponent of a number; nothing when it is malformed or so large that no numeric could hold the number.
std::optional<std::int64_t> parse_exponent(std::string_view text)
{
    const bool negative = take(text, '-');
    if (!negative)
        take(text, '+');
    if (!all_digits(text))
        return std::nullopt;
    std::int64_t exponent = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), exponent);
    if (error != std::errc{} || exponent > digits_before_point_max + digits_after_point_max)
        return std::nullopt;
    return negative ? -exponent : exponent;
}

// Digits of a number with its decimal point behind digits[point - 1]; `digits` has no needless zeros, zero is
// empty.
struct DecimalParts {
    bool negative = false;
    std::string digits;
    std::int64_t point = 0;
};

std::optional<DecimalParts> parse_decimal(std::string_view text)
{
    DecimalParts parts;
    parts.negative = take(text, '-');
    if (!parts.negative)
        take(text, '+');
    const auto whole = take_digits(text);
    const auto fraction = take(text, '.') ? take_digits(text) : std::string_view{};
    if (whole.empty() && fraction.empty())
        return std::nullopt;
    std::int64_t exponent = 0;
    if (!text.empty()) {
        if (!take(text, 'e') && !take(text, 'E'))
            return std::nullopt;
        const auto parsed = parse_exponent(text);
        if (!parsed)
            return std::nullopt;
        exponent = *parsed;
    }
    parts.digits.append(whole).append(fraction);
    parts.point = static_cast<std::int64_t>(whole.size()) + exponent;
    const auto leading = std::min(parts.digits.find_first_not_of('0'), parts.digits.size());
    parts.digits.erase(0, leading);
    parts.point -= static_cast<std::int64_t>(leading);
    parts.digits.erase(parts.digits.find_last_not_of('0') + 1);
    if (parts.digits.empty())
        return DecimalParts{};
    const auto length = static_cast<std::int64_t>(parts.digits.size());
    if (parts.point > digits_before_point_max || length - parts.point > digits_after_point_max)
        return std::nullopt;
    return parts;
}

std::string write_decimal(const DecimalParts& parts)
{
    if (parts.digits.empty())
        return "0";
    const auto length = static_cast<std::int64_t>(parts.digits.size());
    std::string text = parts.negative ? "-" : "";
    if (parts.point <= 0) {
        text += "0.";
        text.append(static_cast<std::size_t>(-parts.point), '0').append(parts.digits);
    } else if (parts.point >= length)
        text.append(parts.digits).append(static_cast<std::size_t>(parts.point - length), '0');
    else {
        const auto point = static_cast<std::size_t>(parts.point);
        text.append(parts.digits, 0, point).append(1, '.').append(parts.digits, point);
    }
    return text;
}

std::optional<std::string> canonical_integer(std::string_view text)
{
    const auto parts = parse_decimal(text);
    const bool whole = parts && parts->point >= static_cast<std::int64_t>(parts->digits.size());
    return whole ? std::optional{write_decimal(*parts)} : std::nullopt;
}

std::optional<std::string> canonical_decimal(std::string_view text)
{
    const auto parts = parse_decimal(text);
    return parts ? std::optional{write_decimal(*parts)} : std::nullopt;
}

std::optional<std::string> canonical_boolean(std::string_view text)
{
    if (text == "t" || text == "true")
        return "true";
    if (text == "f" || text == "false")
        return "false";
    return std::nullopt;
}

bool is_infinity(std::string_view text)
{
    return text == "infinity" || text == "-infinity";
}

// PostgreSQL renders years before our era as `0044-03-15 BC` (there is no year 0) and later ones than 9999
// with more digits.
std::optional<std::string> canonical_date(std::string_view text)
{
    if (is_infinity(text))
        return std::string{text};
    constexpr std::string_view before_christ = " BC";
    auto rest = text;
    const bool bc = rest.ends_with(before_christ);
    if (bc)
        rest.remove_suffix(before_christ.size());
    const auto year_digits = rest.substr(0, std::min(rest.find('-'), rest.size()));
    const bool long_year = year_digits.size() > 4 && year_digits.size() <= 7 && year_digits.front() != '0';
    if (year_digits.size() != 4 && !long_year)
        return std::nullopt;
    const auto year = take_number(rest, year_digits.size());
    if (!year || *year == 0 || !take(rest, '-'))
        return std::nullopt;
    const auto month = take_number(rest, 2);
    if (!month || !take(rest, '-'))
        return std::nullopt;
    const auto day = take_number(rest, 2);
    if (!day || !rest.empty() || !is_calendar_date(bc ? 1 - *year : *year, *month, *day))
        return std::nullopt;
    return std::string{text};
}

// `Z`, `+02`, `-03:30`, `+00:53:28` (local mean time of old dates), `+0200`.
std::optional<std::chrono::seconds> parse_offset(std::string_view text)
{
    if (text == "Z")
        return std::chrono::seconds{0};
    const bool west = take(text, '-');
    if (!west && !take(text, '+'))
        return std::nullopt;
    const auto hours = take_number(text, 2);
    if (!hours)
        return std::nullopt;
    std::array<int, 2> rest{};
    for (auto& part : rest) {
        if (text.empty())
            break;
        take(text, ':');
        const auto number = take_number(text, 2);
        if (!number || *number > 59)
            return std::nullopt;
        part = *number;
    }
    if (!text.empty() || *hours > 15)
        return std::nullopt;
    const auto offset =
        std::chrono::hours{*hours} + std::chrono::minutes{rest[0]} + std::chrono::seconds{rest[1]};
    return west ? -offset : offset;
}

// The time of day, without the fraction of its second.
std::optional<std::chrono::seconds> take_time(std::string_view& text)
{
    const auto hour = take_number(text, 2);
    if (!hour || *hour > 23 || !take(text, ':'))
        return std::nullopt;
    const auto minute = take_number(text, 2);
    if (!minute || *minute > 59 || !take(text, ':'))
        return std::nullopt;
    const auto second = take_number(text, 2);
    if (!second || *second > 59)
        return std::nullopt;
    return std::chrono::hours{*hour} + std::chrono::minutes{*minute} + std::chrono::seconds{*second};
}

std::optional<std::string> write_moment(std::chrono::sys_seconds moment, std::string_view fraction)
{
    const auto day = std::chrono::floor<std::chrono::days>(moment);
    const std::chrono::year_month_day date{day};
    const auto year = static_cast<int>(date.year());
    if (year < 1 || year > 9999)
        return std::nullopt;
    const std::chrono::hh_mm_ss time{moment - day};
    std::array<char, 40> text{};
    std::snprintf(
        text.data(),
        text.size(),
        "%04d-%02u-%02uT%02d:%02d:%02d",
        year,
        static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()),
        static_cast<int>(time.hours().count()),
        static_cast<int>(time.minutes().count()),
        static_cast<int>(time.seconds().count())
    );
    std::string written = text.data();
    if (!fraction.empty())
        written.append(1, '.').append(fraction);
    return written + "Z";
}

std::optional<std::string> canonical_timestamp(std::string_view text)
{
    if (is_infinity(text))
        return std::string{text};
    constexpr std::size_t date_size = 10;
    const auto date = parse_plain_date(text.substr(0, std::min(date_size, text.size())));
    if (!date)
        return std::nullopt;
    text.remove_prefix(date_size);
    if (!take(text, ' ') && !take(text, 'T'))
        return std::nullopt;
    const auto time = take_time(text);
    if (!time)
        return std::nullopt;
    std::string_view fraction;
    if (take(text, '.')) {
        fraction = take_digits(text);
        if (fraction.empty() || fraction.size() > 9)
            return std::nullopt;
        fraction = fraction.substr(0, fraction.find_last_not_of('0') + 1);
    }
    const auto offset = parse_offset(text);
    if (!offset)
        return std::nullopt;
    const std::chrono::sys_days day{std::chrono::year{date->year} / date->month / date->day};
    return write_moment(day + *time - *offset, fraction);
}

// `2024-05-01T10:00:00.5Z` as a timestamptz column shows it in a session whose time zone is UTC.
std::string timestamp_of_column(std::string_view canonical)
{
    std::string text{canonical};
    if (is_infinity(canonical) || !text.ends_with('Z'))
        return text;
    text.pop_back();
    const auto separator = text.find('T');
    if (separator != std::string::npos)
        text[separator] = ' ';
    return text + "+00";
}

}  // namespace

std::optional<CalendarDate> parse_plain_date(std::string_view text)
{
    const auto year = take_number(text, 4);
    if (!year || *year == 0 || !take(text, '-'))
        return std::nullopt;
    const auto month = take_number(text, 2);
    if (!month || !take(text, '-'))
        return std::nullopt;
    const auto day = take_number(text, 2);
    if (!day || !text.empty() || !is_calendar_date(*year, *month, *day))
        return std::nullopt;
    return CalendarDate{.year = *year, .month = *month, .day = *day};
}

bool is_calendar_date(int year, int month, int day)
{
    constexpr std::array<int, 12> lengths{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12 || day < 1)
        return false;
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    const auto length = month == 2 && leap ? 29 : lengths[static_cast<std::size_t>(month - 1)];
    return day <= length;
}

std::optional<std::string> to_canonical(FieldType type, std::string_view text)
{
    switch (type) {
        case FieldType::integer:
            return canonical_integer(text);
        case FieldType::decimal:
            return canonical_decimal(text);
        case FieldType::boolean:
            return canonical_boolean(text);
        case FieldType::date:
            return canonical_date(text);
        case FieldType::timestamp:
            return canonical_timestamp(text);
        case FieldType::text:
        case FieldType::code:
        case FieldType::reference:
            return std::string{text};
        case FieldType::set:
            return parse_text_set(text) ? std::optional{std::string{text}} : std::nullopt;
    }
    CASEBRIDGE_ASSERT(false);
}

std::string to_local(FieldType type, Placement placement, std::string_view canonical)
{
    if (placement == Placement::column && type == FieldType::boolean)
        return canonical == "true" ? "t" : canonical == "false" ? "f" : std::string{canonical};
    if (placement == Placement::column && type == FieldType::timestamp)
        return timestamp_of_column(canonical);
    return std::string{canonical};
}

}  // namespace casebridge::mapping
