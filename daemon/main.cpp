#include "daemon/breaker_command_line.hpp"
#include "daemon/case_command_line.hpp"
#include "daemon/commands.hpp"
#include "daemon/deletion_command_line.hpp"
#include "daemon/duration_text.hpp"
#include "daemon/link_command_line.hpp"
#include "daemon/parked_command_line.hpp"
#include "daemon/proposal_command_line.hpp"
#include "daemon/request_commands.hpp"
#include "daemon/supervisor.hpp"
#include "daemon/version.hpp"

#include <CLI/CLI.hpp>

#include <array>
#include <exception>
#include <iostream>
#include <optional>

// The command line. Parsing only: what a command does stands in commands.cpp.

namespace {

using namespace casebridge::daemon;

constexpr const char* epilogue =
    "A bridge is described by one file, bridge.jsonc, which names the others. Start with\n"
    "  casebridge check  --config bridge.jsonc      every mistake at once\n"
    "  casebridge doctor --config bridge.jsonc      what set-up and the daemon would meet; changes nothing\n"
    "  casebridge setup  --config bridge.jsonc      publication, slot and origin at each agency (--print: "
    "show the SQL)\n"
    "  casebridge run    --config bridge.jsonc      the daemon, in the foreground\n"
    "Connections are libpq connection strings or service names; passwords come from the password file, never "
    "from the\n"
    "command line. Exit codes: 0 well, 1 refused by the leader, 64 wrong usage, 69 a server cannot be\n"
    "reached, 70 a bug, 75 no leader has answered, 78 configuration.";

// pause, resume, reload, hub prune: what they share.
class RequestCommands {
public:
    RequestCommands(CLI::App& app, CLI::App& hub)
        : pause_(app.add_subcommand("pause", "Neither read nor write an agency until it is resumed")),
          resume_(app.add_subcommand("resume", "End an agency's pause")),
          reload_(app.add_subcommand("reload", "Have the leader read its configuration files again")),
          prune_(hub.add_subcommand("prune", "Let go of what is older than the retention settings allow"))
    {
        for (auto* command : {pause_, resume_})
            command->add_option("agency", agency_, "The agency's id")->required();
        pause_->add_option("--for", lasts_, "Resume by itself after 90s, 30m, 2h or 1d");
        prune_->add_flag("--dry-run", dry_run_, "Say what would go and ask nobody; needs no reason");
        for (auto* command : all()) {
            command
                ->add_option("--reason", options_.reason, "Why; kept for ever, so no word about any client")
                ->required(command != prune_);
            command->add_option("--as", options_.requested_by, "Who asks; default: the user of this system");
            command->add_option("--wait", wait_seconds_, "Seconds until the deadline")
                ->check(CLI::Range(1, 86'400))
                ->default_str(std::to_string(default_wait(command).count()));
            command->add_option("--hub", options_.hub, "Connection string of the hub for an operator's role");
        }
    }

    [[nodiscard]] std::array<CLI::App*, 4> all() const { return {pause_, resume_, reload_, prune_}; }

    // Nothing when none of them was asked for.
    std::optional<int> run(const std::string& configuration)
    {
        options_.configuration = configuration;
        for (const auto* command : all())
            if (*command)
                options_.wait = wait_seconds_ ? std::chrono::seconds{*wait_seconds_} : default_wait(command);
        if (*resume_)
            return resume(options_, agency_);
        if (*reload_)
            return reload(options_);
        if (*prune_)
            return dry_run_ ? count_prunable(options_) : prune(options_);
        if (!*pause_)
            return std::nullopt;
        const auto lasts = lasts_ ? parse_duration(*lasts_) : std::nullopt;
        if (lasts_ && !lasts) {
            std::cerr << "casebridge: --for takes a number and its unit: 90s, 30m, 2h or 1d\n";
            return exit_usage;
        }
        return pause(options_, agency_, lasts);
    }

private:
    // Erasing takes as long as there is much to erase.
    [[nodiscard]] std::chrono::seconds default_wait(const CLI::App* command) const
    {
        return command == prune_ ? std::chrono::hours{1} : RequestOptions{}.wait;
    }

    CLI::App* pause_;
    CLI::App* resume_;
    CLI::App* reload_;
    CLI::App* prune_;
    RequestOptions options_;
    std::string agency_;
    std::optional<std::string> lasts_;
    std::optional<int> wait_seconds_;
    bool dry_run_ = false;
};

// `--watch` alone looks every two seconds.
std::optional<std::chrono::seconds> watch_interval(const CLI::Option& watch)
{
    if (watch.count() == 0)
        return std::nullopt;
    const auto given = watch.results().empty() ? std::string{} : watch.results().front();
    return std::chrono::seconds{given.empty() ? 2 : std::stoi(given)};
}

int parse_and_run(int argc, const char* const* argv)
{
    CLI::App app{
        "casebridge keeps the case records of agencies with different databases in step.", "casebridge"};
    app.footer(epilogue);
    app.require_subcommand(1);

    std::string configuration = "/etc/casebridge/bridge.jsonc";
    const auto with_configuration = [&](CLI::App* command) {
        command->add_option("-c,--config", configuration, "The bridge file")
            ->envname("CASEBRIDGE_CONFIG")
            ->capture_default_str();
        return command;
    };
    auto* run_command = with_configuration(app.add_subcommand("run", "Run the daemon until SIGTERM"));
    auto* check_command =
        with_configuration(app.add_subcommand("check", "Check the configuration; prints every mistake"));

    auto* setup_command = with_configuration(app.add_subcommand(
        "setup", "Create publication, slot and replication origin at each agency, and the hub's schema"
    ));
    bool print = false;
    std::optional<std::string> agency;
    setup_command->add_flag(
        "--print", print, "Print the SQL for the agencies' administrators instead of running it"
    );
    setup_command->add_option("--agency", agency, "Only this agency");
    auto* teardown_command = with_configuration(app.add_subcommand(
        "teardown", "Remove slot, publication and origin: a forgotten slot fills the agency's disk"
    ));
    teardown_command->add_option("--agency", agency, "Only this agency");

    auto* status_command =
        with_configuration(app.add_subcommand("status", "Say how the bridge is, from the hub"));
    bool json = false;
    status_command->add_flag("--json", json, "For programs; keys are stable");
    std::string watch;
    auto* watch_option =
        status_command->add_option("--watch", watch, "Look again every so many seconds until interrupted (2)")
            ->expected(0, 1)
            ->check(
                CLI::Range(1, 3'600) |
                CLI::Validator{
                    [](std::string& text) { return text.empty() ? "" : "not a number of seconds"; },
                    "SECONDS"}
            );

    auto* doctor_command = with_configuration(app.add_subcommand(
        "doctor", "Examine the agencies' servers and the hub, before or after set-up; changes nothing"
    ));
    bool doctor_json = false;
    bool verbose = false;
    bool strict = false;
    doctor_command->add_flag("--json", doctor_json, "For programs; keys and codes are stable");
    doctor_command->add_flag("--verbose", verbose, "Also what was examined and is as it should be");
    doctor_command->add_flag("--strict", strict, "Warnings count as errors in the exit code");

    auto* hub_command = app.add_subcommand("hub", "Look after the hub");
    hub_command->require_subcommand(1);
    RequestCommands requests{app, *hub_command};
    for (auto* command : requests.all())
        with_configuration(command);
    CaseCommandLine cases{app};
    for (auto* command : cases.all())
        with_configuration(command);
    ParkedCommandLine parked{app};
    for (auto* command : parked.all())
        with_configuration(command);
    LinkCommandLine links{app};
    for (auto* command : links.all())
        with_configuration(command);
    BreakerCommandLine breakers{app};
    for (auto* command : breakers.all())
        with_configuration(command);
    DeletionCommandLine deletions{app};
    for (auto* command : deletions.all())
        with_configuration(command);
    ProposalCommandLine proposals{app};
    for (auto* command : proposals.all())
        with_configuration(command);
    auto* rebuild_command = with_configuration(hub_command->add_subcommand(
        "rebuild", "Rebuild the projections from the journal; waits until no daemon leads"
    ));
    auto* version_command = app.add_subcommand("version", "Print the version");

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? exit_ok : exit_usage;
    }
    if (*run_command)
        return run(configuration);
    if (*check_command)
        return check(configuration);
    if (*setup_command)
        return setup(configuration, print ? SetupAction::print : SetupAction::set_up, agency);
    if (*teardown_command)
        return setup(configuration, SetupAction::tear_down, agency);
    if (*status_command) {
        const auto format = json ? OutputFormat::json : OutputFormat::text;
        return status(configuration, format, watch_interval(*watch_option));
    }
    if (const auto code = requests.run(configuration))
        return *code;
    if (const auto code = cases.run(configuration))
        return *code;
    if (const auto code = parked.run(configuration))
        return *code;
    if (const auto code = links.run(configuration))
        return *code;
    if (const auto code = breakers.run(configuration))
        return *code;
    if (const auto code = deletions.run(configuration))
        return *code;
    if (const auto code = proposals.run(configuration))
        return *code;
    if (*doctor_command)
        return examine(
            configuration,
            {.format = doctor_json ? OutputFormat::json : OutputFormat::text,
             .detail = verbose ? DoctorRequest::Detail::everything : DoctorRequest::Detail::findings,
             .strictness =
                 strict ? DoctorRequest::Strictness::warnings_count : DoctorRequest::Strictness::errors_count}
        );
    if (*rebuild_command)
        return rebuild(configuration);
    if (*version_command)
        std::cout << "casebridge " << version << '\n';
    return exit_ok;
}

}  // namespace

int main(int argc, char** argv)
{
    try {
        return parse_and_run(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << "casebridge: internal failure: " << error.what() << '\n';
        return exit_internal;
    }
}
