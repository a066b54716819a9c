#pragma once

#include "daemon/common_options.hpp"
#include "daemon/deletion_commands.hpp"

#include <CLI/CLI.hpp>

#include <optional>
#include <string>
#include <vector>

// The words of `casebridge deletions …`. Parsing only.

namespace casebridge::daemon {

class DeletionCommandLine {
public:
    // Adds the commands; they and this must live as long as the application parses.
    explicit DeletionCommandLine(CLI::App& app);
    DeletionCommandLine(const DeletionCommandLine&) = delete;
    DeletionCommandLine& operator=(const DeletionCommandLine&) = delete;

    // Those that read the configuration.
    [[nodiscard]] std::vector<CLI::App*> all() const { return {list_, show_, decide_}; }

    // Runs the one that was asked for; nothing when none was.
    [[nodiscard]] std::optional<int> run(const std::string& configuration);

private:
    CLI::App* deletions_;
    CLI::App* list_;
    CLI::App* show_;
    CLI::App* decide_;

    CommonOptions common_;
    std::int64_t record_ = 0;
    DeletionChoice choice_ = DeletionChoice::keep;
    std::optional<std::int64_t> deletion_;
    std::optional<std::int64_t> seen_;
    bool all_ = false;
};

}  // namespace casebridge::daemon
