#pragma once

#include "daemon/common_options.hpp"
#include "daemon/proposal_commands.hpp"

#include <CLI/CLI.hpp>

#include <optional>
#include <string>
#include <vector>

// The words of `casebridge proposals …`. Parsing only.

namespace casebridge::daemon {

class ProposalCommandLine {
public:
    // Adds the commands; they and this must live as long as the application parses.
    explicit ProposalCommandLine(CLI::App& app);
    ProposalCommandLine(const ProposalCommandLine&) = delete;
    ProposalCommandLine& operator=(const ProposalCommandLine&) = delete;

    // Those that read the configuration.
    [[nodiscard]] std::vector<CLI::App*> all() const { return {list_, show_, accept_, reject_}; }

    // Runs the one that was asked for; nothing when none was.
    [[nodiscard]] std::optional<int> run(const std::string& configuration);

private:
    CLI::App* proposals_;
    CLI::App* list_;
    CLI::App* show_;
    CLI::App* accept_;
    CLI::App* reject_;

    CommonOptions common_;
    std::int64_t record_ = 0;
    std::string unit_;
    std::optional<std::int64_t> proposal_;
};

}  // namespace casebridge::daemon
