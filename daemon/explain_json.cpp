#include "daemon/case_report.hpp"
#include "daemon/explain_report.hpp"
#include "daemon/report_text.hpp"

#include <string_view>

// The explanation for programs.

namespace casebridge::daemon {

namespace {

std::string_view word(hub::ExplainedVersion::Place place)
{
    switch (place) {
        case hub::ExplainedVersion::Place::open:
            return "open";
        case hub::ExplainedVersion::Place::superseded:
            return "superseded";
        case hub::ExplainedVersion::Place::recorded_only:
            return "recorded_only";
    }
    return {};
}

std::string_view word(hub::ShownAt::Answer answer)
{
    switch (answer) {
        case hub::ShownAt::Answer::shown:
            return "shown";
        case hub::ShownAt::Answer::shown_before:
            return "shown_before";
        case hub::ShownAt::Answer::not_shown:
            return "not_shown";
        case hub::ShownAt::Answer::unknown:
            return "unknown";
    }
    return {};
}

Json time_json(std::optional<PgTime> time)
{
    return time ? Json(to_utc_text(*time)) : Json(nullptr);
}

template <class Number>
Json number_json(const std::optional<Number>& number)
{
    return number ? Json(*number) : Json(nullptr);
}

Json entry_json(const std::optional<hub::ExplainedEntry>& entry)
{
    if (!entry)
        return nullptr;
    Json json;
    json["seq"] = entry->seq.value();
    json["recorded"] = entry->recorded_at;
    json["agency"] = entry->agency.empty() ? Json(nullptr) : Json(entry->agency);
    json["table"] = entry->table.empty() ? Json(nullptr) : Json(entry->table);
    json["source"] = entry->source;
    json["commit_lsn"] = optional_text(entry->commit_lsn);
    json["ordinal"] = number_json(entry->ordinal);
    json["committed"] = time_json(entry->commit_time);
    json["configuration"] = nullptr;
    if (entry->configuration)
        json["configuration"] = Json{
            {"seq",     entry->configuration->seq.value()},
            {"hash",    entry->configuration->hash       },
            {"applied", entry->configuration->applied_at }
        };
    return json;
}

class Tree {
public:
    Tree(const hub::Explanation& explanation, Values values) : explanation_(explanation), values_(values) {}

    [[nodiscard]] Json run() const
    {
        Json json;
        json["entity"] = explanation_.entity;
        json["record"] = explanation_.record.value();
        json["configuration"] =
            explanation_.configuration.empty() ? Json(nullptr) : Json(explanation_.configuration);
        json["values"] = values_ == Values::shown;
        json["rows"] = Json::array();
        for (const auto& row : explanation_.rows)
            json["rows"].push_back(row_json(row));
        json["units"] = Json::array();
        for (const auto& unit : explanation_.units)
            json["units"].push_back(unit_json(unit));
        return json;
    }

private:
    [[nodiscard]] Json value(const std::optional<hub::ShownValue>& value) const
    {
        return values_ == Values::shown ? value_json(value) : Json(nullptr);
    }

    [[nodiscard]] Json row_json(const hub::ExplainedRow& row) const
    {
        Json json;
        json["agency"] = row.agency;
        json["table"] = row.table.empty() ? Json(nullptr) : Json(row.table);
        json["key"] = values_ == Values::shown ? optional_text(row.key) : Json(nullptr);
        json["state"] = row.state;
        json["parked"] = nullptr;
        if (row.parked)
            json["parked"] = Json{
                {"parked",    std::to_string(row.parked->since.value())},
                {"code",      row.parked->code                         },
                {"place",     row.parked->place                        },
                {"set_aside", row.parked->skipped.has_value()          }
            };
        json["refused"] = nullptr;
        if (row.refusal)
            json["refused"] = Json{
                {"code",      row.refusal->code               },
                {"place",     row.refusal->place              },
                {"set_aside", row.refusal->skipped.has_value()}
            };
        json["paused"] = row.pause.has_value();
        return json;
    }

    [[nodiscard]] Json unit_json(const hub::ExplainedUnit& explained) const
    {
        const auto& unit = explained.unit;
        Json json;
        json["unit"] = unit.unit;
        json["fields"] = unit.fields;
        json["rule"] = unit.rule;
        json["on_hold"] = unit.now == hub::UnitNow::on_hold;
        json["value"] = value(explained.golden);
        json["stands"] = optional_seq(unit.stands);
        json["agencies"] = Json::array();
        for (const auto& at : explained.agencies)
            json["agencies"].push_back(Json{
                {"agency", at.agency.value()                                },
                {"slots",  at.slots                                         },
                {"state",  hub::to_text(at.state)                           },
                {"code",   at.code.empty() ? Json(nullptr) : Json(at.code)  },
                {"place",  at.place.empty() ? Json(nullptr) : Json(at.place)}
            });
        json["versions"] = Json::array();
        for (const auto& version : explained.versions)
            json["versions"].push_back(version_json(version));
        json["conflicts"] = Json::array();
        for (const auto& head : unit.conflicts)
            json["conflicts"].push_back(Json{
                {"conflict",   to_text(head.place)      },
                {"decided_at", head.decided_at          },
                {"agency",     head.agency              },
                {"type",       head.type                },
                {"rule",       head.rule                },
                {"verdict",    head.verdict             },
                {"winner",     optional_seq(head.winner)}
            });
        json["decisions"] = Json::array();
        for (const auto& decision : unit.decisions)
            json["decisions"].push_back(decision_json(decision));
        return json;
    }

    static Json decision_json(const hub::ShownDecision& decision)
    {
        return Json{
            {"seq",          decision.seq.value()                },
            {"decided_at",   decision.decided_at                 },
            {"request",      decision.request                    },
            {"requested_by", optional_text(decision.requested_by)},
            {"reason",       optional_text(decision.reason)      },
            {"taken",        optional_seq(decision.taken)        }
        };
    }

    [[nodiscard]] Json version_json(const hub::ExplainedVersion& explained) const
    {
        const auto& version = explained.version;
        Json json;
        json["seq"] = version.seq.value();
        json["author"] = version.author.empty() ? Json(nullptr) : Json(version.author);
        json["decided"] = version.origin == hub::ShownVersion::Origin::person;
        json["stale_form"] = version.origin == hub::ShownVersion::Origin::stale_form;
        json["value"] = value(version.value);
        json["kept"] = version.value.has_value();
        json["changed"] = time_json(version.stamp);
        json["place"] = word(explained.place);
        json["superseded_by"] = optional_seq(explained.superseded_by);
        json["slots"] = explained.slots;
        json["entry"] = entry_json(explained.entry);
        json["shown_at"] = Json::array();
        for (const auto& showing : explained.shown_at)
            json["shown_at"].push_back(Json{
                {"agency", showing.agency           },
                {"answer", word(showing.answer)     },
                {"entry",  entry_json(showing.entry)}
            });
        return json;
    }

    const hub::Explanation& explanation_;
    Values values_;
};

}  // namespace

std::string explanation_json(const hub::Explanation& explanation, Values values)
{
    return Tree{explanation, values}.run().dump(2) + "\n";
}

}  // namespace casebridge::daemon
