#include "conflict/value_order.hpp"

#include "conflict/decimal.hpp"

#include <charconv>
#include <cstdint>
#include <string_view>
#include <tuple>

namespace casebridge::conflict {

namespace {

// Where a date or timestamp stands; what is behind the year is of fixed form and ordered as text.
struct Moment {
    int eternity = 0;  // -1 and 1 for the infinities.
    std::int64_t year = 0;
    std::string_view rest;
};

std::optional<Moment> parse_moment(std::string_view text)
{
    if (text == "infinity")
        return Moment{1, 0, {}};
    if (text == "-infinity")
        return Moment{-1, 0, {}};
    const bool before_our_era = text.ends_with(" BC");
    if (before_our_era)
        text.remove_suffix(3);
    Moment moment;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), moment.year);
    if (error != std::errc{} || moment.year <= 0 ||
        !std::string_view{end, text.data() + text.size()}.starts_with('-'))
        return std::nullopt;
    if (before_our_era)
        moment.year = 1 - moment.year;
    moment.rest = {end, text.data() + text.size()};
    // Without the zone, which is always UTC, so that a fraction comes behind its whole second.
    if (moment.rest.ends_with('Z'))
        moment.rest.remove_suffix(1);
    return moment;
}

}  // namespace

std::optional<std::strong_ordering> compare(ValueOrder order, const Value& left, const Value& right)
{
    switch (order) {
        case ValueOrder::number: {
            const auto one = Decimal::parse(left.expose());
            const auto other = Decimal::parse(right.expose());
            return one && other ? std::optional{*one <=> *other} : std::nullopt;
        }
        case ValueOrder::date:
        case ValueOrder::timestamp: {
            const auto one = parse_moment(left.expose());
            const auto other = parse_moment(right.expose());
            if (!one || !other)
                return std::nullopt;
            return std::tie(one->eternity, one->year, one->rest) <=>
                   std::tie(other->eternity, other->year, other->rest);
        }
    }
    return std::nullopt;
}

}  // namespace casebridge::conflict
