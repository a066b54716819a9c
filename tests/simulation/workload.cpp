#include "tests/simulation/workload.hpp"

#include "tests/simulation/form.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace casebridge::simulation {
namespace {

// One transaction of an agency's application. Row locks of our open delivery keep it out, as they do there.
class Application {
public:
    Application(World& world, const AgencyId& agency, const Population& population)
        : world_(world),
          dice_(world.dice),
          site_(world.sites.at(agency).agency),
          agency_(agency),
          population_(population),
          rows_(site_.rows())
    {
    }

    bool edit()
    {
        const auto changes = 1 + (dice_.one_in(4) ? dice_.below(3) : 0);
        for (std::size_t i = 0; i < changes; ++i)
            change_something();
        return commit();
    }

    bool correct()
    {
        for (const auto& [row, content] : std::map{rows_})
            if (!mappable(row.table, content)) {
                auto corrected = content;
                corrected[code_slot(row.table).value()] = some_code(dice_, row.table);
                update(row, std::move(corrected));
            }
        return commit();
    }

    void settle()
    {
        for (std::size_t i = 0; i < population_.homes + population_.people; ++i)
            insert_something();
        for (auto& change : transaction_.changes) {
            site_.put_silently(change.row, std::move(change.after));
        }
        transaction_ = {};
    }

private:
    // Of an agency that keeps no homes its people.
    [[nodiscard]] MappingIndex homes() const { return table_of(agency_, home_entity).value_or(people()); }
    [[nodiscard]] MappingIndex people() const { return table_of(agency_, person_entity).value(); }
    void count(const char* name) { world_.occurrences.count(name); }

    void change_something()
    {
        const auto what = dice_.below(40);
        if (what < 5)
            insert_something();
        else if (what == 5)
            erase_something();
        else if (what == 6)
            rename_something();
        else if (what == 7)
            replace_something();
        else if (what == 8 && dice_.one_in(being_surveyed() ? 1 : 6))
            truncate_people();
        else if (what == 9)
            swap_keys();
        else if (what == 10 && dice_.one_in(4))
            erase_many();
        else
            update_something();
    }

    [[nodiscard]] bool being_surveyed() const { return !world_.hub.replayed().surveyed(agency_); }

    // A row nobody locks, in one of the agency's tables; people twice as often.
    std::optional<LinkKey> some_row()
    {
        std::vector<LinkKey> candidates;
        const auto wanted = dice_.below(3) == 0 ? homes() : people();
        for (const auto& [row, content] : rows_)
            if (row.table == wanted && !site_.writing.contains(row))
                candidates.push_back(row);
        if (candidates.empty())
            return std::nullopt;
        return dice_.pick(candidates);
    }

    std::optional<std::string> some_home()
    {
        std::vector<std::string> keys;
        for (const auto& [row, content] : rows_)
            if (row.table == homes() && !site_.erasing.contains(row))
                keys.push_back(row.key.value());
        if (keys.empty())
            return std::nullopt;
        return dice_.pick(keys);
    }

    void set_home(MappingIndex table, Row& row)
    {
        const auto slot = reference_slot(table);
        if (!slot)
            return;
        const auto home = some_home();
        if (table == north_people && dice_.one_in(8))
            row[*slot] = std::nullopt;
        else if (home)
            row[*slot] = home;
    }

    void change_unit(MappingIndex table, Row& row)
    {
        if (dice_.one_in(10)) {
            row.back() = std::to_string(dice_.below(9));
            count("edit unmapped_column");
            return;
        }
        if (entity_of(table) == home_entity) {
            if (maps(table, home::kind) && dice_.one_in(3))
                set_code(world_, population_, table, row);
            else
                row[slots_of(table, home::area).front()] = digit(dice_);
            return;
        }
        static const std::vector<UnitIndex> choices{
            person::name,
            person::status,
            person::note,
            person::home,
            person::grade,
            person::grade,
            person::phone,
            person::phone};
        const auto unit = dice_.pick(choices);
        if (!maps(table, unit) || unit == person::phone)
            set_phone(dice_, table, row);
        else if (unit == person::name)
            set_name(dice_, table, row);
        else if (unit == person::status)
            set_code(world_, population_, table, row);
        else if (unit == person::note)
            set_note(dice_, table, row);
        else if (unit == person::home)
            set_home(table, row);
        else
            row[slots_of(table, person::grade).front()] = digit(dice_);
    }

    void update_something()
    {
        auto form = dice_.one_in(2) ? old_form(world_, site_, rows_) : std::nullopt;
        const auto row = form ? form->first : some_row();
        if (!row)
            return insert_something();
        auto content = form ? std::move(form->second) : rows_.at(*row);
        const auto units = form && dice_.one_in(6) ? 0 : 1 + (dice_.one_in(3) ? dice_.below(4) : 0);
        for (std::size_t i = 0; i < units; ++i)
            change_unit(row->table, content);
        update(*row, std::move(content));
    }

    void insert_something()
    {
        const bool homeless = reference_slot(people()) && !some_home();
        const auto table = dice_.one_in(3) || homeless ? homes() : people();
        const bool is_home = entity_of(table) == home_entity;
        const auto number = (is_home ? "h" : "p") +
                            std::to_string(dice_.below(is_home ? population_.homes : population_.people));
        if (find(table, number) || site_.inserting.contains({table, number}))
            return;
        Row content(slot_count(table) + 1);
        content[natural_key_slot(table)] = number;
        set_code(world_, population_, table, content);
        if (!is_home) {
            set_name(dice_, table, content);
            set_home(table, content);
            const auto units = dice_.below(5);
            for (std::size_t i = 0; i < units; ++i)
                change_unit(table, content);
            if (const auto home = reference_slot(table); home && !content[*home] && table == south_people)
                content[*home] = some_home();
        }
        insert({table, key_for(table, number)}, std::move(content));
    }

    // Now and then a row comes back under the key that it had before it was deleted.
    LocalKey key_for(MappingIndex table, const std::string& number)
    {
        for (const auto& transaction : site_.wal())
            for (const auto& change : transaction.changes)
                if (change.row.table == table && change.operation != RowOperation::erase &&
                    !change.after.empty() && change.after[natural_key_slot(table)] == number &&
                    !rows_.contains(change.row) && !site_.writing.contains(change.row) && dice_.one_in(3)) {
                    count("edit row_returned");
                    return change.row.key;
                }
        return LocalKey{site_.new_key()};
    }

    [[nodiscard]] std::optional<LinkKey> find(MappingIndex table, const std::string& number) const
    {
        for (const auto& [row, content] : rows_)
            if (row.table == table && content[natural_key_slot(table)] == number)
                return row;
        return std::nullopt;
    }

    [[nodiscard]] bool referenced(const LinkKey& row) const
    {
        const auto points = reference_slot(people());
        if (row.table != homes() || !points)
            return false;
        // Our open transaction may be about to point at it: its foreign key check holds the parent.
        return !site_.writing.empty() || std::ranges::any_of(rows_, [&](const auto& other) {
            return other.first.table == people() && other.second[*points] == row.key.value();
        });
    }

    void erase_something()
    {
        const auto row = some_row();
        if (!row || referenced(*row))
            return;
        rows_.erase(*row);
        transaction_.changes.push_back({*row, std::nullopt, RowOperation::erase, {}, {}});
        count("edit row_deleted");
    }

    void rename_something()
    {
        const auto row = some_row();
        if (!row || referenced(*row))
            return;
        auto content = rows_.at(*row);
        if (dice_.one_in(2))
            change_unit(row->table, content);
        rename(*row, LocalKey{site_.new_key()}, std::move(content));
        count("edit key_changed");
    }

    void rename(const LinkKey& row, LocalKey key, Row content)
    {
        const auto before = rows_.extract(row).mapped();
        const LinkKey renamed{row.table, std::move(key)};
        WalChange change{renamed, row.key, RowOperation::update, content, large_and_same(before, content)};
        rows_.insert_or_assign(renamed, std::move(content));
        transaction_.changes.push_back(std::move(change));
    }

    // Two rows take each other's keys, by way of a third; perhaps neither can be read.
    void swap_keys()
    {
        const auto one = some_row();
        const auto two = some_row();
        if (!one || !two || one->table != two->table || *one == *two || referenced(*one) || referenced(*two))
            return;
        auto first = rows_.at(*one);
        auto second = rows_.at(*two);
        if (dice_.one_in(3))
            poison(*one, first, second);
        else if (dice_.one_in(2))
            change_unit(one->table, first);
        const bool unreadable = !mappable(one->table, first) && !mappable(two->table, second);
        count(unreadable ? "edit keys_of_unreadable_rows_swapped" : "edit keys_swapped");
        const LocalKey aside{site_.new_key()};
        rename(*one, aside, first);
        rename(*two, one->key, std::move(second));
        rename({one->table, aside}, two->key, std::move(first));
    }

    static void poison(const LinkKey& row, Row& first, Row& second)
    {
        if (const auto code = code_slot(row.table))
            first[*code] = second[*code] = poison_code;
    }

    // Deleted and inserted again in one transaction, as some applications save.
    void replace_something()
    {
        const auto row = some_row();
        if (!row || referenced(*row))
            return;
        auto content = rows_.extract(*row).mapped();
        transaction_.changes.push_back({*row, std::nullopt, RowOperation::erase, {}, {}});
        change_unit(row->table, content);
        insert(*row, std::move(content));
        count("edit row_replaced");
    }

    // A DELETE without a WHERE: nobody meant that.
    void erase_many()
    {
        if (!site_.writing.empty())
            return;
        const auto before = transaction_.changes.size();
        std::erase_if(rows_, [&](const auto& row) {
            const bool goes = row.first.table == people();
            if (goes)
                transaction_.changes.push_back({row.first, std::nullopt, RowOperation::erase, {}, {}});
            return goes;
        });
        if (transaction_.changes.size() > before + 1)
            count("edit many_deleted");
    }

    void truncate_people()
    {
        if (!site_.writing.empty())
            return;
        std::erase_if(rows_, [&](const auto& row) { return row.first.table == people(); });
        WalChange truncated;
        truncated.row.table = people();
        truncated.operation = RowOperation::truncate;
        transaction_.changes.push_back(std::move(truncated));
        count("edit table_truncated");
    }

    void update(const LinkKey& row, Row content)
    {
        if (site_.writing.contains(row))
            return;
        auto& stored = rows_.at(row);
        auto unsent = large_and_same(stored, content);
        if (!unsent.empty())
            count("edit large_value_left_alone");
        stored = content;
        transaction_.changes.push_back(
            {row, std::nullopt, RowOperation::update, std::move(content), std::move(unsent)}
        );
    }

    void insert(const LinkKey& row, Row content)
    {
        rows_.emplace(row, content);
        transaction_.changes.push_back({row, std::nullopt, RowOperation::insert, std::move(content), {}});
    }

    bool commit()
    {
        if (transaction_.changes.empty())
            return false;
        const auto& committed = site_.commit(std::exchange(transaction_, {}), world_.time);
        world_.trace(agency_.value().c_str(), [&] {
            std::string text = "commits at " + to_string(committed.commit_lsn) + ":";
            for (const auto& change : committed.changes)
                text += " " + show(change.row) +
                        (change.operation == RowOperation::insert   ? " new "
                         : change.operation == RowOperation::update ? " "
                         : change.operation == RowOperation::erase  ? " deleted "
                                                                    : " truncated ") +
                        (change.old_key ? "was [" + change.old_key->value() + "] " : "") + show(change.after);
            return text;
        });
        world_.ledger.edited(world_, agency_);
        return true;
    }

    World& world_;
    Dice& dice_;
    SimAgency& site_;
    AgencyId agency_;
    Population population_;
    std::map<LinkKey, Row> rows_;  // As this transaction sees them.
    WalTransaction transaction_;
};

}  // namespace

void settle_before(World& world, const Population& population)
{
    for (const auto& agency : world.definition.agencies)
        Application{world, agency, population}.settle();
}

bool edit_something(World& world, const AgencyId& agency, const Population& population)
{
    return Application{world, agency, population}.edit();
}

bool correct_poison(World& world, const AgencyId& agency)
{
    return Application{world, agency, {}}.correct();
}

}  // namespace casebridge::simulation
