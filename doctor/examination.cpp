#include "doctor/examination.hpp"

#include <iterator>
#include <sstream>

namespace casebridge::doctor {
namespace {

using std::chrono::microseconds;

std::string milliseconds(microseconds time)
{
    std::ostringstream text;
    text << static_cast<double>(time.count()) / 1000 << " ms";
    return text.str();
}

const SessionFacts* any_session(const AgencyFacts& facts)
{
    if (facts.deliver)
        return &*facts.deliver;
    return facts.capture ? &*facts.capture : nullptr;
}

std::optional<ClockOffset> clock_of(const AgencyFacts& facts)
{
    return facts.server ? clock_offset(facts.server->clock) : std::nullopt;
}

// Each pair is judged once, at its later agency.
void compare_clocks(const BridgeFacts& facts, std::size_t agency, Subject& subject)
{
    const auto ours = clock_of(facts.agencies[agency].facts);
    if (!facts.skew_bound || !ours)
        return subject.withdraw({"clock_apart", "clock_unsure"});
    for (std::size_t other = 0; other < agency; ++other) {
        const auto theirs = clock_of(facts.agencies[other].facts);
        if (!theirs)
            continue;
        const auto difference = ours->offset - theirs->offset;
        const auto size = difference < microseconds{0} ? -difference : difference;
        const auto doubt = ours->uncertainty + theirs->uncertainty;
        const auto cause = "the clock is " + milliseconds(size) +
                           (difference < microseconds{0} ? " behind" : " ahead of") + " that of " +
                           facts.agencies[other].facts.agency + ", give or take " + milliseconds(doubt) +
                           "; the rule allows " + milliseconds(*facts.skew_bound);
        if (size - doubt > *facts.skew_bound)
            subject.found("clock_apart", cause, "synchronise both servers' clocks, with chrony or the like");
        else if (size + doubt > *facts.skew_bound)
            subject.found("clock_unsure", cause, "run it again when network and servers are less busy");
    }
}

void compare_encodings(const BridgeFacts& facts, std::size_t agency, Subject& subject)
{
    const auto& ours = facts.agencies[agency].facts;
    if (!ours.server)
        return subject.withdraw({"encoding_narrow"});
    if (ours.server->encoding == "UTF8" || ours.server->encoding == "SQL_ASCII")
        return;
    for (const auto& [theirs, uses] : facts.agencies)
        if (theirs.server && theirs.server->encoding != ours.server->encoding) {
            subject.found(
                "encoding_narrow",
                "the database's encoding is " + ours.server->encoding + ", that of " + theirs.agency +
                    " is " + theirs.server->encoding,
                "dump the database and restore it into one with encoding UTF8, or agree on the characters"
            );
            return;
        }
}

void compare_databases(const BridgeFacts& facts, std::size_t agency, Subject& subject)
{
    const auto* ours = any_session(facts.agencies[agency].facts);
    if (ours == nullptr)
        return;
    for (std::size_t other = 0; other < agency; ++other) {
        const auto* theirs = any_session(facts.agencies[other].facts);
        if (theirs != nullptr && theirs->system_identifier == ours->system_identifier &&
            theirs->database == ours->database)
            subject.found(
                "database_shared",
                "agency " + facts.agencies[other].facts.agency + " uses the same database",
                "correct the connections"
            );
    }
    if (facts.hub.session && facts.hub.session->system_identifier == ours->system_identifier)
        subject.found(
            "database_shared",
            "the hub is on the same server",
            "give the hub a server of its own: the capturing role can read this one whole, by a base backup"
        );
}

void append(Subjects& all, Subjects more)
{
    all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

ServerReport report_of(const BridgeFacts& facts, std::size_t agency)
{
    const auto& [known, uses] = facts.agencies[agency];
    ServerReport report;
    report.name = known.agency;
    report.subjects = examine_connections(known);
    if (any_session(known) == nullptr)
        return report;
    report.version = known.server ? known.server->version : 0;
    report.clock = clock_of(known);
    report.subjects.push_back(examine_server(known));
    report.subjects.push_back(examine_beside_others(facts, agency));
    append(report.subjects, examine_roles(known));
    append(report.subjects, examine_grants(known, uses));
    report.subjects.push_back(examine_objects(known));
    append(report.subjects, examine_tables(known, uses));
    return report;
}

}  // namespace

Subject examine_beside_others(const BridgeFacts& facts, std::size_t agency)
{
    Subject subject{
        "server beside the others", {"clock_apart", "clock_unsure", "encoding_narrow", "database_shared"}
    };
    compare_clocks(facts, agency, subject);
    compare_encodings(facts, agency, subject);
    compare_databases(facts, agency, subject);
    return subject;
}

Report examine(const BridgeFacts& facts)
{
    Report report{facts.bridge, {}};
    for (std::size_t agency = 0; agency < facts.agencies.size(); ++agency)
        report.servers.push_back(report_of(facts, agency));
    ServerReport hub;
    hub.name = "hub";
    hub.subjects = examine_hub(facts.hub);
    if (facts.hub.server) {
        hub.version = facts.hub.server->version;
        hub.clock = clock_offset(facts.hub.server->clock);
    }
    report.servers.push_back(std::move(hub));
    return report;
}

std::size_t Report::count(Severity severity) const
{
    std::size_t found = 0;
    for (const auto& server : servers)
        for (const auto& subject : server.subjects)
            for (const auto& finding : subject.findings())
                found += finding.kind->severity == severity ? 1U : 0U;
    return found;
}

bool Report::only_unreachable() const
{
    std::size_t unreachable = 0;
    for (const auto& server : servers)
        for (const auto& subject : server.subjects)
            for (const auto& finding : subject.findings())
                unreachable += finding.kind->code == "unreachable" ? 1U : 0U;
    return unreachable > 0 && unreachable == count(Severity::error);
}

}  // namespace casebridge::doctor
