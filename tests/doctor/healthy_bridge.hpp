#pragma once

#include "doctor/examination.hpp"

#include <memory>
#include <set>
#include <string>
#include <vector>

// Facts about two agencies and a hub with which nothing is wrong, for tests that spoil one of them.

namespace casebridge::doctor::test {

class HealthyBridge {
public:
    HealthyBridge();
    HealthyBridge(const HealthyBridge&) = delete;
    HealthyBridge& operator=(const HealthyBridge&) = delete;

    BridgeFacts facts;

    [[nodiscard]] AgencyFacts& agency() { return facts.agencies.front().facts; }
    [[nodiscard]] AgencyFacts& other() { return facts.agencies.back().facts; }
    // Table `app.client`: written, with rows that may be created; key id, columns name, town and group_id,
    // the last a reference to `app.group`; constant office. Columns secret and since are not mapped.
    [[nodiscard]] TableUse& use() { return facts.agencies.front().uses.front(); }
    [[nodiscard]] TableFacts& table() { return *agency().tables.front(); }
    [[nodiscard]] postgres::PublishableTable& object() { return agency().objects->tables.front(); }

private:
    std::vector<std::unique_ptr<mapping::TableMapping>> mappings_;
};

using Codes = std::multiset<std::string>;

// Of all findings.
[[nodiscard]] Codes codes_of(const Report& report);

// One finding of a code and the way to provoke it; what else shows up then.
struct Case {
    std::string code;
    void (*spoil)(HealthyBridge&);
    std::set<std::string> besides = {};
};

// Each file of findings has its list; together they are the catalogue.
[[nodiscard]] const std::vector<Case>& agency_cases();
[[nodiscard]] const std::vector<Case>& table_cases();
[[nodiscard]] const std::vector<Case>& bridge_cases();

// Whether each case gives the findings that it names and no other.
void expect_each(const std::vector<Case>& cases);

}  // namespace casebridge::doctor::test
