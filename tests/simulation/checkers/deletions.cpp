#include "pipeline/row_identity.hpp"
#include "tests/simulation/checkers/checkers.hpp"
#include "tests/simulation/checkers/final_state.hpp"
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

// A deletion as the journal has it.
struct Told {
    JournalSeq seq;
    RowDeleted entry;
};

class Deletions {
public:
    explicit Deletions(const World& world) : world_(world), end_(world)
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
        check_nothing_came_back();
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
        for (const auto& note : read.conflicts)
            note_conflict(read.record, note);
        for (const auto& added : read.versions)
            if (added.rejected)
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
        last_[{*deleted.record, deleted.table}] = {seq, ours == nullptr || !ours->erased};
        for (const auto& note : deleted.conflicts)
            note_conflict(*deleted.record, note);
        told_.push_back({seq, deleted});
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
    void take(const LinkReserved& link, JournalSeq) { reserved_[{link.table, link.key}] = link.record; }

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
            if (record.leaves() && (refusal == nullptr || refusal->code != "23503" || !pointed_at(row)))
                throw Violation{"deletion_followed", show(row) + " is to be deleted and is there"};
        }
    }

    [[nodiscard]] bool pointed_at(const LinkKey& home) const
    {
        const auto people = table_of(agency_of(home.table), person_entity);
        return std::ranges::any_of(
            world_.sites.at(agency_of(home.table)).agency.rows(),
            [&](const auto& row) {
                return row.first.table == people && row.second[reference_slot(people)] == home.key.value();
            }
        );
    }

    // The other agency's row, if the deletion found it there.
    void check_followed(const Record& record, const AgencyId& agency) const
    {
        const auto last = last_.find({record.id, table_of(agency, record.entity)});
        const auto* left = end_.live_link(record, table_of(other(agency), record.entity));
        if (last == last_.end() || !last->second.deleted || left == nullptr ||
            left->since > last->second.seq || parked(*left) || came_back_unreadable(record, agency) ||
            decided_since(record.id, last->second.seq))
            return;
        const auto& departure = record.departure;
        const auto what = show(LinkKey{left->table, left->key}) + " is left of a record that " +
                          agency.value() + " deleted";
        switch (world_.rules.on_delete(record.entity)) {
            case DeleteKind::detach:
                return;
            case DeleteKind::hold:
                if (!departure)
                    throw Violation{"deletion_followed", what + ", and nobody is asked"};
                return;
            case DeleteKind::propagate:
                if (!record.leaves() && !(departure && held_by_approval(last->second.seq)))
                    throw Violation{"deletion_followed", what};
                return;
        }
    }

    // Somebody approved the transaction, but not what follows from its deletions.
    [[nodiscard]] bool held_by_approval(JournalSeq seq) const
    {
        const auto told = std::ranges::find(told_, seq, &Told::seq);
        return told != told_.end() && held_.contains({told->entry.agency, told->entry.position.commit_lsn});
    }

    // Deleted and inserted again in one transaction, with something that nobody can read.
    [[nodiscard]] bool came_back_unreadable(const Record& record, const AgencyId& agency) const
    {
        const auto table = table_of(agency, record.entity);
        const auto link = std::ranges::find(record.links, table, &pipeline::Link::table);
        return link != record.links.end() && parked(*link);
    }

    [[nodiscard]] bool decided_since(RecordId record, JournalSeq seq) const
    {
        const auto found = decided_.find(record);
        return found != decided_.end() && found->second.upper_bound(seq) != found->second.end();
    }

    // Nobody is in doubt about a record that no application has deleted.
    void check_doubts() const
    {
        for (const auto& [row, parked] : world_.hub.replayed().parked)
            if (parked.newest.code == pipeline::record_deleted) {
                const auto record = parked.newest.candidates.front().record;
                const bool deleted = std::ranges::any_of(told_, [&](const Told& told) {
                    return *told.entry.record == record && told.entry.effect != DeleteEffect::confirmed;
                });
                if (!deleted)
                    throw Violation{"parked_with_reason", show(row) + " is in doubt without a deletion"};
            }
    }

    // In true order: an insert of ours behind an application's deletion needs somebody who entered the row
    // elsewhere since then, or decided.
    void check_nothing_came_back() const
    {
        std::map<std::pair<AgencyId, Subject>, std::size_t> deleted;
        std::map<std::pair<AgencyId, Subject>, std::size_t> entered;
        std::map<LinkKey, Subject> subjects;
        for (const auto& agency : world_.definition.agencies)
            for (const auto entity : {home_entity, person_entity})
                for (const auto& [row, content] : world_.ledger.rows_before(table_of(agency, entity)))
                    subjects[row] = {entity, natural_key(row.table, content)};
        const auto& commits = world_.ledger.commits();
        for (std::size_t i = 0; i < commits.size(); ++i) {
            const auto& agency = commits[i].agency;
            const auto& transaction = world_.sites.at(agency).agency.wal()[commits[i].index];
            for (const auto& change : transaction.changes) {
                if (change.operation == RowOperation::truncate) {
                    std::erase_if(deleted, [&](const auto& one) {
                        return one.first.first == agency &&
                               one.first.second.entity == entity_of(change.row.table);
                    });
                    continue;
                }
                if (change.operation == RowOperation::erase) {
                    const auto known = subjects.find(change.row);
                    if (!transaction.ours && known != subjects.end() &&
                        was_linked(agency, transaction, change))
                        deleted[{agency, known->second}] = i;
                    continue;
                }
                const Subject subject{
                    entity_of(change.row.table), natural_key(change.row.table, change.after)};
                subjects[change.row] = subject;
                if (change.operation != RowOperation::insert)
                    continue;
                const auto gone = deleted.find({agency, subject});
                if (!transaction.ours)
                    entered[{agency, subject}] = i;
                else if (gone != deleted.end() && had_read(agency, *transaction.ours, gone->second))
                    check_cause(change.row, gone->second, entered, subject);
                deleted.erase({agency, subject});
            }
        }
    }

    // Whether the hub knew of the deletion when it planned that delivery.
    [[nodiscard]] bool had_read(const AgencyId& agency, JournalSeq to, std::size_t deleted_at) const
    {
        const auto* plan = world_.ledger.plan_of(agency, to);
        const auto& wal = world_.sites.at(agency).agency.wal();
        return plan == nullptr || plan->read_to >= wal[world_.ledger.commits()[deleted_at].index].end_lsn;
    }

    [[nodiscard]] bool was_linked(
        const AgencyId& agency, const WalTransaction& transaction, const WalChange& change
    ) const
    {
        return std::ranges::any_of(told_, [&](const Told& told) {
            return told.entry.agency == agency && told.entry.table == change.row.table &&
                   told.entry.key == change.row.key &&
                   told.entry.position.commit_lsn == transaction.commit_lsn;
        });
    }

    void check_cause(
        const LinkKey& row,
        std::size_t deleted_at,
        const std::map<std::pair<AgencyId, Subject>, std::size_t>& entered,
        const Subject& subject
    ) const
    {
        const auto again = entered.find({other(agency_of(row.table)), subject});
        if (again != entered.end() && again->second > deleted_at)
            return;
        if (const auto record = reserved_.find(row); record != reserved_.end())
            if (const auto decided = decided_.find(record->second); decided != decided_.end())
                for (const auto& [seq, choice] : decided->second)
                    if (choice == DeletionChoice::restore)
                        return;
        throw Violation{"stays_deleted", show(row) + " came back by itself: " + show(subject)};
    }

    // What a row that we deleted showed last, if its agency wrote it and the one that deleted the record
    // never showed it.
    void check_named(const Told& confirmed) const
    {
        const auto cause = std::ranges::find_if(told_.rbegin(), told_.rend(), [&](const Told& told) {
            return told.seq < confirmed.seq && *told.entry.record == *confirmed.entry.record &&
                   told.entry.table != confirmed.entry.table;
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
            if (!known &&
                !named_.contains({*confirmed.entry.record, unit, agency_of(row.table), shown.value}))
                throw Violation{
                    "no_edit_lost",
                    show(row) + " was deleted with " + unit_name(entity_of(row.table), unit) + " " +
                        show(shown.value) + ", which no conflict names"};
        }
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
    std::map<AgencyId, Lsn> stopped_;
    std::set<std::pair<AgencyId, Lsn>> held_;
    std::vector<Told> told_;
    std::map<RecordId, std::map<JournalSeq, DeletionChoice>> decided_;
    std::map<LinkKey, RecordId> reserved_;
    std::set<std::tuple<RecordId, UnitIndex, AgencyId, Text>> named_;
};

}  // namespace

void check_deletions(const World& world)
{
    Deletions{world}.check();
}

}  // namespace casebridge::simulation
