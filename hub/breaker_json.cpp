#include "hub/breaker_json.hpp"

#include <utility>

namespace casebridge::hub {

namespace {

std::uint64_t read_count(const Json& object, const char* key)
{
    return object.at(key).get<std::uint64_t>();
}

}  // namespace

void write_breaker(JsonText& json, const BreakerTripped& tripped)
{
    json.key("commit_lsn").text(to_string(tripped.commit_lsn)).key("xid").number(tripped.xid.value());
    json.key("commit_time").number(tripped.commit_time.value()).key("extent").text(to_text(tripped.extent));
    json.key("findings").open('[');
    for (const auto& finding : tripped.findings) {
        json.open('{').key("entity").text(finding.entity).key("reason").text(to_text(finding.reason));
        json.key("records").number(finding.records).key("limit").number(finding.limit);
        json.key("linked").number(finding.linked).close('}');
    }
    json.close(']').key("tables").open('[');
    for (const auto& table : tripped.tables) {
        json.open('{').key("table").text(table.table).key("changed").number(table.changed);
        json.key("deleted").number(table.deleted).key("truncated").number(table.truncated).close('}');
    }
    json.close(']');
}

void write_approval(JsonText& json, const BreakerApproved& approved)
{
    json.key("request").number(approved.request.value()).key("breaker").number(approved.breaker.value());
    json.key("deletions").text(to_text(approved.deletions));
}

std::string breaker_text(const BreakerTripped& tripped)
{
    std::string text;
    JsonText json{text};
    write_breaker(json.open('{'), tripped);
    json.close('}');
    return text;
}

BreakerTripped read_breaker(const Json& object, AgencyId agency)
{
    const auto commit_lsn = parse_lsn(read_text(object, "commit_lsn"));
    if (!commit_lsn)
        throw Unreadable{"malformed", "LSN"};
    BreakerTripped tripped{
        .agency = std::move(agency),
        .commit_lsn = *commit_lsn,
        .xid = Xid{object.at("xid").get<std::uint32_t>()},
        .commit_time = PgTime{object.at("commit_time").get<std::int64_t>()},
        .extent = read_enum<BreakerExtent>(object.at("extent")),
        .findings = {},
        .tables = {},
    };
    for (const auto& finding : read_list(object, "findings"))
        tripped.findings.push_back(
            {read_text(finding, "entity"),
             read_enum<BreakerReason>(finding.at("reason")),
             read_count(finding, "records"),
             read_count(finding, "limit"),
             read_count(finding, "linked")}
        );
    for (const auto& table : read_list(object, "tables"))
        tripped.tables.push_back(
            {read_text(table, "table"),
             read_count(table, "changed"),
             read_count(table, "deleted"),
             read_count(table, "truncated")}
        );
    return tripped;
}

BreakerApproved read_breaker_approval(const Json& object, AgencyId agency)
{
    return {
        RequestId{read_seq(object, "request").value()},
        std::move(agency),
        read_seq(object, "breaker"),
        read_enum<ApprovedDeletions>(object.at("deletions"))};
}

}  // namespace casebridge::hub
