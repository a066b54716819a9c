#include "tests/pipeline/world.hpp"

#include <algorithm>
#include <stdexcept>

// What happens inside an agency's database: its application's transactions, and ours, with the semantics of
// the SQL that they stand for.

namespace casebridge::pipeline {
namespace {

std::size_t slot_of(const mapping::TableMapping& table, const std::string& column)
{
    const auto found = std::ranges::find(table.slots, column, &mapping::Slot::column);
    if (found == table.slots.end())
        throw std::logic_error(table.name() + " has no column " + column);
    return static_cast<std::size_t>(found - table.slots.begin());
}

void set(const mapping::TableMapping& table, Image& row, const Columns& columns)
{
    for (const auto& [column, text] : columns)
        row[slot_of(table, column)] = text ? FieldValue{Value{*text}} : FieldValue{};
}

Cell cell_of(const FieldValue& value)
{
    if (!value)
        return {Cell::State::null, {}};
    return {Cell::State::text, value->expose()};
}

}  // namespace

RowChange World::change(const LinkKey& row, const Image& image, RowOperation operation)
{
    RowChange change;
    change.relation = relations_[row.table.value()];
    change.operation = operation;
    change.new_row.push_back({Cell::State::text, row.key.value()});
    for (const auto& slot : image)
        change.new_row.push_back(cell_of(slot));
    return change;
}

Edit& Edit::insert(const std::string& table, const std::string& key, const Columns& columns)
{
    const auto& mapping = world_->table(table);
    const LinkKey row{mapping.index, LocalKey{key}};
    Image image(mapping.slots.size());
    set(mapping, image, columns);
    if (!world_->agency(agency_).rows.emplace(row, image).second)
        throw std::logic_error("the row is there already");
    transaction_.changes.push_back(world_->change(row, image, RowOperation::insert));
    return *this;
}

Edit& Edit::update(
    const std::string& table,
    const std::string& key,
    const Columns& columns,
    const std::vector<std::string>& toasted
)
{
    const auto& mapping = world_->table(table);
    const LinkKey row{mapping.index, LocalKey{key}};
    auto& image = world_->agency(agency_).rows.at(row);
    set(mapping, image, columns);
    auto change = world_->change(row, image, RowOperation::update);
    for (const auto& column : toasted)
        change.new_row[slot_of(mapping, column) + 1] = {Cell::State::unchanged, {}};
    transaction_.changes.push_back(std::move(change));
    return *this;
}

Edit& Edit::rename(
    const std::string& table,
    const std::string& key,
    const std::string& new_key,
    const Columns& columns,
    const std::vector<std::string>& toasted
)
{
    const auto& mapping = world_->table(table);
    auto& rows = world_->agency(agency_).rows;
    auto moved = rows.extract({mapping.index, LocalKey{key}});
    moved.key().key = LocalKey{new_key};
    auto& [row, image] = *rows.insert(std::move(moved)).position;
    set(mapping, image, columns);
    auto change = world_->change(row, image, RowOperation::update);
    change.old_row = Tuple(change.new_row.size());
    change.old_row->front() = {Cell::State::text, key};
    for (const auto& column : toasted)
        change.new_row[slot_of(mapping, column) + 1] = {Cell::State::unchanged, {}};
    transaction_.changes.push_back(std::move(change));
    return *this;
}

Edit& Edit::erase(const std::string& table, const std::string& key)
{
    const auto& mapping = world_->table(table);
    const LinkKey row{mapping.index, LocalKey{key}};
    if (world_->agency(agency_).rows.erase(row) == 0)
        throw std::logic_error("no such row");
    auto change = world_->change(row, Image(mapping.slots.size()), RowOperation::erase);
    change.old_row = Tuple(change.new_row.size());
    change.old_row->front() = change.new_row.front();
    change.new_row.clear();
    transaction_.changes.push_back(std::move(change));
    return *this;
}

Edit& Edit::truncate(const std::string& table)
{
    const auto& mapping = world_->table(table);
    std::erase_if(world_->agency(agency_).rows, [&](const auto& row) {
        return row.first.table == mapping.index;
    });
    RowChange change;
    change.relation = world_->relations_[mapping.index.value()];
    change.operation = RowOperation::truncate;
    transaction_.changes.push_back(std::move(change));
    return *this;
}

void Edit::commit()
{
    world_->commit(world_->agency(agency_), std::exchange(transaction_, {}));
}

void Edit::commit_unlogged()
{
    transaction_ = {};
}

PgTime World::now(const Agency& agency)
{
    clock_ += 10'000'000;
    return PgTime{clock_ + agency.skew};
}

void World::commit(Agency& agency, SourceTransaction transaction)
{
    transaction.xid = Xid{next_xid_++};
    transaction.commit_lsn = Lsn{next_lsn_};
    transaction.end_lsn = Lsn{next_lsn_ + 8};
    next_lsn_ += 100;
    transaction.commit_time = now(agency);
    std::uint32_t ordinal = 0;
    for (auto& change : transaction.changes)
        change.ordinal = ordinal++;
    agency.wal.push_back(std::move(transaction));
}

void World::insert(const std::string& name, const std::string& key, const Columns& columns)
{
    edit(table(name).agency.value()).insert(name, key, columns).commit();
}

void World::update(const std::string& name, const std::string& key, const Columns& columns)
{
    edit(table(name).agency.value()).update(name, key, columns).commit();
}

void World::erase(const std::string& name, const std::string& key)
{
    edit(table(name).agency.value()).erase(name, key).commit();
}

namespace {

// Whether another row of the table has a value that must be unique.
bool is_taken(const Agency& agency, const LinkKey& row, const Image& image)
{
    return std::ranges::any_of(agency.rows, [&](const auto& other) {
        return other.first.table == row.table && other.first != row &&
               std::ranges::any_of(agency.unique, [&](const auto& constraint) {
                   const auto& [table, slot] = constraint;
                   return table == row.table && image[slot] && image[slot] == other.second[slot];
               });
    });
}

bool is_taken(const Agency& agency, MappingIndex table, const RowUpdate& update)
{
    const LinkKey row{table, update.key};
    const auto found = agency.rows.find(row);
    if (found == agency.rows.end())
        return false;
    auto image = found->second;
    for (const auto& write : update.writes)
        image[write.slot] = write.value;
    return is_taken(agency, row, image);
}

}  // namespace

// INSERT … ON CONFLICT DO NOTHING.
bool World::write_insert(
    Agency& agency, const TableWrites& writes, const RowInsert& insert, SourceTransaction& echo
)
{
    const LinkKey row{writes.table, insert.key};
    if (is_taken(agency, row, insert.image))
        return false;
    auto image = insert.image;
    if (agency.trigger)
        agency.trigger(writes.table, image);
    if (!agency.rows.emplace(row, image).second)
        return false;
    echo.changes.push_back(change(row, image, RowOperation::insert));
    return true;
}

// UPDATE … WHERE the expected columns show the expected text or NULL.
bool World::write_update(
    Agency& agency, const TableWrites& writes, const RowUpdate& update, SourceTransaction& echo
)
{
    const LinkKey row{writes.table, update.key};
    const auto found = agency.rows.find(row);
    if (found == agency.rows.end())
        return false;
    for (const auto& expected : update.expectations)
        if (found->second[expected.slot] != expected.value)
            return false;
    for (const auto& write : update.writes)
        found->second[write.slot] = write.value;
    if (agency.trigger)
        agency.trigger(writes.table, found->second);
    echo.changes.push_back(change(row, found->second, RowOperation::update));
    return true;
}

// By the server's own foreign keys.
bool World::pointed_at(const Agency& agency, const LinkKey& row) const
{
    return std::ranges::any_of(agency.rows, [&](const auto& other) {
        const auto& units = bridge_->table(other.first.table).units;
        return std::ranges::any_of(units, [&](const mapping::MappedUnit& unit) {
            return std::ranges::any_of(unit.bindings, [&](const mapping::Binding& binding) {
                const auto* reference = std::get_if<mapping::ReferenceCodec>(&binding.codec);
                return reference != nullptr && reference->table == row.table &&
                       other.second[binding.slot] == Value{row.key.value()};
            });
        });
    });
}

// DELETE … WHERE every column shows the expected text or NULL.
bool World::write_delete(
    Agency& agency, const TableWrites& writes, const RowDelete& deletion, SourceTransaction& echo
)
{
    const LinkKey row{writes.table, deletion.key};
    const auto found = agency.rows.find(row);
    if (found == agency.rows.end())
        return false;
    for (const auto& expected : deletion.expectations)
        if (found->second[expected.slot] != expected.value)
            return false;
    agency.rows.erase(found);
    auto change = this->change(row, Image(bridge_->table(row.table).slots.size()), RowOperation::erase);
    change.old_row = Tuple(change.new_row.size());
    change.old_row->front() = change.new_row.front();
    change.new_row.clear();
    echo.changes.push_back(std::move(change));
    return true;
}

// Each row gives up what it has and then takes what it is to get: all of them if that is possible, otherwise
// none.
void World::write_contended(
    Agency& agency,
    const TableWrites& writes,
    const std::vector<const RowUpdate*>& contended,
    SourceTransaction& echo,
    DeliveryOutcome& outcome
)
{
    const auto rows = agency.rows;
    const auto changes = echo.changes.size();
    const auto take = [&](const RowUpdate* update) { return write_update(agency, writes, *update, echo); };
    const auto clash = [&](const RowUpdate* update) { return is_taken(agency, writes.table, *update); };
    if (contended.size() > 1 && std::ranges::all_of(contended, take) &&
        std::ranges::none_of(contended, clash))
        return;
    agency.rows = rows;
    echo.changes.resize(changes);
    for (const auto* update : contended)
        outcome.refused.push_back({writes.table, update->record, "23505", "unique"});
}

void World::execute(const std::string& id)
{
    auto& side = agency(id);
    const auto plan = *std::exchange(side.sent, std::nullopt);
    if (plan.to <= side.progress)
        throw std::logic_error("a delivery that does not advance its position");
    DeliveryOutcome outcome;
    outcome.to = plan.to;
    SourceTransaction echo;
    const auto write = [&](const TableWrites& writes, RecordId record, const LocalKey& key, auto&& perform) {
        if (side.locked.contains({writes.table, key}))
            outcome.deferred.push_back(record);
        else if (side.refusing.contains({writes.table, key}))
            outcome.refused.push_back({writes.table, record, "23514", "check"});
        else if (!perform())
            outcome.missed.push_back(record);
    };
    for (const auto& writes : plan.tables) {
        for (const auto& insert : writes.inserts)
            write(writes, insert.record, insert.key, [&] {
                return write_insert(side, writes, insert, echo);
            });
        std::vector<const RowUpdate*> contended;
        for (const auto& update : writes.updates)
            if (is_taken(side, writes.table, update))
                contended.push_back(&update);
            else
                write(writes, update.record, update.key, [&] {
                    return write_update(side, writes, update, echo);
                });
        write_contended(side, writes, contended, echo, outcome);
    }
    for (auto writes = plan.tables.rbegin(); writes != plan.tables.rend(); ++writes)
        for (const auto& deletion : writes->deletes)
            if (pointed_at(side, {writes->table, deletion.key}))
                outcome.refused.push_back({writes->table, deletion.record, "23503", "foreign key"});
            else
                write(*writes, deletion.record, deletion.key, [&] {
                    return write_delete(side, *writes, deletion, echo);
                });
    side.progress = plan.to;
    echo.origin = Origin{"lane_" + id, Lsn{static_cast<std::uint64_t>(plan.to.value())}};
    commit(side, std::move(echo));
    if (on_commit)
        on_commit(side, plan);
    side.answer = std::move(outcome);
}

void World::emit_marker(Agency& side, JournalSeq to)
{
    SourceTransaction marker;
    marker.origin = Origin{"lane_" + side.id.value(), Lsn{static_cast<std::uint64_t>(to.value())}};
    marker.messages.push_back({0, "casebridge", "marker"});
    side.progress = to;
    commit(side, std::move(marker));
}

}  // namespace casebridge::pipeline
