#include "tests/simulation/form.hpp"

#include <string>
#include <tuple>
#include <vector>

namespace casebridge::simulation {

Text some_code(Dice& dice, MappingIndex table)
{
    static const std::vector<std::string> kinds{"rented", "owned"};
    static const std::vector<std::string> statuses{"seeking", "seeking", "working", "retired"};
    if (entity_of(table) == home_entity)
        return code_for(table, dice.pick(kinds));
    if (table == north_people && dice.one_in(12))
        return "X";
    return code_for(table, dice.pick(statuses));
}

void set_code(World& world, const Population& population, MappingIndex table, Row& row)
{
    const auto slot = code_slot(table);
    if (!slot)
        return;
    auto& code = row[*slot];
    if (world.dice.one_in(population.poison_one_in)) {
        code = poison_code;
        world.occurrences.count("edit poison_value");
    } else if (table == north_people && code == "S" && world.dice.one_in(2)) {
        code = "s";
        world.occurrences.count("edit code_respelled");
    } else {
        code = some_code(world.dice, table);
    }
}

void set_name(Dice& dice, MappingIndex table, Row& row)
{
    static const std::vector<std::string> givens{"Ada", "Bo"};
    static const std::vector<std::string> families{"Xu", "Yi"};
    const auto given = dice.pick(givens);
    const auto family = dice.pick(families);
    if (table == north_people) {
        row[north_person::given] = given;
        row[north_person::family] = family;
    } else if (table == south_people) {
        row[south_person::full_name] = family + ", " + given;
    } else if (table == west_people) {
        row[west_person::label] = given + " " + family;
    }
}

void set_phone(Dice& dice, MappingIndex table, Row& row)
{
    row[slots_of(table, person::phone).front()] =
        table == north_people && dice.one_in(25) ? "7" : digit(dice);
}

void set_note(Dice& dice, MappingIndex table, Row& row)
{
    static const std::vector<Text> notes{"n1", "n2", "a large note", "another large note", std::nullopt};
    row[slots_of(table, person::note).front()] = dice.pick(notes);
}

std::optional<std::pair<LinkKey, Row>> old_form(
    World& world, const SimAgency& site, const std::map<LinkKey, Row>& rows
)
{
    std::vector<std::pair<LinkKey, Row>> opened;
    for (const auto& [row, now] : rows) {
        const auto* history = world.ledger.history(row);
        if (history == nullptr || site.writing.contains(row))
            continue;
        for (std::size_t i = 0; i + 1 < history->size(); ++i) {
            const auto& [before, after] = std::tie((*history)[i], (*history)[i + 1]);
            if (!after.ours || !before.content || !after.content)
                continue;
            auto form = *before.content;
            form[natural_key_slot(row.table)] = now[natural_key_slot(row.table)];
            if (const auto home = reference_slot(row.table))
                form[*home] = now[*home];
            opened.emplace_back(row, std::move(form));
        }
    }
    if (opened.empty())
        return std::nullopt;
    world.occurrences.count("edit old_form_saved");
    return world.dice.pick(opened);
}

Text digit(Dice& dice)
{
    if (dice.one_in(8))
        return std::nullopt;
    return std::to_string(1 + dice.below(4));
}

}  // namespace casebridge::simulation
