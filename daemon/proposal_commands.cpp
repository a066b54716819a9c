#include "daemon/proposal_commands.hpp"

#include "daemon/hub_reading.hpp"
#include "daemon/proposal_report.hpp"
#include "daemon/supervisor.hpp"
#include "daemon/unit_lookup.hpp"
#include "hub/decision_payload.hpp"

#include <algorithm>
#include <iostream>
#include <utility>

namespace casebridge::daemon {

using boost::asio::awaitable;

namespace {

awaitable<void> read_proposals(
    std::string conninfo, std::size_t limit, std::vector<hub::ProposalHead>& proposals
)
{
    auto connection = co_await open_hub(std::move(conninfo));
    proposals = co_await hub::list_proposals(connection, limit);
}

// The field with the proposal that is meant; exit_ok when there is one.
int find_proposal(
    const RequestOptions& options,
    RecordId record,
    const std::string& unit,
    std::optional<JournalSeq>& proposal,
    std::optional<hub::ShownUnit>& found
)
{
    if (const auto ended = find_unit(options.configuration, options.hub, record, unit, found);
        ended != exit_ok)
        return ended;
    const auto& proposals = found->proposals;
    if (!proposal) {
        if (proposals.size() > 1)
            return complain_of_usage(
                "several agencies propose something for this field; name one with --proposal: casebridge "
                "proposals show " +
                std::to_string(record.value()) + " " + unit
            );
        if (!proposals.empty())
            proposal = proposals.front().seq;
    }
    if (!proposal || std::ranges::find(proposals, *proposal, &hub::ShownVersion::seq) == proposals.end())
        return complain_of_usage(
            "no such proposal waits for this field; casebridge proposals list has those that do"
        );
    return exit_ok;
}

std::optional<ConflictPlace> place_of(const hub::ShownUnit& unit, JournalSeq proposal)
{
    for (const auto& conflict : unit.conflicts)
        if (conflict.place.seq == proposal)
            return conflict.place;
    return std::nullopt;
}

}  // namespace

int list_proposals(const CaseOptions& options, std::size_t limit)
{
    std::vector<hub::ProposalHead> proposals;
    const auto ended = read_hub(
        options.configuration,
        options.hub,
        [&](std::string conninfo, const pipeline::BridgeDefinition&) {
            return read_proposals(std::move(conninfo), limit, proposals);
        }
    );
    if (ended == exit_ok)
        std::cout
            << (options.format == OutputFormat::json ? proposals_json(proposals) : proposals_text(proposals));
    return ended;
}

int show_proposals(const CaseOptions& options, RecordId record, const std::string& unit)
{
    std::optional<hub::ShownUnit> found;
    const auto ended = find_unit(options.configuration, options.hub, record, unit, found);
    if (found)
        std::cout << (options.format == OutputFormat::json ? proposed_json(*found) : proposed_text(*found));
    return ended;
}

int accept_proposal(
    const RequestOptions& options,
    RecordId record,
    const std::string& unit,
    std::optional<JournalSeq> proposal
)
{
    std::optional<hub::ShownUnit> found;
    if (const auto ended = find_proposal(options, record, unit, proposal, found); ended != exit_ok)
        return ended;
    pipeline::DecideValue wanted{
        .entity = found->entity,
        .record = record,
        .unit = unit,
        .seen = {},
        .value = *proposal,
        .conflict = place_of(*found, *proposal),
    };
    for (const auto& version : found->open)
        wanted.seen.push_back(version.seq);
    hub::NewRequest request;
    request.kind = pipeline::decide_kind;
    request.payload = hub::decision_payload(wanted);
    return put_request(options, std::move(request));
}

int reject_proposal(
    const RequestOptions& options,
    RecordId record,
    const std::string& unit,
    std::optional<JournalSeq> proposal
)
{
    std::optional<hub::ShownUnit> found;
    if (const auto ended = find_proposal(options, record, unit, proposal, found); ended != exit_ok)
        return ended;
    hub::NewRequest request;
    request.kind = pipeline::reject_proposal_kind;
    request.payload = hub::rejection_payload({record, unit, *proposal});
    return put_request(options, std::move(request));
}

}  // namespace casebridge::daemon
