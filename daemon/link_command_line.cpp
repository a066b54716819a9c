#include "daemon/link_command_line.hpp"

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
        common_.add_request(*command);
    }
    common_.add_limit(*list_);
    for (auto* command : all())
        common_.add_to(*command);
}

std::optional<int> LinkCommandLine::run(const std::string& configuration)
{
    const auto options = common_.reading(configuration);
    if (*list_)
        return list_links(options, common_.limit());
    if (*show_)
        return show_link(options, row_);
    if (!*confirm_ && !*reject_)
        return std::nullopt;
    const auto request = common_.request(configuration);
    return decide_link(
        request, row_, RecordId{record_}, *confirm_ ? MatchVerdict::same : MatchVerdict::never
    );
}

}  // namespace casebridge::daemon
