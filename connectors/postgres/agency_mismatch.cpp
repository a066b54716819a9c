#include "connectors/postgres/agency_mismatch.hpp"

#include "model/assert.hpp"

#include <utility>

namespace casebridge::postgres {
namespace {

Error summary(const std::vector<Error>& mismatches)
{
    CASEBRIDGE_ASSERT(!mismatches.empty());
    auto error = mismatches.front();
    for (std::size_t i = 1; i < mismatches.size(); ++i)
        error.message += "; " + mismatches[i].place + ": " + mismatches[i].message;
    return error;
}

}  // namespace

AgencyMismatch::AgencyMismatch(std::vector<Error> mismatches)
    : DatabaseError(summary(mismatches)), mismatches_(std::move(mismatches))
{
}

}  // namespace casebridge::postgres
