#include "hub/record_story.hpp"

#include "hub/case_rows.hpp"
#include "hub/failure.hpp"
#include "hub/row_texts.hpp"

#include <utility>

namespace casebridge::hub {

namespace {

StoryEntry read(const libpq::QueryResult& rows, std::size_t row)
{
    const auto envelope = parse_versioned(rows.text(row, 5));
    const auto payload = rows.value(row, 6);
    const auto values = payload ? parse_stored(*payload) : Json{};
    const bool decided = rows.text(row, 1) == "value_decided";
    const bool deleted = rows.text(row, 1) == "row_deleted";
    StoryEntry entry;
    entry.head.seq = JournalSeq{to_int64(rows.text(row, 0))};
    entry.head.agency = to_string(rows.value(row, 2)).value_or("");
    entry.head.recorded_at = rows.text(row, 4);
    if (decided)
        entry.head.source = "decision";
    else
        entry.head.source = deleted ? "deletion" : read_text(envelope, "source");
    if (!decided) {
        entry.head.table = read_text(envelope, "table");
        entry.head.commit_lsn = to_string(rows.value(row, 3));
        entry.head.ordinal = envelope.at("ordinal").get<std::int64_t>();
        entry.head.commit_time = read_optional_time(envelope, "commit_time");
    }
    if (!decided && !deleted) {
        entry.images = payload ? StoryEntry::Images::kept : StoryEntry::Images::erased;
        if (payload)
            entry.image = value_of(values.at("image"));
    }
    entry.author = entry.head.agency;
    const auto& heads = read_list(envelope, "units");
    const auto& texts = read_list(values, "values");
    for (std::size_t i = 0; i < heads.size(); ++i)
        entry.versions.push_back({
            .unit = read_text(heads[i], "unit"),
            .value = payload ? std::optional{value_of(texts.at(i))} : std::nullopt,
            .stamp = read_optional_time(heads[i], "stamp"),
            .superseded = read_seqs(read_list(heads[i], "superseded")),
            .admission = read_admission(heads[i]),
        });
    return entry;
}

}  // namespace

StoryEntry story_entry_at(const libpq::QueryResult& rows, std::size_t row)
{
    const auto what = "journal entry " + std::string{rows.text(row, 0)};
    return value_or_throw(reading_stored(what, [&] { return read(rows, row); }));
}

}  // namespace casebridge::hub
