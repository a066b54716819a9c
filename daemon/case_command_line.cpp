#include "daemon/case_command_line.hpp"

#include "daemon/supervisor.hpp"

#include <charconv>
#include <iostream>

namespace casebridge::daemon {

namespace {

// `117.0`.
std::optional<ConflictPlace> parse_place(const std::string& text)
{
    std::int64_t seq = 0;
    std::uint32_t position = 0;
    const auto* end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, seq);
    if (first.ec != std::errc{} || first.ptr == end || *first.ptr != '.')
        return std::nullopt;
    const auto second = std::from_chars(first.ptr + 1, end, position);
    if (second.ec != std::errc{} || second.ptr != end || seq < 0)
        return std::nullopt;
    return ConflictPlace{JournalSeq{seq}, position};
}

}  // namespace

CaseCommandLine::CaseCommandLine(CLI::App& app)
    : holds_(app.add_subcommand("holds", "Fields that wait for a person")),
      conflicts_(app.add_subcommand("conflicts", "Concurrent edits, and what became of them")),
      holds_list_(holds_->add_subcommand("list", "What waits, oldest first; no values")),
      holds_show_(
          holds_->add_subcommand("show", "One field of one record: its values, and what was decided before")
      ),
      holds_decide_(holds_->add_subcommand("decide", "Decide what the field is worth")),
      conflicts_list_(conflicts_->add_subcommand("list", "Conflicts, newest first; no values")),
      conflicts_show_(conflicts_->add_subcommand("show", "One conflict with its values, and what stands now")
      ),
      conflicts_resolve_(conflicts_->add_subcommand("resolve", "Decide what its field is worth")),
      conflicts_revert_(conflicts_->add_subcommand("revert", "Give its field back the value that lost there"))
{
    holds_->require_subcommand(1);
    conflicts_->require_subcommand(1);
    for (auto* command : {holds_show_, holds_decide_}) {
        command->add_option("record", record_, "The record's number")->required();
        command->add_option("field", unit_, "The field, or the group that merges as one")->required();
    }
    for (auto* command : {conflicts_show_, conflicts_resolve_, conflicts_revert_})
        command->add_option("conflict", place_, "SEQ.POSITION, as conflicts list has it")->required();
    for (auto* command : {holds_list_, conflicts_list_})
        common_.add_limit(*command);
    conflicts_list_->add_option("--entity", entity_, "Only of this entity");
    conflicts_list_->add_option("--record", of_record_, "Only of this record");
    conflicts_list_->add_flag("--open", only_open_, "Only where the field is on hold now");
    for (auto* command : all())
        common_.add_to(*command);
    add_choice(*holds_decide_);
    add_choice(*conflicts_resolve_);
    conflicts_revert_->add_option("--take", take_, "The version whose value it gets, if several lost");
    for (auto* command : {holds_decide_, conflicts_resolve_, conflicts_revert_}) {
        command->add_option("--seen", seen_, "The versions that you saw; a newer one survives the decision")
            ->allow_extra_args(false)
            ->delimiter(',')
            ->required(command != conflicts_revert_);
        common_.add_request(*command);
    }
}

void CaseCommandLine::add_choice(CLI::App& command)
{
    command.add_option("--take", take_, "The version whose value it gets");
    command
        .add_option("--value", values_, "A value of your own; for a group FIELD=TEXT, once for each field")
        ->allow_extra_args(false);
    command.add_flag("--empty", empty_, "No value, or none for the fields that are not given");
}

std::vector<CLI::App*> CaseCommandLine::all() const
{
    return {
        holds_list_,
        holds_show_,
        holds_decide_,
        conflicts_list_,
        conflicts_show_,
        conflicts_resolve_,
        conflicts_revert_};
}

int CaseCommandLine::run_request(const RequestOptions& options) const
{
    Choice choice;
    if (take_)
        choice.take = JournalSeq{*take_};
    choice.values = values_;
    choice.emptied = empty_ ? Choice::Emptied::yes : Choice::Emptied::no;
    std::vector<JournalSeq> seen;
    for (const auto seq : seen_)
        seen.emplace_back(seq);
    if (*holds_decide_)
        return decide_hold(options, RecordId{record_}, unit_, choice, seen);
    const auto place = *parse_place(place_);
    if (*conflicts_resolve_)
        return resolve_conflict(options, place, choice, seen);
    return revert_conflict(options, place, choice.take, seen);
}

std::optional<int> CaseCommandLine::run(const std::string& configuration)
{
    const auto options = common_.reading(configuration);
    if (*holds_list_)
        return list_holds(options, common_.limit());
    if (*holds_show_)
        return show_hold(options, RecordId{record_}, unit_);
    if (*conflicts_list_) {
        hub::ConflictFilter filter;
        filter.limit = common_.limit();
        filter.entity = entity_;
        if (of_record_)
            filter.record = RecordId{*of_record_};
        if (only_open_)
            filter.now = hub::UnitNow::on_hold;
        return list_conflicts(options, filter);
    }
    const bool of_conflict = *conflicts_show_ || *conflicts_resolve_ || *conflicts_revert_;
    if (!of_conflict && !*holds_decide_)
        return std::nullopt;
    const auto place = parse_place(place_);
    if (of_conflict && !place) {
        std::cerr << "casebridge: a conflict is named SEQ.POSITION, such as 117.0\n";
        return exit_usage;
    }
    if (*conflicts_show_)
        return show_conflict(options, *place);
    const auto request = common_.request(configuration);
    return run_request(request);
}

}  // namespace casebridge::daemon
