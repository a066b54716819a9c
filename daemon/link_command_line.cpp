#include "daemon/link_command_line.hpp"

#include "daemon/hub_reading.hpp"

#include <charconv>

namespace casebridge::daemon {

namespace {

// `new`, the number of a record, or nothing: what the rules find.
std::optional<pipeline::SplitInto> parse_into(const std::optional<std::string>& text)
{
    if (!text)
        return pipeline::SplitInto{pipeline::ByRules{}};
    if (*text == "new")
        return pipeline::SplitInto{pipeline::NewRecord{}};
    std::int64_t number = 0;
    const auto* end = text->data() + text->size();
    const auto [stop, error] = std::from_chars(text->data(), end, number);
    if (error != std::errc{} || stop != end || number < 1)
        return std::nullopt;
    return pipeline::SplitInto{RecordId{number}};
}

}  // namespace

LinkCommandLine::LinkCommandLine(CLI::App& app)
    : links_(app.add_subcommand("links", "Rows of which nobody can tell which record they are")),
      list_(links_->add_subcommand("list", "Those rows, and the records that they might be; keys, no values")
      ),
      show_(links_->add_subcommand("show", "One of them with its values and those of the records")),
      confirm_(links_->add_subcommand("confirm", "The row is this record")),
      reject_(links_->add_subcommand("reject", "The row is not this record, and never will be")),
      split_(links_->add_subcommand(
          "split", "The row is linked to this record and never was it; shows first what that means"
      ))
{
    links_->require_subcommand(1);
    for (auto* command : {show_, confirm_, reject_, split_}) {
        command->add_option("agency", row_.agency, "The agency whose row it is")->required();
        command->add_option("entity", row_.entity, "The entity that the row is of")->required();
        command->add_option("key", row_.key, "The row's key at its agency")->required();
    }
    for (auto* command : {confirm_, reject_}) {
        command->add_option("record", record_, "The record's number")->required();
        common_.add_request(*command);
    }
    split_->add_option("record", record_, "The record's number")->required();
    split_->add_option(
        "--into", into_, "What the row is: a record's number, or new; default: what the rules find"
    );
    split_->add_option("--seen", seen_, "With --yes: the hub's last entry when you looked, as shown");
    split_->add_flag("--yes", yes_, "Do it; otherwise it is only shown");
    common_.add_request(*split_, CommonOptions::Reason::optional);
    common_.add_limit(*list_);
    for (auto* command : all())
        common_.add_to(*command);
}

int LinkCommandLine::run_split(const std::string& configuration) const
{
    const auto into = parse_into(into_);
    if (!into)
        return complain_of_usage("--into takes the number of a record, or new");
    SplitChoice choice{*into, std::nullopt, yes_ ? Assent::given : Assent::asked_for};
    if (seen_)
        choice.seen = JournalSeq{*seen_};
    return split_link(common_.request(configuration), row_, RecordId{record_}, choice);
}

std::optional<int> LinkCommandLine::run(const std::string& configuration)
{
    const auto options = common_.reading(configuration);
    if (*list_)
        return list_links(options, common_.limit());
    if (*show_)
        return show_link(options, row_);
    if (*split_)
        return run_split(configuration);
    if (!*confirm_ && !*reject_)
        return std::nullopt;
    const auto request = common_.request(configuration);
    return decide_link(
        request, row_, RecordId{record_}, *confirm_ ? MatchVerdict::same : MatchVerdict::never
    );
}

}  // namespace casebridge::daemon
