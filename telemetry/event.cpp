#include "telemetry/event.hpp"

#include "model/assert.hpp"

#include <algorithm>
#include <iterator>

namespace casebridge::telemetry {

Event& Event::at(AgencyId agency) &
{
    CASEBRIDGE_ASSERT(!agency_);
    agency_ = std::move(agency);
    return *this;
}

Event& Event::because(const Error& error) &
{
    add("class", std::string{to_string(error.kind)});
    add("error", error.code);
    add("place", error.place);
    add("reason", error.message);
    if (!error.remedy.empty())
        add("remedy", error.remedy);
    return *this;
}

Event& Event::add(FieldKey key, FieldContent content)
{
    const auto name = key.name();
    CASEBRIDGE_ASSERT(
        std::find(std::begin(reserved_keys), std::end(reserved_keys), name) == std::end(reserved_keys)
    );
    CASEBRIDGE_ASSERT(std::none_of(fields_.begin(), fields_.end(), [name](const EventField& field) {
        return field.key == name;
    }));
    fields_.push_back({name, std::move(content)});
    return *this;
}

}  // namespace casebridge::telemetry
