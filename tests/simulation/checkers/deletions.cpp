#include "hub/enum_texts.hpp"
#include "pipeline/row_identity.hpp"
#include "tests/simulation/checkers/checkers.hpp"
#include "tests/simulation/checkers/departures.hpp"
#include "tests/simulation/checkers/final_state.hpp"
#include "tests/simulation/world.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string>

namespace casebridge::simulation {
namespace {

using Record = pipeline::Record;

class Deletions {
public:
    explicit Deletions(const World& world) : world_(world), end_(world), departures_(world) {}

    void check() const
    {
        for (const auto& ours : world_.ledger.our_rows())
            check_cause(ours);
        for (const auto& entry : world_.hub.journal()) {
            if (const auto* deleted = std::get_if<RowDeleted>(&entry.body))
                check_effect(*deleted, entry.seq);
            if (const auto* parked = std::get_if<RowParked>(&entry.body))
                check_doubt(*parked, entry.seq);
        }
        for (const auto* record : end_.records()) {
            check_departing(*record);
            check_rows(*record);
        }
    }

private:
    // We delete a row because somebody else has deleted the record's and the rule has that told, or a person
    // said so; and insert one of a record that stays, and that the agency has not deleted.
    void check_cause(const OurRow& ours) const
    {
        const auto* plan = world_.ledger.plan_of(ours.agency, ours.to);
        if (plan == nullptr)
            return;
        const auto table = ours.row.table;
        const auto departing = departures_.at(ours.record, plan->decided_at);
        if (ours.operation == RowOperation::insert) {
            if (departing || departures_.deleted_by_its_agency(ours.record, table, plan->decided_at))
                throw Violation{
                    "stays_deleted",
                    "we have inserted " + show(ours.row) +
                        (departing ? " while it is not said whether the record stays"
                                   : ", which its agency had deleted")};
            return;
        }
        const bool of_another = departing && std::ranges::any_of(departing->tables, [&](MappingIndex other) {
                                    return other != table || crossed(ours);
                                });
        const bool permitted = world_.rules.remote_delete(table) == mapping::RemoteDelete::permitted;
        if (!of_another || !departing->leaves() || !permitted ||
            !departures_.was_deleted(ours.record, ours.natural_key))
            throw Violation{
                "deleted_for_a_cause",
                "we have deleted " + show(ours.row) + ", and " +
                    (permitted ? "no rule nor person said so" : "its mapping does not permit it")};
    }

    // Our own insert, which was on its way when the agency deleted the row that it had: that is no coming
    // back.
    [[nodiscard]] bool crossed(const OurRow& erased) const
    {
        return std::ranges::any_of(world_.ledger.our_rows(), [&](const OurRow& ours) {
            return ours.operation == RowOperation::insert && ours.row == erased.row;
        });
    }

    void check_effect(const RowDeleted& deleted, JournalSeq seq) const
    {
        if (!deleted.record)
            return;
        const auto right = departures_.effect_of(seq);
        if (deleted.effect != right)
            throw Violation{
                "deletion_followed",
                "the deletion of " + show(LinkKey{deleted.table, deleted.key}) + " (seq " +
                    std::to_string(seq.value()) + ") is " + std::string{hub::to_text(deleted.effect)} +
                    " and should be " + std::string{hub::to_text(right)}};
    }

    // Whether the others' rows are to go, and whose deletions say so.
    void check_departing(const Record& record) const
    {
        const auto right = departures_.at_end(record.id);
        std::set<MappingIndex> tables;
        if (record.departure)
            tables.insert(record.departure->tables.begin(), record.departure->tables.end());
        if (record.departure.has_value() == right.has_value() &&
            (!right || (state_of(*record.departure) == right->state && tables == right->tables)))
            return;
        throw Violation{
            "deletion_followed",
            "record " + std::to_string(record.id.value()) + " " +
                word(record.departure ? std::optional{state_of(*record.departure)} : std::nullopt) +
                " and should be one that " + word(right ? std::optional{right->state} : std::nullopt)};
    }

    static Departures::State state_of(const pipeline::Departure& departure)
    {
        switch (departure.state) {
            case pipeline::DepartureState::held:
                return Departures::State::asked;
            case pipeline::DepartureState::ruled:
                return Departures::State::by_rule;
            case pipeline::DepartureState::decided:
                return Departures::State::by_person;
        }
        return Departures::State::asked;
    }

    static std::string word(std::optional<Departures::State> state)
    {
        if (!state)
            return "stays";
        switch (*state) {
            case Departures::State::asked:
                return "waits for a person";
            case Departures::State::by_rule:
                return "goes by the rule";
            case Departures::State::by_person:
                return "goes as a person said";
        }
        return "";
    }

    // Rows that are linked are there, and none that is to go, unless somebody points at it.
    void check_rows(const Record& record) const
    {
        const auto departing = departures_.at_end(record.id);
        for (const auto& link : record.links) {
            const LinkKey row{link.table, link.key};
            if (link.state == pipeline::LinkState::ended &&
                !departures_.deleted_by_its_agency(record.id, link.table, world_.hub.last_seq()))
                throw Violation{"deletion_followed", show(row) + " gets no new row although it may"};
            if (end_.live_link(record, link.table) == nullptr || end_.parked(row) != nullptr)
                continue;
            if (world_.sites.at(agency_of(link.table)).agency.find(row) == nullptr)
                throw Violation{"deletion_followed", show(row) + " is linked and is gone"};
            const auto* refusal = record.find_refusal(link.table);
            const bool may_go = world_.rules.remote_delete(link.table) == mapping::RemoteDelete::permitted;
            if (departing && departing->leaves() && may_go &&
                (refusal == nullptr || refusal->code != "23503" || !pointed_at(world_, row)))
                throw Violation{"deletion_followed", show(row) + " is to be deleted and is there"};
        }
    }

    // A row is in doubt only because the record was going when it was read, and nobody could know that its
    // agency had been told.
    void check_doubt(const RowParked& parked, JournalSeq seq) const
    {
        if (parked.code != pipeline::record_deleted)
            return;
        const LinkKey row{parked.table, parked.key};
        if (parked.candidates.size() != 1)
            throw Violation{"parked_with_reason", show(row) + " is in doubt about nobody"};
        const auto departing = departures_.at(parked.candidates.front().record, seq);
        if (!departing || !departing->leaves() || departing->tables.contains(parked.table) ||
            departing->since <= departures_.entered_knowing(parked))
            throw Violation{"parked_with_reason", show(row) + " is in doubt without a deletion"};
    }

    const World& world_;
    FinalState end_;
    Departures departures_;
};

}  // namespace

void check_deletions(const World& world)
{
    Deletions{world}.check();
}

}  // namespace casebridge::simulation
