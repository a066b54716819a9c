#pragma once

#include "daemon/commands.hpp"
#include "hub/inbox.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

// Commands that ask the leader for something: each puts a request into the hub's inbox, waits for the answer
// and prints it. Exit codes: done, refused, unanswered by the deadline, and those of every command.

namespace casebridge::daemon {

struct RequestOptions {
    std::filesystem::path configuration;
    std::optional<std::string> hub;  // Connects to the hub with this instead of the configuration's string.
    std::string requested_by;        // Empty: the user of the operating system.
    std::string reason;
    std::chrono::seconds wait{30};  // Until the deadline; nobody begins it later.
    OutputFormat format = OutputFormat::text;
};

// Asks for what stands in the request; who, why and until when come from the options. Prints the answer.
[[nodiscard]] int put_request(const RequestOptions& options, hub::NewRequest request);

// A maintenance window. It ends by itself after `lasts`.
[[nodiscard]] int pause(
    const RequestOptions& options, const std::string& agency, std::optional<std::chrono::seconds> lasts
);
[[nodiscard]] int resume(const RequestOptions& options, const std::string& agency);
[[nodiscard]] int reload(const RequestOptions& options);
// Answered when it is done, which may take long.
[[nodiscard]] int prune(const RequestOptions& options);
// What prune() would do now; asks nobody but the hub and changes nothing.
[[nodiscard]] int count_prunable(const RequestOptions& options);

}  // namespace casebridge::daemon
