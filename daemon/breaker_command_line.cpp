#include "daemon/breaker_command_line.hpp"

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
    common_.add_request(*approve_);
    for (auto* command : all())
        common_.add_to(*command);
}

std::optional<int> BreakerCommandLine::run(const std::string& configuration)
{
    const auto options = common_.reading(configuration);
    if (*list_)
        return list_breakers(options);
    if (*show_)
        return show_breaker(options, agency_);
    if (!*approve_)
        return std::nullopt;
    std::optional<JournalSeq> breaker;
    if (breaker_)
        breaker = JournalSeq{*breaker_};
    return approve_breaker(common_.request(configuration), agency_, breaker, deletions_);
}

}  // namespace casebridge::daemon
