#pragma once

#include "daemon/case_commands.hpp"
#include "daemon/request_commands.hpp"

#include <CLI/CLI.hpp>

#include <cstddef>
#include <optional>
#include <string>

// The options that the commands of every family have: where to read, how to print, and who asks why. One
// object serves a family, because one run of the program is one command.

namespace casebridge::daemon {

class CommonOptions {
public:
    CommonOptions() = default;
    CommonOptions(const CommonOptions&) = delete;  // The parser knows where the members are.
    CommonOptions& operator=(const CommonOptions&) = delete;

    // --json and --hub: every command has them.
    void add_to(CLI::App& command);
    // --limit, for lists.
    void add_limit(CLI::App& list);
    // --reason, --as and --wait, for what goes into the inbox. A command that only shows what it would do
    // needs no reason yet.
    enum class Reason { required, optional };
    void add_request(CLI::App& command, Reason reason = Reason::required);

    [[nodiscard]] std::size_t limit() const { return limit_; }
    [[nodiscard]] CaseOptions reading(const std::string& configuration) const;
    [[nodiscard]] RequestOptions request(const std::string& configuration) const;

private:
    [[nodiscard]] OutputFormat format() const { return json_ ? OutputFormat::json : OutputFormat::text; }

    bool json_ = false;
    std::optional<std::string> hub_;
    std::size_t limit_ = 50;
    std::string reason_;
    std::string requested_by_;
    int wait_seconds_ = 30;
};

}  // namespace casebridge::daemon
