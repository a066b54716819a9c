#pragma once

#include "connectors/libpq/server_error.hpp"
#include "model/error.hpp"

#include <vector>

// An agency's database is not as the configuration says, or not as it must be.

namespace casebridge::postgres {

// Permanent. Everything that was found wrong, so that an operator corrects it in one go; `what()` lists it
// all. error() is the first.
class AgencyMismatch : public libpq::DatabaseError {
public:
    // At least one.
    explicit AgencyMismatch(std::vector<Error> mismatches);

    // Each names its place, `schema.table.column`, and a remedy.
    [[nodiscard]] const std::vector<Error>& mismatches() const noexcept { return mismatches_; }

private:
    std::vector<Error> mismatches_;
};

}  // namespace casebridge::postgres
