#include "daemon/deletion_command_line.hpp"

#include <map>

namespace casebridge::daemon {

DeletionCommandLine::DeletionCommandLine(CLI::App& app)
    : deletions_(app.add_subcommand("deletions", "Records of which an agency has deleted its row")),
      list_(deletions_->add_subcommand("list", "Those that wait for a person, oldest first; keys, no values")
      ),
      show_(deletions_->add_subcommand("show", "One of them with its values, and who still has a row")),
      decide_(deletions_->add_subcommand("decide", "Decide what becomes of the record"))
{
    static const std::map<std::string, DeletionChoice> choices{
        {"keep",    DeletionChoice::keep   },
        {"remove",  DeletionChoice::remove },
        {"restore", DeletionChoice::restore}
    };
    deletions_->require_subcommand(1);
    for (auto* command : {show_, decide_})
        command->add_option("record", record_, "The record's number")->required();
    decide_
        ->add_option(
            "choice",
            choice_,
            "keep: the others keep their rows; remove: theirs are deleted; restore: who deleted it gets one "
            "again"
        )
        ->required()
        ->transform(CLI::CheckedTransformer(choices).description("{keep,remove,restore}"));
    decide_->add_option(
        "--deletion", deletion_, "The deletion that you looked at, as show has it; default: the present one"
    );
    decide_->add_option("--seen", seen_, "With remove: the record's last entry, as show has it");
    common_.add_request(*decide_);
    common_.add_limit(*list_);
    list_->add_flag("--all", all_, "Also those that a rule or a person has decided");
    for (auto* command : all())
        common_.add_to(*command);
}

std::optional<int> DeletionCommandLine::run(const std::string& configuration)
{
    const auto options = common_.reading(configuration);
    if (*list_)
        return list_deletions(
            options, all_ ? hub::DeletionWhich::all : hub::DeletionWhich::held, common_.limit()
        );
    if (*show_)
        return show_deletion(options, RecordId{record_});
    if (!*decide_)
        return std::nullopt;
    const auto request = common_.request(configuration);
    DeletionDecision decision{choice_, std::nullopt, std::nullopt};
    if (deletion_)
        decision.deletion = JournalSeq{*deletion_};
    if (seen_)
        decision.seen = JournalSeq{*seen_};
    return decide_deletion(request, RecordId{record_}, decision);
}

}  // namespace casebridge::daemon
