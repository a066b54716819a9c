#pragma once

#include "daemon/common_options.hpp"
#include "daemon/parked_commands.hpp"

#include <CLI/CLI.hpp>

#include <optional>
#include <string>
#include <vector>

// The words of `casebridge explain …` and `casebridge parked …`. Parsing only.

namespace casebridge::daemon {

class ParkedCommandLine {
public:
    // Adds the commands; they and this must live as long as the application parses.
    explicit ParkedCommandLine(CLI::App& app);
    ParkedCommandLine(const ParkedCommandLine&) = delete;
    ParkedCommandLine& operator=(const ParkedCommandLine&) = delete;

    // Those that read the configuration.
    [[nodiscard]] std::vector<CLI::App*> all() const;

    // Runs the one that was asked for; nothing when none was.
    [[nodiscard]] std::optional<int> run(const std::string& configuration);

private:
    [[nodiscard]] int run_explain(const CaseOptions& options) const;
    [[nodiscard]] int run_list(const CaseOptions& options) const;
    [[nodiscard]] int run_request(const std::string& configuration) const;

    CLI::App* explain_;
    CLI::App* parked_;
    CLI::App* list_;
    CLI::App* show_;
    CLI::App* retry_;
    CLI::App* skip_;

    CommonOptions common_;
    std::string entity_;
    // Of explain, behind the entity: the record's number unless a key says which, and a field.
    std::optional<std::string> first_;
    std::optional<std::string> second_;
    std::optional<std::string> agency_;
    std::optional<std::string> key_;
    bool no_values_ = false;
    bool skipped_ = false;
    bool all_ = false;
    std::string name_;
    std::vector<std::string> names_;
    bool yes_ = false;
};

}  // namespace casebridge::daemon
