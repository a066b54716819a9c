#pragma once

#include "model/version.hpp"

#include <optional>
#include <vector>

namespace casebridge::conflict {

// All that is known of one merge unit of one record.
struct UnitHistory {
    std::vector<Version> open;  // Unsuperseded, ascending by seq.
    std::vector<SupersededVersion>
        past;  // Superseded but not yet had by every linked agency, ascending by seq.
    std::optional<PgTime> stamp_floor;  // Greatest stamp among the versions that were dropped from `past`.
    std::vector<UnseenMark> marks;      // At most one an agency.

    friend bool operator==(const UnitHistory&, const UnitHistory&) = default;

    [[nodiscard]] std::optional<JournalSeq> mark(const AgencyId& agency) const;
    void set_mark(const AgencyId& agency, std::optional<JournalSeq> from);
};

}  // namespace casebridge::conflict
