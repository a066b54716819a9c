#include "pipeline/own_writes.hpp"

#include "conflict/judge.hpp"
#include "pipeline/parked_rows.hpp"
#include "pipeline/record_values.hpp"
#include "pipeline/state_resolver.hpp"

#include <algorithm>

namespace casebridge::pipeline {

// Inside a transaction of ours a trigger or a cascade of the agency may delete rows as well. What a process
// before this one planned is not known any more: then the deletion is ours, because taking it for the
// agency's could delete the others' rows, and the other mistake is one that the next comparison mends.
DeletedBy deleted_by(std::optional<RecordId> record, const Lane& lane, std::optional<JournalSeq> echo)
{
    if (!echo)
        return DeletedBy::agency;
    if (!lane.sent_by_this_process(*echo))
        return DeletedBy::us;
    const auto* sent = record ? lane.pending_at(*echo, *record) : nullptr;
    return sent != nullptr && sent->deletion ? DeletedBy::us : DeletedBy::agency;
}

void find_own_writes(
    RowInput& input,
    const BridgeState& state,
    const Lane& lane,
    const Record& record,
    const Image& image,
    JournalSeq to
)
{
    const auto& mapping = *input.mapping;
    const auto& entity = state.definition->model.entity(mapping.entity);
    const StateResolver resolver{state};
    const auto* sent = lane.pending_at(to, record.id);
    // What a parked row showed before this transaction is its agency's, whoever wrote the like once.
    const LinkKey row{mapping.index, input.previous_key.value_or(input.key)};
    const auto* before = state.parked.contains(row) ? last_image(state, row) : nullptr;
    const auto changed = [&](const mapping::MappedUnit& unit) {
        return before == nullptr || std::ranges::any_of(unit.bindings, [&](const mapping::Binding& binding) {
                   return image[binding.slot] != (*before)[binding.slot];
               });
    };
    for (const auto& unit : mapping.units) {
        const auto value = mapping::get_unit(mapping, entity, unit, image, resolver);
        if (!value)
            continue;
        bool same = false;
        if (sent != nullptr) {
            auto expected = sent->insert ? sent->inserted : image;
            for (const auto& write : sent->writes)
                expected[write.slot] = write.value;
            const bool covered = sent->insert || std::ranges::count(sent->units, unit.unit) > 0;
            const auto planned = mapping::get_unit(mapping, entity, unit, expected, resolver);
            same = covered && planned && *planned == *value;
        } else {
            // Sent before this process started: what was sent is one of the versions that other agencies
            // wrote, the agency's own value that stands, or a sum of all.
            const auto& history = record.units[unit.unit.value()];
            const auto& rule = rule_of(*state.definition, mapping.entity, unit.unit);
            same = changed(unit) && conflict::could_have_written(history, rule, mapping.agency, to, *value);
        }
        if (same)
            input.written_by_us.push_back(unit.unit);
        else if (sent != nullptr && !sent->insert && std::ranges::count(sent->units, unit.unit) > 0)
            input.answered.push_back(unit.unit);
    }
}

}  // namespace casebridge::pipeline
