#pragma once

#include "daemon/breaker_commands.hpp"
#include "daemon/common_options.hpp"

#include <CLI/CLI.hpp>

#include <optional>
#include <string>
#include <vector>

// The words of `casebridge breakers …`. Parsing only.

namespace casebridge::daemon {

class BreakerCommandLine {
public:
    // Adds the commands; they and this must live as long as the application parses.
    explicit BreakerCommandLine(CLI::App& app);
    BreakerCommandLine(const BreakerCommandLine&) = delete;
    BreakerCommandLine& operator=(const BreakerCommandLine&) = delete;

    // Those that read the configuration.
    [[nodiscard]] std::vector<CLI::App*> all() const { return {list_, show_, approve_}; }

    // Runs the one that was asked for; nothing when none was.
    [[nodiscard]] std::optional<int> run(const std::string& configuration);

private:
    CLI::App* breakers_;
    CLI::App* list_;
    CLI::App* show_;
    CLI::App* approve_;

    CommonOptions common_;
    std::string agency_;
    std::optional<std::int64_t> breaker_;
    ApprovedDeletions deletions_ = ApprovedDeletions::follow;
};

}  // namespace casebridge::daemon
