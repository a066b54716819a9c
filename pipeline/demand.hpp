#pragma once

#include "pipeline/record.hpp"

#include <vector>

namespace casebridge::pipeline {

// What the core must have in memory before it can take its next step. The shell fetches it from the hub in
// one statement a list and hands it to RecordCache::insert.
struct Demand {
    std::vector<RecordId> records;
    std::vector<LinkKey> links;           // The records that these rows are linked to.
    std::vector<IdentityKey> identities;  // The records that these identify.
    std::vector<RecordId> referrers_of;   // The records that point at these.

    [[nodiscard]] bool empty() const
    {
        return records.empty() && links.empty() && identities.empty() && referrers_of.empty();
    }
};

}  // namespace casebridge::pipeline
