#pragma once

#include "pipeline/bridge_state.hpp"

#include <utility>
#include <vector>

namespace casebridge::pipeline {

// Gives entries their seq and applies each at once, so that the next decision sees it. The caller appends
// `entries` to the journal in one transaction before anything leaves the process; when that fails, state and
// log are thrown away.
class EntryLog {
public:
    explicit EntryLog(BridgeState& state) : state_(&state) {}

    JournalSeq write(EntryBody body)
    {
        entries_.push_back({next_seq(), std::move(body)});
        apply(*state_, entries_.back());
        return entries_.back().seq;
    }

    [[nodiscard]] JournalSeq next_seq() const { return JournalSeq{state_->last_seq.value() + 1}; }
    [[nodiscard]] BridgeState& state() { return *state_; }
    [[nodiscard]] const BridgeState& state() const { return *state_; }
    [[nodiscard]] const std::vector<Entry>& entries() const noexcept { return entries_; }

private:
    BridgeState* state_;  // Not owned.
    std::vector<Entry> entries_;
};

}  // namespace casebridge::pipeline
