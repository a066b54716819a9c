#pragma once

#include "model/version.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace casebridge::conflict {

// How often in a row an agency's database has answered what we wrote with another value.
struct Answers {
    AgencyId agency;
    std::uint32_t count = 0;
    std::optional<PgTime> last;  // Commit time of the last.

    friend bool operator==(const Answers&, const Answers&) = default;
};

// All that is known of one merge unit of one record.
struct UnitHistory {
    std::vector<Version> open;  // Unsuperseded, ascending by seq.
    std::vector<SupersededVersion>
        past;  // Superseded but not yet had by every linked agency, ascending by seq.
    std::optional<PgTime> stamp_floor;  // Greatest stamp among the versions that were dropped from `past`.
    std::vector<UnseenMark> marks;      // At most one an agency.
    std::vector<Answers> answers = {};  // At most one an agency; none after an edit.
    // What others than the authority want it to be, until a person has decided; at most one an agency,
    // ascending by seq. None of them is among the versions above.
    std::vector<Version> proposals = {};

    friend bool operator==(const UnitHistory&, const UnitHistory&) = default;

    [[nodiscard]] std::optional<JournalSeq> mark(const AgencyId& agency) const;
    [[nodiscard]] const Answers* answers_of(const AgencyId& agency) const;
    void set_mark(const AgencyId& agency, std::optional<JournalSeq> from);
};

// Whether a version counts, by its seq; the version is null when the history has forgotten it.
using Known = std::function<bool(JournalSeq, const Version*)>;

// The versions that would be open if there were none but the known ones.
[[nodiscard]] std::vector<Version> open_among(const UnitHistory& history, const Known& known);

}  // namespace casebridge::conflict
