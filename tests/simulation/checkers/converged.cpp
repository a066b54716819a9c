#include "pipeline/row_identity.hpp"
#include "tests/simulation/checkers/checkers.hpp"
#include "tests/simulation/checkers/final_state.hpp"
#include "tests/simulation/world.hpp"

#include <algorithm>
#include <map>
#include <string>

namespace casebridge::simulation {
namespace {

class Convergence {
public:
    explicit Convergence(const World& world) : world_(world), end_(world) {}

    void check() const
    {
        for (const auto& [agency, site] : world_.sites)
            for (const auto& [row, content] : site.agency.rows())
                check_row(agency, row, content);
        std::map<Subject, RecordId> known;
        for (const auto* record : end_.records()) {
            check_one_record(*record, known);
            for (const auto& agency : world_.definition.agencies)
                check_missing(*record, agency);
        }
    }

private:
    using Record = pipeline::Record;

    void check_row(const AgencyId& agency, const LinkKey& row, const Row& content) const
    {
        if (const auto* parked = end_.parked(row)) {
            if (!may_be_parked(agency, row, content))
                throw Violation{"parked_with_reason", show(row) + " is parked as " + parked->code};
            return;
        }
        const auto place = end_.place_of(row);
        if (!place)
            throw Violation{"converged", show(row) + " is neither linked nor parked"};
        if (place->link->image != image_of(content))
            throw Violation{"converged", show(row) + " is not what its image says"};
        const auto& record = *place->record;
        if (const auto* refusal = record.find_refusal(row.table)) {
            check_refusal(record, row.table);
            if (refusal->code != pipeline::hop_guard)
                return;
        }
        for (std::uint16_t unit = 0; unit < unit_count(record.entity); ++unit)
            if (maps(row.table, UnitIndex{unit}))
                check_unit(agency, row, content, record, UnitIndex{unit});
        for (const auto& link : record.links)
            if (link.table != row.table)
                check_other_side(agency, row, content, record, link.table);
    }

    // A code that means nothing, or a home that is itself parked.
    [[nodiscard]] bool may_be_parked(const AgencyId& agency, const LinkKey& row, const Row& content) const
    {
        if (!mappable(row.table, content) || end_.parked(row)->code == pipeline::record_deleted)
            return true;  // check_deletions() asks whether there was a deletion.
        if (row.table != south_people)
            return false;
        const auto& key = content[reference_slot(row.table).value()];
        return key && !end_.place_of({table_of(agency, home_entity).value(), LocalKey{*key}});
    }

    void check_unit(
        const AgencyId& agency, const LinkKey& row, const Row& content, const Record& record, UnitIndex unit
    ) const
    {
        const auto golden = end_.golden(record, unit);
        if (!golden || !end_.may_know(record, unit, *golden, agency) || guarded(record, unit, agency))
            return;
        auto expected = *golden;
        if (is_reference(record.entity, unit) && expected) {
            const auto* home_row = home_here(*expected, agency);
            if (home_row == nullptr)
                return;
            expected = home_row->key.value();
        }
        const auto shown = meaning(row.table, unit, content);
        if (shown != Meaning{Meaning::State::readable, expected})
            throw Violation{
                "converged",
                show(row) + " shows " + unit_name(record.entity, unit) + " " + show(shown.value) +
                    ", golden is " + show(expected)};
    }

    // The hop guard has ended an argument over the unit.
    [[nodiscard]] bool guarded(const Record& record, UnitIndex unit, const AgencyId& agency) const
    {
        const auto* refusal = record.find_refusal(table_of(agency, record.entity).value());
        return refusal != nullptr && refusal->code == pipeline::hop_guard &&
               end_.argues(record, unit, agency);
    }

    // Two agencies, without asking the hub what is golden.
    void check_other_side(
        const AgencyId& agency,
        const LinkKey& row,
        const Row& content,
        const Record& record,
        MappingIndex table
    ) const
    {
        const auto& other = agency_of(table);
        const auto* link = end_.live_link(record, table);
        const auto* refusal = record.find_refusal(table);
        if (link == nullptr || (refusal != nullptr && refusal->code != pipeline::hop_guard) ||
            end_.parked({table, link->key}) != nullptr)
            return;
        const auto* across = world_.sites.at(other).agency.find({table, link->key});
        if (across == nullptr)
            throw Violation{"converged", show(LinkKey{table, link->key}) + " is linked and not there"};
        for (std::uint16_t number = 0; number < unit_count(record.entity); ++number) {
            const UnitIndex unit{number};
            const auto golden = end_.golden(record, unit);
            if (!maps(row.table, unit) || !maps(table, unit) || is_reference(record.entity, unit) ||
                !golden || !end_.may_know(record, unit, *golden, agency) ||
                !end_.may_know(record, unit, *golden, other) || guarded(record, unit, agency) ||
                guarded(record, unit, other))
                continue;
            if (meaning(row.table, unit, content) != meaning(table, unit, *across))
                throw Violation{
                    "converged",
                    show(row) + " and " + show(LinkKey{table, link->key}) + " differ in " +
                        unit_name(record.entity, unit)};
        }
    }

    void check_one_record(const Record& record, std::map<Subject, RecordId>& known) const
    {
        for (const auto& link : record.links) {
            if (end_.live_link(record, link.table) == nullptr ||
                end_.parked({link.table, link.key}) != nullptr)
                continue;
            const auto slot = natural_key_slot(link.table);
            const Subject subject{record.entity, text_of(link.image[slot]).value_or("")};
            const auto [first, is_new] = known.emplace(subject, record.id);
            if (!is_new && first->second != record.id)
                throw Violation{"one_record_each", show(subject) + " has two records"};
        }
    }

    // A record that has a row at one agency has one at each other whose mapping wants it.
    void check_missing(const Record& record, const AgencyId& agency) const
    {
        const auto table = table_of(agency, record.entity);
        if (!table || record.departure || !wanted(record, agency))
            return;
        const auto link = std::ranges::find(record.links, *table, &pipeline::Link::table);
        const bool reserved = link != record.links.end() && link->state == pipeline::LinkState::reserved;
        if (link != record.links.end() && !reserved)
            return;
        const auto source = std::ranges::find_if(record.links, [&](const pipeline::Link& other) {
            return other.table != *table && end_.live_link(record, other.table) != nullptr;
        });
        if (source == record.links.end())
            return;
        const auto key = text_of(source->image[natural_key_slot(source->table)]).value_or("");
        const auto local = world_.sites.at(agency).agency.find_natural(*table, key);
        if (local && end_.parked(*local) != nullptr)
            return;
        if (record.find_refusal(*table) != nullptr) {
            check_refusal(record, *table);
            return;
        }
        throw Violation{"converged", show(Subject{record.entity, key}) + " has no row at " + agency.value()};
    }

    [[nodiscard]] bool wanted(const Record& record, const AgencyId& agency) const
    {
        if (record.entity == home_entity || agency == east)
            return true;
        if (agency == west)
            return false;
        if (agency == north) {
            const auto status = end_.golden(record, person::status);
            return status && (*status == "seeking" || *status == "working");
        }
        const auto home = end_.golden(record, person::home);
        return home && *home && home_here(**home, agency) != nullptr;
    }

    // South and east cannot take some people as they are now.
    void check_refusal(const Record& record, MappingIndex table) const
    {
        const auto& code = record.find_refusal(table)->code;
        if (code == pipeline::hop_guard)
            for (std::uint16_t unit = 0; unit < unit_count(record.entity); ++unit)
                if (end_.argues(record, UnitIndex{unit}, agency_of(table)))
                    return;
        // Its home cannot be inserted there: an unreadable row has the same code.
        if (code == "unexplained_difference" && reference_slot(table)) {
            const auto home = end_.golden(record, person::home);
            if (home && *home && home_here(**home, agency_of(table)) == nullptr)
                return;
        }
        if (table == east_people && end_.golden(record, person::status).value_or("") == "exempted")
            return;
        if (table == south_people) {
            const auto golden = [&](UnitIndex unit) { return end_.golden(record, unit).value_or(""); };
            if (golden(person::status) == "exempted" || golden(person::phone) == "7" || !golden(person::home))
                return;
        }
        if (code == "23503" && record.leaves())
            return;  // check_deletions() asks whether anybody points at the row.
        throw Violation{
            "refused_with_reason",
            "a delivery of record " + std::to_string(record.id.value()) + " to table " +
                std::to_string(table.value()) + " is refused as " + code};
    }

    [[nodiscard]] const pipeline::Link* home_here(const std::string& record, const AgencyId& agency) const
    {
        for (const auto* candidate : end_.records())
            if (std::to_string(candidate->id.value()) == record)
                return end_.live_link(*candidate, table_of(agency, home_entity).value());
        return nullptr;
    }

    const World& world_;
    FinalState end_;
};

}  // namespace

void check_converged(const World& world)
{
    Convergence{world}.check();
}

}  // namespace casebridge::simulation
