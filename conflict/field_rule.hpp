#pragma once

#include "conflict/value_order.hpp"
#include "model/ids.hpp"

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// Which of several concurrent values of a unit stands. One rule per unit of an entity, declared by
// configuration (docs/configuration.md). Rules are a closed set: each must be a function of the set of open
// versions alone.

namespace casebridge::conflict {

// That agency's value stands; every other agency's edit is recorded and reverted there. Judged before
// causality.
struct Authority {
    enum class Others {
        reverted,  // That is all.
        proposed,  // The edit is a proposal, which a person of the authority accepts or rejects.
    };
    AgencyId agency;
    Others others = Others::reverted;
};

// The greatest (stamp, agency) stands. Abstains where stamps cannot tell: where one is missing, or where two
// agencies' clocks may differ by as much as the stamps do.
struct Latest {
    std::chrono::microseconds skew_bound{std::chrono::seconds{1}};
};

// The greatest value stands, whoever wrote it; empty is less than anything. Only for units of one field.
struct Max {
    ValueOrder order = ValueOrder::number;
};

// The least value stands; empty is greater than anything. Only for units of one field.
struct Min {
    ValueOrder order = ValueOrder::number;
};

// The value that comes first in the list stands; then those that are not listed, then empty. Abstains between
// two that are not listed. Only for units of one field.
struct Rank {
    std::vector<Value> values;
};

// A value beats an empty one. Abstains between two values.
struct Filled {};

// What the agencies added is added up: the golden value is what they began from and everything that each of
// them added to what its database had. Abstains when they began from different totals, when one of them
// emptied the field, and when the total is out of range. Only for units of one field of numbers, and only as
// the first rule of a chain.
struct Sum {
    enum class Range {
        bigint,   // What a 64-bit integer holds.
        numeric,  // Up to 1,000 digits.
    };
    Range range = Range::numeric;
};

// Every element stands that somebody has added and nobody who had seen that has removed. Only for units of
// one field of type set. Stands alone: it needs all versions, and never abstains from what the hub can read.
struct Union {};

using ChainedRule = std::variant<Latest, Max, Min, Rank, Filled, Sum, Union>;

// Rules in the order in which they are asked. One that abstains hands on the versions that it could not tell
// apart; behind the last a person decides, and until then every agency keeps what it has.
struct Chain {
    std::vector<ChainedRule> rules;
};

// A person decides at once: the chain without rules.
struct Hold {};

class FieldRule {
public:
    FieldRule(Authority authority) : kind_(std::move(authority)) {}
    FieldRule(Chain chain) : kind_(std::move(chain)) {}
    FieldRule(Hold) : kind_(Chain{}) {}
    // Chains of one.
    FieldRule(Latest rule) : kind_(Chain{{rule}}) {}
    FieldRule(Max rule) : kind_(Chain{{rule}}) {}
    FieldRule(Min rule) : kind_(Chain{{rule}}) {}
    FieldRule(Rank rule) : kind_(Chain{{std::move(rule)}}) {}
    FieldRule(Filled rule) : kind_(Chain{{rule}}) {}
    FieldRule(Sum rule) : kind_(Chain{{rule}}) {}
    FieldRule(Union rule) : kind_(Chain{{rule}}) {}

    [[nodiscard]] const Authority* authority() const { return std::get_if<Authority>(&kind_); }
    // In the order in which they are asked; none under an authority.
    [[nodiscard]] std::span<const ChainedRule> chain() const;
    // The rule by which values are added up, if they are.
    [[nodiscard]] const Sum* sum() const;
    // Whether sets are joined.
    [[nodiscard]] bool joins() const;
    // Whether the golden value is made of all open versions, so that it may be none's.
    [[nodiscard]] bool computes() const { return sum() != nullptr || joins(); }

private:
    std::variant<Authority, Chain> kind_;
};

// The rules of one entity, one per unit, in the order of EntityDefinition::units.
using EntityRules = std::vector<FieldRule>;

// `latest`, `max`, `rank`.
[[nodiscard]] std::string_view to_string(const ChainedRule& rule);

// `authority:sp`, `latest`, `filled>latest`, `hold`: as the journal and conflicts name it.
[[nodiscard]] std::string to_string(const FieldRule& rule);

}  // namespace casebridge::conflict
