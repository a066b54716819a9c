#include "daemon/parked_command_line.hpp"

#include "daemon/hub_reading.hpp"
#include "daemon/supervisor.hpp"

#include <charconv>

namespace casebridge::daemon {

namespace {

std::optional<RecordId> parse_record(const std::string& text)
{
    std::int64_t number = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stop != end || number < 1)
        return std::nullopt;
    return RecordId{number};
}

}  // namespace

ParkedCommandLine::ParkedCommandLine(CLI::App& app)
    : explain_(app.add_subcommand(
          "explain", "Why a field says what it says: every value, where from, what became of it"
      )),
      parked_(app.add_subcommand("parked", "Rows that cannot be translated, deliveries that are refused")),
      list_(parked_->add_subcommand("list", "What is parked, oldest first; no values")),
      show_(parked_->add_subcommand("show", "One of them with its values")),
      retry_(parked_->add_subcommand("retry", "Read the row, or deliver, again")),
      skip_(parked_->add_subcommand("skip", "Set it aside; shows first what that leaves undone"))
{
    parked_->require_subcommand(1);
    explain_->add_option("entity", entity_, "The entity, such as person")->required();
    explain_->add_option("record", first_, "The record's number; left out with --key");
    explain_->add_option("field", second_, "Only this field or group");
    explain_->add_option("--agency", agency_, "With --key: whose row it is");
    explain_->add_option("--key", key_, "The record of the agency's row with this key")->needs("--agency");
    explain_->add_flag("--no-values", no_values_, "Neither values nor keys: fit for a ticket");
    common_.add_limit(*list_);
    list_->add_flag("--skipped", skipped_, "Only what was set aside");
    list_->add_flag("--all", all_, "Also what was set aside")->excludes("--skipped");
    show_->add_option("name", name_, "As parked list has it: 117 or 42@es")->required();
    skip_->add_option("name", name_, "As parked list has it: 117 or 42@es")->required();
    skip_->add_flag("--yes", yes_, "Do it; otherwise it is only shown");
    retry_->add_option("names", names_, "As parked list has them: 117 or 42@es");
    retry_->add_flag("--all", all_, "All that is parked and not set aside, a thousand at most");
    retry_->add_option("--agency", agency_, "With --all: only of this agency");
    for (auto* command : all())
        common_.add_to(*command);
    common_.add_request(*retry_);
    common_.add_request(*skip_, CommonOptions::Reason::optional);
}

std::vector<CLI::App*> ParkedCommandLine::all() const
{
    return {explain_, list_, show_, retry_, skip_};
}

int ParkedCommandLine::run_explain(const CaseOptions& options) const
{
    hub::ExplainWish wish;
    wish.entity = entity_;
    if (agency_ && !key_)
        return complain_of_usage("--agency goes with --key");
    if (key_) {
        if (second_)
            return complain_of_usage("with --key only a field can follow the entity");
        wish.agency = agency_;
        wish.key = key_;
        wish.field = first_;
    } else {
        wish.record = first_ ? parse_record(*first_) : std::nullopt;
        if (!wish.record)
            return complain_of_usage("explain takes the number of a record, or --agency and --key of a row");
        wish.field = second_;
    }
    return explain(options, wish, no_values_ ? Values::left_out : Values::shown);
}

int ParkedCommandLine::run_list(const CaseOptions& options) const
{
    auto which = hub::ParkedWhich::waiting;
    if (skipped_)
        which = hub::ParkedWhich::set_aside;
    if (all_)
        which = hub::ParkedWhich::all;
    return list_parked(options, which, common_.limit());
}

int ParkedCommandLine::run_request(const std::string& configuration) const
{
    const auto request = common_.request(configuration);
    if (*skip_)
        return skip_parked(request, name_, yes_ ? Assent::given : Assent::asked_for);
    ParkedChoice choice;
    choice.names = names_;
    choice.extent = all_ ? ParkedChoice::Extent::all : ParkedChoice::Extent::named;
    choice.agency = agency_;
    return retry_parked(request, choice);
}

std::optional<int> ParkedCommandLine::run(const std::string& configuration)
{
    const auto options = common_.reading(configuration);
    if (*explain_)
        return run_explain(options);
    if (*list_)
        return run_list(options);
    if (*show_)
        return show_parked(options, name_);
    if (*retry_ || *skip_)
        return run_request(configuration);
    return std::nullopt;
}

}  // namespace casebridge::daemon
