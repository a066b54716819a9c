#include "tests/simulation/ledger.hpp"

#include "tests/simulation/world.hpp"

#include <algorithm>

namespace casebridge::simulation {
std::string show(const Subject& subject)
{
    return (subject.entity == home_entity ? "home " : "person ") + subject.key;
}

void Ledger::begin(const World& world)
{
    for (const auto& [agency, site] : world.sites)
        for (const auto& [row, content] : site.agency.rows()) {
            histories_[row].push_back({Lsn{0}, Lsn{0}, 0, false, content});
            note_what_may_be_told(world, row.table, content);
        }
}

void Ledger::note_what_may_be_told(const World& world, MappingIndex table, const Row& content)
{
    if (entity_of(table) != person_entity)
        return;
    const auto& from = agency_of(table);
    for (std::uint16_t number = 0; number < unit_count(person_entity); ++number) {
        const UnitIndex unit{number};
        const auto said = meaning(table, unit, content);
        for (const auto& to : world.definition.agencies)
            if (said.readable() && (from == to || shares(from, to, person_entity, unit)))
                may_be_told_[{to, unit, natural_key(table, content)}].insert(said.value);
    }
}

void Ledger::acknowledged(const World& world, const AgencyId& agency, Lsn flushed) const
{
    const auto durable = world.hub.replayed().agencies.at(agency).end_lsn;
    if (flushed > durable)
        throw Violation{
            "flush_not_ahead",
            agency.value() + " may forget its WAL up to " + to_string(flushed) +
                ", but the hub has kept it up to " + to_string(durable)};
}

void Ledger::planned(const World& world, const AgencyId& agency, JournalSeq to)
{
    const auto& replayed = world.hub.replayed();
    PlanNote note;
    note.read_to = replayed.agencies.at(agency).end_lsn;
    note.inside = replayed.agencies.at(agency).inside;
    for (const auto id : replayed.records.unprojected()) {
        const auto& record = *replayed.records.find(id);
        const auto key_unit = record.entity == home_entity ? home::code : person::number;
        const auto key =
            standing_value(world.rules, record.entity, key_unit, record.units[key_unit.value()].open);
        if (!key || !*key)
            continue;
        for (std::uint16_t number = 0; number < record.units.size(); ++number) {
            const UnitIndex unit{number};
            if (const auto value =
                    standing_value(world.rules, record.entity, unit, record.units[number].open))
                note.golden[{
                    Subject{record.entity, **key},
                    unit
                }] = *value;
        }
    }
    plans_.insert_or_assign({agency, to}, std::move(note));
}

void Ledger::remember(const WalTransaction& transaction)
{
    std::uint32_t ordinal = 0;
    for (const auto& change : transaction.changes) {
        const auto state = [&](std::optional<Row> content) {
            return RowState{
                transaction.end_lsn,
                transaction.commit_lsn,
                ordinal,
                transaction.ours.has_value(),
                std::move(content)};
        };
        if (change.old_key)
            histories_[{change.row.table, *change.old_key}].push_back(state(std::nullopt));
        switch (change.operation) {
            case RowOperation::insert:
            case RowOperation::update:
                histories_[change.row].push_back(state(change.after));
                break;
            case RowOperation::erase:
                histories_[change.row].push_back(state(std::nullopt));
                break;
            case RowOperation::truncate:
                for (auto& [row, states] : histories_)
                    if (row.table == change.row.table && states.back().content)
                        states.push_back(state(std::nullopt));
                break;
        }
        ++ordinal;
    }
}

void Ledger::edited(const World& world, const AgencyId& agency)
{
    const auto& wal = world.sites.at(agency).agency.wal();
    commits_.push_back({agency, wal.size() - 1});
    remember(wal.back());
    for (const auto& change : wal.back().changes)
        if (!change.after.empty())
            note_what_may_be_told(world, change.row.table, change.after);
}

void Ledger::delivered(const World& world, const AgencyId& agency, const LaneSession& session)
{
    const auto& transaction = world.sites.at(agency).agency.wal().back();
    const auto to = *transaction.ours;
    auto& position = position_[agency];
    if (to <= position)
        throw Violation{
            "position_advances",
            agency.value() + " was written to at position " + std::to_string(to.value()) + " after " +
                std::to_string(position.value())};
    if (to > world.hub.last_seq())
        throw Violation{
            "position_advances",
            agency.value() + " was written to at position " + std::to_string(to.value()) +
                ", which the journal has not reached"};
    position = to;
    check_unread(world, agency, session);
    check_shared(world, agency, transaction);

    auto& own = own_[{agency, transaction.commit_lsn}];
    for (const auto& writes : session.plan().tables) {
        const auto note = [&](const LocalKey& key, std::size_t slot, const FieldValue& sent) {
            const LinkKey row{writes.table, key};
            const auto change = std::ranges::find(transaction.changes, row, &WalChange::row);
            if (change == transaction.changes.end())
                return;
            for (std::uint16_t number = 0; number < unit_count(entity_of(writes.table)); ++number) {
                const UnitIndex unit{number};
                const auto slots = slots_of(writes.table, unit);
                if (std::ranges::find(slots, slot) == slots.end())
                    continue;
                own[row].slots.insert_or_assign(slot, text_of(sent));
                own[row].written.insert(unit);
                if (change->after[slot] != text_of(sent))
                    own[row].altered.insert(unit);
            }
        };
        for (const auto& insert : writes.inserts)
            for (std::size_t slot = 0; slot < insert.image.size(); ++slot)
                note(insert.key, slot, insert.image[slot]);
        for (const auto& update : writes.updates)
            for (const auto& write : update.writes)
                note(update.key, write.slot, write.value);
    }
    for (const auto& change : transaction.changes)
        if (change.operation == RowOperation::erase)
            own[change.row].erased = true;
    commits_.push_back({agency, world.sites.at(agency).agency.wal().size() - 1});
    remember(transaction);
}

// What we overwrite must be what the hub had read, overlaid with what we wrote ourselves since.
void Ledger::check_unread(const World& world, const AgencyId& agency, const LaneSession& session) const
{
    const auto* plan = plan_of(agency, session.plan().to);
    if (plan == nullptr)
        return;
    const auto& changes = world.sites.at(agency).agency.wal().back().changes;
    for (const auto& writes : session.plan().tables)
        for (const auto& update : writes.updates) {
            const LinkKey row{writes.table, update.key};
            const auto before = session.before().find(row);
            if (before == session.before().end() || std::ranges::count(changes, row, &WalChange::row) == 0)
                continue;
            check_person(world, row, before->second, update.record);
            for (const auto& write : update.writes)
                check_known(row, before->second, write.slot, *plan, "overwrites it");
        }
    // Of a row that goes, all that anybody reads.
    for (const auto& writes : session.plan().tables)
        for (const auto& deletion : writes.deletes) {
            const LinkKey row{writes.table, deletion.key};
            const auto before = session.before().find(row);
            if (before == session.before().end() || std::ranges::count(changes, row, &WalChange::row) == 0)
                continue;
            check_person(world, row, before->second, deletion.record);
            for (std::size_t slot = 0; slot < slot_count(writes.table); ++slot)
                check_known(row, before->second, slot, *plan, "deletes the row");
        }
}

void Ledger::check_known(
    const LinkKey& row, const Row& before, std::size_t slot, const PlanNote& plan, const char* what
) const
{
    std::optional<Text> known;
    std::optional<Text> sent;  // A trigger made something else of it, which nobody has read yet.
    for (const auto& state : *history(row)) {
        const bool in_part = plan.inside && plan.inside->commit_lsn == state.commit_lsn &&
                             state.ordinal <= plan.inside->ordinal;
        const bool read = state.end_lsn <= plan.read_to || in_part;
        const auto* own = state.ours ? own_write(agency_of(row.table), state.commit_lsn, row) : nullptr;
        const bool wrote = own != nullptr && own->slots.contains(slot);
        if (!state.content || (!read && !wrote))
            continue;
        known = (*state.content)[slot];
        sent = wrote && !read ? std::optional{own->slots.at(slot)} : std::nullopt;
    }
    if (sent && *sent == before[slot])
        return;  // What we expected; whoever wrote it meanwhile is read behind our write.
    // Written out: an optional of an optional compares with an optional by its outer layer.
    if (!known || *known != before[slot])
        throw Violation{
            "nothing_unread_overwritten",
            show(row) + " shows " + show(before[slot]) + " where the hub had read " +
                (known ? show(*known) : "nothing") + "; a delivery " + what};
}

// Keys change hands; numbers and codes do not.
void Ledger::check_person(const World& world, const LinkKey& row, const Row& before, RecordId record)
{
    const auto* link = world.hub.replayed().records.find(record)->find_link(row.table);
    const auto slot = natural_key_slot(row.table);
    if (link != nullptr && !link->image.empty() && text_of(link->image[slot]) != before[slot])
        throw Violation{
            "nothing_unread_overwritten", show(row) + " is another's row, and a delivery wrote it"};
}

void Ledger::check_shared(const World& world, const AgencyId& agency, const WalTransaction& transaction) const
{
    for (const auto& change : transaction.changes) {
        const auto table = change.row.table;
        if (entity_of(table) != person_entity || change.after.empty())
            continue;
        for (std::uint16_t number = 0; number < unit_count(person_entity); ++number) {
            const UnitIndex unit{number};
            const auto told = meaning(table, unit, change.after);
            const bool everybody = std::ranges::all_of(world.definition.agencies, [&](const AgencyId& from) {
                return from == agency || shares(from, agency, person_entity, unit);
            });
            if (everybody || !told.readable() || !told.value)
                continue;
            const auto known = may_be_told_.find({agency, unit, natural_key(table, change.after)});
            if (known == may_be_told_.end() || !known->second.contains(told.value))
                throw Violation{
                    "only_shared_is_written",
                    show(change.row) + " was told a " + unit_name(person_entity, unit) +
                        " that nobody may show it: " + show(told.value)};
        }
    }
}

void Ledger::appended(World& world, std::span<const Entry> entries)
{
    for (const auto& entry : entries) {
        if (const auto* read = std::get_if<RowRead>(&entry.body))
            check_echo(*read);
        if (const auto* deleted = std::get_if<RowDeleted>(&entry.body))
            check_echo(*deleted);
        count_entry(world.occurrences, entry);
    }
}

void Ledger::check_echo(const RowRead& read) const
{
    const LinkKey row{read.table, read.key};
    const auto* ours = own_write(read.agency, read.position.commit_lsn, row);
    if (ours == nullptr || read.source == RowSource::survey)
        return;
    for (const auto& version : read.versions) {
        const bool reference = read.entity == person_entity && version.unit == person::home;
        if (!reference && ours->written.contains(version.unit) && !ours->altered.contains(version.unit))
            throw Violation{
                "echo_is_silent",
                "our own write of " + std::string{unit_name(read.entity, version.unit)} + " to " + show(row) +
                    " came back as a change of " + read.agency.value()};
    }
}

// A deletion of ours is nobody's else, and nobody else's is ours.
void Ledger::check_echo(const RowDeleted& deleted) const
{
    const LinkKey row{deleted.table, deleted.key};
    const auto* ours = own_write(deleted.agency, deleted.position.commit_lsn, row);
    const bool erased = ours != nullptr && ours->erased;
    if (deleted.record && erased != (deleted.effect == DeleteEffect::confirmed))
        throw Violation{
            "echo_is_silent",
            show(row) +
                (erased ? ", which we deleted, counts as deleted by "
                        : ", which we did not delete, counts as ours at ") +
                deleted.agency.value()};
}

const PlanNote* Ledger::plan_of(const AgencyId& agency, JournalSeq to) const
{
    const auto found = plans_.find({agency, to});
    return found == plans_.end() ? nullptr : &found->second;
}

const OwnWrite* Ledger::own_write(const AgencyId& agency, Lsn commit_lsn, const LinkKey& row) const
{
    const auto found = own_.find({agency, commit_lsn});
    if (found == own_.end())
        return nullptr;
    const auto write = found->second.find(row);
    return write == found->second.end() ? nullptr : &write->second;
}

const std::vector<RowState>* Ledger::history(const LinkKey& row) const
{
    const auto found = histories_.find(row);
    return found == histories_.end() ? nullptr : &found->second;
}

std::map<LinkKey, Row> Ledger::rows_before(MappingIndex table) const
{
    std::map<LinkKey, Row> rows;
    for (const auto& [row, states] : histories_)
        if (row.table == table && states.front().end_lsn == Lsn{0})
            rows.emplace(row, *states.front().content);
    return rows;
}

const Row* Ledger::state_at(const LinkKey& row, Lsn end_lsn) const
{
    const auto* states = history(row);
    const Row* shown = nullptr;
    if (states != nullptr)
        for (const auto& state : *states)
            if (state.end_lsn <= end_lsn)
                shown = state.content ? &*state.content : nullptr;
    return shown;
}

}  // namespace casebridge::simulation
