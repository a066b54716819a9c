#pragma once

#include "doctor/facts.hpp"
#include "doctor/finding.hpp"
#include "doctor/table_use.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

// The judgement: facts and what the configuration needs go in, findings come out. Pure.

namespace casebridge::doctor {

// What the configuration asks of one agency.
struct AgencyNeeds {
    AgencyFacts facts;
    std::vector<TableUse> uses;
};

struct BridgeFacts {
    std::string bridge;
    std::vector<AgencyNeeds> agencies;
    HubFacts hub;
    // How far apart two clocks may be; nothing where no rule compares commit times.
    std::optional<std::chrono::microseconds> skew_bound;
};

struct ServerReport {
    std::string name;  // The agency's id, or `hub`.
    int version = 0;   // 0: not reached.
    std::optional<ClockOffset> clock;
    Subjects subjects;
};

struct Report {
    std::string bridge;
    std::vector<ServerReport> servers;  // Agencies in the order of the configuration, then the hub.

    [[nodiscard]] std::size_t count(Severity severity) const;
    // Whether every error is that a server did not answer, and there is at least one.
    [[nodiscard]] bool only_unreachable() const;
};

[[nodiscard]] Report examine(const BridgeFacts& facts);

// The parts, in the order of a report.
[[nodiscard]] Subjects examine_connections(const AgencyFacts& facts);
[[nodiscard]] Subject examine_connection(
    const std::string& connection,
    const std::optional<SessionFacts>& session,
    const std::vector<Unread>& refused
);
[[nodiscard]] Subject examine_server(const AgencyFacts& facts);
[[nodiscard]] Subjects examine_roles(const AgencyFacts& facts);
[[nodiscard]] Subjects examine_grants(const AgencyFacts& facts, const std::vector<TableUse>& uses);
[[nodiscard]] Subject examine_objects(const AgencyFacts& facts);
[[nodiscard]] Subjects examine_tables(const AgencyFacts& facts, const std::vector<TableUse>& uses);
[[nodiscard]] Subjects examine_hub(const HubFacts& facts);
// What shows only when an agency is compared with the others and the hub.
[[nodiscard]] Subject examine_beside_others(const BridgeFacts& facts, std::size_t agency);

// Outdated means that a bug of logical decoding is known.
[[nodiscard]] bool is_outdated(int server_version);

// Roles, and settings of their sessions. Shared with the hub's examination.
enum class Duty { capture, deliver, hub };
struct RowSecurityUse {
    bool any_table = false;  // Then BYPASSRLS is what makes the tables visible.
};
[[nodiscard]] Subject examine_role(const SessionFacts& session, Duty duty, RowSecurityUse row_security);
// Findings that hold for any server of ours. The codes must be announced by `subject`.
void examine_durability(const SessionFacts& session, Subject& subject);

// `a, b and 3 more`.
[[nodiscard]] std::string listed(const std::vector<std::string>& names);

}  // namespace casebridge::doctor
