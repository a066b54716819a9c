#include "daemon/proposal_command_line.hpp"

namespace casebridge::daemon {

ProposalCommandLine::ProposalCommandLine(CLI::App& app)
    : proposals_(app.add_subcommand("proposals", "What agencies propose for fields of another's authority")),
      list_(proposals_->add_subcommand("list", "What waits for a person, oldest first; no values")),
      show_(proposals_->add_subcommand("show", "One field: what stands, and what is proposed")),
      accept_(proposals_->add_subcommand("accept", "The field gets the proposed value")),
      reject_(proposals_->add_subcommand("reject", "The field keeps what stands"))
{
    proposals_->require_subcommand(1);
    for (auto* command : {show_, accept_, reject_}) {
        command->add_option("record", record_, "The record's number")->required();
        command->add_option("field", unit_, "The field, or the group that merges as one")->required();
    }
    for (auto* command : {accept_, reject_}) {
        command->add_option(
            "--proposal", proposal_, "The proposal that you looked at; default: the only one that waits"
        );
        common_.add_request(*command);
    }
    common_.add_limit(*list_);
    for (auto* command : all())
        common_.add_to(*command);
}

std::optional<int> ProposalCommandLine::run(const std::string& configuration)
{
    const auto options = common_.reading(configuration);
    if (*list_)
        return list_proposals(options, common_.limit());
    if (*show_)
        return show_proposals(options, RecordId{record_}, unit_);
    if (!*accept_ && !*reject_)
        return std::nullopt;
    const auto request = common_.request(configuration);
    const auto proposal = proposal_ ? std::optional{JournalSeq{*proposal_}} : std::nullopt;
    return *accept_ ? accept_proposal(request, RecordId{record_}, unit_, proposal)
                    : reject_proposal(request, RecordId{record_}, unit_, proposal);
}

}  // namespace casebridge::daemon
