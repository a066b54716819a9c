#include "daemon/retention_text.hpp"
#include "daemon/supervisor.hpp"

#include <optional>
#include <string>
#include <utility>

// Letting go of what is older than the retention settings allow, when an operator asks for it. Merging and
// delivering go on meanwhile.

namespace casebridge::daemon {

using boost::asio::awaitable;

namespace {

constexpr auto nothing_goes =
    "the configuration has no retention: everything is kept; docs/configuration.md explains the settings";

}  // namespace

// Other requests are answered while values are erased, which may take long.
awaitable<void> Supervisor::begin_pruning(RequestNote request)
{
    if (pruning_) {
        auto text =
            "request " + std::to_string(pruning_->id.value()) + " is at it; ask again when it is answered";
        co_await reply(std::move(request), RequestOutcome::refused, std::move(text));
        co_return;
    }
    pruning_ = std::move(request);
    pruning_wanted_.notify();
}

awaitable<void> Supervisor::keep_pruning()
{
    pruning_.reset();  // What was cut off stands in the inbox.
    for (;;) {
        co_await pruning_wanted_.wait();
        if (pruning_)
            co_await prune(*pruning_);
        pruning_.reset();
    }
}

awaitable<void> Supervisor::prune(RequestNote request)
{
    auto outcome = RequestOutcome::refused;
    std::string text = nothing_goes;
    const auto retention = retention_of(settings_->retention);
    if (!keeps_everything(retention)) {
        try {
            text = co_await prune_now(retention);
            outcome = RequestOutcome::done;
        } catch (const libpq::DatabaseError& error) {
            // Of the session that erases: what it has not reached stays until it is asked again.
            text = "not all is gone: " + error.error().code + " " + error.error().message + "; ask again";
        }
    }
    co_await reply(std::move(request), outcome, std::move(text));
}

// Returns what went, for the operator.
awaitable<std::string> Supervisor::prune_now(hub::Retention retention)
{
    libpq::ConnectionOptions options{settings_->hub_connection};
    options.application_name = "casebridge:retention";
    auto connection = co_await libpq::Connection::open(options);
    const auto horizon = co_await hub::find_prune_horizon(connection, retention);
    const auto expected = co_await hub::count_prunable(connection, horizon);
    if (expected == hub::PruneCounts{})
        co_return "nothing is that old";
    co_await work_->conductor->announce(JournalPruned{
        horizon.journal_values, horizon.conflict_values, horizon.journal});
    const auto gone = co_await hub::prune(connection, horizon);
    co_return "gone: " + in_words(gone);
}

}  // namespace casebridge::daemon
