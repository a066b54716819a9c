#include "connectors/libpq/identifier.hpp"
#include "doctor/examination.hpp"

namespace casebridge::doctor {
namespace {

constexpr std::int64_t expiry_warning_seconds = 14 * 24 * 60 * 60;

// The daemon's sessions: stream and survey; deliveries and keys; journal, records and projector, one to wait.
std::int64_t sessions_needed(Duty duty)
{
    switch (duty) {
        case Duty::capture:
        case Duty::deliver:
            return 2;
        case Duty::hub:
            break;
    }
    return 4;
}

void look_at_attributes(const RoleFacts& role, Duty duty, RowSecurityUse row_security, Subject& subject)
{
    const auto name = libpq::quote_identifier(role.name);
    const auto too_powerful = [&](bool has, const std::string& attribute) {
        if (has)
            subject.found(
                "role_too_powerful", "the role has " + attribute, "ALTER ROLE " + name + " NO" + attribute
            );
    };
    too_powerful(role.superuser, "SUPERUSER");
    too_powerful(role.createdb, "CREATEDB");
    too_powerful(role.createrole, "CREATEROLE");
    switch (duty) {
        case Duty::capture:
            if (!role.replication && !role.superuser)
                subject.found(
                    "role_not_for_replication",
                    "the role does not have REPLICATION",
                    "ALTER ROLE " + name + " REPLICATION"
                );
            break;
        case Duty::deliver:
        case Duty::hub:
            too_powerful(role.replication, "REPLICATION");
            break;
    }
    if (!row_security.any_table)
        too_powerful(role.bypassrls, "BYPASSRLS");
    for (const auto& other : role.memberships)
        subject.found(
            "role_membership",
            "the role is a member of " + other,
            "REVOKE " + libpq::quote_identifier(other) + " FROM " + name
        );
}

void look_at_logins(const RoleFacts& role, Duty duty, Subject& subject)
{
    const auto name = libpq::quote_identifier(role.name);
    if (role.connection_limit && *role.connection_limit < sessions_needed(duty))
        subject.found(
            "connection_limit_low",
            "the role may have " + std::to_string(*role.connection_limit) + " sessions, the daemon needs " +
                std::to_string(sessions_needed(duty)),
            "ALTER ROLE " + name + " CONNECTION LIMIT " + std::to_string(sessions_needed(duty) + 2)
        );
    if (role.valid_for_seconds && *role.valid_for_seconds < expiry_warning_seconds)
        subject.found(
            "password_expires",
            "the password is valid for " + std::to_string(*role.valid_for_seconds / 3600) + " more hours",
            "change the password and its file, then ALTER ROLE " + name + " VALID UNTIL '…'"
        );
}

void look_at_settings(const SessionFacts& session, Duty duty, Subject& subject)
{
    const auto name = libpq::quote_identifier(session.role.name);
    const auto statements = session.setting("log_statement");
    const bool logged = statements == "all" || statements == "mod" ||
                        session.number("log_min_duration_statement").value_or(-1) >= 0 ||
                        session.number("log_min_duration_sample").value_or(-1) >= 0;
    if (logged && session.number("log_parameter_max_length").value_or(0) != 0)
        subject.found(
            "values_logged",
            "the server logs statements of this role with their parameters",
            "ALTER ROLE " + name + " SET log_parameter_max_length = 0, as a superuser"
        );
    else if (session.number("log_parameter_max_length_on_error").value_or(0) != 0)
        subject.found(
            "values_logged",
            "the server logs the parameters of statements that fail",
            "ALTER ROLE " + name + " SET log_parameter_max_length_on_error = 0"
        );
    if (duty == Duty::capture)
        return;
    if (session.setting("default_transaction_read_only") == "on")
        subject.found(
            "read_only_by_default",
            "default_transaction_read_only is on for the role",
            "ALTER ROLE " + name + " SET default_transaction_read_only = off"
        );
    if (session.setting("session_replication_role") != "origin")
        subject.found(
            "replication_role_changed",
            "session_replication_role is " + session.setting("session_replication_role"),
            "ALTER ROLE " + name + " RESET session_replication_role"
        );
    if (session.setting("default_transaction_isolation") != "read committed")
        subject.found(
            "isolation_raised",
            "default_transaction_isolation is " + session.setting("default_transaction_isolation"),
            "ALTER ROLE " + name + " SET default_transaction_isolation = 'read committed'"
        );
}

}  // namespace

Subject examine_role(const SessionFacts& session, Duty duty, RowSecurityUse row_security)
{
    Subject subject{
        "role " + session.role.name,
        {"role_too_powerful",
                              "role_membership", "role_not_for_replication",
                              "connection_limit_low", "password_expires",
                              "values_logged", "read_only_by_default",
                              "replication_role_changed", "isolation_raised"}
    };
    look_at_attributes(session.role, duty, row_security, subject);
    look_at_logins(session.role, duty, subject);
    look_at_settings(session, duty, subject);
    return subject;
}

Subjects examine_roles(const AgencyFacts& facts)
{
    RowSecurityUse row_security;
    for (const auto& table : facts.tables)
        row_security.any_table = row_security.any_table || (table && table->row_security);
    Subjects subjects;
    if (facts.capture)
        subjects.push_back(examine_role(*facts.capture, Duty::capture, row_security));
    if (facts.deliver)
        subjects.push_back(examine_role(*facts.deliver, Duty::deliver, row_security));
    return subjects;
}

}  // namespace casebridge::doctor
