#include "connectors/libpq/identifier.hpp"
#include "doctor/examination.hpp"

#include <algorithm>
#include <array>

namespace casebridge::doctor {
namespace {

constexpr std::array<std::string_view, 13> codes_of_others{
    "table_missing",
    "not_a_table",
    "not_logged",
    "inherited_table",
    "no_replica_identity",
    "column_missing",
    "column_generated",
    "key_not_unique",
    "key_without_sequence",
    "not_a_document",
    "not_an_array",
    "overlapping_paths",
    "delete_cascades"};

class TableExamination {
public:
    TableExamination(const AgencyFacts& facts, const TableUse& use)
        : facts_(facts),
          use_(use),
          name_(use.mapping->name()),
          quoted_(libpq::quote_qualified(use.mapping->schema, use.mapping->table)),
          subject_{
              name_,
              {"table_missing",
                "not_a_table", "not_logged",
                "inherited_table", "no_replica_identity",
                "replica_identity_full", "published_by_others",
                "others_publication_uncovered", "column_missing",
                "column_generated", "key_not_unique",
                "key_without_sequence", "not_a_document", "not_an_array",
                "overlapping_paths", "delete_cascades", "row_security",
                "trigger_on_delivery", "trigger_left_out",
                "rule_on_written_table", "constraint_deferrable",
                "constraint_unique", "identity_always_updated",
                "column_never_filled", "foreign_key_not_mapped",
                "survey_without_index"}
    }
    {
    }

    [[nodiscard]] Subject run(std::size_t position)
    {
        take_errors();
        if (facts_.objects)
            look_at_publishing(facts_.objects->tables[position]);
        else
            subject_.withdraw(
                {"table_missing",
                 "not_a_table",
                 "not_logged",
                 "inherited_table",
                 "no_replica_identity",
                 "replica_identity_full",
                 "published_by_others",
                 "others_publication_uncovered"}
            );
        if (position < facts_.tables.size() && facts_.tables[position])
            look_at_table(*facts_.tables[position]);
        else
            withdraw_writes({"row_security", "survey_without_index"});
        return std::move(subject_);
    }

private:
    void withdraw_writes(std::initializer_list<std::string_view> further)
    {
        subject_.withdraw(further);
        subject_.withdraw(
            {"trigger_on_delivery",
             "trigger_left_out",
             "rule_on_written_table",
             "constraint_deferrable",
             "constraint_unique",
             "identity_always_updated",
             "column_never_filled",
             "foreign_key_not_mapped"}
        );
    }

    // What set-up and the sessions themselves find.
    void take_errors()
    {
        std::vector<Error> errors;
        if (facts_.objects)
            errors = postgres::hindrances(*facts_.objects, facts_.name);
        for (const auto& error : errors)
            if (error.place == name_)
                take(error, error.message);
        const auto prefix = name_ + ".";
        if (!facts_.mapping_mismatches) {
            subject_.withdraw(
                {"column_missing",
                 "column_generated",
                 "key_not_unique",
                 "key_without_sequence",
                 "not_a_document",
                 "not_an_array",
                 "overlapping_paths",
                 "delete_cascades"}
            );
            return;
        }
        for (const auto& error : *facts_.mapping_mismatches)
            if (error.place.starts_with(prefix))
                take(error, error.place.substr(prefix.size()) + ": " + error.message);
    }

    void take(const Error& error, std::string cause)
    {
        if (std::ranges::count(codes_of_others, error.code) > 0)
            subject_.found(error.code, std::move(cause), error.remedy);
    }

    void look_at_publishing(const postgres::PublishableTable& table)
    {
        using Uncovered = postgres::OtherPublication::Uncovered;
        if (table.identity == postgres::ReplicaIdentity::full)
            subject_.found(
                "replica_identity_full",
                "the replica identity is FULL",
                "if nobody else needs the old rows: ALTER TABLE " + quoted_ + " REPLICA IDENTITY DEFAULT"
            );
        std::vector<std::string> names;
        for (const auto& other : table.others) {
            names.push_back(other.name);
            if (other.uncovered != Uncovered::nothing)
                subject_.found(
                    "others_publication_uncovered",
                    std::string{
                        other.uncovered == Uncovered::by_column_list ? "the column list" : "the row filter"} +
                        " of publication " + other.name +
                        (other.uncovered == Uncovered::by_column_list
                             ? " leaves out columns of the replica identity"
                             : " uses columns outside the replica identity"),
                    "ask who made it; ALTER PUBLICATION " + libpq::quote_identifier(other.name) +
                        " DROP TABLE " + quoted_ + " makes the agency work again"
                );
        }
        if (!names.empty())
            subject_.found(
                "published_by_others",
                "also published by " + listed(names),
                "nothing, if the agency knows its subscribers"
            );
    }

    void look_at_table(const TableFacts& table)
    {
        look_at_row_security(table);
        if (!table.key_in_survey_order)
            subject_.found(
                "survey_without_index",
                "no index has the key in the order in which a survey reads",
                "CREATE INDEX CONCURRENTLY ON " + quoted_ + " (" +
                    libpq::quote_identifier(use_.mapping->key_column) + " COLLATE \"C\")"
            );
        if (!use_.is_written()) {
            withdraw_writes({});
            return;
        }
        look_at_triggers(table);
        for (const auto& rule : table.rules)
            subject_.found(
                "rule_on_written_table",
                "rule " + rule + " rewrites INSERT or UPDATE",
                "replace it by a trigger; DROP RULE " + libpq::quote_identifier(rule) + " ON " + quoted_
            );
        look_at_columns(table);
        look_at_constraints(table);
        look_at_foreign_keys(table);
    }

    void look_at_row_security(const TableFacts& table)
    {
        std::string remedy;
        for (const auto* session : {&facts_.capture, &facts_.deliver})
            if (*session && !(*session)->role.bypassrls && !(*session)->role.superuser)
                remedy += (remedy.empty() ? "" : "; ") +
                          ("ALTER ROLE " + libpq::quote_identifier((*session)->role.name)) + " BYPASSRLS";
        if (table.row_security && !remedy.empty())
            subject_.found(
                "row_security",
                "row-level security is on and binds our roles",
                remedy + " (the grants still bind them)"
            );
    }

    void look_at_triggers(const TableFacts& table)
    {
        for (const auto& trigger : table.triggers) {
            const auto cause = "trigger " + trigger.name + ", " + trigger.events;
            switch (trigger.fires) {
                case TriggerFacts::Fires::on_delivery:
                    subject_.found(
                        "trigger_on_delivery",
                        cause,
                        "nothing, if it may fire; see what it writes to mapped columns and tables"
                    );
                    break;
                case TriggerFacts::Fires::in_replica_sessions_only:
                    subject_.found(
                        "trigger_left_out",
                        cause + ", ENABLE REPLICA",
                        "if deliveries need it: ALTER TABLE " + quoted_ + " ENABLE ALWAYS TRIGGER " +
                            libpq::quote_identifier(trigger.name)
                    );
                    break;
            }
        }
    }

    void look_at_columns(const TableFacts& table)
    {
        for (const auto& column : table.columns) {
            if (column.identity_always && use_.updated.contains(column.name))
                subject_.found(
                    "identity_always_updated",
                    "column " + column.name + " is GENERATED ALWAYS AS IDENTITY",
                    "do not share the field into this agency, or ALTER TABLE " + quoted_ + " ALTER COLUMN " +
                        libpq::quote_identifier(column.name) + " SET GENERATED BY DEFAULT"
                );
            if (use_.inserts == TableUse::Inserts::never || !column.not_null ||
                use_.provided.contains(column.name))
                continue;
            const bool mapped = use_.inserted.contains(column.name);
            if (mapped || !column.filled_by_server)
                subject_.found(
                    "column_never_filled",
                    "column " + column.name +
                        (mapped ? " is mapped and NOT NULL, and no agreement lets its field into this agency"
                                : " is NOT NULL without a default, and the mapping does not name it"),
                    mapped ? "share the field, take it out of the mapping, or create no rows here"
                           : "name it in on_insert, or ALTER TABLE " + quoted_ + " ALTER COLUMN " +
                                 libpq::quote_identifier(column.name) + " SET DEFAULT …"
                );
        }
    }

    [[nodiscard]] bool is_written(const std::string& column) const
    {
        return column != use_.mapping->key_column &&
               (use_.updated.contains(column) || use_.inserted.contains(column));
    }

    void look_at_constraints(const TableFacts& table)
    {
        std::vector<std::string> at_once;
        for (const auto& constraint : table.uniques) {
            if (constraint.deferrable)
                subject_.found(
                    "constraint_deferrable", "constraint " + constraint.name + " is deferrable", "nothing"
                );
            else if (std::ranges::any_of(constraint.columns, [&](const auto& c) { return is_written(c); }))
                at_once.push_back(constraint.name);
        }
        if (!at_once.empty())
            subject_.found(
                "constraint_unique",
                "written columns are unique by " + listed(at_once),
                "nothing; where values of a NOT NULL column are swapped, make the constraint DEFERRABLE"
            );
    }

    // Whether the mapping says of the column what the foreign key says.
    [[nodiscard]] bool is_reference(const std::string& column, const std::string& referenced) const
    {
        for (const auto& unit : use_.mapping->units)
            for (const auto& binding : unit.bindings) {
                const auto* codec = std::get_if<mapping::ReferenceCodec>(&binding.codec);
                if (codec != nullptr && use_.mapping->slots[binding.slot].column == column)
                    return std::ranges::any_of(facts_.mapped_tables, [&](const auto& table) {
                        return table.first == codec->table && table.second == referenced;
                    });
            }
        return false;
    }

    void look_at_foreign_keys(const TableFacts& table)
    {
        const auto is_constant = [&](const std::string& column) {
            return std::ranges::any_of(use_.mapping->on_insert, [&](const auto& constant) {
                return constant.column == column;
            });
        };
        for (const auto& key : table.foreign_keys)
            for (const auto& column : key.columns)
                if (is_written(column) && !is_constant(column) && !is_reference(column, key.referenced))
                    subject_.found(
                        "foreign_key_not_mapped",
                        "column " + column + " refers to " + key.referenced + " by " + key.name +
                            ", and the mapping copies it as a plain value",
                        "map " + key.referenced +
                            " and make the column a reference, or use codes that the "
                            "referenced table has"
                    );
    }

    const AgencyFacts& facts_;
    const TableUse& use_;
    std::string name_;
    std::string quoted_;
    Subject subject_;
};

}  // namespace

Subjects examine_tables(const AgencyFacts& facts, const std::vector<TableUse>& uses)
{
    Subjects subjects;
    for (std::size_t i = 0; i < uses.size(); ++i)
        subjects.push_back(TableExamination{facts, uses[i]}.run(i));
    return subjects;
}

}  // namespace casebridge::doctor
