#pragma once

#include "config/entry.hpp"
#include "config/model_file.hpp"
#include "pipeline/bridge_definition.hpp"

#include <chrono>
#include <optional>
#include <vector>

// Reads what a bridge decides over the data of its agencies: rules and agreements.

namespace casebridge::config {

// Whether the tables of a definition tell who maps what, or a mistake has left something out.
enum class TablesAre { complete, in_doubt };

// Reads `rules` over those of `definition`, which hold one rule per unit already. Model and agencies are
// complete; that an authority maps what it decides is only asked of complete tables.
void read_rules(const Entry& entry, pipeline::BridgeDefinition& definition, TablesAre tables);

// Reads `stale_forms`: which edits of which units are taken for a stale form's. The model is complete.
void read_stale_forms(const Entry& entry, pipeline::BridgeDefinition& definition);

// How long a form of the agency's application may stay open; 15 minutes where nothing is said, 0 for no
// guard.
[[nodiscard]] std::chrono::seconds read_stale_form_window(const Entry& agency);

// Reads `agreements`; model and agencies are complete.
void read_agreements(const Entry& entry, pipeline::BridgeDefinition& definition);

// Reports identity rules that can never say that two agencies know the same record. Tables are complete.
void check_identity(const std::vector<IdentityPlace>& places, const pipeline::BridgeDefinition& definition);

// An agency of the bridge; anything else is a mistake.
[[nodiscard]] std::optional<AgencyId> read_agency(
    const Entry& entry, const pipeline::BridgeDefinition& definition
);

}  // namespace casebridge::config
