#include "config/delete_rule.hpp"

#include "config/create_when.hpp"
#include "config/model_file.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace casebridge::config {
namespace {

// The values of an archiving rule, by unit; a group is given whole.
class ArchiveReader {
public:
    ArchiveReader(const CanonicalModel& model, EntityIndex entity)
        : model_(model), entity_(model.entity(entity))
    {
    }

    [[nodiscard]] std::optional<conflict::ArchiveDelete> read(const Entry& entry)
    {
        if (!entry.expect(JsonNode::Kind::object))
            return std::nullopt;
        bool good = true;
        for (const auto& member : entry.members())
            good = read_field(member) && good;
        if (good && values_.empty()) {
            entry.mistake("what an archived record shows is missing, such as {\"status\": \"closed\"}");
            good = false;
        }
        conflict::ArchiveDelete rule;
        for (auto& [unit, value] : values_) {
            good = whole(entry, unit, value) && good;
            UnitValue fields;
            for (auto& field : value)
                fields.push_back(field.value_or(FieldValue{}));
            rule.values.emplace_back(unit, std::move(fields));
        }
        return good ? std::optional{std::move(rule)} : std::nullopt;
    }

private:
    using Given = std::vector<std::optional<FieldValue>>;  // Nothing: not given.

    bool read_field(const Entry& member)
    {
        const auto* described = entity_.find_field(member.key());
        if (described == nullptr) {
            member.key_mistake(unknown_field(entity_, member.key()));
            return false;
        }
        if (described->type == FieldType::reference) {
            member.mistake("a reference cannot be given: it points at another record for every record");
            return false;
        }
        FieldValue value;
        if (!member.is(JsonNode::Kind::null)) {
            const auto text = member.any_text();
            if (!text)
                return false;
            if (auto wrong = wrong_value(model_, *described, *text)) {
                member.mistake(std::move(*wrong));
                return false;
            }
            value = Value{*text};
        }
        auto& unit = values_[described->unit];
        unit.resize(entity_.unit(described->unit).fields.size());
        unit[described->position_in_unit] = std::move(value);
        return true;
    }

    [[nodiscard]] bool whole(const Entry& entry, UnitIndex unit, const Given& value) const
    {
        const auto missing =
            std::ranges::find_if(value, [](const auto& field) { return !field.has_value(); });
        if (missing == value.end())
            return true;
        const auto& described = entity_.unit(unit);
        const auto position = static_cast<std::size_t>(missing - value.begin());
        entry.mistake(
            "the group " + described.name + " is archived as a whole: " +
            entity_.field(described.fields[position]).name + " is missing (null for empty)"
        );
        return false;
    }

    const CanonicalModel& model_;
    const EntityDefinition& entity_;
    std::map<UnitIndex, Given> values_;
};

bool anybody_permits(const pipeline::BridgeDefinition& definition, EntityIndex entity)
{
    return std::ranges::any_of(definition.tables, [&](const mapping::TableMapping& table) {
        return table.entity == entity && table.remote_delete == mapping::RemoteDelete::permitted;
    });
}

}  // namespace

std::optional<conflict::DeleteRule> read_delete_rule(
    const Entry& entry, const pipeline::BridgeDefinition& definition, EntityIndex entity, TablesAre tables
)
{
    if (entry.is(JsonNode::Kind::object)) {
        if (!entry.is_object_of({"archive"}))
            return std::nullopt;
        const auto archive = entry.required("archive");
        auto rule = archive ? ArchiveReader{definition.model, entity}.read(*archive) : std::nullopt;
        return rule ? std::optional<conflict::DeleteRule>{std::move(*rule)} : std::nullopt;
    }
    const auto word = entry.one_of({"hold", "detach", "propagate"});
    if (!word)
        return std::nullopt;
    if (*word == "hold")
        return conflict::HoldDelete{};
    if (*word == "detach")
        return conflict::DetachDelete{};
    if (tables == TablesAre::complete && !anybody_permits(definition, entity)) {
        entry.mistake(
            "no mapping permits it: say \"may_delete\": true where rows of " +
            definition.model.entity(entity).name + " may go"
        );
        return std::nullopt;
    }
    return conflict::PropagateDelete{};
}

}  // namespace casebridge::config
