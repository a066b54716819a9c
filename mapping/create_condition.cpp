#include "mapping/canonical_text.hpp"
#include "mapping/translate.hpp"
#include "model/assert.hpp"

#include <algorithm>
#include <utility>

namespace casebridge::mapping {
namespace {

// Completed years. Somebody born on 29 February completes a year on 1 March when there is no such day.
int age_on(const CalendarDate& birth, std::chrono::year_month_day today)
{
    const auto month = static_cast<int>(static_cast<unsigned>(today.month()));
    const auto day = static_cast<int>(static_cast<unsigned>(today.day()));
    const bool birthday_to_come = std::pair{month, day} < std::pair{birth.month, birth.day};
    return static_cast<int>(today.year()) - birth.year - (birthday_to_come ? 1 : 0);
}

struct Holds {
    const Value& value;
    std::chrono::year_month_day today;

    bool operator()(const AnyOf& any) const
    {
        return std::ranges::find(any.values, value) != any.values.end();
    }

    bool operator()(const AgeBetween& between) const
    {
        const auto birth = parse_plain_date(value.expose());
        if (!birth)
            return false;
        const auto age = age_on(*birth, today);
        return between.from_years <= age && age <= between.to_years;
    }
};

struct Creates {
    std::span<const FieldValue> values;
    std::chrono::year_month_day today;

    bool operator()(const CreateNever&) const { return false; }
    bool operator()(const CreateAlways&) const { return true; }
    bool operator()(const std::vector<CreateCondition>& conditions) const
    {
        return std::ranges::all_of(conditions, [&](const CreateCondition& condition) {
            CASEBRIDGE_ASSERT(condition.field.value() < values.size());
            const auto& value = values[condition.field.value()];
            return value && std::visit(Holds{*value, today}, condition.test);
        });
    }
};

}  // namespace

bool creates(
    const TableMapping& mapping, std::span<const FieldValue> values, std::chrono::year_month_day today
)
{
    return std::visit(Creates{values, today}, mapping.create_when);
}

}  // namespace casebridge::mapping
