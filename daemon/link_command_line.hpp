#pragma once

#include "daemon/common_options.hpp"
#include "daemon/link_commands.hpp"

#include <CLI/CLI.hpp>

#include <optional>
#include <string>
#include <vector>

// The words of `casebridge links …`. Parsing only.

namespace casebridge::daemon {

class LinkCommandLine {
public:
    // Adds the commands; they and this must live as long as the application parses.
    explicit LinkCommandLine(CLI::App& app);
    LinkCommandLine(const LinkCommandLine&) = delete;
    LinkCommandLine& operator=(const LinkCommandLine&) = delete;

    // Those that read the configuration.
    [[nodiscard]] std::vector<CLI::App*> all() const { return {list_, show_, confirm_, reject_, split_}; }

    // Runs the one that was asked for; nothing when none was.
    [[nodiscard]] std::optional<int> run(const std::string& configuration);

private:
    [[nodiscard]] int run_split(const std::string& configuration) const;

    CLI::App* links_;
    CLI::App* list_;
    CLI::App* show_;
    CLI::App* confirm_;
    CLI::App* reject_;
    CLI::App* split_;

    CommonOptions common_;
    NamedRow row_;
    std::int64_t record_ = 0;
    std::optional<std::string> into_;
    std::optional<std::int64_t> seen_;
    bool yes_ = false;
};

}  // namespace casebridge::daemon
