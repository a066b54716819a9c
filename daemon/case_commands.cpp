#include "daemon/case_commands.hpp"

#include "daemon/case_report.hpp"
#include "daemon/hub_reading.hpp"
#include "daemon/supervisor.hpp"
#include "daemon/unit_lookup.hpp"
#include "hub/decision_payload.hpp"

#include <algorithm>
#include <iostream>
#include <utility>

namespace casebridge::daemon {

using boost::asio::awaitable;

namespace {

using Definition = pipeline::BridgeDefinition;

awaitable<void> read_holds(
    std::string conninfo, const Definition& definition, std::size_t limit, std::vector<hub::ShownHold>& holds
)
{
    auto connection = co_await open_hub(std::move(conninfo));
    holds = co_await hub::list_holds(connection, definition, limit);
}

awaitable<void> read_conflicts(
    std::string conninfo, const hub::ConflictFilter& filter, std::vector<hub::ConflictHead>& conflicts
)
{
    auto connection = co_await open_hub(std::move(conninfo));
    conflicts = co_await hub::list_conflicts(connection, filter);
}

awaitable<void> read_conflict(
    std::string conninfo,
    const Definition& definition,
    ConflictPlace place,
    std::optional<hub::ShownConflict>& found
)
{
    auto connection = co_await open_hub(std::move(conninfo));
    found = co_await hub::show_conflict(connection, definition, place);
}

int find_conflict(
    const std::filesystem::path& configuration,
    const std::optional<std::string>& hub,
    ConflictPlace place,
    std::optional<hub::ShownConflict>& found
)
{
    const auto ended = read_hub(configuration, hub, [&](std::string conninfo, const Definition& definition) {
        return read_conflict(std::move(conninfo), definition, place, found);
    });
    if (ended == exit_ok && !found)
        return complain_of_usage("the hub has no conflict " + to_text(place));
    return ended;
}

// A conflict whose record and field are still there.
int find_decidable(
    const RequestOptions& options, ConflictPlace place, std::optional<hub::ShownConflict>& found
)
{
    const auto ended = find_conflict(options.configuration, options.hub, place, found);
    if (ended == exit_ok && !found->unit)
        return complain_of_usage("the record or the field of that conflict is not there any more");
    return ended;
}

// The person's own value, one for each field; nothing after the mistake was told.
std::optional<UnitValue> own_value(const hub::ShownUnit& unit, const Choice& choice)
{
    const auto& fields = unit.fields;
    UnitValue value(fields.size());
    std::vector<std::string> missing = fields;
    for (const auto& given : choice.values) {
        auto field = fields.front();
        auto text = given;
        if (fields.size() > 1) {
            const auto equals = given.find('=');
            field = given.substr(0, equals);
            text = equals == std::string::npos ? "" : given.substr(equals + 1);
        }
        const auto place = std::ranges::find(fields, field);
        if (place == fields.end() || std::erase(missing, field) == 0) {
            complain_of_usage(
                fields.size() > 1 ? "--value takes FIELD=TEXT, each field of the group once"
                                  : "--value can be given once"
            );
            return std::nullopt;
        }
        value[static_cast<std::size_t>(place - fields.begin())] = Value{text};
    }
    if (!missing.empty() && choice.emptied == Choice::Emptied::no) {
        complain_of_usage(
            "no value for " + missing.front() + "; --empty leaves what is not given without one"
        );
        return std::nullopt;
    }
    return value;
}

int decide(
    const RequestOptions& options,
    const hub::ShownUnit& unit,
    const Choice& choice,
    const std::vector<JournalSeq>& seen,
    std::optional<ConflictPlace> conflict
)
{
    const bool own = !choice.values.empty() || choice.emptied == Choice::Emptied::yes;
    if (own == choice.take.has_value())
        return complain_of_usage("a decision takes a version (--take) or a value (--value, --empty)");
    pipeline::DecideValue wanted{
        .entity = unit.entity,
        .record = unit.record,
        .unit = unit.unit,
        .seen = seen,
        .value = JournalSeq{},
        .conflict = conflict,
    };
    if (choice.take) {
        wanted.value = *choice.take;
    } else {
        auto value = own_value(unit, choice);
        if (!value)
            return exit_usage;
        wanted.value = std::move(*value);
    }
    hub::NewRequest request;
    request.kind = pipeline::decide_kind;
    request.payload = hub::decision_payload(wanted);
    return put_request(options, std::move(request));
}

}  // namespace

int list_holds(const CaseOptions& options, std::size_t limit)
{
    std::vector<hub::ShownHold> holds;
    const auto ended =
        read_hub(options.configuration, options.hub, [&](std::string conninfo, const Definition& definition) {
            return read_holds(std::move(conninfo), definition, limit, holds);
        });
    if (ended == exit_ok)
        std::cout << (options.format == OutputFormat::json ? holds_json(holds) : holds_text(holds));
    return ended;
}

int list_conflicts(const CaseOptions& options, const hub::ConflictFilter& filter)
{
    std::vector<hub::ConflictHead> conflicts;
    const auto ended =
        read_hub(options.configuration, options.hub, [&](std::string conninfo, const Definition&) {
            return read_conflicts(std::move(conninfo), filter, conflicts);
        });
    if (ended == exit_ok)
        std::cout
            << (options.format == OutputFormat::json ? conflicts_json(conflicts) : conflicts_text(conflicts));
    return ended;
}

int show_hold(const CaseOptions& options, RecordId record, const std::string& unit)
{
    std::optional<hub::ShownUnit> found;
    const auto ended = find_unit(options.configuration, options.hub, record, unit, found);
    if (found)
        std::cout << (options.format == OutputFormat::json ? unit_json(*found) : unit_text(*found));
    return ended;
}

int show_conflict(const CaseOptions& options, ConflictPlace place)
{
    std::optional<hub::ShownConflict> found;
    const auto ended = find_conflict(options.configuration, options.hub, place, found);
    if (found)
        std::cout << (options.format == OutputFormat::json ? conflict_json(*found) : conflict_text(*found));
    return ended;
}

int decide_hold(
    const RequestOptions& options,
    RecordId record,
    const std::string& unit,
    const Choice& choice,
    const std::vector<JournalSeq>& seen
)
{
    std::optional<hub::ShownUnit> found;
    const auto ended = find_unit(options.configuration, options.hub, record, unit, found);
    return found ? decide(options, *found, choice, seen, std::nullopt) : ended;
}

int resolve_conflict(
    const RequestOptions& options,
    ConflictPlace place,
    const Choice& choice,
    const std::vector<JournalSeq>& seen
)
{
    std::optional<hub::ShownConflict> found;
    if (const auto ended = find_decidable(options, place, found); ended != exit_ok)
        return ended;
    return decide(options, *found->unit, choice, seen, place);
}

int revert_conflict(
    const RequestOptions& options,
    ConflictPlace place,
    std::optional<JournalSeq> take,
    const std::vector<JournalSeq>& seen
)
{
    std::optional<hub::ShownConflict> found;
    if (const auto ended = find_decidable(options, place, found); ended != exit_ok)
        return ended;
    const auto losers = hub::losers_of(*found);
    if (!take) {
        if (losers.size() != 1)
            return complain_of_usage(
                "several values, or none, lost in conflict " + to_text(place) +
                "; name one with --take: casebridge conflicts show " + to_text(place)
            );
        take = losers.front().seq;
    }
    if (std::ranges::find(losers, *take, &hub::ShownVersion::seq) == losers.end())
        return complain_of_usage(
            "version " + std::to_string(take->value()) + " did not lose in that conflict"
        );
    auto looked_at = seen;
    if (looked_at.empty())
        for (const auto& version : found->unit->open)
            looked_at.push_back(version.seq);
    Choice choice;
    choice.take = take;
    return decide(options, *found->unit, choice, looked_at, place);
}

}  // namespace casebridge::daemon
