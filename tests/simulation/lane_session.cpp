#include "tests/simulation/lane_session.hpp"

#include "model/assert.hpp"
#include "tests/simulation/sim_bridge.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace casebridge::simulation {
namespace {

// South's constraint, and its trigger that writes phone numbers its own way.
constexpr const char* phone_that_south_refuses = "7";
constexpr const char* phone_that_south_rewrites = "3";
constexpr const char* phone_as_south_writes_it = "9";

void run_trigger(MappingIndex table, Row& row)
{
    if (table != south_people)
        return;
    auto& phone = row[slots_of(table, person::phone).front()];
    if (phone == phone_that_south_rewrites)
        phone = phone_as_south_writes_it;
}

}  // namespace

void LaneSession::ask(pipeline::DeliveryPlan plan)
{
    CASEBRIDGE_ASSERT(phase_ == Phase::idle);
    plan_ = std::move(plan);
    outcome_ = {plan_.to, {}, {}, {}};
    phase_ = Phase::asked;
}

void LaneSession::ask_marker(JournalSeq to)
{
    CASEBRIDGE_ASSERT(phase_ == Phase::idle);
    plan_ = {agency_->id(), to, {}, true};
    outcome_ = {to, {}, {}, {}};
    before_.clear();
    after_.clear();
    erased_.clear();
    staged_.clear();
    phase_ = Phase::committing;  // One pipelined round trip with its COMMIT.
}

void LaneSession::send_commit()
{
    CASEBRIDGE_ASSERT(phase_ == Phase::written);
    phase_ = Phase::committing;
}

pipeline::DeliveryOutcome LaneSession::take_answer()
{
    CASEBRIDGE_ASSERT(phase_ == Phase::answered);
    phase_ = Phase::idle;
    return std::move(outcome_);
}

void LaneSession::execute()
{
    CASEBRIDGE_ASSERT(phase_ == Phase::asked);
    staged_.clear();
    after_.clear();
    erased_.clear();
    before_.clear();
    for (const auto& writes : plan_.tables)
        for (const auto& row : writes.inserts)
            note(insert(writes, row), writes.table, row.record);
    for (const auto& writes : plan_.tables)
        for (const auto& row : writes.updates)
            note(update(writes, row), writes.table, row.record);
    for (auto writes = plan_.tables.rbegin(); writes != plan_.tables.rend(); ++writes)
        for (const auto& row : writes->deletes)
            note(erase(*writes, row), writes->table, row.record);
    phase_ = Phase::written;
}

void LaneSession::note(Fate fate, MappingIndex table, RecordId record)
{
    switch (fate) {
        case Fate::written:
            return;
        case Fate::missed:
            outcome_.missed.push_back(record);
            return;
        case Fate::refused:
            occurrences_->count(std::string{"refusal "} + refusal_);
            outcome_.refused.push_back({table, record, refusal_, "simulated"});
            return;
        case Fate::deferred:
            occurrences_->count("miss locked_row_deferred");
            outcome_.deferred.push_back(record);
            return;
    }
}

const Row* LaneSession::see(const LinkKey& row) const
{
    if (erased_.contains(row))
        return nullptr;
    const auto own = after_.find(row);
    return own != after_.end() ? &own->second : agency_->find(row);
}

const char* LaneSession::violated_check(MappingIndex table, const Row& row) const
{
    if (table != south_people)
        return nullptr;
    if (!row[slots_of(table, person::home).front()])
        return "23502";
    if (row[slots_of(table, person::phone).front()] == phone_that_south_refuses)
        return "23514";
    return nullptr;
}

bool LaneSession::parent_missing(MappingIndex table, const Row& row) const
{
    const auto slot = reference_slot(table);
    if (!slot || !row[*slot])
        return false;
    return see({table_of(agency_->id(), home_entity).value(), LocalKey{*row[*slot]}}) == nullptr;
}

bool LaneSession::taken(MappingIndex table, const LinkKey& self, const Row& row) const
{
    const auto& key = row[natural_key_slot(table)];
    if (!key)
        return false;
    const auto holder = agency_->find_natural(table, *key);
    if (holder && *holder != self)
        return true;
    for (const auto& [other_row, content] : after_)
        if (other_row != self && other_row.table == table && content[natural_key_slot(table)] == key)
            return true;
    return false;
}

void LaneSession::stage(WalChange change)
{
    if (const auto* old = agency_->find(change.row))
        before_.try_emplace(change.row, *old);
    agency_->writing.insert(change.row);
    if (change.operation == RowOperation::erase) {
        erased_.insert(change.row);
        agency_->erasing.insert(change.row);
    } else {
        after_.insert_or_assign(change.row, change.after);
        agency_->inserting.emplace(change.row.table, natural_key(change.row.table, change.after));
    }
    staged_.push_back(std::move(change));
}

// INSERT … ON CONFLICT DO NOTHING: column constraints are checked before conflicts, parents after.
LaneSession::Fate LaneSession::insert(const pipeline::TableWrites& writes, const pipeline::RowInsert& insert)
{
    const LinkKey row{writes.table, insert.key};
    Row content;
    for (const auto& slot : insert.image)
        content.push_back(text_of(slot));
    content.emplace_back();
    run_trigger(writes.table, content);
    if (const auto* check = violated_check(writes.table, content)) {
        refusal_ = check;
        return Fate::refused;
    }
    if (see(row) != nullptr || taken(writes.table, row, content)) {
        occurrences_->count("miss insert_collided");
        return Fate::missed;
    }
    if (parent_missing(writes.table, content)) {
        occurrences_->count("miss parent_missing");
        return Fate::missed;
    }
    stage({row, std::nullopt, RowOperation::insert, std::move(content), {}});
    return Fate::written;
}

// UPDATE … WHERE the key is this and each expected column shows the expected text or NULL.
LaneSession::Fate LaneSession::update(const pipeline::TableWrites& writes, const pipeline::RowUpdate& update)
{
    const LinkKey row{writes.table, update.key};
    const auto* found = see(row);
    if (found == nullptr) {
        occurrences_->count("miss row_gone");
        return Fate::missed;
    }
    if (agency_->locked.contains(row))
        return Fate::deferred;
    for (const auto& expected : update.expectations)
        if ((*found)[expected.slot] != text_of(expected.value)) {
            occurrences_->count("miss row_differs");
            return Fate::missed;
        }
    auto content = *found;
    std::set<std::size_t> unsent;
    for (std::size_t slot = 0; slot < content.size(); ++slot)
        if (is_large(content[slot]))
            unsent.insert(slot);
    for (const auto& write : update.writes) {
        content[write.slot] = text_of(write.value);
        unsent.erase(write.slot);
    }
    run_trigger(writes.table, content);
    if (const auto* check = violated_check(writes.table, content)) {
        refusal_ = check;
        return Fate::refused;
    }
    if (taken(writes.table, row, content)) {
        refusal_ = "23505";
        return Fate::refused;
    }
    if (parent_missing(writes.table, content)) {
        occurrences_->count("miss parent_missing");
        return Fate::missed;
    }
    stage({row, std::nullopt, RowOperation::update, std::move(content), std::move(unsent)});
    return Fate::written;
}

bool LaneSession::pointed_at(const LinkKey& row) const
{
    const auto people = table_of(agency_->id(), person_entity);
    const auto slot = people ? reference_slot(*people) : std::nullopt;
    if (entity_of(row.table) != home_entity || !slot)
        return false;
    const auto points = [&](const LinkKey& other) {
        const auto* content = other.table == people ? see(other) : nullptr;
        return content != nullptr && (*content)[*slot] == row.key.value();
    };
    return std::ranges::any_of(agency_->rows(), [&](const auto& other) { return points(other.first); }) ||
           std::ranges::any_of(after_, [&](const auto& other) { return points(other.first); });
}

// DELETE … WHERE the key is this and each expected column shows the expected text or NULL; the server's own
// foreign key keeps a home that somebody lives in.
LaneSession::Fate LaneSession::erase(const pipeline::TableWrites& writes, const pipeline::RowDelete& deletion)
{
    const LinkKey row{writes.table, deletion.key};
    const auto* found = see(row);
    if (found == nullptr) {
        occurrences_->count("miss deleted_row_gone");
        return Fate::missed;
    }
    if (agency_->locked.contains(row))
        return Fate::deferred;
    for (const auto& expected : deletion.expectations)
        if ((*found)[expected.slot] != text_of(expected.value)) {
            occurrences_->count("miss deleted_row_differs");
            return Fate::missed;
        }
    if (pointed_at(row)) {
        refusal_ = "23503";
        return Fate::refused;
    }
    stage({row, std::nullopt, RowOperation::erase, {}, {}});
    return Fate::written;
}

const WalTransaction& LaneSession::commit(const VirtualTime& time)
{
    CASEBRIDGE_ASSERT(phase_ == Phase::committing);
    WalTransaction transaction;
    transaction.ours = plan_.to;
    transaction.changes = std::move(staged_);
    if (transaction.changes.empty())
        transaction.messages.push_back({0, "casebridge/marker", ""});
    agency_->writing.clear();
    agency_->inserting.clear();
    agency_->erasing.clear();
    phase_ = Phase::answered;
    return agency_->commit(std::move(transaction), time);
}

void LaneSession::abort()
{
    agency_->writing.clear();
    agency_->inserting.clear();
    agency_->erasing.clear();
    phase_ = Phase::idle;
}

}  // namespace casebridge::simulation
