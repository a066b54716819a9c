#include "connectors/libpq/identifier.hpp"
#include "doctor/examination.hpp"

#include <iterator>
#include <map>
#include <utility>

namespace casebridge::doctor {
namespace {

using libpq::quote_identifier;
using Columns = std::set<std::string>;

constexpr std::size_t names_listed_max = 6;

std::string column_list(const Columns& columns)
{
    std::string text;
    for (const auto& column : columns)
        text += (text.empty() ? "" : ", ") + quote_identifier(column);
    return "(" + text + ")";
}

// What a role needs of one table, by privilege.
using Needs = std::map<std::string, Columns>;

Needs needs_of(const TableUse& use, Duty duty)
{
    Needs needs;
    switch (duty) {
        case Duty::capture:
            needs["SELECT"] = use.surveyed;
            break;
        case Duty::deliver:
            needs["SELECT"] = use.compared;
            needs["INSERT"] = use.inserted;
            needs["UPDATE"] = use.updated;
            break;
        case Duty::hub:
            break;
    }
    return needs;
}

class GrantExamination {
public:
    GrantExamination(const SessionFacts& session, const GrantFacts& grants, Duty duty)
        : role_(quote_identifier(session.role.name)),
          session_(session),
          grants_(grants),
          duty_(duty),
          subject_{
              "grants of " + session.role.name,
              {"grant_missing", "grant_excess", "grant_public", "grant_wide", "role_owns"}
    }
    {
    }

    [[nodiscard]] Subject run(const std::vector<TableUse>& uses, const AgencyFacts& facts)
    {
        for (const auto& function : grants_.functions_missing)
            missing("EXECUTE of " + function, "GRANT EXECUTE ON FUNCTION " + function + " TO " + role_);
        for (std::size_t i = 0; i < uses.size() && i < grants_.tables.size(); ++i)
            if (!facts.objects || facts.objects->tables[i].kind == postgres::PublishableTable::Kind::ordinary)
                look_at_table(uses[i], grants_.tables[i]);
        look_at_others();
        if (!wide_.empty())
            subject_.found("grant_wide", listed(wide_), wide_remedy_);
        return std::move(subject_);
    }

private:
    void missing(std::string cause, std::string remedy)
    {
        subject_.found("grant_missing", "missing: " + std::move(cause), std::move(remedy));
    }

    void look_at_table(const TableUse& use, const TableGrants& table)
    {
        const auto& mapping = *use.mapping;
        const auto quoted = libpq::quote_qualified(mapping.schema, mapping.table);
        if (table.owner) {
            subject_.found(
                "role_owns",
                "the role owns " + mapping.name() + ", itself or through a role it is a member of",
                "ALTER TABLE " + quoted + " OWNER TO …"
            );
            return;
        }
        const auto needs = needs_of(use, duty_);
        bool anything = false;
        for (const auto& [privilege, columns] : needs) {
            anything = anything || !columns.empty();
            look_for_missing(mapping.name(), quoted, table, privilege, columns);
            look_for_wide(mapping.name(), quoted, table, privilege, columns);
        }
        if (anything && !table.schema_usage)
            missing(
                "USAGE of schema " + mapping.schema,
                "GRANT USAGE ON SCHEMA " + quote_identifier(mapping.schema) + " TO " + role_
            );
        const bool deletes = duty_ == Duty::deliver && use.deletes == TableUse::Deletes::possible;
        if (deletes && !table.on_table.contains("DELETE"))
            missing("DELETE on " + mapping.name(), "GRANT DELETE ON " + quoted + " TO " + role_);
        std::string excess;
        for (const auto& privilege : table.on_table)
            if ((privilege == "DELETE" && !deletes) || privilege == "TRUNCATE" || privilege == "REFERENCES" ||
                privilege == "TRIGGER")
                excess += (excess.empty() ? "" : ", ") + privilege;
        if (duty_ == Duty::capture)
            for (const auto* privilege : {"INSERT", "UPDATE"})
                if (table.columns.contains(privilege))
                    excess += (excess.empty() ? "" : ", ") + std::string{privilege};
        if (!excess.empty())
            subject_.found(
                "grant_excess",
                excess + " on " + mapping.name(),
                "REVOKE " + excess + " ON " + quoted + " FROM " + role_
            );
        look_at_sequence(use, table);
    }

    void look_for_missing(
        const std::string& name,
        const std::string& quoted,
        const TableGrants& table,
        const std::string& privilege,
        const Columns& columns
    )
    {
        Columns lacking;
        for (const auto& column : columns)
            if (!table.permits(privilege, column))
                lacking.insert(column);
        if (!lacking.empty())
            missing(
                privilege + " of " + listed({lacking.begin(), lacking.end()}) + " of " + name,
                "GRANT " + privilege + " " + column_list(lacking) + " ON " + quoted + " TO " + role_
            );
    }

    void look_for_wide(
        const std::string& name,
        const std::string& quoted,
        const TableGrants& table,
        const std::string& privilege,
        const Columns& columns
    )
    {
        const auto held = table.columns.find(privilege);
        if (held == table.columns.end())
            return;
        Columns further;
        for (const auto& column : held->second)
            if (!columns.contains(column))
                further.insert(column);
        if (further.empty())
            return;
        wide_.push_back(
            privilege + " of " + std::to_string(further.size()) +
            (further.size() == 1 ? " further column of " : " further columns of ") + name
        );
        std::string remedy = "REVOKE " + privilege + " ";
        if (table.on_table.contains(privilege)) {
            remedy += "ON " + quoted + " FROM " + role_;
            if (!columns.empty())
                remedy +=
                    "; GRANT " + privilege + " " + column_list(columns) + " ON " + quoted + " TO " + role_;
        } else {
            remedy += column_list(further) + " ON " + quoted + " FROM " + role_;
        }
        add_wide_remedy(remedy);
    }

    void look_at_sequence(const TableUse& use, const TableGrants& table)
    {
        if (!table.key_sequence)
            return;
        const bool needed = duty_ == Duty::deliver && use.inserts == TableUse::Inserts::possible &&
                            use.mapping->new_key == mapping::NewKey::sequence;
        if (needed && !table.on_sequence.contains("USAGE"))
            missing(
                "USAGE of sequence " + *table.key_sequence,
                "GRANT USAGE ON SEQUENCE " + *table.key_sequence + " TO " + role_
            );
        if (table.on_sequence.contains("UPDATE"))
            subject_.found(
                "grant_excess",
                "UPDATE on sequence " + *table.key_sequence,
                "REVOKE UPDATE ON SEQUENCE " + *table.key_sequence + " FROM " + role_
            );
        if (!needed && table.on_sequence.contains("USAGE")) {
            wide_.push_back("USAGE of sequence " + *table.key_sequence);
            add_wide_remedy("REVOKE USAGE ON SEQUENCE " + *table.key_sequence + " FROM " + role_);
        }
    }

    void add_wide_remedy(const std::string& statement)
    {
        wide_remedy_ += (wide_remedy_.empty() ? "" : "; ") + statement;
    }

    // Like ones together: an application has many tables.
    void look_at_others()
    {
        std::map<std::pair<std::string, std::string>, std::vector<std::string>> granted;
        std::vector<std::string> everybodys;
        for (const auto& other : grants_.others)
            switch (other.through) {
                case OtherObject::Through::grant:
                    granted[{other.kind, other.privileges}].push_back(other.name);
                    break;
                case OtherObject::Through::everybody:
                    everybodys.push_back(other.privileges + " on " + other.name);
                    break;
                case OtherObject::Through::other:  // Of memberships another finding tells.
                    if (session_.role.memberships.empty())
                        subject_.found(
                            "role_owns",
                            "the role owns " + other.kind + " " + other.name,
                            "ALTER " + other.kind + " " + other.name + " OWNER TO …"
                        );
                    break;
            }
        for (const auto& [what, names] : granted) {
            std::string all;
            for (const auto& name : names)
                all += (all.empty() ? "" : ", ") + name;
            subject_.found(
                "grant_excess",
                what.second + " on " + listed(names),
                "REVOKE " + what.second + " ON " + what.first + " " + all + " FROM " + role_
            );
        }
        if (!everybodys.empty())
            subject_.found(
                "grant_public",
                "through PUBLIC: " + listed(everybodys),
                "ask the agency whether its applications need it; if not, REVOKE … FROM PUBLIC"
            );
    }

    std::string role_;
    const SessionFacts& session_;
    const GrantFacts& grants_;
    Duty duty_;
    Subject subject_;
    std::vector<std::string> wide_;
    std::string wide_remedy_;
};

}  // namespace

std::string listed(const std::vector<std::string>& names)
{
    std::string text;
    for (std::size_t i = 0; i < names.size() && i < names_listed_max; ++i)
        text += (i == 0 ? "" : ", ") + names[i];
    if (names.size() > names_listed_max)
        text += " and " + std::to_string(names.size() - names_listed_max) + " more";
    return text;
}

// Nothing binds a superuser, so there is nothing to compare.
Subjects examine_grants(const AgencyFacts& facts, const std::vector<TableUse>& uses)
{
    Subjects subjects;
    const auto look =
        [&](const std::optional<SessionFacts>& session, const std::optional<GrantFacts>& grants, Duty duty) {
            if (session && grants && !session->role.superuser)
                subjects.push_back(GrantExamination{*session, *grants, duty}.run(uses, facts));
        };
    look(facts.capture, facts.capture_grants, Duty::capture);
    look(facts.deliver, facts.deliver_grants, Duty::deliver);
    return subjects;
}

}  // namespace casebridge::doctor
