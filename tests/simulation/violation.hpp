#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace casebridge::simulation {

// A promise was broken: which checker says so, and what it saw. Ends the history.
class Violation : public std::runtime_error {
public:
    Violation(std::string checker, const std::string& what)
        : std::runtime_error(what), checker_(std::move(checker))
    {
    }

    [[nodiscard]] const std::string& checker() const noexcept { return checker_; }

private:
    std::string checker_;
};

}  // namespace casebridge::simulation
