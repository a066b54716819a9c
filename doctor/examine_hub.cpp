#include "doctor/examination.hpp"

namespace casebridge::doctor {
namespace {

Subject examine_hub_server(const SessionFacts& session, const ServerFacts& server)
{
    Subject subject{
        "server",
        {"server_too_old", "server_is_standby", "durability_off", "hub_not_utf8", "hub_unarchived"}
    };
    if (server.version < 150000)
        subject.found(
            "server_too_old", "the server is older than PostgreSQL 15", "upgrade it to PostgreSQL 15 or later"
        );
    if (server.standby)
        subject.found(
            "server_is_standby",
            "the server is a standby",
            "connect to the primary: add target_session_attrs=read-write and all hosts to the connection"
        );
    examine_durability(session, subject);
    if (server.encoding != "UTF8")
        subject.found(
            "hub_not_utf8",
            "the database's encoding is " + server.encoding,
            "make the hub's database with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"
        );
    if (session.setting("archive_mode") == "off" && server.standbys == 0)
        subject.found(
            "hub_unarchived",
            "archive_mode is off and no standby is connected",
            "archive the hub's WAL or give it a standby; test the restore"
        );
    return subject;
}

Subject examine_schema(const HubFacts& facts)
{
    Subject subject{
        "schema casebridge", {"hub_empty", "hub_schema_old", "hub_schema_newer", "hub_role_lacks"}
    };
    if (!facts.schema_version) {
        subject.withdraw({"hub_empty", "hub_schema_old", "hub_schema_newer"});
        if (!facts.owns_schema && !facts.may_create_schema)
            subject.found(
                "hub_role_lacks",
                "the role neither owns schema casebridge nor may make schemas",
                "ALTER SCHEMA casebridge OWNER TO …, or GRANT CREATE ON DATABASE … TO …"
            );
        return subject;
    }
    const auto versions = "the schema has version " + std::to_string(*facts.schema_version) +
                          ", this program knows " + std::to_string(facts.schema_known);
    if (facts.schema_version == 0)
        subject.found("hub_empty", "the hub's database has no schema casebridge", "casebridge setup");
    else if (facts.schema_version > facts.schema_known)
        subject.found("hub_schema_newer", versions, "use the program that migrated the hub, or a newer one");
    else if (facts.schema_version < facts.schema_known)
        subject.found("hub_schema_old", versions, "back the hub up, then casebridge setup");
    if (facts.schema_version > 0 && !facts.owns_schema)
        subject.found(
            "hub_role_lacks",
            "the role does not own schema casebridge",
            "ALTER SCHEMA casebridge OWNER TO …, and the same for its tables and functions"
        );
    if (facts.schema_version == 0 && !facts.may_create_schema)
        subject.found(
            "hub_role_lacks",
            "the role may not make schemas in the hub's database",
            "ALTER DATABASE … OWNER TO …, or GRANT CREATE ON DATABASE … TO …"
        );
    return subject;
}

}  // namespace

Subjects examine_hub(const HubFacts& facts)
{
    Subjects subjects;
    subjects.push_back(examine_connection("hub", facts.session, facts.refused));
    if (!facts.session)
        return subjects;
    subjects.push_back(examine_role(*facts.session, Duty::hub, {}));
    if (facts.server) {
        subjects.push_back(examine_hub_server(*facts.session, *facts.server));
        subjects.push_back(examine_schema(facts));
    }
    return subjects;
}

}  // namespace casebridge::doctor
