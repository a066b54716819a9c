#pragma once

#include "model/journal_entry.hpp"
#include "pipeline/bridge_definition.hpp"
#include "pipeline/record.hpp"

#include <random>
#include <string>
#include <vector>

// A small bridge of two agencies, and random things that it could have written.

namespace casebridge::hub::test {

// Person (name, birth date, national id, address, income, employed, household) and household; tables person
// and household at `sp`, jobseeker at `es`, whose address stands inside a document.
[[nodiscard]] pipeline::BridgeDefinition sample_bridge();

inline constexpr EntityIndex person{0};
inline constexpr EntityIndex household{1};
inline constexpr MappingIndex sp_person{0};
inline constexpr MappingIndex sp_household{1};
inline constexpr MappingIndex es_jobseeker{2};

// Units of person, in the model's order.
inline constexpr UnitIndex unit_name{0};
inline constexpr UnitIndex unit_birth_date{1};
inline constexpr UnitIndex unit_national_id{2};
inline constexpr UnitIndex unit_address{3};
inline constexpr UnitIndex unit_income{4};
inline constexpr UnitIndex unit_employed{5};
inline constexpr UnitIndex unit_household{6};

[[nodiscard]] FieldValue field(std::string text);

// Draws texts that are hard to quote: empty, NULL, quotes, backslashes, braces, control characters, other
// scripts.
class Draw {
public:
    Draw(const pipeline::BridgeDefinition& definition, std::uint32_t seed)
        : definition_(definition), random_(seed)
    {
    }

    [[nodiscard]] std::size_t below(std::size_t bound) { return random_() % bound; }
    [[nodiscard]] std::string text();
    [[nodiscard]] std::vector<FieldValue> values(std::size_t count);
    [[nodiscard]] Entry entry(JournalSeq seq);                       // Of any kind.
    [[nodiscard]] EntryBody body(std::size_t kind, JournalSeq seq);  // By position in EntryBody.
    [[nodiscard]] pipeline::Record record(RecordId id, JournalSeq last_seq);

private:
    template <class T, class Make>
    std::optional<T> maybe(Make make)
    {
        if (below(2) == 0)
            return std::nullopt;
        return make();
    }

    LocalKey key() { return LocalKey{text()}; }
    JournalSeq seq() { return JournalSeq{static_cast<std::int64_t>(random_() >> 1U)}; }
    RecordId record_id() { return RecordId{seq().value()}; }
    PgTime time() { return PgTime{static_cast<std::int64_t>(random_()) * 1'000'003 - 1'000'000'000'000}; }
    Lsn lsn() { return Lsn{(std::uint64_t{random_()} << 32U) | random_()}; }
    MappingIndex table()
    {
        return MappingIndex{static_cast<std::uint16_t>(below(definition_.tables.size()))};
    }
    UnitIndex unit(EntityIndex entity);
    UnitValue unit_value(EntityIndex entity, UnitIndex unit);
    Image image(MappingIndex table) { return values(definition_.tables[table.value()].slots.size()); }
    Version version(EntityIndex entity, UnitIndex unit);
    Tally tally();
    ElementTags tags();
    Version with_bookkeeping(Version version);
    SourcePosition position() { return {lsn(), static_cast<std::uint32_t>(random_())}; }
    std::vector<MarkChange> marks(EntityIndex entity);
    std::vector<Delivered> delivered(MappingIndex table);
    ConflictNote conflict(EntityIndex entity);
    RowRead row_read(JournalSeq seq);
    RowParked row_parked();
    RowDeleted row_deleted();
    BreakerTripped breaker_tripped();
    VersionAdded version_added(EntityIndex entity);
    RequestAnswered request_answered();
    ValueDecided value_decided();
    conflict::UnitHistory history(EntityIndex entity, UnitIndex unit);
    pipeline::Link link(EntityIndex entity, MappingIndex table);

    const pipeline::BridgeDefinition& definition_;
    std::mt19937 random_;
    std::int64_t requests_ = 0;
};

// Whether two entries are the same in every member.
[[nodiscard]] bool same(const EntryBody& left, const EntryBody& right);

}  // namespace casebridge::hub::test
