#include "daemon/deletion_commands.hpp"

#include "daemon/deletion_report.hpp"
#include "daemon/hub_reading.hpp"
#include "daemon/supervisor.hpp"
#include "hub/decision_payload.hpp"

#include <filesystem>
#include <iostream>
#include <utility>

namespace casebridge::daemon {

using boost::asio::awaitable;

namespace {

using Definition = pipeline::BridgeDefinition;

awaitable<void> read_deletions(
    std::string conninfo, hub::DeletionWhich which, std::size_t limit, std::vector<hub::DeletionHead>& heads
)
{
    auto connection = co_await open_hub(std::move(conninfo));
    heads = co_await hub::list_deletions(connection, which, limit);
}

awaitable<void> read_deletion(std::string conninfo, RecordId record, std::optional<hub::ShownDeletion>& found)
{
    auto connection = co_await open_hub(std::move(conninfo));
    found = co_await hub::show_deletion(connection, record);
}

int find_deletion(
    const std::filesystem::path& configuration,
    const std::optional<std::string>& hub,
    RecordId record,
    std::optional<hub::ShownDeletion>& found
)
{
    const auto ended = read_hub(configuration, hub, [&](std::string conninfo, const Definition&) {
        return read_deletion(std::move(conninfo), record, found);
    });
    if (ended == exit_ok && !found)
        return complain_of_usage(
            "no deletion concerns that record; casebridge deletions list --all has those that there are"
        );
    return ended;
}

}  // namespace

int list_deletions(const CaseOptions& options, hub::DeletionWhich which, std::size_t limit)
{
    std::vector<hub::DeletionHead> heads;
    const auto ended =
        read_hub(options.configuration, options.hub, [&](std::string conninfo, const Definition&) {
            return read_deletions(std::move(conninfo), which, limit, heads);
        });
    if (ended == exit_ok)
        std::cout << (options.format == OutputFormat::json ? deletions_json(heads) : deletions_text(heads));
    return ended;
}

int show_deletion(const CaseOptions& options, RecordId record)
{
    std::optional<hub::ShownDeletion> found;
    const auto ended = find_deletion(options.configuration, options.hub, record, found);
    if (found)
        std::cout << (options.format == OutputFormat::json ? deletion_json(*found) : deletion_text(*found));
    return ended;
}

int decide_deletion(const RequestOptions& options, RecordId record, const DeletionDecision& decision)
{
    if (decision.choice == DeletionChoice::remove && !decision.seen)
        return complain_of_usage(
            "remove takes --seen, so that nothing goes that nobody has seen: casebridge deletions show " +
            std::to_string(record.value()) + " has it"
        );
    auto deletion = decision.deletion;
    if (!deletion) {
        std::optional<hub::ShownDeletion> found;
        if (const auto ended = find_deletion(options.configuration, options.hub, record, found);
            ended != exit_ok)
            return ended;
        deletion = found->heads.front().since;
    }
    hub::NewRequest request;
    request.kind = pipeline::decide_deletion_kind;
    request.payload = hub::deletion_payload({record, *deletion, decision.choice, decision.seen});
    return put_request(options, std::move(request));
}

}  // namespace casebridge::daemon
