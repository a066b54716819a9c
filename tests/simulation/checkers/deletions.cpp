#include "pipeline/row_identity.hpp"
#include "tests/simulation/checkers/checkers.hpp"
#include "tests/simulation/checkers/final_state.hpp"
#include "tests/simulation/checkers/told_deletions.hpp"
#include "tests/simulation/world.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace casebridge::simulation {
namespace {

using Record = pipeline::Record;
using Place = std::pair<RecordId, MappingIndex>;

// What the journal says last of a record's row in a table.
struct Last {
    JournalSeq seq;
    bool deleted = false;  // By its agency's own application.
};

// A row that an agency's application entered.
struct Entered {
    JournalSeq seq;
    RecordId record;
    AgencyId agency;
    Lsn commit_lsn;
};

class Deletions {
public:
    explicit Deletions(const World& world) : world_(world), end_(world), told_(told_deletions(world))
    {
        for (const auto& entry : world.hub.journal())
            std::visit([&](const auto& body) { take(body, entry.seq); }, entry.body);
    }

    void check() const
    {
        for (const auto* record : end_.records()) {
            check_rows(*record);
            for (const auto& agency : world_.definition.agencies)
                check_followed(*record, agency);
        }
        check_doubts();
        for (const auto& told : told_)
            if (told.entry.effect == DeleteEffect::confirmed)
                check_named(told);
    }

private:
    void take(const RowRead& read, JournalSeq seq)
    {
        // What we wrote ourselves is nobody's coming back.
        if (read.source != RowSource::echo || !last_[{read.record, read.table}].deleted)
            last_[{read.record, read.table}] = {seq, false};
        const bool entered = read.link == LinkChange::created || read.link == LinkChange::matched ||
                             read.link == LinkChange::reopened;
        if (entered && read.source != RowSource::echo)
            entered_.push_back({seq, read.record, read.agency, read.position.commit_lsn});
        for (const auto& note : read.conflicts)
            note_conflict(read.record, note);
        for (const auto& added : read.versions)
            if (!added.enters())
                named_.emplace(
                    read.record, added.unit, read.agency, text_of(read.entity, added.unit, added.value)
                );
    }

    void take(const RowDeleted& deleted, JournalSeq seq)
    {
        if (!deleted.record)
            return;
        const auto* ours = world_.ledger.own_write(
            deleted.agency, deleted.position.commit_lsn, {deleted.table, deleted.key}
        );
        auto& last = last_[{*deleted.record, deleted.table}];
        if (last.deleted)
            unread_.insert(seq);
        last = {seq, ours == nullptr || !ours->erased};
        for (const auto& note : deleted.conflicts)
            note_conflict(*deleted.record, note);
    }

    void take(const TableTruncated& table, JournalSeq seq)
    {
        for (auto& [place, last] : last_)
            if (place.second == table.table)
                last = {seq, false};
    }

    void take(const BreakerTripped& tripped, JournalSeq) { stopped_[tripped.agency] = tripped.commit_lsn; }
    void take(const BreakerApproved& approved, JournalSeq)
    {
        if (approved.deletions == ApprovedDeletions::hold)
            held_.emplace(approved.agency, stopped_.at(approved.agency));
    }

    void take(const DeletionDecided& decided, JournalSeq seq)
    {
        decided_[decided.record].emplace(seq, decided.choice);
    }

    template <class Other>
    void take(const Other&, JournalSeq)
    {
    }

    void note_conflict(RecordId record, const ConflictNote& note)
    {
        const auto entity = world_.hub.replayed().records.find(record)->entity;
        for (const auto& version : note.versions)
            named_.emplace(record, note.unit, version.author, text_of(entity, note.unit, version.value));
    }

    [[nodiscard]] bool parked(const pipeline::Link& link) const
    {
        return end_.parked({link.table, link.key}) != nullptr;
    }

    // Rows that are linked are there, and none that is to go, unless somebody points at it.
    void check_rows(const Record& record) const
    {
        for (const auto& link : record.links) {
            if (end_.live_link(record, link.table) == nullptr || parked(link))
                continue;
            const LinkKey row{link.table, link.key};
            if (world_.sites.at(agency_of(link.table)).agency.find(row) == nullptr)
                throw Violation{"deletion_followed", show(row) + " is linked and is gone"};
            const auto* refusal = record.find_refusal(link.table);
            const bool may_go = world_.rules.remote_delete(link.table) == mapping::RemoteDelete::permitted;
            if (record.leaves() && may_go &&
                (refusal == nullptr || refusal->code != "23503" || !pointed_at(world_, row)))
                throw Violation{"deletion_followed", show(row) + " is to be deleted and is there"};
        }
    }

    // The other agencies' rows, where the deletion found one.
    void check_followed(const Record& record, const AgencyId& agency) const
    {
        const auto table = table_of(agency, record.entity);
        const auto last = table ? last_.find({record.id, *table}) : last_.end();
        if (last == last_.end() || !last->second.deleted || came_back_unreadable(record, *table) ||
            decided_since(record.id, last->second.seq))
            return;
        for (const auto& link : record.links)
            if (link.table != *table && end_.live_link(record, link.table) != nullptr &&
                link.since <= last->second.seq && !parked(link))
                check_followed(record, agency, link, last->second.seq);
    }

    void check_followed(
        const Record& record, const AgencyId& agency, const pipeline::Link& left, JournalSeq deleted_at
    ) const
    {
        const auto what =
            show(LinkKey{left.table, left.key}) + " is left of a record that " + agency.value() + " deleted";
        switch (world_.rules.on_delete(record.entity)) {
            case DeleteKind::detach:
                return;
            case DeleteKind::hold:
                if (!record.departure)
                    throw Violation{"deletion_followed", what + ", and nobody is asked"};
                return;
            case DeleteKind::propagate:
                if (!record.leaves() && !entered_again(record.id, deleted_at) &&
                    !(record.departure && (entered_unseen(record.id, agency, deleted_at) ||
                                           held_by_approval(deletion_at(deleted_at)) ||
                                           was_asked(record.id, deleted_at) || unread_.contains(deleted_at))))
                    throw Violation{"deletion_followed", what};
                return;
        }
    }

    [[nodiscard]] const RowDeleted& deletion_at(JournalSeq seq) const
    {
        return std::ranges::find(told_, seq, &ToldDeletion::seq)->entry;
    }

    // Whether another agency had entered the record before the deletion was read, and the one that deleted
    // its row at that place of its WAL had not been told: then a person is asked.
    [[nodiscard]] bool entered_unseen(RecordId record, const AgencyId& agency, JournalSeq deleted_at) const
    {
        const auto told = told_before(world_, agency, deletion_at(deleted_at).position.commit_lsn);
        return std::ranges::any_of(entered_, [&](const Entered& entered) {
            return entered.record == record && entered.agency != agency && entered.seq > told &&
                   entered.seq < deleted_at;
        });
    }

    // Whether an agency that knew of the deletion has entered the record again behind it: with three agencies
    // that may be, and the row that is left was to be deleted and is wanted again.
    [[nodiscard]] bool entered_again(RecordId record, JournalSeq deleted_at) const
    {
        const auto told = std::ranges::find(told_, deleted_at, &ToldDeletion::seq);
        return std::ranges::any_of(entered_, [&](const Entered& entered) {
            return entered.record == record && entered.seq > deleted_at && knew_of(entered, told->began());
        });
    }

    // The agency had deleted the row itself, or its WAL holds something of ours from behind the deletion
    // before the row was entered.
    [[nodiscard]] bool knew_of(const Entered& entered, JournalSeq deleted_at) const
    {
        return deletion_at(deleted_at).agency == entered.agency ||
               told_before(world_, entered.agency, entered.commit_lsn) >= deleted_at;
    }

    // Whether an earlier deletion of the record was a question to a person already: then it is one question.
    [[nodiscard]] bool was_asked(RecordId record, JournalSeq deleted_at) const
    {
        return std::ranges::any_of(told_, [&](const ToldDeletion& told) {
            return told.entry.record == record && told.seq < deleted_at &&
                   told.entry.effect == DeleteEffect::held;
        });
    }

    // Somebody approved the transaction, but not what follows from its deletions.
    [[nodiscard]] bool held_by_approval(const RowDeleted& deleted) const
    {
        return held_.contains({deleted.agency, deleted.position.commit_lsn});
    }

    // Deleted and inserted again in one transaction, with something that nobody can read.
    [[nodiscard]] bool came_back_unreadable(const Record& record, MappingIndex table) const
    {
        const auto link = std::ranges::find(record.links, table, &pipeline::Link::table);
        return link != record.links.end() && parked(*link);
    }

    [[nodiscard]] bool decided_since(RecordId record, JournalSeq seq) const
    {
        return decided_.contains(record) && decided_.at(record).rbegin()->first > seq;
    }

    // Nobody is in doubt about a record that no application has deleted.
    void check_doubts() const
    {
        for (const auto& [row, parked] : world_.hub.replayed().parked)
            if (parked.newest.code == pipeline::record_deleted) {
                const auto record = parked.newest.candidates.front().record;
                const bool deleted = std::ranges::any_of(told_, [&](const ToldDeletion& told) {
                    return *told.entry.record == record && told.entry.effect != DeleteEffect::confirmed;
                });
                if (!deleted)
                    throw Violation{"parked_with_reason", show(row) + " is in doubt without a deletion"};
            }
    }

    // What a row that we deleted showed last, if its agency wrote it and the one that deleted the record
    // never showed it.
    void check_named(const ToldDeletion& confirmed) const
    {
        const auto commit =
            commit_at(world_, confirmed.entry.agency, confirmed.entry.position.commit_lsn).value();
        const auto& sent =
            world_.sites.at(confirmed.entry.agency).agency.wal()[world_.ledger.commits()[commit].index];
        // Of those that the hub knew of when our deletion was planned.
        const auto cause = std::ranges::find_if(told_.rbegin(), told_.rend(), [&](const ToldDeletion& told) {
            return told.seq <= *sent.ours && *told.entry.record == *confirmed.entry.record &&
                   told.entry.table != confirmed.entry.table &&
                   told.entry.effect != DeleteEffect::confirmed;  // Ours at a third agency.
        });
        if (cause == told_.rend() || cause->entry.effect != DeleteEffect::propagated ||
            decided_since(*confirmed.entry.record, cause->seq))
            return;
        const LinkKey row{confirmed.entry.table, confirmed.entry.key};
        const LinkKey first{cause->entry.table, cause->entry.key};
        const auto states = states_until(row, confirmed.entry.position.commit_lsn);
        if (states.empty())
            return;
        const auto others = shown_of(
            natural_key(row.table, *states.back()->content), first.table, cause->entry.position.commit_lsn
        );
        for (std::uint16_t number = 0; number < unit_count(entity_of(row.table)); ++number) {
            const UnitIndex unit{number};
            if (entity_of(row.table) == person_entity && unit == person::home)
                continue;
            const auto shown = meaning(row.table, unit, *states.back()->content);
            if (!shown.readable() || !shown.value || !written_there(row, unit, shown, states))
                continue;
            const bool known = std::ranges::any_of(others, [&](const Row& content) {
                return meaning(first.table, unit, content) == shown;
            });
            if (!known && !replaced_elsewhere(row.table, unit, shown, *states.back()->content) &&
                !named(*confirmed.entry.record, row.table, unit, shown.value))
                throw Violation{
                    "no_edit_lost",
                    show(row) + " was deleted with " + unit_name(entity_of(row.table), unit) + " " +
                        show(shown.value) + ", which no conflict names"};
        }
    }

    // The authority's own word replaces the same word of another without a conflict.
    [[nodiscard]] bool named(RecordId record, MappingIndex table, UnitIndex unit, const Text& value) const
    {
        const bool authority = world_.rules.of(entity_of(table), unit) == RuleKind::authority;
        return named_.contains({record, unit, agency_of(table), value}) ||
               (authority && named_.contains({record, unit, north, value}));
    }

    // Whether a third agency, that showed it too, has given the unit another meaning: then it was that one
    // which would have been lost.
    [[nodiscard]] bool replaced_elsewhere(
        MappingIndex table, UnitIndex unit, const Meaning& shown, const Row& content
    ) const
    {
        const auto& key = natural_key(table, content);
        for (const auto& agency : world_.definition.agencies) {
            const auto third = table_of(agency, entity_of(table));
            if (!third || *third == table)
                continue;
            bool showed = false;
            for (const auto& transaction : world_.sites.at(agency).agency.wal())
                for (const auto& change : transaction.changes) {
                    if (change.row.table != *third || change.after.empty() ||
                        natural_key(*third, change.after) != key)
                        continue;
                    const auto now = meaning(*third, unit, change.after);
                    if (showed && now != shown && now.readable() && !transaction.ours)
                        return true;
                    showed = now == shown;
                }
        }
        return false;
    }

    // Whose transaction gave the unit its last meaning: the agency's own?
    [[nodiscard]] bool written_there(
        const LinkKey& row, UnitIndex unit, const Meaning& shown, const std::vector<const RowState*>& states
    ) const
    {
        const RowState* writer = states.back();
        for (auto state = states.rbegin(); state != states.rend(); ++state) {
            if (meaning(row.table, unit, *(*state)->content) != shown)
                break;
            writer = *state;
        }
        return !writer->ours;
    }

    // All that an agency ever showed of somebody before that transaction, whatever the row's key was.
    [[nodiscard]] std::vector<Row> shown_of(const std::string& key, MappingIndex table, Lsn commit_lsn) const
    {
        std::vector<Row> rows;
        for (const auto& [row, content] : world_.ledger.rows_before(table))
            if (natural_key(table, content) == key)
                rows.push_back(content);
        for (const auto& transaction : world_.sites.at(agency_of(table)).agency.wal())
            for (const auto& change : transaction.changes)
                if (transaction.commit_lsn < commit_lsn && change.row.table == table &&
                    !change.after.empty() && natural_key(table, change.after) == key)
                    rows.push_back(change.after);
        return rows;
    }

    // The row's states with content, the last before its deletion in that transaction at the back.
    [[nodiscard]] std::vector<const RowState*> states_until(const LinkKey& row, Lsn commit_lsn) const
    {
        std::vector<const RowState*> states;
        if (const auto* history = world_.ledger.history(row))
            for (const auto& state : *history) {
                if (state.commit_lsn >= commit_lsn)
                    break;
                if (state.content)
                    states.push_back(&state);
            }
        return states;
    }

    const World& world_;
    FinalState end_;
    std::map<Place, Last> last_;
    std::set<JournalSeq>
        unread_;  // Deletions of what had come under a deleted row's key and could not be read.
    std::vector<ToldDeletion> told_;
    std::vector<Entered> entered_;
    std::map<AgencyId, Lsn> stopped_;
    std::set<std::pair<AgencyId, Lsn>> held_;
    std::map<RecordId, std::map<JournalSeq, DeletionChoice>> decided_;
    std::set<std::tuple<RecordId, UnitIndex, AgencyId, Text>> named_;
};

}  // namespace

void check_deletions(const World& world)
{
    Deletions{world}.check();
}

}  // namespace casebridge::simulation
