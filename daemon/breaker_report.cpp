#include "daemon/breaker_report.hpp"

#include "daemon/report_text.hpp"
#include "hub/enum_texts.hpp"

namespace casebridge::daemon {

namespace {

using hub::StoppedStream;

std::string state_of(const StoppedStream& stopped)
{
    return stopped.breaker.approved ? "approved" : "waits";
}

// `person: 4000 records deleted, 500 may be (of 10000 linked)`.
std::string sentence(const BreakerFinding& finding)
{
    const auto records = std::to_string(finding.records) + " records ";
    const auto of = " (of " + std::to_string(finding.linked) + " linked)";
    const auto limit = ", " + std::to_string(finding.limit) + " may be within the window" + of;
    switch (finding.reason) {
        case BreakerReason::changed:
            return finding.entity + ": " + records + "changed" + limit;
        case BreakerReason::deleted:
            return finding.entity + ": " + records + "deleted" + limit;
        case BreakerReason::truncated:
            return finding.entity + ": the table with " + std::to_string(finding.records) +
                   " linked rows is emptied by TRUNCATE";
    }
    return {};
}

Json head_json(const StoppedStream& stopped)
{
    const auto& tripped = stopped.breaker.tripped;
    Json json;
    json["agency"] = stopped.agency;
    json["breaker"] = stopped.breaker.since.value();
    json["state"] = state_of(stopped);
    json["since"] = optional_text(stopped.when);
    json["xid"] = tripped.xid.value();
    json["commit_lsn"] = to_string(tripped.commit_lsn);
    json["commit_time"] = stopped.commit_time;
    json["extent"] = hub::to_text(tripped.extent);
    json["findings"] = Json::array();
    for (const auto& finding : tripped.findings) {
        Json one;
        one["entity"] = finding.entity;
        one["reason"] = hub::to_text(finding.reason);
        one["records"] = finding.records;
        one["limit"] = finding.limit;
        one["linked"] = finding.linked;
        json["findings"].push_back(std::move(one));
    }
    return json;
}

}  // namespace

std::string breakers_text(const std::vector<StoppedStream>& stopped)
{
    if (stopped.empty())
        return "no stream is stopped\n";
    std::vector<std::vector<std::string>> rows{
        {"agency", "breaker", "state", "since", "committed", "why"}
    };
    for (const auto& one : stopped)
        for (const auto& finding : one.breaker.tripped.findings)
            rows.push_back(
                {one.agency,
                 std::to_string(one.breaker.since.value()),
                 state_of(one),
                 one.when.value_or("-"),
                 one.commit_time,
                 sentence(finding)}
            );
    return table(rows);
}

std::string breakers_json(const std::vector<StoppedStream>& stopped)
{
    Json list = Json::array();
    for (const auto& one : stopped)
        list.push_back(head_json(one));
    return list.dump(2) + '\n';
}

std::string breaker_text(const StoppedStream& stopped)
{
    const auto& tripped = stopped.breaker.tripped;
    const auto breaker = std::to_string(stopped.breaker.since.value());
    auto text = stopped.agency + "  breaker " + breaker + "  stopped since " + stopped.when.value_or("-") +
                '\n' + "transaction " + std::to_string(tripped.xid.value()) + ", committed " +
                stopped.commit_time + " at " + to_string(tripped.commit_lsn) + '\n';
    if (tripped.extent == BreakerExtent::part)
        text +=
            "it is larger than what is looked at at once: it changes at least this, and parts of it before "
            "this one are merged\n";
    text += "limits that it would pass:\n";
    for (const auto& finding : tripped.findings)
        text += "    " + sentence(finding) + '\n';
    text += "linked rows that it changes:\n";
    for (const auto& table : tripped.tables)
        text += "    " + table.table + ": " + std::to_string(table.changed) + " changed, " +
                std::to_string(table.deleted) + " deleted, " + std::to_string(table.truncated) +
                " truncated\n";
    if (stopped.breaker.approved)
        return text + "approved; the stream is on its way past it\n";
    const auto line = [&](const std::string& effect, const std::string& option) {
        return "  " + effect + "  casebridge breakers approve " + stopped.agency + " --breaker " + breaker +
               option + " --reason \"…\"\n";
    };
    return text + "nothing of it is merged before somebody says so:\n" +
           line("it is meant:                             ", "") +
           line("it is a mistake, nothing may be deleted: ", " --deletions hold");
}

std::string breaker_json(const StoppedStream& stopped)
{
    auto json = head_json(stopped);
    json["tables"] = Json::array();
    for (const auto& table : stopped.breaker.tripped.tables) {
        Json one;
        one["table"] = table.table;
        one["changed"] = table.changed;
        one["deleted"] = table.deleted;
        one["truncated"] = table.truncated;
        json["tables"].push_back(std::move(one));
    }
    return json.dump(2) + '\n';
}

}  // namespace casebridge::daemon
