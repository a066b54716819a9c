#pragma once

#include "hub/case_queries.hpp"
#include "hub/record_view.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

// Why a field says what it says: every version of it that is still known, where each came from, what became
// of it, and which agency shows it. From the journal's entries of the record and the projections, in a fixed
// number of statements whatever the number of versions. Values are personal.

namespace casebridge::hub {

// The configuration that was in force when an entry was written.
struct AppliedConfiguration {
    JournalSeq seq;  // Of the entry that applied it.
    std::string hash;
    std::string applied_at;
};

// An entry of the journal about a row of an agency.
struct ExplainedEntry {
    JournalSeq seq;
    std::string recorded_at;
    std::string agency;
    std::string table;   // Empty for a decision.
    std::string source;  // `stream`, `survey`, `echo`, `decision`, `deletion`.
    std::optional<std::string>
        commit_lsn;  // Of the agency's transaction, with the place of the change in it.
    std::optional<std::int64_t> ordinal;
    std::optional<PgTime> commit_time;  // By the agency's clock; empty for a survey and in older entries.
    std::optional<AppliedConfiguration> configuration;  // Empty when it is no longer kept.
};

// Whether and when an agency's row showed a version.
struct ShownAt {
    enum class Answer {
        shown,         // From this entry on; an echo is the receipt of our own delivery.
        shown_before,  // It showed the same value already when the version came.
        not_shown,     // No entry of the agency's rows shows it.
        unknown,       // Values that would tell are no longer kept, or not of the present mapping's form.
    };
    std::string agency;
    Answer answer = Answer::not_shown;
    std::optional<ExplainedEntry> entry;
};

struct ExplainedVersion {
    enum class Place {
        open,           // Nothing has replaced it.
        superseded,     // `superseded_by` has.
        recorded_only,  // An authority's rule kept it out.
    };
    ShownVersion version;
    Place place = Place::open;
    std::optional<JournalSeq> superseded_by;
    std::optional<ExplainedEntry> entry;  // Empty when the journal does not have it any more.
    std::vector<std::string> slots;       // `column`, `column/part`: of the field, by the present mapping.
    std::vector<ShownAt> shown_at;        // Of every other agency that maps the field.
};

struct ExplainedUnit {
    ShownUnit unit;  // With conflicts and decisions, newest first.
    std::optional<ShownValue> golden;
    std::vector<ExplainedVersion> versions;  // Newest first.
    std::vector<UnitAtAgency> agencies;
};

// The record's row at an agency.
struct ExplainedRow {
    std::string agency;
    std::string table;  // Empty: the agency keeps no such entity.
    std::optional<std::string> key;
    std::string state;  // `none`, `reserved`, `live`, `ended`.
    std::optional<ParkedNow> parked;
    std::optional<pipeline::Refusal> refusal;
    std::optional<pipeline::Pause> pause;
};

struct Explanation {
    std::string entity;
    RecordId record;
    std::string configuration;  // Hash of the one applied last; empty when none is kept.
    std::vector<ExplainedRow> rows;
    std::vector<ExplainedUnit> units;
};

// Which record, and what of it.
struct ExplainWish {
    std::string entity;
    std::optional<RecordId> record;     // Either this,
    std::optional<std::string> agency;  // or these: a row by its key at the agency.
    std::optional<std::string> key;
    std::optional<std::string> field;  // A field or group; empty: all.
};

struct ExplainAnswer {
    std::optional<Explanation> explanation;
    std::string fault;  // Otherwise: what is not there. Holds no key.
};

[[nodiscard]] boost::asio::awaitable<ExplainAnswer> explain(
    libpq::Connection& connection,
    const pipeline::BridgeDefinition& definition,
    ExplainWish wish,
    std::chrono::year_month_day today
);

}  // namespace casebridge::hub
