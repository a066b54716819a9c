#pragma once

#include "daemon/case_commands.hpp"
#include "daemon/common_options.hpp"

#include <CLI/CLI.hpp>

#include <optional>
#include <string>
#include <vector>

// The words of `casebridge holds …` and `casebridge conflicts …`. Parsing only.

namespace casebridge::daemon {

class CaseCommandLine {
public:
    // Adds the commands; they and this must live as long as the application parses.
    explicit CaseCommandLine(CLI::App& app);
    CaseCommandLine(const CaseCommandLine&) = delete;
    CaseCommandLine& operator=(const CaseCommandLine&) = delete;

    // Those that read the configuration.
    [[nodiscard]] std::vector<CLI::App*> all() const;

    // Runs the one that was asked for; nothing when none was.
    [[nodiscard]] std::optional<int> run(const std::string& configuration);

private:
    void add_choice(CLI::App& command);
    [[nodiscard]] int run_request(const RequestOptions& options) const;

    CLI::App* holds_;
    CLI::App* conflicts_;
    CLI::App* holds_list_;
    CLI::App* holds_show_;
    CLI::App* holds_decide_;
    CLI::App* conflicts_list_;
    CLI::App* conflicts_show_;
    CLI::App* conflicts_resolve_;
    CLI::App* conflicts_revert_;

    CommonOptions common_;
    std::int64_t record_ = 0;
    std::string unit_;
    std::string place_;
    std::optional<std::string> entity_;
    std::optional<std::int64_t> of_record_;
    bool only_open_ = false;
    std::optional<std::int64_t> take_;
    std::vector<std::string> values_;
    bool empty_ = false;
    std::vector<std::int64_t> seen_;
};

}  // namespace casebridge::daemon
