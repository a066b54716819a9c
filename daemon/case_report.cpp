#include "daemon/case_report.hpp"

#include "daemon/report_text.hpp"

#include <algorithm>
#include <sstream>
#include <string_view>

namespace casebridge::daemon {

namespace {

using hub::ShownVersion;

std::vector<std::vector<std::string>> version_rows(const std::vector<ShownVersion>& versions)
{
    std::vector<std::vector<std::string>> rows{
        {"  version", "author", "changed", "recorded", "value"}
    };
    for (const auto& version : versions)
        rows.push_back(
            {"  " + std::to_string(version.seq.value()),
             author_text(version.author, version.origin),
             version.stamp ? to_utc_text(*version.stamp) : "unknown",
             version.since.value_or("-"),
             value_text(version.value)}
        );
    return rows;
}

std::string seen_option(const std::vector<ShownVersion>& versions)
{
    std::vector<std::string> seqs;
    for (const auto& version : versions)
        seqs.push_back(std::to_string(version.seq.value()));
    return " --seen " + joined(seqs, ",");
}

std::string taking(const std::string& command, JournalSeq seq, const hub::ShownUnit& unit)
{
    return "  " + command + " --take " + std::to_string(seq.value()) + seen_option(unit.open) +
           " --reason \"…\"\n";
}

std::string own_value(const std::string& command, const hub::ShownUnit& unit)
{
    std::string text = "  " + command;
    for (const auto& field : unit.fields)
        text += unit.fields.size() == 1 ? " --value \"…\"" : " --value " + field + "=\"…\"";
    return text + seen_option(unit.open) + " --reason \"…\"\n";
}

void add_decisions(std::ostream& text, const hub::ShownUnit& unit, const std::string& command)
{
    for (const auto& decision : unit.decisions) {
        text << "decision " << decision.seq.value() << " of " << decision.decided_at << ", request "
             << decision.request;
        if (decision.requested_by)
            text << " by " << *decision.requested_by << ": " << decision.reason.value_or("");
        text << "\n  " << author_text(decision.author, ShownVersion::Origin::person) << ": "
             << value_text(decision.value) << "; before it\n"
             << table(version_rows(decision.before));
        for (const auto& version : decision.before)
            if (unit.stands != version.seq)
                text << taking(command, version.seq, unit);
    }
}

// Now, and what can be done about it.
void add_unit(std::ostream& text, const hub::ShownUnit& unit, const std::string& command)
{
    text << unit.entity << ' ' << unit.record.value() << ", " << unit.unit << ": "
         << (unit.now == hub::UnitNow::on_hold ? "on hold" : "not on hold") << ", rule " << unit.rule << '\n'
         << table(version_rows(unit.open));
    if (unit.stands)
        text << "  version " << unit.stands->value() << " stands\n";
    text << "choose:\n";
    for (const auto& version : unit.open)
        if (unit.open.size() > 1)
            text << taking(command, version.seq, unit);
    text << own_value(command, unit);
    add_decisions(text, unit, command);
}

std::string decide_command(const hub::ShownUnit& unit)
{
    return "casebridge holds decide " + std::to_string(unit.record.value()) + " " + unit.unit;
}

std::string verdict_text(const hub::ConflictHead& head)
{
    switch (head.edit) {
        case hub::ConflictHead::Edit::ordinary:
            return head.verdict;
        case hub::ConflictHead::Edit::stale_form:
            break;
    }
    return head.verdict + " (stale form)";
}

Json version_json(const ShownVersion& version)
{
    Json json;
    json["seq"] = version.seq.value();
    json["author"] = version.author.empty() ? Json(nullptr) : Json(version.author);
    json["decided"] = version.origin == ShownVersion::Origin::person;
    json["stale_form"] = version.origin == ShownVersion::Origin::stale_form;
    json["value"] = value_json(version.value);
    json["changed"] = version.stamp ? Json(to_utc_text(*version.stamp)) : Json(nullptr);
    json["recorded"] = optional_text(version.since);
    return json;
}

Json versions_json(const std::vector<ShownVersion>& versions)
{
    auto json = Json::array();
    for (const auto& version : versions)
        json.push_back(version_json(version));
    return json;
}

Json head_json(const hub::ConflictHead& head)
{
    Json json;
    json["conflict"] = to_text(head.place);
    json["decided_at"] = head.decided_at;
    json["entity"] = head.entity;
    json["record"] = head.record.value();
    json["unit"] = head.unit;
    json["agency"] = head.agency;
    json["type"] = head.type;
    json["rule"] = head.rule;
    json["verdict"] = head.verdict;
    json["winner"] = optional_seq(head.winner);
    json["on_hold"] = head.now == hub::UnitNow::on_hold;
    json["stale_form"] = head.edit == hub::ConflictHead::Edit::stale_form;
    return json;
}

Json decision_json(const hub::ShownDecision& decision)
{
    Json json;
    json["seq"] = decision.seq.value();
    json["decided_at"] = decision.decided_at;
    json["request"] = decision.request;
    json["requested_by"] = optional_text(decision.requested_by);
    json["reason"] = optional_text(decision.reason);
    json["author"] = decision.author.empty() ? Json(nullptr) : Json(decision.author);
    json["taken"] = optional_seq(decision.taken);
    json["conflict"] = decision.conflict ? Json(to_text(*decision.conflict)) : Json(nullptr);
    json["value"] = value_json(decision.value);
    json["before"] = versions_json(decision.before);
    return json;
}

Json tree(const hub::ShownUnit& unit)
{
    Json json;
    json["entity"] = unit.entity;
    json["record"] = unit.record.value();
    json["unit"] = unit.unit;
    json["fields"] = unit.fields;
    json["rule"] = unit.rule;
    json["on_hold"] = unit.now == hub::UnitNow::on_hold;
    json["stands"] = optional_seq(unit.stands);
    json["versions"] = versions_json(unit.open);
    json["conflicts"] = Json::array();
    for (const auto& head : unit.conflicts)
        json["conflicts"].push_back(head_json(head));
    json["decisions"] = Json::array();
    for (const auto& decision : unit.decisions)
        json["decisions"].push_back(decision_json(decision));
    return json;
}

}  // namespace

std::string to_text(ConflictPlace place)
{
    return std::to_string(place.seq.value()) + "." + std::to_string(place.position);
}

std::string holds_text(const std::vector<hub::ShownHold>& holds)
{
    if (holds.empty())
        return "no field waits for a person\n";
    std::vector<std::vector<std::string>> rows{
        {"entity", "record", "field", "since", "versions", "agencies", "rule"}
    };
    for (const auto& hold : holds)
        rows.push_back(
            {hold.entity,
             std::to_string(hold.record.value()),
             hold.unit,
             hold.since.value_or("-"),
             std::to_string(hold.versions),
             joined(hold.agencies, ","),
             hold.rule}
        );
    return table(rows);
}

std::string holds_json(const std::vector<hub::ShownHold>& holds)
{
    auto list = Json::array();
    for (const auto& hold : holds) {
        Json json;
        json["entity"] = hold.entity;
        json["record"] = hold.record.value();
        json["unit"] = hold.unit;
        json["since"] = optional_text(hold.since);
        json["versions"] = hold.versions;
        json["agencies"] = hold.agencies;
        json["rule"] = hold.rule;
        list.push_back(std::move(json));
    }
    return list.dump(2) + "\n";
}

std::string conflicts_text(const std::vector<hub::ConflictHead>& conflicts)
{
    if (conflicts.empty())
        return "no such conflict\n";
    std::vector<std::vector<std::string>> rows{
        {"conflict", "decided", "entity", "record", "field", "agency", "type", "rule", "verdict", "now"}
    };
    for (const auto& head : conflicts)
        rows.push_back(
            {to_text(head.place),
             head.decided_at,
             head.entity,
             std::to_string(head.record.value()),
             head.unit,
             head.agency,
             head.type,
             head.rule,
             verdict_text(head),
             head.now == hub::UnitNow::on_hold ? "on hold" : "-"}
        );
    return table(rows);
}

std::string conflicts_json(const std::vector<hub::ConflictHead>& conflicts)
{
    auto list = Json::array();
    for (const auto& head : conflicts)
        list.push_back(head_json(head));
    return list.dump(2) + "\n";
}

std::string unit_text(const hub::ShownUnit& unit)
{
    std::ostringstream text;
    add_unit(text, unit, decide_command(unit));
    for (const auto& head : unit.conflicts)
        text << "conflict " << to_text(head.place) << " of " << head.decided_at << ", " << verdict_text(head)
             << ": casebridge conflicts show " << to_text(head.place) << '\n';
    return text.str();
}

std::string unit_json(const hub::ShownUnit& unit)
{
    return tree(unit).dump(2) + "\n";
}

std::string conflict_text(const hub::ShownConflict& conflict)
{
    const auto& head = conflict.head;
    std::ostringstream text;
    text << "conflict " << to_text(head.place) << " of " << head.decided_at << ": an edit of " << head.agency
         << ", " << head.type << ", rule " << head.rule << ", " << verdict_text(head) << "\n  base "
         << value_text(conflict.base) << '\n'
         << table(version_rows(conflict.versions));
    if (head.winner)
        text << "  version " << head.winner->value() << " stood\n";
    if (conflict.computed)
        text << "  together they made " << value_text(conflict.computed) << '\n';
    if (!conflict.unit) {
        text << "the record or the field is not there any more\n";
        return text.str();
    }
    text << "now: ";
    add_unit(text, *conflict.unit, "casebridge conflicts resolve " + to_text(head.place));
    const auto losers = hub::losers_of(conflict);
    if (!losers.empty())
        text << "to give back what lost here:\n";
    for (const auto& loser : losers)
        text << taking("casebridge conflicts revert " + to_text(head.place), loser.seq, *conflict.unit);
    return text.str();
}

std::string conflict_json(const hub::ShownConflict& conflict)
{
    auto json = head_json(conflict.head);
    json["base"] = value_json(conflict.base);
    json["versions"] = versions_json(conflict.versions);
    if (conflict.computed)
        json["computed"] = value_json(conflict.computed);
    json["lost"] = Json::array();
    for (const auto& loser : hub::losers_of(conflict))
        json["lost"].push_back(loser.seq.value());
    json["now"] = conflict.unit ? tree(*conflict.unit) : Json(nullptr);
    return json.dump(2) + "\n";
}

}  // namespace casebridge::daemon
