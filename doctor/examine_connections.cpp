#include "doctor/examination.hpp"

namespace casebridge::doctor {
namespace {

bool same_database(const SessionFacts& one, const SessionFacts& other)
{
    return one.system_identifier == other.system_identifier && one.database == other.database;
}

std::string said(const Error& error)
{
    return error.message + " (" + error.code + ")";
}

void compare_databases(const AgencyFacts& facts, Subject& subject)
{
    const auto& first = facts.deliver ? facts.deliver : facts.capture;
    for (const auto* other : {&facts.capture, &facts.setup})
        if (first && *other && !same_database(*first, **other))
            subject.found(
                "connections_differ",
                "`" + (*other)->connection + "` leads to database " + (*other)->database + " of system " +
                    (*other)->system_identifier + ", `" + first->connection + "` to " + first->database +
                    " of " + first->system_identifier,
                "correct the connections of the agency in the bridge file"
            );
}

}  // namespace

Subject examine_connection(
    const std::string& connection,
    const std::optional<SessionFacts>& session,
    const std::vector<Unread>& refused
)
{
    Subject subject{
        "connection " + connection, {"unreachable", "login_refused", "tls_off", "tls_unverified"}
    };
    for (const auto& failure : refused) {
        if (failure.what != connection)
            continue;
        const bool transient = failure.error.kind == ErrorClass::transient;
        subject.found(
            transient ? "unreachable" : "login_refused",
            said(failure.error),
            failure.error.remedy.empty() ? "start the server, or correct the connection and pg_hba.conf"
                                         : failure.error.remedy
        );
    }
    if (!session) {
        subject.withdraw({"tls_off", "tls_unverified"});
        return subject;
    }
    if (!session->remote)
        return subject;
    if (!session->encrypted)
        subject.found(
            "tls_off",
            "the session is not encrypted and does not stay on this host",
            "add sslmode=verify-full and sslrootcert=… to the connection; at the server ssl = on and hostssl "
            "lines in pg_hba.conf"
        );
    else if (session->sslmode != "verify-full")
        subject.found(
            "tls_unverified",
            "the session is encrypted with sslmode=" + session->sslmode,
            "add sslmode=verify-full and sslrootcert=… to the connection"
        );
    return subject;
}

Subjects examine_connections(const AgencyFacts& facts)
{
    Subjects subjects;
    subjects.push_back(examine_connection("capture", facts.capture, facts.refused));
    subjects.push_back(examine_connection("deliver", facts.deliver, facts.refused));
    Subject stream{"replication login", {"replication_refused"}};
    // Where not even an ordinary session can be had, that is the finding.
    if (facts.replication_error && facts.capture)
        stream.found(
            "replication_refused",
            said(*facts.replication_error),
            "allow the capturing role in pg_hba.conf, with the agency's database and not only with the word "
            "replication; ALTER ROLE … REPLICATION; a free place in max_wal_senders"
        );
    if (!facts.capture)
        stream.withdraw({"replication_refused"});
    subjects.push_back(std::move(stream));
    Subject together{
        "connections", {"connections_differ", "not_visible"}
    };
    compare_databases(facts, together);
    for (const auto& hidden : facts.not_visible)
        together.found("not_visible", hidden.what + ": " + said(hidden.error), hidden.error.remedy);
    subjects.push_back(std::move(together));
    return subjects;
}

}  // namespace casebridge::doctor
