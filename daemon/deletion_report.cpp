#include "daemon/deletion_report.hpp"

#include "daemon/report_text.hpp"
#include "hub/enum_texts.hpp"

namespace casebridge::daemon {

namespace {

using hub::DeletionHead;

bool waits(const DeletionHead& head)
{
    return head.state == pipeline::DepartureState::held;
}

std::string names(const std::vector<std::string>& agencies)
{
    return agencies.empty() ? "nobody" : joined(agencies, ", ");
}

Json head_json(const DeletionHead& head)
{
    Json json;
    json["record"] = head.record.value();
    json["entity"] = head.entity;
    json["agency"] = head.agency;
    json["table"] = head.table;
    json["key"] = optional_text(head.key);
    json["state"] = hub::to_text(head.state);
    json["deletion"] = head.since.value();
    json["since"] = optional_text(head.when);
    json["others"] = head.others;
    return json;
}

}  // namespace

std::string deletions_text(const std::vector<DeletionHead>& heads)
{
    if (heads.empty())
        return "no deletion waits for a person\n";
    std::vector<std::vector<std::string>> rows{
        {"record", "entity", "deleted at", "key", "state", "deletion", "since", "still at"}
    };
    for (const auto& head : heads)
        rows.push_back({
            std::to_string(head.record.value()),
            head.entity,
            head.agency,
            head.key ? printable(*head.key) : "-",
            std::string{hub::to_text(head.state)},
            std::to_string(head.since.value()),
            head.when.value_or("-"),
            names(head.others),
        });
    return table(rows);
}

std::string deletions_json(const std::vector<DeletionHead>& heads)
{
    Json list = Json::array();
    for (const auto& head : heads)
        list.push_back(head_json(head));
    return list.dump(2) + '\n';
}

std::string deletion_text(const hub::ShownDeletion& shown)
{
    const auto& first = shown.heads.front();
    const auto record = std::to_string(first.record.value());
    const auto deletion = std::to_string(first.since.value());
    auto text = "record " + record + "  " + first.entity + "  deletion " + deletion + '\n';
    for (const auto& head : shown.heads)
        text += "deleted at " + head.agency + " (" + head.table +
                (head.key ? ", key " + printable(*head.key) : std::string{}) + ")\n";
    text += value_lines(shown.values);
    text += "still at: " + names(first.others) + '\n';
    if (!waits(first))
        return text +
               "nobody has to decide: the other rows are deleted, where mapping and agreement permit it\n";
    const auto line = [&](const std::string& effect, const std::string& choice) {
        return "  " + effect + "  casebridge deletions decide " + record + ' ' + choice + " --deletion " +
               deletion + " --reason \"…\"\n";
    };
    return text + "choose:\n" + line("the others keep their rows:        ", "keep") +
           line(
               "the others' rows are deleted:      ", "remove --seen " + std::to_string(shown.seen.value())
           ) +
           line("who deleted it gets a row again:   ", "restore");
}

std::string deletion_json(const hub::ShownDeletion& shown)
{
    Json json;
    json["deletions"] = Json::array();
    for (const auto& head : shown.heads)
        json["deletions"].push_back(head_json(head));
    json["seen"] = shown.seen.value();
    json["values"] = value_json(shown.values);
    return json.dump(2) + '\n';
}

}  // namespace casebridge::daemon
