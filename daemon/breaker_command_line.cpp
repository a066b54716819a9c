#include "daemon/breaker_command_line.hpp"

#include <chrono>
#include <map>

namespace casebridge::daemon {

BreakerCommandLine::BreakerCommandLine(CLI::App& app)
    : breakers_(
          app.add_subcommand("breakers", "Mass changes that were stopped before anything of them was merged")
      ),
      list_(breakers_->add_subcommand("list", "Agencies whose stream waits, and for what")),
      show_(breakers_->add_subcommand(
          "show", "What the transaction would do, and the limits that it would pass"
      )),
      approve_(breakers_->add_subcommand("approve", "Let the transaction be merged and the stream go on"))
{
    static const std::map<std::string, ApprovedDeletions> words{
        {"follow", ApprovedDeletions::follow},
        {"hold",   ApprovedDeletions::hold  }
    };
    breakers_->require_subcommand(1);
    for (auto* command : {show_, approve_})
        command->add_option("agency", agency_, "The agency's name")->required();
    approve_->add_option(
        "--breaker",
        breaker_,
        "The transaction that you looked at, as show names it; default: the present one"
    );
    approve_
        ->add_option(
            "--deletions",
            deletions_,
            "follow: by their rule (default); hold: each waits for a person, whatever the rule"
        )
        ->transform(CLI::CheckedTransformer(words).description("{follow,hold}"));
    approve_->add_option("--reason", reason_, "Why; kept for ever, so no word about any client")->required();
    approve_->add_option("--as", requested_by_, "Who asks; default: the user of this system");
    approve_->add_option("--wait", wait_seconds_, "Seconds until the deadline")
        ->check(CLI::Range(1, 86'400))
        ->capture_default_str();
    for (auto* command : all()) {
        command->add_flag("--json", json_, "For programs; keys are stable");
        command->add_option("--hub", hub_, "Connection string of the hub for another role");
    }
}

std::optional<int> BreakerCommandLine::run(const std::string& configuration)
{
    const auto format = json_ ? OutputFormat::json : OutputFormat::text;
    const CaseOptions options{configuration, hub_, format};
    if (*list_)
        return list_breakers(options);
    if (*show_)
        return show_breaker(options, agency_);
    if (!*approve_)
        return std::nullopt;
    RequestOptions request;
    request.configuration = configuration;
    request.hub = hub_;
    request.requested_by = requested_by_;
    request.reason = reason_;
    request.wait = std::chrono::seconds{wait_seconds_};
    request.format = format;
    std::optional<JournalSeq> breaker;
    if (breaker_)
        breaker = JournalSeq{*breaker_};
    return approve_breaker(request, agency_, breaker, deletions_);
}

}  // namespace casebridge::daemon
