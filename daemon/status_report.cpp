#include "daemon/status_report.hpp"

#include <nlohmann/json.hpp>

#include <sstream>

namespace casebridge::daemon {

namespace {

std::string pause_text(const hub::AgencyOverview& agency)
{
    if (!agency.pause)
        return {};
    const auto& pause = *agency.pause;
    return agency.agency + ": PAUSED since " + pause.since + (pause.until ? " until " + *pause.until : "") +
           " by " + pause.requested_by + ": " + pause.reason + '\n';
}

std::string breaker_text(const hub::AgencyOverview& agency)
{
    if (!agency.breaker)
        return {};
    return agency.agency + ": STOPPED since " + agency.breaker->since +
           " before a mass change that waits for an approval: casebridge breakers show " + agency.agency +
           '\n';
}

nlohmann::json breaker_json(const hub::AgencyOverview& agency)
{
    if (!agency.breaker)
        return nullptr;
    return {
        {"breaker", agency.breaker->entry},
        {"since",   agency.breaker->since}
    };
}

nlohmann::json pause_json(const hub::AgencyOverview& agency)
{
    if (!agency.pause)
        return nullptr;
    const auto& pause = *agency.pause;
    nlohmann::json json{
        {"requested_by", pause.requested_by},
        {"reason",       pause.reason      },
        {"since",        pause.since       },
        {"until",        nullptr           }
    };
    if (pause.until)
        json["until"] = *pause.until;
    return json;
}

}  // namespace

std::string status_text(const std::string& bridge, const hub::Overview& overview)
{
    std::ostringstream text;
    text << "bridge " << bridge << ", led by " << (overview.holder.empty() ? "nobody yet" : overview.holder)
         << " (epoch " << overview.epoch << ")\n"
         << "journal " << overview.last_seq << " entries, projections "
         << overview.last_seq - overview.projected_seq << " behind; " << overview.records << " records, "
         << overview.holds << " holds, " << overview.proposals << " proposals, " << overview.conflicts
         << " conflicts decided\n";
    for (const auto& agency : overview.agencies)
        text << agency.agency << ": merged up to " << agency.end_lsn << ", has seen journal " << agency.seen
             << "; tables surveyed " << agency.tables_surveyed << " of " << agency.tables << "; rows linked "
             << agency.linked_rows << ", ended " << agency.ended_rows << ", parked " << agency.parked_keys
             << ", refused " << agency.refusals << '\n'
             << pause_text(agency) << breaker_text(agency);
    if (overview.requests > 0)
        text << overview.requests << " requests of operators without an answer\n";
    return text.str();
}

std::string status_json(const std::string& bridge, const hub::Overview& overview, JsonLayout layout)
{
    nlohmann::json json;
    json["bridge"] = bridge;
    json["leader"] = {
        {"holder", overview.holder},
        {"epoch",  overview.epoch }
    };
    json["incarnation"] = overview.incarnation;
    json["journal_seq"] = overview.last_seq;
    json["projected_seq"] = overview.projected_seq;
    json["records"] = overview.records;
    json["holds"] = overview.holds;
    json["proposals"] = overview.proposals;
    json["conflicts"] = overview.conflicts;
    json["requests"] = overview.requests;
    json["agencies"] = nlohmann::json::object();
    for (const auto& agency : overview.agencies)
        json["agencies"][agency.agency] = {
            {"end_lsn",         agency.end_lsn        },
            {"seen",            agency.seen           },
            {"tables",          agency.tables         },
            {"tables_surveyed", agency.tables_surveyed},
            {"linked_rows",     agency.linked_rows    },
            {"ended_rows",      agency.ended_rows     },
            {"parked_keys",     agency.parked_keys    },
            {"refusals",        agency.refusals       },
            {"paused",          pause_json(agency)    },
            {"stopped",         breaker_json(agency)  }
        };
    return json.dump(layout == JsonLayout::indented ? 2 : -1) + "\n";
}

}  // namespace casebridge::daemon
