#include "daemon/link_command_line.hpp"

#include <chrono>

namespace casebridge::daemon {

LinkCommandLine::LinkCommandLine(CLI::App& app)
    : links_(app.add_subcommand("links", "Rows of which nobody can tell which record they are")),
      list_(links_->add_subcommand("list", "Those rows, and the records that they might be; keys, no values")
      ),
      show_(links_->add_subcommand("show", "One of them with its values and those of the records")),
      confirm_(links_->add_subcommand("confirm", "The row is this record")),
      reject_(links_->add_subcommand("reject", "The row is not this record, and never will be"))
{
    links_->require_subcommand(1);
    for (auto* command : {show_, confirm_, reject_}) {
        command->add_option("agency", row_.agency, "The agency whose row it is")->required();
        command->add_option("entity", row_.entity, "The entity that the row is of")->required();
        command->add_option("key", row_.key, "The row's key at its agency")->required();
    }
    for (auto* command : {confirm_, reject_}) {
        command->add_option("record", record_, "The record's number")->required();
        command->add_option("--reason", reason_, "Why; kept for ever, so no word about any client")
            ->required();
        command->add_option("--as", requested_by_, "Who asks; default: the user of this system");
        command->add_option("--wait", wait_seconds_, "Seconds until the deadline")
            ->check(CLI::Range(1, 86'400))
            ->capture_default_str();
    }
    list_->add_option("--limit", limit_, "At most so many")
        ->check(CLI::Range(1, 100'000))
        ->capture_default_str();
    for (auto* command : all()) {
        command->add_flag("--json", json_, "For programs; keys are stable");
        command->add_option("--hub", hub_, "Connection string of the hub for another role");
    }
}

std::optional<int> LinkCommandLine::run(const std::string& configuration)
{
    const auto format = json_ ? OutputFormat::json : OutputFormat::text;
    const CaseOptions options{configuration, hub_, format};
    if (*list_)
        return list_links(options, limit_);
    if (*show_)
        return show_link(options, row_);
    if (!*confirm_ && !*reject_)
        return std::nullopt;
    RequestOptions request;
    request.configuration = configuration;
    request.hub = hub_;
    request.requested_by = requested_by_;
    request.reason = reason_;
    request.wait = std::chrono::seconds{wait_seconds_};
    request.format = format;
    return decide_link(
        request, row_, RecordId{record_}, *confirm_ ? MatchVerdict::same : MatchVerdict::never
    );
}

}  // namespace casebridge::daemon
