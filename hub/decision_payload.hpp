#pragma once

#include "pipeline/match_decision.hpp"
#include "pipeline/operator_request.hpp"
#include "pipeline/value_decision.hpp"

#include <optional>
#include <string>
#include <string_view>

// The payloads of decisions, as they stand in the inbox. That of a request `decide` is
//
//   {"entity": "person", "record": 42, "unit": "phone", "seen": [101, 117],
//    "take": 101  or  "value": ["text", null],
//    "conflict": {"seq": 117, "position": 0}}
//
// `value` has one text or null for each field of the unit, in the unit's order; `conflict` may be left out.

namespace casebridge::hub {

[[nodiscard]] std::string decision_payload(const pipeline::DecideValue& wanted);

// Nothing for any other document. Names and numbers need not exist.
[[nodiscard]] std::optional<pipeline::DecideValue> read_decision(std::string_view payload);

// The payload of a request `match`; the agency stands in the request itself.
//
//   {"entity": "person", "key": "17", "record": 42, "verdict": "same" or "never"}
[[nodiscard]] std::string match_payload(const pipeline::DecideMatch& wanted);

// Nothing for any other document.
[[nodiscard]] std::optional<pipeline::DecideMatch> read_match(
    const AgencyId& agency, std::string_view payload
);

// The payload of a request `decide_deletion`: {"record": 42, "deletion": 117, "choice": "keep"}; the other
// choices are `remove` and `restore`. With `remove` stands "seen": 120, the record's last entry when the
// person looked.
[[nodiscard]] std::string deletion_payload(const pipeline::DecideDeletion& wanted);
[[nodiscard]] std::optional<pipeline::DecideDeletion> read_deletion(std::string_view payload);

// The payload of a request `reject_proposal`: {"record": 42, "unit": "name", "proposal": 117}.
[[nodiscard]] std::string rejection_payload(const pipeline::RejectProposal& wanted);
[[nodiscard]] std::optional<pipeline::RejectProposal> read_rejection(std::string_view payload);
// The payload of a request `approve_breaker`: {"breaker": 117, "deletions": "follow"} or "hold"; the agency
// stands in the request itself.
[[nodiscard]] std::string approval_payload(const pipeline::ApproveBreaker& wanted);
[[nodiscard]] std::optional<pipeline::ApproveBreaker> read_approval(
    const AgencyId& agency, std::string_view payload
);

// The payload of a request `split_link`; the agency stands in the request itself. `seen` is the record's last
// entry when the person looked; without `into` the identity rules say what the row is from then on.
//
//   {"entity": "person", "key": "17", "record": 42, "seen": 120, "into": 57 or "new"}
[[nodiscard]] std::string split_payload(const pipeline::SplitLink& wanted);
[[nodiscard]] std::optional<pipeline::SplitLink> read_split(const AgencyId& agency, std::string_view payload);

}  // namespace casebridge::hub
