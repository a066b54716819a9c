#include "daemon/proposal_report.hpp"

#include "daemon/report_text.hpp"

#include <algorithm>

namespace casebridge::daemon {

namespace {

using hub::ProposalHead;
using hub::ShownVersion;

// The version that stands; nothing where none does.
const ShownVersion* standing(const hub::ShownUnit& unit)
{
    const auto found = std::ranges::find_if(unit.open, [&](const ShownVersion& version) {
        return version.seq == unit.stands;
    });
    return found == unit.open.end() ? nullptr : &*found;
}

Json version_json(const ShownVersion& version)
{
    Json json;
    json["version"] = version.seq.value();
    json["author"] = version.author;
    json["since"] = optional_text(version.since);
    json["value"] = value_json(version.value);
    return json;
}

}  // namespace

std::string proposals_text(const std::vector<ProposalHead>& proposals)
{
    if (proposals.empty())
        return "no proposal waits for a person\n";
    std::vector<std::vector<std::string>> rows{
        {"record", "entity", "field", "proposed by", "proposal", "since"}
    };
    for (const auto& head : proposals)
        rows.push_back({
            std::to_string(head.record.value()),
            head.entity,
            head.unit,
            head.agency,
            std::to_string(head.proposal.value()),
            head.since.value_or("-"),
        });
    return table(rows);
}

std::string proposals_json(const std::vector<ProposalHead>& proposals)
{
    Json list = Json::array();
    for (const auto& head : proposals) {
        Json json;
        json["record"] = head.record.value();
        json["entity"] = head.entity;
        json["field"] = head.unit;
        json["agency"] = head.agency;
        json["proposal"] = head.proposal.value();
        json["since"] = optional_text(head.since);
        list.push_back(std::move(json));
    }
    return list.dump(2) + '\n';
}

std::string proposed_text(const hub::ShownUnit& unit)
{
    const auto named = std::to_string(unit.record.value()) + ' ' + unit.unit;
    auto text = unit.entity + ' ' + named + ", rule " + unit.rule + '\n';
    if (const auto* stands = standing(unit))
        text += "stands: " + value_text(stands->value) + ", " + author_text(stands->author, stands->origin) +
                '\n';
    if (unit.proposals.empty())
        return text + "no proposal waits for this field\n";
    for (const auto& proposal : unit.proposals) {
        const auto options =
            named + " --proposal " + std::to_string(proposal.seq.value()) + " --reason \"…\"\n";
        text += "proposed: " + value_text(proposal.value) + ", " + proposal.author + ", " +
                proposal.since.value_or("-") + '\n';
        text += "  it becomes the value: casebridge proposals accept " + options;
        text += "  it does not:          casebridge proposals reject " + options;
    }
    return text;
}

std::string proposed_json(const hub::ShownUnit& unit)
{
    Json json;
    json["record"] = unit.record.value();
    json["entity"] = unit.entity;
    json["field"] = unit.unit;
    json["rule"] = unit.rule;
    const auto* stands = standing(unit);
    json["stands"] = stands == nullptr ? Json(nullptr) : version_json(*stands);
    json["proposals"] = Json::array();
    for (const auto& proposal : unit.proposals)
        json["proposals"].push_back(version_json(proposal));
    return json.dump(2) + '\n';
}

}  // namespace casebridge::daemon
