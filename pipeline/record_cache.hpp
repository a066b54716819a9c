#pragma once

#include "pipeline/bridge_definition.hpp"
#include "pipeline/demand.hpp"
#include "pipeline/record.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace casebridge::pipeline {

// What a record is found by and points at: its golden (while held: oldest open) values under the identity
// rules, and the records that its reference fields name.
[[nodiscard]] RecordKeys keys_of(const BridgeDefinition& definition, const Record& record);

// The records in memory: all that the hub's projection does not hold yet, and those that were loaded from it.
// Found by id, by link, by identity key and by what they point at.
//
// Loading never replaces a record that is here: the one in memory is newer. That the hub does not know a key
// is remembered only until forget_questions(), because the next step may create the record.
class RecordCache {
public:
    explicit RecordCache(const BridgeDefinition& definition) : definition_(&definition) {}

    [[nodiscard]] const Record* find(RecordId id) const;
    [[nodiscard]] std::optional<RecordId> linked(const LinkKey& row) const;
    [[nodiscard]] std::vector<RecordId> identified(const IdentityKey& identity) const;
    [[nodiscard]] std::vector<RecordId> referrers_of(RecordId target) const;

    // Adds a record that did not exist before. Ignored when the id is here already.
    void insert(Record record) { hold(std::move(record), ProjectionNeed::everything); }

    // Answers a demand: `loaded` is everything the hub has for it.
    void answer(const Demand& demand, std::vector<Record> loaded);
    void forget_questions();

    // Links of the table that are older than this have ended.
    void truncated(MappingIndex table, JournalSeq at) { truncated_at_[table] = at; }

    // Whether the cache can answer: the thing is here, or the hub was asked since forget_questions(). The key
    // of a row that is gone may be another record's by now, whom only the hub knows.
    [[nodiscard]] bool knows(RecordId id) const;
    [[nodiscard]] bool knows(const LinkKey& row) const;
    [[nodiscard]] bool knows(const IdentityKey& identity) const;
    [[nodiscard]] bool knows_referrers_of(RecordId target) const;

    // Changes a record through `edit(Record&)` and keeps every way to find it true. The record is then
    // unprojected.
    template <class Edit>
    void change(RecordId id, Edit&& edit)
    {
        Held& held = get(id);
        // Surroundings that are to be written anyway are not compared.
        std::optional<Surroundings> before;
        if (held.need == ProjectionNeed::record_only)
            before = surroundings_of(held);
        const auto lost = links_lost(held);
        unindex(held);
        edit(held.record);
        index(held, still_lost(held.record, lost));
        if (before && !(*before == surroundings_of(held)))
            held.need = ProjectionNeed::surrounding;
        unprojected_.insert(id);
    }

    // Records changed since they were last taken for projection; the caller owns writing them.
    [[nodiscard]] std::vector<RecordId> unprojected() const;
    [[nodiscard]] ProjectionNeed projection_need(RecordId id) const { return records_.at(id)->need; }
    [[nodiscard]] std::size_t unprojected_count() const noexcept { return unprojected_.size(); }
    // The records with last_seq at or below `seq` are in the hub's projection now.
    void projected(JournalSeq seq);
    // Drops projected records until at most `records_max` are here. The caller holds no pointers.
    void shrink(std::size_t records_max);
    [[nodiscard]] std::size_t size() const noexcept { return records_.size(); }

private:
    struct Held {
        Record record;
        RecordKeys keys;
        ProjectionNeed need = ProjectionNeed::everything;
    };

    // Everything that the rows around a record in the hub are made of. Where it is told by a count, anything
    // but none stands for a difference.
    struct Surroundings {
        struct LinkHead {
            MappingIndex table;
            LocalKey key;
            LinkState state;
            JournalSeq since;

            friend bool operator==(const LinkHead&, const LinkHead&) = default;
        };

        RecordKeys keys;
        std::vector<LinkHead> links;
        // No refusal, departure or reference that waits, no unit with several versions or a proposal.
        bool simple = true;

        friend bool operator==(const Surroundings& left, const Surroundings& right)
        {
            return left.simple && right.simple && left.keys == right.keys && left.links == right.links;
        }
    };

    [[nodiscard]] static Surroundings surroundings_of(const Held& held);
    void hold(Record record, ProjectionNeed need);
    // Whether the row of the link is, or may soon be, there.
    [[nodiscard]] bool is_there(const Link& link) const;
    Held& get(RecordId id);
    // Links under whose keys another record is found: it took them, or is newer.
    [[nodiscard]] std::vector<Link> links_lost(const Held& held) const;
    // Their keys, without those of rows that have come back meanwhile.
    [[nodiscard]] std::vector<LinkKey> still_lost(const Record& record, const std::vector<Link>& lost) const;
    // The same for a record that is about to be held: what is here is newer, unless its row is gone.
    [[nodiscard]] std::vector<LinkKey> links_taken(const Record& record) const;
    void index(Held& held, const std::vector<LinkKey>& except);
    void unindex(const Held& held);

    const BridgeDefinition* definition_;
    std::map<MappingIndex, JournalSeq> truncated_at_;
    std::unordered_map<RecordId, std::unique_ptr<Held>> records_;
    std::unordered_map<LinkKey, RecordId> by_link_;
    std::unordered_map<IdentityKey, std::vector<RecordId>> by_identity_;
    std::unordered_map<RecordId, std::vector<RecordId>> by_target_;
    std::unordered_set<RecordId> unprojected_;
    std::unordered_set<RecordId> asked_records_;
    std::unordered_set<LinkKey> asked_links_;
    std::unordered_set<IdentityKey> asked_identities_;
    std::unordered_set<RecordId> asked_referrers_;
};

}  // namespace casebridge::pipeline
