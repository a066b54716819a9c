#pragma once

#include "hub/names.hpp"
#include "model/error.hpp"
#include "pipeline/record.hpp"

#include <string>
#include <string_view>

// Records as rows of casebridge.record.

namespace casebridge::hub {

// The JSON of a record's units, links and refusals; id, entity and last_seq have columns of their own. A unit
// without any history is left out. The same record gives the same text.
[[nodiscard]] std::string encode_state(const Names& names, const pipeline::Record& record);

// Exactly what was encoded. The error names what the configuration does not know, and no value.
[[nodiscard]] Result<pipeline::Record> decode_record(
    const Names& names, RecordId id, std::string_view entity, JournalSeq last_seq, std::string_view state
);

}  // namespace casebridge::hub
