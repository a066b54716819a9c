#pragma once

#include "daemon/case_commands.hpp"
#include "daemon/explain_report.hpp"
#include "hub/explain_queries.hpp"
#include "hub/parked_queries.hpp"

#include <string>
#include <vector>

// Commands that tell why a field says what it says, and what cannot be translated or delivered; the latter is
// tried again or set aside through the hub's inbox. Reading needs a role that may see the projections and the
// journal. What does not exist, and what is said wrongly, is exit_usage: nobody was asked.

namespace casebridge::daemon {

[[nodiscard]] int explain(const CaseOptions& options, const hub::ExplainWish& wish, Values values);

// Without values.
[[nodiscard]] int list_parked(const CaseOptions& options, hub::ParkedWhich which, std::size_t limit);
// With values.
[[nodiscard]] int show_parked(const CaseOptions& options, const std::string& name);

// What is named, or all that waits, set aside or not; of all a thousand at most, oldest first.
struct ParkedChoice {
    std::vector<std::string> names;
    enum class Extent { named, all };
    Extent extent = Extent::named;
    std::optional<std::string> agency;  // With `all`: only of this agency.
};

[[nodiscard]] int retry_parked(const RequestOptions& options, const ParkedChoice& choice);

// Without a yes it shows what would be left undone and asks nobody.
enum class Assent { asked_for, given };
[[nodiscard]] int skip_parked(const RequestOptions& options, const std::string& name, Assent assent);

}  // namespace casebridge::daemon
