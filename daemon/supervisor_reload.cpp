#include "config/load.hpp"
#include "connectors/libpq/task_scope.hpp"
#include "connectors/postgres/agency_setup.hpp"
#include "connectors/postgres/publication_check.hpp"
#include "daemon/supervisor.hpp"
#include "hub/layout_change.hpp"

#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <utility>

// Requests of operators, and exchanging the configuration while the process goes on: everything is drained
// and begins anew from the hub, as after a restart. What could be found wrong before, is; the rest takes the
// way back.

namespace casebridge::daemon {

using boost::asio::awaitable;

namespace {

constexpr std::size_t mistakes_shown_max = 50;
constexpr std::chrono::seconds agency_check_max{15};

std::string sentence(const Error& error)
{
    return error.place + ": " + error.message + " (" + error.code + ")" +
           (error.remedy.empty() ? "" : "; " + error.remedy);
}

std::string joined(const std::vector<std::string>& lines)
{
    std::string text;
    for (std::size_t i = 0; i < std::min(lines.size(), mistakes_shown_max); ++i)
        text += (i == 0 ? "" : "\n") + lines[i];
    if (lines.size() > mistakes_shown_max)
        text += "\nand " + std::to_string(lines.size() - mistakes_shown_max) + " more";
    return text;
}

// The file and the line, or the place, with which the first mistake begins.
std::string place_of(const std::string& line)
{
    return line.substr(0, line.find(": "));
}

// Settings that a process takes once, when it starts.
std::vector<std::string> left_to_a_restart(const config::Settings& now, const config::Settings& next)
{
    std::vector<std::string> notes;
    if (!(now.web == next.web))
        notes.emplace_back("web/listen takes effect with the next restart");
    if (now.log.format != next.log.format || now.log.level != next.log.level)
        notes.emplace_back("log takes effect with the next restart");
    return notes;
}

// Whether a server is as the tables need it. Not reached is no mistake: it may come back.
awaitable<void> check_agency(
    std::string connection, std::string publication, postgres::MappedTables tables, std::vector<Error>& found
)
{
    libpq::ConnectionOptions options{std::move(connection)};
    options.application_name = "casebridge:reload";
    auto session = co_await libpq::Connection::open(options);
    auto missing = co_await postgres::unpublished_tables(session, std::move(publication), tables);
    std::ranges::move(missing, std::back_inserter(found));
    static_cast<void>(co_await postgres::read_catalog(session, std::move(tables)));
}

}  // namespace

awaitable<void> Supervisor::take_hangups()
{
    boost::asio::signal_set signals{io_, SIGHUP};
    for (;;) {
        co_await signals.async_wait(boost::asio::use_awaitable);
        hangup_.notify();
    }
}

awaitable<void> Supervisor::serve_hangups()
{
    for (;;) {
        co_await hangup_.wait();
        co_await reload(std::nullopt);
    }
}

awaitable<void> Supervisor::wait_or_hangup(std::chrono::milliseconds limit)
{
    try {
        co_await libpq::within(limit, "waiting", hangup_.wait());
        hangup_.notify();  // To be served when there is work again.
    } catch (const libpq::Timeout&) {
        // The usual end.
    }
}

awaitable<void> Supervisor::serve_requests()
{
    for (;;) {
        std::optional<RequestId> under_way;
        if (pruning_)
            under_way = pruning_->id;
        auto requests = co_await work_->conductor->answer_requests(under_way);
        for (auto& request : requests)
            co_await serve(std::move(request));
        co_await work_->conductor->request_arrived();
    }
}

awaitable<void> Supervisor::serve(pipeline::OperatorRequest request)
{
    if (std::holds_alternative<pipeline::PruneJournal>(request.body))
        co_await begin_pruning(std::move(request.note));
    else
        co_await reload(std::move(request.note));
}

awaitable<void> Supervisor::reply(
    std::optional<RequestNote> request, RequestOutcome outcome, std::string text
)
{
    if (!request)
        co_return;
    RequestAnswered answer{std::move(*request), outcome, std::move(text)};
    co_await work_->conductor->answer_request(std::move(answer));
}

awaitable<void> Supervisor::reload(std::optional<RequestNote> request)
{
    notifier_.reloading();
    reloading_ = true;
    auto loaded = config::load_bridge(source_);
    auto* read = std::get_if<config::Settings>(&loaded);
    std::vector<std::string> mistakes;
    std::vector<std::string> notes;
    if (read == nullptr)
        for (const auto& mistake : std::get<std::vector<config::Mistake>>(loaded))
            mistakes.push_back(to_string(mistake));
    else if (read->source_hash != settings_->source_hash)
        mistakes = co_await obstacles(*read, notes);
    if (!mistakes.empty()) {
        observation_->configuration_refused(mistakes.size(), place_of(mistakes.front()));
        auto text = joined(mistakes);
        co_await reply(std::move(request), RequestOutcome::refused, std::move(text));
    } else if (read->source_hash == settings_->source_hash) {
        observation_->configuration_unchanged();
        auto text = "the configuration has not changed: " + read->source_hash;
        co_await reply(std::move(request), RequestOutcome::done, std::move(text));
    } else {
        std::optional<RequestAnswered> answer;
        notes.insert(notes.begin(), "the configuration applies now: " + read->source_hash);
        if (request)
            answer = RequestAnswered{std::move(*request), RequestOutcome::done, joined(notes)};
        co_await exchange(std::move(*read), std::move(answer));
    }
    end_reloading();
}

// systemd is told when a reload has ended, however it did.
void Supervisor::end_reloading()
{
    if (std::exchange(reloading_, false))
        notifier_.ready();
}

// Nothing is cut: what is being decided becomes durable, what is being delivered is answered.
awaitable<void> Supervisor::exchange(config::Settings settings, std::optional<RequestAnswered> answer)
{
    next_.emplace(Next{std::make_unique<config::Settings>(std::move(settings)), std::move(answer)});
    if (leads()) {
        const auto turn = co_await work_->conductor->quiet();
        for (const auto& lane : work_->lanes)
            co_await answered(*lane);
        throw Reload{};
    }
    throw Reload{};
}

awaitable<std::vector<std::string>> Supervisor::obstacles(
    const config::Settings& next, std::vector<std::string>& notes
)
{
    std::vector<std::string> found;
    if (next.hub_connection != settings_->hub_connection)
        found.emplace_back("hub/connection: the hub holds the state, it is exchanged by a restart only");
    if (next.definition.name != settings_->definition.name)
        found.emplace_back(
            "bridge: slots and origins have the bridge's name, it is exchanged by a restart only"
        );
    for (const auto& change : hub::layout_changes(settings_->definition, next.definition))
        found.push_back(sentence(change));
    if (!found.empty())
        co_return found;
    notes = left_to_a_restart(*settings_, next);
    for (const auto& connections : next.agencies) {
        const auto& agency = connections.agency;
        if (leads() && work_->conductor->state().agencies.contains(agency) &&
            work_->conductor->paused(agency)) {
            notes.push_back(agency.value() + " is paused and was not asked");
            continue;
        }
        std::vector<Error> errors;
        const auto names = postgres::agency_names(next.definition.name, agency, "").value();
        try {
            co_await libpq::within(
                agency_check_max,
                "asking the agency",
                check_agency(connections.deliver, names.publication, tables_of(next, agency), errors)
            );
        } catch (const postgres::AgencyMismatch& mismatch) {
            std::ranges::copy(mismatch.mismatches(), std::back_inserter(errors));
        } catch (const libpq::DatabaseError& error) {
            if (error.error().kind == ErrorClass::transient)
                notes.push_back(agency.value() + " could not be asked: " + error.error().code);
            else
                errors.push_back(error.error());
        }
        for (const auto& error : errors)
            found.push_back(agency.value() + " " + sentence(error));
    }
    co_return found;
}

void Supervisor::adopt()
{
    // Only what the hub was worked with is worth going back to.
    if (!before_)
        before_ = std::move(settings_);
    settings_ = std::move(next_->settings);
    answer_ = std::move(next_->answer);
    next_.reset();
    observation_.emplace(settings_->definition, metrics_, log_);
}

// The hub cannot be worked with under the new configuration: what ran before goes on.
void Supervisor::go_back(const Error& cause)
{
    settings_ = std::move(before_);
    observation_.emplace(settings_->definition, metrics_, log_);
    observation_->configuration_refused(1, cause.code);
    if (answer_) {
        answer_->outcome = RequestOutcome::refused;
        answer_->text = sentence(cause) + "\nthe configuration before applies again";
    }
}

void Supervisor::started()
{
    notifier_.status("leading");
    if (before_) {
        before_.reset();
        metrics_.configuration_applied(std::chrono::system_clock::now().time_since_epoch());
    }
    answer_.reset();
}

}  // namespace casebridge::daemon
