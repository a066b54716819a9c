#include "tests/simulation/checkers/edits.hpp"

#include "tests/simulation/checkers/told_deletions.hpp"

#include <algorithm>
#include <set>

namespace casebridge::simulation {
namespace {

Row row_of(const Image& image)
{
    Row row;
    for (const auto& slot : image)
        row.push_back(text_of(slot));
    row.emplace_back();
    return row;
}

// Those of the known edits that no other known one knew.
std::vector<std::size_t> tops(const UnitEdits& edits, const EditSet& known)
{
    std::vector<std::size_t> top;
    for (std::size_t i = 0; i < edits.size(); ++i) {
        bool passed = !known[i];
        for (std::size_t j = 0; j < edits.size() && !passed; ++j)
            passed = known[j] && j != i && edits[j].had[i];
        if (!passed)
            top.push_back(i);
    }
    return top;
}

// What all known edits carry together.
Tally counted(const UnitEdits& edits, const EditSet& known)
{
    Tally all;
    long long added = 0;
    for (std::size_t i = 0; i < edits.size() && i < edits_max; ++i) {
        if (!known[i])
            continue;
        if (edits[i].base && !*edits[i].base)
            all.starts.push_back({Tally::Ground::read, Value{"0"}});
        if (edits[i].base)
            added += number_of(edits[i].value) - number_of(*edits[i].base);
        else
            all.starts.push_back({Tally::Ground::read, Value{std::to_string(number_of(edits[i].value))}});
    }
    all.added = Value{std::to_string(added)};
    return all;
}

}  // namespace

Edits::Edits(const World& world) : world_(world)
{
    collect();
    follow();
}

void Edits::collect()
{
    Bases bases;
    for (const auto& entry : world_.hub.journal())
        if (const auto* read = std::get_if<RowRead>(&entry.body))
            collect(*read, entry.seq, bases);
    for (auto& [unit, edits] : units_)
        for (std::size_t i = 0; i < edits.size() && i < edits_max; ++i)
            if (edits[i].commit)
                by_commit_[*edits[i].commit].emplace_back(unit, i);
}

void Edits::collect(const RowRead& read, JournalSeq seq, Bases& bases)
{
    const LinkKey row{read.table, read.key};
    const auto shown = row_of(read.image);
    std::optional<Row> base;
    if (read.link == LinkChange::none) {
        // By record: in one transaction rows may take each other's keys.
        const auto before = bases.find({read.record, read.table});
        if (before != bases.end())
            base = before->second;
    }
    bases[{read.record, read.table}] = shown;
    const auto commit = commit_of(read, shown);
    const auto* ours = world_.ledger.own_write(read.agency, read.position.commit_lsn, row);
    const Subject subject{read.entity, natural_key(read.table, shown)};
    if (read.link != LinkChange::none && commit)
        inserted_.try_emplace({read.agency, subject, *commit}, seq);
    const auto stale = saved_forms(read, shown, base, commit);
    for (std::uint16_t number = 0; number < unit_count(read.entity); ++number) {
        const UnitIndex unit{number};
        if (is_reference(read.entity, unit) || !maps(read.table, unit))
            continue;
        const auto now = meaning(read.table, unit, shown);
        const auto was = base ? meaning(read.table, unit, *base) : Meaning{};
        const bool written = ours != nullptr && ours->written.contains(unit);
        // A trigger that answers with the value that the row had before leaves it as it was.
        const bool answered = written && ours->altered.contains(unit);
        if ((now == was && !answered) || (written && !answered))
            continue;
        Edit edit{seq, read.record, read.agency, commit, now.value, std::nullopt, std::nullopt};
        if (base && read.source == RowSource::stream && was.readable())
            edit.base = was.value;
        if (const auto form = stale.find(unit); form != stale.end()) {
            edit.unseen_delivery = form->second.delivery;
            const auto began_from = meaning(read.table, unit, form->second.shown);
            edit.base = began_from.readable() ? std::optional{began_from.value} : std::nullopt;
        }
        const bool direct =
            commit && world_.ledger.commits()[*commit].agency == read.agency &&
            world_.sites.at(read.agency).agency.wal()[world_.ledger.commits()[*commit].index].commit_lsn ==
                read.position.commit_lsn;
        if (direct)
            edit.commit_time =
                world_.sites.at(read.agency).agency.wal()[world_.ledger.commits()[*commit].index].commit_time;
        units_[{subject, unit}].push_back(std::move(edit));
    }
}

OpenForms::Stale Edits::saved_forms(
    const RowRead& read, const Row& shown, const std::optional<Row>& base, std::optional<std::size_t> commit
)
{
    auto& forms = forms_[{read.record, read.table}];
    if (!base) {
        forms = {};
        return {};
    }
    // Of a row that cannot be read our own write is read all the same: no commit shows that image.
    if (read.source == RowSource::echo)
        commit = commit_at(world_, read.agency, read.position.commit_lsn);
    RowStep step{
        read.table,
        *base,
        shown,
        read.source,
        world_.ledger.own_write(read.agency, read.position.commit_lsn, {read.table, read.key}),
        std::nullopt,
        commit.value_or(0)};
    if (commit && read.source != RowSource::survey)
        step.time =
            world_.sites.at(read.agency).agency.wal()[world_.ledger.commits()[*commit].index].commit_time;
    return forms.read(world_.rules, step);
}

// The last commit of the agency that gave the row this content, not behind the place where it was read.
std::optional<std::size_t> Edits::commit_of(const RowRead& read, const Row& shown) const
{
    const auto& commits = world_.ledger.commits();
    const auto& wal = world_.sites.at(read.agency).agency.wal();
    const LinkKey row{read.table, read.key};
    const auto wanted = image_of(shown);
    // A parked row that a survey released has no place in the WAL either.
    const bool placed = read.source != RowSource::survey && read.position.commit_lsn != Lsn{0};
    for (auto i = commits.size(); i-- > 0;) {
        if (commits[i].agency != read.agency)
            continue;
        const auto& transaction = wal[commits[i].index];
        if (placed && transaction.commit_lsn > read.position.commit_lsn)
            continue;
        for (const auto& change : transaction.changes)
            if (change.row == row && (change.after.empty() || image_of(change.after) == wanted))
                return i;
    }
    return std::nullopt;
}

void Edits::follow()
{
    for (const auto& [agency, site] : world_.sites)
        rows_[agency];
    for (const auto& [agency, site] : world_.sites)
        for (const auto& table : world_.definition.tables)
            if (table.agency == agency)
                for (const auto& [row, content] : world_.ledger.rows_before(table.index)) {
                    rows_[agency][{entity_of(row.table), natural_key(row.table, content)}] = row;
                    contents_[row] = content;
                }
    const auto& commits = world_.ledger.commits();
    for (std::size_t i = 0; i < commits.size(); ++i) {
        const auto& transaction = world_.sites.at(commits[i].agency).agency.wal()[commits[i].index];
        if (transaction.ours)
            follow_own(commits[i].agency, transaction, i);
        else
            follow_local(commits[i].agency, transaction, i);
    }
}

void Edits::follow_local(const AgencyId& agency, const WalTransaction& transaction, std::size_t commit)
{
    auto& rows = rows_[agency];
    std::set<Subject> deleted;
    for (const auto& change : transaction.changes) {
        const auto gone = [&](const LinkKey& row) {
            std::erase_if(rows, [&](const auto& known) { return known.second == row; });
            contents_.erase(row);
        };
        if (change.old_key)
            gone({change.row.table, *change.old_key});
        switch (change.operation) {
            case RowOperation::truncate:
                std::erase_if(rows, [&](const auto& known) {
                    return known.second.table == change.row.table;
                });
                break;
            case RowOperation::erase:
                for (const auto& [subject, row] : rows)
                    if (row == change.row)
                        deleted.insert(subject);
                gone(change.row);
                break;
            case RowOperation::insert:
            case RowOperation::update: {
                const Subject subject{
                    entity_of(change.row.table), natural_key(change.row.table, change.after)};
                // A new row has seen nothing, whatever an earlier one of the same subject had; but one that
                // comes back behind a deletion that everybody was told of has what the deleted one had.
                // Read in parts, one that is replaced comes back too.
                const bool back = world_.rules.on_delete(subject.entity) == DeleteKind::propagate &&
                                  (deleted_.erase({agency, subject}) > 0 || deleted.contains(subject));
                if (change.operation == RowOperation::insert && !back)
                    for (auto& [key, known] : known_)
                        if (key.first == agency && key.second.first == subject) {
                            known_by_former_.try_emplace({agency, key.second, commit}, known);
                            known_once_[key].emplace_back(commit, known);
                            known.reset();
                        }
                rows[subject] = change.row;
                contents_[change.row] = change.after;
                break;
            }
        }
    }
    for (const auto& subject : deleted)
        if (!rows.contains(subject))
            deleted_.insert({agency, subject});
    note_had(agency, commit);
}

void Edits::follow_own(const AgencyId& agency, const WalTransaction& transaction, std::size_t commit)
{
    // What a trigger does on top of a unit that we left alone, it does to the row as it was.
    auto before = contents_;
    for (const auto& change : transaction.changes) {
        if (change.operation == RowOperation::erase) {
            std::erase_if(rows_[agency], [&](const auto& known) {
                if (known.second == change.row)
                    deleted_.insert({agency, known.first});
                return known.second == change.row;
            });
            contents_.erase(change.row);
            continue;
        }
        rows_[agency][{entity_of(change.row.table), natural_key(change.row.table, change.after)}] =
            change.row;
        contents_[change.row] = change.after;
        before.try_emplace(change.row, change.after);
    }
    const auto to = *transaction.ours;
    const auto* plan = world_.ledger.plan_of(agency, to);
    for (auto& [key, edits] : units_) {
        const auto& [subject, unit] = key;
        const auto row = rows_[agency].find(subject);
        if (row == rows_[agency].end() || !maps(row->second.table, unit))
            continue;
        auto& known = known_[{agency, key}];
        auto candidate = known;
        for (std::size_t i = 0; i < edits.size() && i < edits_max; ++i)
            if (edits[i].seq <= to)
                candidate.set(i);
        if (candidate == known)
            continue;
        const auto* write = world_.ledger.own_write(agency, transaction.commit_lsn, row->second);
        bool had = write != nullptr && write->written.contains(unit);
        const auto shown = meaning(row->second.table, unit, before.at(row->second));
        if (!had && plan != nullptr) {
            const auto golden = plan->golden.find(key);
            had = golden != plan->golden.end() && shown == Meaning{Meaning::State::readable, golden->second};
        }
        if (!had) {
            auto with_own = candidate;
            for (std::size_t i = 0; i < edits.size() && i < edits_max; ++i)
                if (edits[i].agency == agency && edits[i].commit && *edits[i].commit < commit)
                    with_own.set(i);
            const auto together = joined(subject, unit, edits, with_own);
            had = together && shown == Meaning{Meaning::State::readable, *together};
        }
        if (had) {
            known_once_[{agency, key}].emplace_back(commit, known);
            known = candidate;
        }
    }
    note_had(agency, commit);
}

void Edits::note_had(const AgencyId& agency, std::size_t commit)
{
    const auto made = by_commit_.find(commit);
    if (made == by_commit_.end())
        return;
    for (const auto& [unit, i] : made->second) {
        auto& edits = units_.at(unit);
        // Who filled in a stale form knew what was known when it was opened, and so does the row since.
        if (edits[i].unseen_delivery) {
            auto& known = known_[{agency, unit}];
            const auto then = known_before(agency, unit, *edits[i].unseen_delivery);
            known_once_[{agency, unit}].emplace_back(commit, known);
            known &= then;
        }
        edits[i].had = known_to(agency, unit, commit, edits[i]);
        for (std::size_t j = 0; j < i; ++j)
            if (edits[j].agency == agency)
                edits[i].had.set(j);
        edits[i].had.reset(i);
    }
}

const EditSet& Edits::known_to(
    const AgencyId& agency, const UnitKey& unit, std::size_t commit, const Edit& edit
)
{
    const auto former = known_by_former_.find({agency, unit, commit});
    const auto inserted = inserted_.find({agency, unit.first, commit});
    if (former != known_by_former_.end() && inserted != inserted_.end() && edit.seq < inserted->second)
        return former->second;
    return known_[{agency, unit}];
}

bool Edits::knew(const AgencyId& agency, const UnitKey& unit, std::size_t commit, std::size_t edit) const
{
    return known_before(agency, unit, commit)[edit];
}

EditSet Edits::known_before(const AgencyId& agency, const UnitKey& unit, std::size_t commit) const
{
    if (const auto once = known_once_.find({agency, unit}); once != known_once_.end())
        for (const auto& [changed_at, known] : once->second)
            if (changed_at >= commit)
                return known;
    const auto now = known_.find({agency, unit});
    return now == known_.end() ? EditSet{} : now->second;
}

std::optional<Text> Edits::joined(
    const Subject& subject, UnitIndex unit, const UnitEdits& edits, const EditSet& known
) const
{
    const auto kind = world_.rules.of(subject.entity, unit);
    // The stamp of an edit is raised above those that it knew.
    std::vector<std::optional<PgTime>> stamps(edits.size());
    for (std::size_t i = 0; i < edits.size() && i < edits_max; ++i) {
        stamps[i] = edits[i].commit_time;
        for (std::size_t j = 0; j < i && stamps[i]; ++j)
            if (edits[i].had[j] && stamps[j] && *stamps[i] <= *stamps[j])
                stamps[i] = PgTime{stamps[j]->value() + 1};
    }
    if (kind == RuleKind::authority) {
        std::optional<Text> last;
        for (std::size_t i = 0; i < edits.size() && i < edits_max; ++i)
            if (known[i] && edits[i].agency == north)
                last = edits[i].value;
        if (last)
            return last;
    }
    std::vector<Claim> claims;
    for (const auto i : tops(edits, known))
        claims.push_back(
            {edits[i].seq,
             edits[i].agency,
             stamps[i],
             edits[i].value,
             std::nullopt,
             edits[i].unseen_delivery.has_value()}
        );
    if (!claims.empty() && world_.rules.adds(subject.entity, unit))
        claims.front().tally = counted(edits, known);
    for (std::size_t i = 1; i < claims.size(); ++i)
        claims[i].tally = Tally{{}, Value{"0"}};
    return standing_among(kind, claims);
}

}  // namespace casebridge::simulation
