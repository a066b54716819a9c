#include "daemon/common_options.hpp"

#include <chrono>

namespace casebridge::daemon {

void CommonOptions::add_to(CLI::App& command)
{
    command.add_flag("--json", json_, "For programs; keys are stable");
    command.add_option("--hub", hub_, "Connection string of the hub for another role");
}

void CommonOptions::add_limit(CLI::App& list)
{
    list.add_option("--limit", limit_, "At most so many")
        ->check(CLI::Range(1, 100'000))
        ->capture_default_str();
}

void CommonOptions::add_request(CLI::App& command, Reason reason)
{
    command.add_option("--reason", reason_, "Why; kept for ever, so no word about any client")
        ->required(reason == Reason::required);
    command.add_option("--as", requested_by_, "Who asks; default: the user of this system");
    command.add_option("--wait", wait_seconds_, "Seconds until the deadline")
        ->check(CLI::Range(1, 86'400))
        ->capture_default_str();
}

CaseOptions CommonOptions::reading(const std::string& configuration) const
{
    return {configuration, hub_, format()};
}

RequestOptions CommonOptions::request(const std::string& configuration) const
{
    return {
        .configuration = configuration,
        .hub = hub_,
        .requested_by = requested_by_,
        .reason = reason_,
        .wait = std::chrono::seconds{wait_seconds_},
        .format = format(),
    };
}

}  // namespace casebridge::daemon
