#include "hub/version_showings.hpp"

#include "hub/names.hpp"
#include "pipeline/record_values.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace casebridge::hub {

namespace {

FieldValue stored(const std::optional<std::string>& text)
{
    return text ? FieldValue{Value{*text}} : FieldValue{};
}

// One unit at one agency.
class Showings {
public:
    Showings(
        const RecordView& view,
        UnitIndex unit,
        const mapping::TableMapping& table,
        std::span<const StoryEntry> story
    )
        : view_(view), unit_(unit), table_(table), story_(story)
    {
    }

    [[nodiscard]] ShownAt of(const ExplainedVersion& version, JournalSeq before) const
    {
        ShownAt answer;
        answer.agency = table_.agency.value();
        const auto value = unit_value(version.version.value);
        if (!value) {
            answer.answer = ShownAt::Answer::unknown;
            return answer;
        }
        const auto seq = version.version.seq;
        const StoryEntry* latest = nullptr;
        for (const auto& entry : story_)
            if (of_row(entry) && entry.head.seq < seq)
                latest = &entry;
        bool untold = false;
        const auto answered = [&](const StoryEntry& entry, ShownAt::Answer as) {
            const auto shown = shows(entry, *value);
            untold = untold || !shown;
            if (shown != true)
                return false;
            answer.answer = as;
            answer.entry = entry.head;
            return true;
        };
        if (latest != nullptr && answered(*latest, ShownAt::Answer::shown_before))
            return answer;
        for (const auto& entry : story_)
            if (of_row(entry) && entry.head.seq > seq && entry.head.seq < before &&
                answered(entry, ShownAt::Answer::shown))
                return answer;
        if (untold)
            answer.answer = ShownAt::Answer::unknown;
        return answer;
    }

private:
    [[nodiscard]] bool of_row(const StoryEntry& entry) const
    {
        return entry.head.agency == table_.agency.value() && entry.images != StoryEntry::Images::none;
    }

    [[nodiscard]] std::optional<UnitValue> unit_value(const std::optional<ShownValue>& value) const
    {
        if (!value)
            return std::nullopt;
        const auto& entity = view_.state->definition->model.entity(table_.entity);
        UnitValue result;
        for (const auto field : entity.unit(unit_).fields) {
            const auto found = std::ranges::find(*value, entity.field(field).name, &FieldText::field);
            if (found == value->end())
                return std::nullopt;
            result.push_back(stored(found->text));
        }
        return result;
    }

    // Nothing where the image is not kept, or of a form that the present mapping does not have.
    [[nodiscard]] std::optional<bool> shows(const StoryEntry& entry, const UnitValue& value) const
    {
        if (!entry.image || entry.head.table != table_.name())
            return std::nullopt;
        Image image;
        for (const auto& slot : table_.slots) {
            const auto found = std::ranges::find(*entry.image, slot_name(slot), &FieldText::field);
            if (found == entry.image->end())
                return std::nullopt;
            image.push_back(stored(found->text));
        }
        return image_shows(view_, table_, unit_, image, value);
    }

    const RecordView& view_;
    UnitIndex unit_;
    const mapping::TableMapping& table_;
    std::span<const StoryEntry> story_;
};

// What shows the same value after a later version of that value is that one's.
JournalSeq end_of(const ExplainedVersion& version, std::span<const ExplainedVersion> all)
{
    for (const auto& later : all)
        if (later.version.seq > version.version.seq && later.version.value == version.version.value)
            return later.version.seq;
    return JournalSeq{std::numeric_limits<std::int64_t>::max()};
}

}  // namespace

void find_showings(
    const RecordView& view,
    UnitIndex unit,
    std::span<const StoryEntry> story,
    std::vector<ExplainedVersion>& versions
)
{
    const auto& definition = *view.state->definition;
    const auto entity = view.record().entity;
    if (pipeline::rule_of(definition, entity, unit).computes())
        return;
    for (const auto& agency : definition.agencies) {
        const auto* table = definition.table_of(agency, entity);
        if (table == nullptr || table->find_unit(unit) == nullptr)
            continue;
        const Showings showings{view, unit, *table, story};
        for (auto& version : versions) {
            const bool own = version.version.author == agency.value() &&
                             version.version.origin != ShownVersion::Origin::person;
            if (!own)
                version.shown_at.push_back(showings.of(version, end_of(version, versions)));
        }
    }
}

}  // namespace casebridge::hub
