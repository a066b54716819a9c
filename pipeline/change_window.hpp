#pragma once

#include "model/ids.hpp"
#include "model/pg_time.hpp"

#include <chrono>
#include <cstddef>
#include <set>
#include <unordered_map>
#include <utility>

// Which records were changed lately, by the commit times of the changes: a window that slides without a
// clock.

namespace casebridge::pipeline {

// Memory: one entry for each record of the window. Commit times need not ascend: one that lies ahead of what
// is asked for counts.
class ChangeWindow {
public:
    using Length = std::chrono::microseconds;

    // The record was changed by a transaction that committed then. Forgets what is older than the window that
    // ends there.
    void note(RecordId record, PgTime at, Length length);

    // Of the window that ends at `at`: how many records, and whether this one is among them.
    [[nodiscard]] std::size_t count(PgTime at, Length length) const;
    [[nodiscard]] bool holds(RecordId record, PgTime at, Length length) const;

private:
    std::unordered_map<RecordId, PgTime> latest_;
    std::set<std::pair<PgTime, RecordId>> by_time_;
};

}  // namespace casebridge::pipeline
