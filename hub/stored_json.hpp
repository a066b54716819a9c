#pragma once

#include "hub/enum_texts.hpp"
#include "hub/names.hpp"
#include "model/error.hpp"
#include "model/journal_entry.hpp"
#include "model/version.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Pieces of stored JSON that entries and records share. Of this room only.
//
// Every envelope and state carries `"v"`, the version of its form. An empty list and an optional that holds
// nothing are left out; anything else that is missing is an error. Reading throws Unreadable or nlohmann's
// exceptions; reading_stored() turns both into an Error without any text of the document.

namespace casebridge::hub {

inline constexpr int stored_form = 1;

using Json = nlohmann::json;

[[nodiscard]] Json parse_stored(std::string_view text);
[[nodiscard]] Json parse_versioned(std::string_view text);  // The same; throws Unreadable for another form.

template <class Enum>
[[nodiscard]] Enum read_enum(const Json& text)
{
    const auto value = from_text<Enum>(text.get_ref<const std::string&>());
    if (!value)
        throw Unreadable{"unknown_word", text.get_ref<const std::string&>()};
    return *value;
}

// A member, as a const reference to a string.
[[nodiscard]] const std::string& read_text(const Json& object, const char* key);
[[nodiscard]] JournalSeq read_seq(const Json& object, const char* key);
[[nodiscard]] std::optional<JournalSeq> read_optional_seq(const Json& object, const char* key);
[[nodiscard]] std::optional<PgTime> read_optional_time(const Json& object, const char* key);

// The list under a key; an empty list if it was left out.
[[nodiscard]] const Json& read_list(const Json& object, const char* key);

void write_marks(
    JsonText& json, const Names& names, EntityIndex entity, const std::vector<MarkChange>& marks
);

void write_units(JsonText& json, const Names& names, EntityIndex entity, const std::vector<UnitIndex>& units);
[[nodiscard]] std::vector<UnitIndex> read_units(const Json& list, const Names& names, EntityIndex entity);

void write_seqs(JsonText& json, const std::vector<JournalSeq>& seqs);
[[nodiscard]] std::vector<JournalSeq> read_seqs(const Json& list);

void write_texts(JsonText& json, const std::vector<std::string>& texts);
void write_candidates(JsonText& json, const std::vector<MatchCandidate>& candidates);

// What a link remembers of our deliveries, by the names of its slots.
void write_delivered(JsonText& json, const Layout& slots, const std::vector<Delivered>& delivered);
[[nodiscard]] std::vector<Delivered> read_delivered(const Json& list, const Layout& slots);

// seq, author, stamp, whether a person decided it or a stale form put it back, as members of an object that
// is open.
void write_version_head(JsonText& json, const Version& version);
[[nodiscard]] Version read_version_head(const Json& object);

// Of a version that an entry adds: the member `rejected` or `proposed` of an object that is open, or neither.
void write_admission(JsonText& json, Admission admission);
[[nodiscard]] Admission read_admission(const Json& object);

// What a version contributes to a sum, as a value; `null` for none.
void write_tally(JsonText& json, const std::optional<Tally>& tally);
[[nodiscard]] std::optional<Tally> read_tally(const Json& value);

// Runs `read` and returns its value, or an Error of code `hub_unreadable` whose place starts with `what`.
template <class Read>
[[nodiscard]] auto reading_stored(const std::string& what, Read&& read) -> Result<decltype(read())>
{
    const auto failed = [&](std::string detail, std::string code) {
        return Error{
            .kind = ErrorClass::permanent,
            .code = std::move(code),
            .place = what + (detail.empty() ? "" : ": ") + detail,
            .message = "the hub holds something that the present configuration or program cannot read",
            .remedy =
                "run the configuration and program version that wrote it, or one that still knows the name",
        };
    };
    try {
        return read();
    } catch (const Unreadable& unreadable) {
        return failed(unreadable.place, unreadable.code);
    } catch (const nlohmann::json::exception&) {
        // Its text may quote the document.
        return failed({}, "malformed");
    }
}

}  // namespace casebridge::hub
