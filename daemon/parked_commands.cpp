#include "daemon/parked_commands.hpp"

#include "daemon/hub_reading.hpp"
#include "daemon/parked_report.hpp"
#include "daemon/supervisor.hpp"
#include "daemon/today.hpp"
#include "hub/parked_payload.hpp"

#include <charconv>
#include <iostream>
#include <utility>

namespace casebridge::daemon {

using boost::asio::awaitable;

namespace {

using Definition = pipeline::BridgeDefinition;

awaitable<void> read_explanation(
    std::string conninfo, const Definition& definition, hub::ExplainWish wish, hub::ExplainAnswer& answer
)
{
    auto connection = co_await open_hub(std::move(conninfo));
    answer = co_await hub::explain(connection, definition, std::move(wish), today());
}

awaitable<void> read_list(
    std::string conninfo, hub::ParkedWhich which, std::size_t limit, std::vector<hub::ParkedHead>& heads
)
{
    auto connection = co_await open_hub(std::move(conninfo));
    heads = co_await hub::list_parked(connection, which, limit);
}

awaitable<void> read_one(
    std::string conninfo,
    const Definition& definition,
    std::string name,
    std::optional<hub::ShownParked>& found
)
{
    auto connection = co_await open_hub(std::move(conninfo));
    found = co_await hub::show_parked(connection, definition, std::move(name), today());
}

int find_parked(
    const std::filesystem::path& configuration,
    const std::optional<std::string>& hub,
    const std::string& name,
    std::optional<hub::ShownParked>& found
)
{
    const auto ended = read_hub(configuration, hub, [&](std::string conninfo, const Definition& definition) {
        return read_one(std::move(conninfo), definition, name, found);
    });
    if (ended == exit_ok && !found)
        return complain_of_usage(
            "nothing is parked under that name; casebridge parked list --all has the names"
        );
    return ended;
}

// Adds `117` or `42@es`; false for anything else.
bool add_name(pipeline::ParkedNames& names, const std::string& name)
{
    const auto at = name.find('@');
    const auto* end = name.data() + (at == std::string::npos ? name.size() : at);
    std::int64_t number = 0;
    const auto [stop, error] = std::from_chars(name.data(), end, number);
    if (error != std::errc{} || stop != end || number < 1 || at + 1 == name.size())
        return false;
    if (at == std::string::npos)
        names.rows.emplace_back(number);
    else
        names.deliveries.push_back({RecordId{number}, AgencyId{name.substr(at + 1)}});
    return true;
}

// The names of everything that waits; exit_ok when they were found.
int find_all(const RequestOptions& options, const ParkedChoice& choice, std::vector<std::string>& names)
{
    std::vector<hub::ParkedHead> heads;
    const auto ended =
        read_hub(options.configuration, options.hub, [&](std::string conninfo, const Definition&) {
            return read_list(std::move(conninfo), hub::ParkedWhich::waiting, hub::parked_names_max, heads);
        });
    for (const auto& head : heads)
        if ((!choice.agency || *choice.agency == head.agency) && head.name != "0" &&
            head.code != pipeline::hop_guard)
            names.push_back(head.name);
    return ended;
}

int put_names(const RequestOptions& options, std::string_view kind, const std::vector<std::string>& texts)
{
    pipeline::ParkedNames names;
    for (const auto& text : texts)
        if (!add_name(names, text))
            return complain_of_usage(
                "what is parked is named by a number, such as 117, or RECORD@AGENCY, such as 42@es"
            );
    if (texts.size() > hub::parked_names_max)
        return complain_of_usage(
            "at most " + std::to_string(hub::parked_names_max) + " names can be given at once"
        );
    hub::NewRequest request;
    request.kind = kind;
    request.payload = hub::parked_payload(names);
    return put_request(options, std::move(request));
}

}  // namespace

int explain(const CaseOptions& options, const hub::ExplainWish& wish, Values values)
{
    hub::ExplainAnswer answer;
    const auto ended =
        read_hub(options.configuration, options.hub, [&](std::string conninfo, const Definition& definition) {
            return read_explanation(std::move(conninfo), definition, wish, answer);
        });
    if (ended != exit_ok)
        return ended;
    if (!answer.explanation)
        return complain_of_usage(answer.fault);
    std::cout
        << (options.format == OutputFormat::json ? explanation_json(*answer.explanation, values)
                                                 : explanation_text(*answer.explanation, values));
    return exit_ok;
}

int list_parked(const CaseOptions& options, hub::ParkedWhich which, std::size_t limit)
{
    std::vector<hub::ParkedHead> heads;
    const auto ended =
        read_hub(options.configuration, options.hub, [&](std::string conninfo, const Definition&) {
            return read_list(std::move(conninfo), which, limit, heads);
        });
    if (ended == exit_ok)
        std::cout
            << (options.format == OutputFormat::json ? parked_list_json(heads) : parked_list_text(heads));
    return ended;
}

int show_parked(const CaseOptions& options, const std::string& name)
{
    std::optional<hub::ShownParked> found;
    const auto ended = find_parked(options.configuration, options.hub, name, found);
    if (found)
        std::cout << (options.format == OutputFormat::json ? parked_json(*found) : parked_text(*found));
    return ended;
}

int retry_parked(const RequestOptions& options, const ParkedChoice& choice)
{
    const bool all = choice.extent == ParkedChoice::Extent::all;
    if (all == !choice.names.empty() || (choice.agency && !all))
        return complain_of_usage("a retry takes names, or --all and perhaps --agency");
    auto names = choice.names;
    if (all)
        if (const auto ended = find_all(options, choice, names); ended != exit_ok)
            return ended;
    if (names.empty()) {
        std::cout << (options.format == OutputFormat::json ? "null\n" : "nothing is parked\n");
        return exit_ok;
    }
    return put_names(options, pipeline::retry_kind, names);
}

int skip_parked(const RequestOptions& options, const std::string& name, Assent assent)
{
    std::optional<hub::ShownParked> found;
    const auto ended = find_parked(options.configuration, options.hub, name, found);
    if (!found)
        return ended;
    if (assent == Assent::given)
        return put_names(options, pipeline::skip_kind, {name});
    if (options.format == OutputFormat::json)
        std::cout << parked_json(*found);
    else
        std::cout << skip_text(*found) << "to do so:\n  casebridge parked skip " << name
                  << " --yes --reason \"…\"\n";
    return exit_ok;
}

}  // namespace casebridge::daemon
