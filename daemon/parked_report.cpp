#include "daemon/parked_report.hpp"

#include "daemon/report_text.hpp"

#include <sstream>

namespace casebridge::daemon {

namespace {

using hub::ParkedHead;

std::string_view word(ParkedHead::Side side)
{
    switch (side) {
        case ParkedHead::Side::reading:
            return "reading";
        case ParkedHead::Side::delivery:
            return "delivery";
    }
    return {};
}

Json head_json(const ParkedHead& head)
{
    Json json;
    json["parked"] = head.name;
    json["side"] = word(head.side);
    json["agency"] = head.agency;
    json["table"] = head.table;
    json["code"] = head.code;
    json["place"] = head.place;
    json["since"] = optional_text(head.since);
    json["seq"] = optional_seq(head.since_seq);
    json["changes"] = head.changes;
    json["record"] = head.record ? Json(head.record->value()) : Json(nullptr);
    json["waits_for"] = optional_text(head.waits_for);
    json["waiting"] = head.waiting;
    json["set_aside_by_request"] = head.skipped ? Json(*head.skipped) : Json(nullptr);
    return json;
}

std::string text_of(const std::optional<std::string>& value)
{
    return value ? printable(*value) : "(none)";
}

void add_head(std::ostream& text, const ParkedHead& head)
{
    text << "parked " << head.name << ", " << word(head.side) << ": " << head.agency << ' ' << head.table
         << ", " << head.code << " at " << head.place << '\n'
         << "  since " << head.since.value_or("(no longer kept)") << ", changes " << head.changes;
    if (head.record)
        text << ", record " << head.record->value();
    text << '\n';
    if (head.waits_for)
        text << "  waits for a row of " << *head.waits_for << " that is not linked yet\n";
    if (head.waiting > 0)
        text << "  others that wait for it: " << head.waiting << '\n';
    if (head.skipped)
        text << "  set aside by request " << *head.skipped << '\n';
}

}  // namespace

std::string parked_list_text(const std::vector<ParkedHead>& heads)
{
    if (heads.empty())
        return "nothing is parked\n";
    std::vector<std::vector<std::string>> rows{
        {"parked",
         "side", "agency",
         "table", "code",
         "place", "since",
         "changes", "waits for",
         "waiting", "aside"}
    };
    for (const auto& head : heads)
        rows.push_back(
            {head.name,
             std::string{word(head.side)},
             head.agency,
             head.table,
             head.code,
             head.place,
             head.since.value_or("-"),
             std::to_string(head.changes),
             head.waits_for.value_or("-"),
             std::to_string(head.waiting),
             head.skipped ? "request " + std::to_string(*head.skipped) : "-"}
        );
    return table(rows);
}

std::string parked_list_json(const std::vector<ParkedHead>& heads)
{
    auto list = Json::array();
    for (const auto& head : heads)
        list.push_back(head_json(head));
    return list.dump(2) + "\n";
}

std::string parked_text(const hub::ShownParked& parked)
{
    const bool reading = parked.head.side == ParkedHead::Side::reading;
    std::ostringstream text;
    add_head(text, parked.head);
    if (parked.key)
        text << "  row " << printable(*parked.key) << '\n';
    if (!parked.readable) {
        text << "not even its columns could be read: it is read with the agency's next change of it\n";
    } else if (parked.changes.empty()) {
        text << (reading ? "it shows what was read of it before\n" : "nothing would be written now\n");
    } else {
        std::vector<std::vector<std::string>> rows{
            {"  column", reading ? "read before" : "row shows", reading ? "shows now" : "would be written"}
        };
        for (const auto& change : parked.changes)
            rows.push_back({"  " + change.slot, text_of(change.from), text_of(change.to)});
        text << table(rows);
    }
    text << "choose:\n  casebridge parked retry " << parked.head.name << " --reason \"…\"\n"
         << "  casebridge parked skip " << parked.head.name << '\n';
    return text.str();
}

std::string parked_json(const hub::ShownParked& parked)
{
    auto json = head_json(parked.head);
    json["key"] = optional_text(parked.key);
    json["readable"] = parked.readable;
    json["changes_shown"] = Json::array();
    for (const auto& change : parked.changes) {
        Json one;
        one["slot"] = change.slot;
        one["from"] = optional_text(change.from);
        one["to"] = optional_text(change.to);
        json["changes_shown"].push_back(std::move(one));
    }
    json["units"] = parked.units;
    return json.dump(2) + "\n";
}

std::string skip_text(const hub::ShownParked& parked)
{
    const auto& head = parked.head;
    const bool reading = head.side == ParkedHead::Side::reading;
    std::vector<std::string> columns;
    for (const auto& change : parked.changes)
        columns.push_back(change.slot);
    std::ostringstream text;
    add_head(text, head);
    text << "Set aside, it stays as it is until " << (reading ? "the row" : "the record")
         << " changes or a retry is asked for:\n";
    if (reading)
        text << "  not taken from the agency: "
             << (columns.empty() ? "its changes, of which nothing is known" : joined(columns, ", ")) << '\n'
             << "  nothing is written to the row\n";
    else
        text << "  not written to the agency: "
             << (columns.empty() ? "nothing at present" : joined(columns, ", ")) << '\n';
    if (!parked.units.empty())
        text << "  stays different at " << head.agency << ": " << joined(parked.units, ", ") << '\n';
    if (head.waiting > 0)
        text << "  " << head.waiting << " that wait for it go on waiting\n";
    return text.str();
}

}  // namespace casebridge::daemon
