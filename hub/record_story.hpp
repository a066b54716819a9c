#pragma once

#include "hub/explain_queries.hpp"
#include "hub/stored_json.hpp"

#include <string>
#include <vector>

// The journal's entries of one record, read by name and not by the present configuration: what was written
// under another one is not refused. Of this room only.

namespace casebridge::hub {

// A version as its entry has it.
struct StoryVersion {
    std::string unit;
    std::optional<ShownValue> value;  // Empty: no longer kept.
    std::optional<PgTime> stamp;
    std::vector<JournalSeq> superseded;
    Admission admission = Admission::entered;
};

struct StoryEntry {
    ExplainedEntry head;
    std::vector<StoryVersion> versions;
    std::string author;               // Whose value the versions are; empty for a person's own.
    std::optional<ShownValue> image;  // By slot; empty: no longer kept, or the entry has none.
    enum class Images { none, erased, kept };
    Images images = Images::none;
};

// Columns seq, kind, agency, commit_lsn, recorded_at, envelope, payload. Throws HubFailure for what is no
// entry.
[[nodiscard]] StoryEntry story_entry_at(const libpq::QueryResult& rows, std::size_t row);

}  // namespace casebridge::hub
