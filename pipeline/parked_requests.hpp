#pragma once

#include "model/journal_entry.hpp"
#include "pipeline/demand.hpp"
#include "pipeline/entry_log.hpp"

#include <string>
#include <vector>

// What an operator can do about rows that could not be translated and deliveries that an agency refuses: try
// them again, or set them aside. Neither loses anything: what is set aside stays parked or refused, is shown
// when asked for, and is taken up again when its row or record changes.

namespace casebridge::pipeline {

// A delivery to the row that stands for the record at the agency.
struct DeliveryName {
    RecordId record;
    AgencyId agency;

    friend bool operator==(const DeliveryName&, const DeliveryName&) = default;
};

// As asked for: none of them need exist.
struct ParkedNames {
    std::vector<JournalSeq> rows;  // By the entry that parked them first.
    std::vector<DeliveryName> deliveries;

    friend bool operator==(const ParkedNames&, const ParkedNames&) = default;
};

// Read the rows again, by the present mapping and state; queue the deliveries again.
struct RetryParked {
    ParkedNames names;
};

// Set them aside.
struct SkipParked {
    ParkedNames names;
};

struct ParkedAnswer {
    RequestOutcome outcome = RequestOutcome::refused;  // Only when nothing at all came of it.
    std::string text;                                  // For the operator; holds neither key nor value.
};

// `42@es`.
[[nodiscard]] std::string to_text(const DeliveryName& delivery);

// What must be in memory before the rows are read again, or the deliveries looked at.
[[nodiscard]] Demand parked_demand(const BridgeState& state, const ParkedNames& names);

// Reads each row as it was last seen; one that cannot be translated is parked again. A row of which not even
// the image is known waits for its next change. The demand is answered.
[[nodiscard]] ParkedAnswer retry_parked(const RetryParked& wanted, EntryLog& log);

[[nodiscard]] ParkedAnswer skip_parked(const SkipParked& wanted, RequestId request, EntryLog& log);

}  // namespace casebridge::pipeline
