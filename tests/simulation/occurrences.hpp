#pragma once

#include <cstddef>
#include <map>
#include <string>

namespace casebridge {
struct Entry;
}

namespace casebridge::simulation {

// What happened in a history, by name (`fault lost_answer`, `conflict update_origin_differs held`), and how
// often. A name that the list in occurrences.cpp expects and that hardly ever happens means that the
// simulator has stopped to look there.
class Occurrences {
public:
    void count(const std::string& name) { ++counts_[name]; }
    [[nodiscard]] const std::map<std::string, std::size_t>& counts() const noexcept { return counts_; }

private:
    std::map<std::string, std::size_t> counts_;
};

// Counts what a journal entry says.
void count_entry(Occurrences& occurrences, const Entry& entry);

// Over many histories: in how many each name occurred at all, and how often.
class Coverage {
public:
    void add(const Occurrences& history);
    void add(const std::string& name, std::size_t histories, std::size_t times);

    struct Line {
        std::size_t histories = 0;
        std::size_t times = 0;
    };
    [[nodiscard]] const std::map<std::string, Line>& lines() const noexcept { return lines_; }

    // Expected names that occurred in fewer than 1 of 1,000 of so many histories.
    [[nodiscard]] std::map<std::string, Line> too_rare(std::size_t histories) const;

private:
    std::map<std::string, Line> lines_;
};

}  // namespace casebridge::simulation
