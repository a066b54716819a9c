#include "daemon/link_commands.hpp"

#include "daemon/hub_reading.hpp"
#include "daemon/link_report.hpp"
#include "daemon/supervisor.hpp"
#include "hub/decision_payload.hpp"

#include <iostream>
#include <utility>

namespace casebridge::daemon {

using boost::asio::awaitable;

namespace {

using Definition = pipeline::BridgeDefinition;

awaitable<void> read_doubts(
    std::string conninfo,
    const Definition& definition,
    std::size_t limit,
    std::vector<hub::DoubtfulRow>& doubts
)
{
    auto connection = co_await open_hub(std::move(conninfo));
    doubts = co_await hub::list_doubts(connection, definition, limit);
}

awaitable<void> read_doubt(
    std::string conninfo, const Definition& definition, NamedRow row, std::optional<hub::ShownDoubt>& found
)
{
    auto connection = co_await open_hub(std::move(conninfo));
    LocalKey key{row.key};
    found = co_await hub::show_doubt(connection, definition, row.agency, row.entity, std::move(key));
}

awaitable<void> read_split(
    std::string conninfo, const Definition& definition, pipeline::SplitLink wanted, hub::SplitAnswer& answer
)
{
    auto connection = co_await open_hub(std::move(conninfo));
    answer = co_await hub::show_split(connection, definition, std::move(wanted));
}

}  // namespace

int list_links(const CaseOptions& options, std::size_t limit)
{
    std::vector<hub::DoubtfulRow> doubts;
    const auto ended =
        read_hub(options.configuration, options.hub, [&](std::string conninfo, const Definition& definition) {
            return read_doubts(std::move(conninfo), definition, limit, doubts);
        });
    if (ended == exit_ok)
        std::cout << (options.format == OutputFormat::json ? doubts_json(doubts) : doubts_text(doubts));
    return ended;
}

int show_link(const CaseOptions& options, const NamedRow& row)
{
    std::optional<hub::ShownDoubt> found;
    const auto ended =
        read_hub(options.configuration, options.hub, [&](std::string conninfo, const Definition& definition) {
            return read_doubt(std::move(conninfo), definition, row, found);
        });
    if (ended == exit_ok && !found)
        return complain_of_usage("no such row is in doubt; casebridge links list has those that are");
    if (found)
        std::cout << (options.format == OutputFormat::json ? doubt_json(*found) : doubt_text(*found));
    return ended;
}

int decide_link(const RequestOptions& options, const NamedRow& row, RecordId record, MatchVerdict verdict)
{
    hub::NewRequest request;
    request.kind = pipeline::match_kind;
    request.agency = row.agency;
    request.payload =
        hub::match_payload({AgencyId{row.agency}, row.entity, LocalKey{row.key}, record, verdict});
    return put_request(options, std::move(request));
}

int split_link(const RequestOptions& options, const NamedRow& row, RecordId record, const SplitChoice& choice)
{
    pipeline::SplitLink wanted{
        AgencyId{row.agency},
        row.entity,
        LocalKey{row.key},
        record,
        choice.seen.value_or(JournalSeq{0}),
        choice.into};
    if (choice.assent == Assent::given) {
        if (!choice.seen)
            return complain_of_usage(
                "--yes goes with --seen, so that nothing is taken apart that nobody has seen: the command "
                "without --yes has it"
            );
        hub::NewRequest request;
        request.kind = pipeline::split_link_kind;
        request.agency = row.agency;
        request.payload = hub::split_payload(wanted);
        return put_request(options, std::move(request));
    }
    hub::SplitAnswer answer;
    const auto ended =
        read_hub(options.configuration, options.hub, [&](std::string conninfo, const Definition& definition) {
            return read_split(std::move(conninfo), definition, wanted, answer);
        });
    if (ended != exit_ok)
        return ended;
    if (!answer.split)
        return complain_of_usage(answer.fault);
    std::cout
        << (options.format == OutputFormat::json ? split_json(*answer.split) : split_text(*answer.split));
    return exit_ok;
}

}  // namespace casebridge::daemon
