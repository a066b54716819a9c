#include "daemon/request_commands.hpp"

#include "config/hub_address.hpp"
#include "config/nearest_name.hpp"
#include "daemon/command_shell.hpp"
#include "daemon/retention_text.hpp"
#include "daemon/supervisor.hpp"
#include "hub/enum_texts.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <iostream>
#include <pwd.h>
#include <unistd.h>
#include <vector>

namespace casebridge::daemon {

using boost::asio::awaitable;

namespace {

// A leader may have begun just before the deadline.
constexpr std::chrono::seconds grace{3};

std::string this_user()
{
    passwd entry{};
    passwd* found = nullptr;
    std::array<char, 16'384> buffer{};
    if (::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
        return found->pw_name;
    return "uid " + std::to_string(::getuid());
}

bool is_blank(const std::string& text)
{
    return text.find_first_not_of(" \t\n\r\f\v") == std::string::npos;
}

// One object, whatever became of it: the exit code says the same as `outcome`.
int tell_json(const hub::Submitted& submitted, const std::optional<hub::Answer>& answer)
{
    nlohmann::ordered_json json;
    json["request"] = submitted.id.value();
    json["deadline"] = submitted.deadline;
    json["outcome"] = answer ? nlohmann::ordered_json(hub::to_text(answer->outcome)) : nullptr;
    json["answer"] = answer ? nlohmann::ordered_json(answer->text) : nullptr;
    std::cout << json.dump(2) << '\n';
    if (!answer || answer->outcome == RequestOutcome::expired)
        return exit_unanswered;
    return answer->outcome == RequestOutcome::done ? exit_ok : exit_refused;
}

int tell(const hub::Submitted& submitted, const std::optional<hub::Answer>& answer)
{
    const auto number = "request " + std::to_string(submitted.id.value());
    if (!answer) {
        std::cerr << "casebridge: " << number << ": no leader has answered by " << submitted.deadline
                  << "; none begins it any more, one that has begun goes on\n  remedy: look at casebridge "
                     "status, start a daemon, ask again; "
                     "casebridge.requests in the hub tells what became of it\n";
        return exit_unanswered;
    }
    switch (answer->outcome) {
        case RequestOutcome::done:
            std::cout << answer->text << " (" << number << ")\n";
            return exit_ok;
        case RequestOutcome::refused:
            std::cerr << "casebridge: refused: " << answer->text << " (" << number << ")\n";
            return exit_refused;
        case RequestOutcome::expired:
            std::cerr << "casebridge: " << answer->text << " (" << number << ")\n";
            return exit_unanswered;
    }
    return exit_internal;
}

awaitable<void> ask(std::string conninfo, hub::NewRequest request, OutputFormat format, int& exit_code)
{
    libpq::ConnectionOptions options{std::move(conninfo)};
    options.application_name = "casebridge:request";
    const auto limit = request.wait + grace;
    auto connection = co_await libpq::Connection::open(options);
    const auto submitted = co_await hub::submit(connection, std::move(request));
    auto answer = co_await hub::wait_for_answer(connection, submitted.id, limit);
    exit_code = format == OutputFormat::json ? tell_json(submitted, answer) : tell(submitted, answer);
}

awaitable<void> show_prunable(std::string conninfo, hub::Retention retention)
{
    libpq::ConnectionOptions options{std::move(conninfo)};
    options.application_name = "casebridge:retention";
    auto connection = co_await libpq::Connection::open(options);
    const auto horizon = co_await hub::find_prune_horizon(connection, retention);
    const auto counts = co_await hub::count_prunable(connection, horizon);
    std::cout << "would go: " << in_words(counts) << '\n';
}

int put(const RequestOptions& options, const std::string& hub, hub::NewRequest request)
{
    if (is_blank(options.reason)) {
        std::cerr << "casebridge: a request needs a reason: --reason TEXT\n";
        return exit_usage;
    }
    request.requested_by = is_blank(options.requested_by) ? this_user() : options.requested_by;
    request.reason = options.reason;
    request.wait = options.wait;
    int answered = exit_internal;
    const auto ended = run_to_end([&](const boost::asio::any_io_executor&) {
        return ask(options.hub.value_or(hub), std::move(request), options.format, answered);
    });
    return ended == exit_ok ? answered : ended;
}

int put_for_agency(const RequestOptions& options, hub::NewRequest request)
{
    const auto settings = load(options.configuration);
    if (!settings)
        return exit_configuration;
    std::vector<std::string> known;
    for (const auto& agency : settings->definition.agencies)
        known.push_back(agency.value());
    if (std::ranges::find(known, *request.agency) == known.end()) {
        std::cerr << "casebridge: the configuration has no agency of that name"
                  << config::did_you_mean(*request.agency, known) << "; it has";
        for (const auto& name : known)
            std::cerr << ' ' << name;
        std::cerr << '\n';
        return exit_usage;
    }
    return put(options, settings->hub_connection, std::move(request));
}

}  // namespace

int put_request(const RequestOptions& options, hub::NewRequest request)
{
    const auto settings = load(options.configuration);
    if (!settings)
        return exit_configuration;
    return put(options, settings->hub_connection, std::move(request));
}

int pause(const RequestOptions& options, const std::string& agency, std::optional<std::chrono::seconds> lasts)
{
    hub::NewRequest request;
    request.kind = pipeline::pause_kind;
    request.agency = agency;
    if (lasts)
        request.payload = hub::pause_payload(*lasts);
    return put_for_agency(options, std::move(request));
}

int resume(const RequestOptions& options, const std::string& agency)
{
    hub::NewRequest request;
    request.kind = pipeline::resume_kind;
    request.agency = agency;
    return put_for_agency(options, std::move(request));
}

int prune(const RequestOptions& options)
{
    hub::NewRequest request;
    request.kind = pipeline::prune_kind;
    return put_request(options, std::move(request));
}

int count_prunable(const RequestOptions& options)
{
    const auto settings = load(options.configuration);
    if (!settings)
        return exit_configuration;
    return run_to_end([&](const boost::asio::any_io_executor&) {
        return show_prunable(
            options.hub.value_or(settings->hub_connection), retention_of(settings->retention)
        );
    });
}

// Mistakes in the files are for the leader to tell and to journal; only the hub's address is needed here.
int reload(const RequestOptions& options)
{
    hub::NewRequest request;
    request.kind = pipeline::reload_kind;
    const auto hub = config::find_hub_connection(options.configuration);
    if (!hub && !options.hub) {
        static_cast<void>(load(options.configuration));  // Tells what is wrong.
        return exit_configuration;
    }
    return put(options, hub.value_or(""), std::move(request));
}

}  // namespace casebridge::daemon
