#pragma once

#include "hub/entry_kind.hpp"
#include "hub/names.hpp"
#include "model/error.hpp"
#include "model/journal_entry.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

// Entries of the journal as rows of casebridge.journal.
//
// An entry is split in two: the envelope says what happened to which record, unit and agency; the payload
// holds the personal values (keys, images, values) and can be erased while the envelope stays. Both are JSON
// and hold names, never positions of a configuration.

namespace casebridge::hub {

// One row of casebridge.journal, without recorded_at, which the server sets.
struct EntryRow {
    JournalSeq seq;
    std::string kind;
    std::optional<std::string> agency;
    std::optional<std::string> entity;
    std::optional<RecordId> record;
    std::optional<std::string> commit_lsn;
    std::string envelope;
    std::optional<std::string> payload;
};

// An entry whose personal values were erased: what is left says that it was there.
struct ErasedEntry {
    JournalSeq seq;
    EntryKind kind = EntryKind::row_read;
    std::optional<AgencyId> agency;
    std::optional<RecordId> record;

    friend bool operator==(const ErasedEntry&, const ErasedEntry&) = default;
};

using StoredEntry = std::variant<Entry, ErasedEntry>;

// Immutable; may be shared.
class EntryCodec {
public:
    explicit EntryCodec(const pipeline::BridgeDefinition& definition) : names_(definition) {}

    // Overwrites every member of `row`; its strings keep their capacity.
    // Precondition: the entry's indexes are the definition's, images and values have one text per slot or
    // field.
    void encode(const Entry& entry, EntryRow& row) const;

    // Exactly what was encoded. The error names what the configuration does not know: kind, table, entity,
    // unit, slot or field; it holds no value.
    [[nodiscard]] Result<StoredEntry> decode(const EntryRow& row) const;

    [[nodiscard]] const Names& names() const noexcept { return names_; }

private:
    Names names_;
};

}  // namespace casebridge::hub
