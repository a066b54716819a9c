#include "tests/pipeline/person_edits.hpp"

#include "conflict/judge.hpp"
#include "pipeline/record_values.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace casebridge::pipeline {

PersonEdits::PersonEdits(World& world) : world_(&world)
{
    world.on_commit = [this](const Agency& side, const DeliveryPlan&) { delivered(side); };
}

std::optional<std::string> PersonEdits::row(const std::string& id, const std::string& number)
{
    const auto table = id + ".person";
    for (const auto& key : world_->keys(table))
        if (world_->show(table, key, "number") == number)
            return key;
    return std::nullopt;
}

// The value by which an edit of the part is known.
std::string PersonEdits::shown(const std::string& id, const std::string& key, Part part)
{
    const auto table = id + ".person";
    if (part == Part::phone)
        return world_->show(table, key, "phone");
    if (id != "b")
        return world_->show(table, key, "family");
    const auto full = world_->show(table, key, "full_name");
    return full.substr(0, full.find(", "));
}

Column PersonEdits::edit(const std::string& id, const std::string& number, Part part)
{
    Written written{id, number, part, "v" + std::to_string(written_.size()), had_[{id, number, part}]};
    had_[{id, number, part}].insert(written_.size());
    written_.push_back(written);
    if (part == Part::phone)
        return {"phone", written.value};
    if (id == "b")
        return {"full_name", written.value + ", Kim"};
    return {"family", written.value};
}

bool PersonEdits::plan(const std::string& id)
{
    const bool planned = world_->plan(id);
    if (planned)
        remember(id);
    return planned;
}

// What the hub had joined when it planned, by its own words: remembered until the plan commits.
void PersonEdits::remember(const std::string& id)
{
    auto& [upto, notes] = planned_[id];
    upto = world_->state().last_seq;
    notes.clear();
    for (const auto record : world_->all_records())
        notes[record] = golden_values(world_->bridge(), world_->load(record));
}

void PersonEdits::delivered(const Agency& side)
{
    const auto& id = side.id.value();
    if (!planned_.contains(id))
        return;
    const auto& [upto, notes] = planned_[id];
    for (const auto& [record, golden] : notes) {
        const auto number = golden[2] ? golden[2]->expose() : "";
        const auto key = row(id, number);
        if (!key)
            continue;
        for (const auto part : {Part::name, Part::phone}) {
            const auto& value = golden[part == Part::phone ? 3 : 1];
            if (!value || value->expose() != shown(id, *key, part))
                continue;
            for (const auto edit : joined(number, part, upto))
                had_[{id, number, part}].insert(edit);
        }
    }
    planned_.erase(id);
}

// Edits that the journal holds up to a seq.
std::vector<std::size_t> PersonEdits::joined(const std::string& number, Part part, JournalSeq to)
{
    std::vector<std::size_t> edits;
    for (const auto& entry : world_->journal()) {
        const auto* read = std::get_if<RowRead>(&entry.body);
        if (read == nullptr || entry.seq > to)
            continue;
        for (const auto& version : read->versions)
            for (std::size_t i = 0; i < written_.size(); ++i)
                if (written_[i].number == number && written_[i].part == part && holds(version.value, i))
                    edits.push_back(i);
    }
    return edits;
}

bool PersonEdits::holds(const UnitValue& value, std::size_t edit) const
{
    return std::ranges::find(value, FieldValue{Value{written_[edit].value}}) != value.end();
}

void PersonEdits::check_convergence()
{
    for (const auto record : world_->all_records()) {
        const auto& known = world_->load(record);
        const auto golden = golden_values(world_->bridge(), known);
        const auto held = held_units(world_->bridge(), known);
        ASSERT_TRUE(golden[2]);
        for (const auto& id : world_->bridge().agencies) {
            const auto key = row(id.value(), golden[2]->expose());
            ASSERT_TRUE(key) << "no row at " << id.value();
            const bool argues = conflict::argues(known.units[person::phone.value()], id);
            if (std::ranges::count(held, person::phone) == 0 && !argues) {
                EXPECT_EQ(shown(id.value(), *key, Part::phone), golden[3]->expose()) << id.value();
            }
            if (std::ranges::count(held, person::name) == 0) {
                EXPECT_EQ(shown(id.value(), *key, Part::name), golden[1]->expose()) << id.value();
            }
        }
    }
}

bool PersonEdits::recorded(std::size_t edit) const
{
    for (const auto& read : world_->entries<RowRead>()) {
        for (const auto& note : read.conflicts)
            for (const auto& version : note.versions)
                if (holds(version.value, edit))
                    return true;
        for (const auto& version : read.versions)
            if (!version.enters() && holds(version.value, edit))
                return true;
    }
    return false;
}

void PersonEdits::check_no_edit_is_lost()
{
    for (std::size_t edit = 0; edit < written_.size(); ++edit) {
        const auto& written = written_[edit];
        bool kept = recorded(edit);
        for (std::size_t later = edit + 1; later < written_.size(); ++later)
            kept = kept || written_[later].had.contains(edit);
        for (const auto record : world_->all_records())
            for (const auto& value : golden_values(world_->bridge(), world_->load(record)))
                kept = kept || (value && value->expose() == written.value);
        EXPECT_TRUE(kept) << written.value << " of " << written.number << " is gone";
    }
}

// A value is credited to the agency whose people wrote it, not to one that we delivered it to.
void PersonEdits::check_authors()
{
    for (const auto& read : world_->entries<RowRead>())
        for (const auto& version : read.versions)
            for (std::size_t edit = 0; edit < written_.size(); ++edit)
                if (holds(version.value, edit)) {
                    EXPECT_EQ(read.agency.value(), written_[edit].agency) << written_[edit].value;
                }
}

void PersonEdits::check_replay()
{
    const auto again = world_->replay(world_->journal().size());
    for (const auto record : world_->all_records()) {
        const auto* replayed = again.records.find(record);
        ASSERT_NE(replayed, nullptr);
        EXPECT_TRUE(*replayed == world_->load(record)) << "record " << record.value();
    }
    EXPECT_TRUE(again.agencies == world_->state().agencies);
    EXPECT_TRUE(again.tables == world_->state().tables);
}

void PersonEdits::check()
{
    check_convergence();
    check_no_edit_is_lost();
    check_authors();
    check_replay();
    const auto journal = world_->journal().size();
    world_->settle();
    EXPECT_EQ(world_->journal().size(), journal) << "the bridge talks although nothing happens";
}

}  // namespace casebridge::pipeline
