#pragma once

#include "conflict/delete_rule.hpp"
#include "conflict/field_rule.hpp"
#include "mapping/table_mapping.hpp"
#include "model/canonical_model.hpp"
#include "model/version.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// Everything that one daemon serves, as data: the compiled configuration without connections. The pipeline
// reads it and never changes it.

namespace casebridge::pipeline {

// Permission for values of one agency to be written to another. No agreement, no disclosure.
struct Agreement {
    std::string id;  // `2026-14`; every disclosure names it.
    AgencyId from;
    AgencyId to;
    std::string purpose;
    std::string legal_basis;
    std::optional<std::chrono::year_month_day> valid_from;  // Inclusive.
    std::optional<std::chrono::year_month_day> valid_to;    // Inclusive.
    // Shared units: shared[entity][unit].
    std::vector<std::vector<bool>> shared;
};

// When an edit is taken for a form that was opened before our delivery and saved after it.
enum class StaleForms {
    off,
    restored,  // All that a delivery changed in the row went back, together with another change.
    any,       // Any edit of what was delivered.
};

// How many records of an entity one agency may change, or delete, within a window.
struct BreakerLimit {
    std::uint32_t per_million = 0;  // Of the records that are linked there.
    std::size_t at_least = 0;       // As many may always.

    [[nodiscard]] std::size_t of(std::size_t linked) const
    {
        return std::max<std::size_t>(at_least, linked * per_million / 1'000'000);
    }

    friend bool operator==(const BreakerLimit&, const BreakerLimit&) = default;
};

// When a transaction of an agency is stopped and a person asked.
struct BreakerRule {
    std::chrono::microseconds window{};  // Back from its commit.
    BreakerLimit changed;
    BreakerLimit deleted;

    friend bool operator==(const BreakerRule&, const BreakerRule&) = default;
};

struct BridgeDefinition {
    std::string name;
    CanonicalModel model;
    std::vector<AgencyId> agencies;             // Ascending.
    std::vector<mapping::TableMapping> tables;  // Of all agencies; TableMapping::index is the position here.
    std::vector<conflict::EntityRules> rules;   // By EntityIndex.
    std::vector<Agreement> agreements;
    std::map<EntityIndex, conflict::DeleteRule> on_delete = {};  // A deletion of any other entity is held.
    // How long a form may stay open, by agency: the stale form guard looks back so far. None: it is off.
    std::map<AgencyId, std::chrono::microseconds> stale_form_windows = {};
    // Of units; the others are `restored`.
    std::map<std::pair<EntityIndex, UnitIndex>, StaleForms> stale_forms = {};
    std::map<EntityIndex, BreakerRule> breakers = {};  // Any other entity has none.

    [[nodiscard]] std::chrono::microseconds stale_form_window(const AgencyId& agency) const;
    [[nodiscard]] StaleForms stale_forms_of(EntityIndex entity, UnitIndex unit) const;
    [[nodiscard]] const mapping::TableMapping& table(MappingIndex index) const
    {
        return tables[index.value()];
    }
    // The table in which an agency keeps an entity; nothing when it keeps none. One at most: config refuses
    // more.
    [[nodiscard]] const mapping::TableMapping* table_of(const AgencyId& agency, EntityIndex entity) const;
    [[nodiscard]] const mapping::TableMapping* find_table(
        const AgencyId& agency, const std::string& schema, const std::string& table
    ) const;
    // The agreement under which `unit` of `entity` may go from one agency to another on that day.
    [[nodiscard]] const Agreement* find_agreement(
        const AgencyId& from,
        const AgencyId& to,
        EntityIndex entity,
        UnitIndex unit,
        std::chrono::year_month_day day
    ) const;
    // Whether a version's value may be written to the agency on that day: its own value always, another's by
    // an agreement of that one, a person's own where any agreement lets the unit in.
    [[nodiscard]] bool may_receive(
        const AgencyId& to,
        const Version& version,
        EntityIndex entity,
        UnitIndex unit,
        std::chrono::year_month_day day
    ) const;
    // What follows from a deletion of a row of the entity.
    [[nodiscard]] const conflict::DeleteRule& delete_rule(EntityIndex entity) const;
    // Null: nothing stops a mass change of the entity.
    [[nodiscard]] const BreakerRule* breaker(EntityIndex entity) const;
    // Whether a record that left `from` may be deleted at `to` on that day: the table there permits it, and
    // an agreement tells `to` anything of the entity, or it is the same agency.
    [[nodiscard]] bool may_delete(
        const AgencyId& from, const AgencyId& to, EntityIndex entity, std::chrono::year_month_day day
    ) const;
    // The same on any day.
    [[nodiscard]] bool may_ever_delete(const AgencyId& from, const AgencyId& to, EntityIndex entity) const;
};

}  // namespace casebridge::pipeline
