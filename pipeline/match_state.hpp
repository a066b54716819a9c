#pragma once

#include "pipeline/bridge_state.hpp"

// How the state follows what rows might be, and what persons decided of that. For bridge_state.cpp.

namespace casebridge::pipeline {

// The row is, or is not, the record from here on. The later of two decisions on one pair stands.
void decide_match(BridgeState& state, const MatchDecided& decided);

// The row got another key: what was decided of it goes along. The old key keeps what may never match: of two
// rows that swap their keys both then have both, and a match too few is asked for, where one too many would
// mix two persons.
void follow_rename(BridgeState& state, MappingIndex table, const LocalKey& before, const LocalKey& now);

// The row was linked, so that the decision that it is a record has done its work; or it is gone, and the next
// one under its key may be anybody's.
void forget_same(BridgeState& state, const LinkKey& row);
void forget_same(BridgeState& state, MappingIndex table);

// The row never was the record: nothing of it is left there. What else the entries of the append say of it
// comes behind. `seq` is that of the entry.
void split_link(BridgeState& state, const LinkSplit& split, JournalSeq seq);

// A row that might be its candidates is parked, or it is not parked like that any more.
void begin_doubt(BridgeState& state, const RowParked& row);
void end_doubt(BridgeState& state, const RowParked& row);

}  // namespace casebridge::pipeline
