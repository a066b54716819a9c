#pragma once

#include "model/ids.hpp"
#include "model/value.hpp"
#include "pipeline/lane.hpp"

#include <optional>
#include <vector>

// One transaction to be written to an agency, as values. connectors/postgres/delivery_statements.hpp turns it
// into SQL.

namespace casebridge::pipeline {

// A slot and the text that the row is expected to show there.
using SlotExpectation = SlotWrite;

struct RowUpdate {
    RecordId record;
    LocalKey key;
    std::vector<SlotWrite> writes;  // Only what differs, ascending by slot.
    // Every slot of every unit written to, and of those by which rows are identified: under the key there may
    // be another person's row by now. Ascending by slot.
    std::vector<SlotExpectation> expectations;
};

struct RowInsert {
    RecordId record;
    LocalKey key;
    Image image;  // Every slot; empty ones are written as NULL.
};

struct RowDelete {
    RecordId record;
    LocalKey key;
    std::vector<SlotExpectation> expectations;  // Every slot of the row, ascending.
};

struct TableWrites {
    MappingIndex table;
    std::vector<RowInsert> inserts;
    std::vector<RowUpdate> updates;
    std::vector<RowDelete> deletes = {};
};

struct DeliveryPlan {
    AgencyId agency;
    JournalSeq to;                    // Greater than any before: the position of the transaction.
    std::vector<TableWrites> tables;  // Referenced tables first.
    // Versions were passed without anything to write: the transaction proves it by a message alone.
    bool marker_only = false;

    [[nodiscard]] std::size_t row_count() const;
};

// What became of a row of a plan.
struct RowRefusal {
    MappingIndex table;
    RecordId record;
    std::string code;   // SQLSTATE.
    std::string place;  // Constraint or column name.
};

struct DeliveryOutcome {
    JournalSeq to;
    std::vector<RecordId> missed;     // Not written: the row did not show what was expected.
    std::vector<RowRefusal> refused;  // Refused for their content.
    std::vector<RecordId> deferred;   // Left out because somebody held the row locked.
};

}  // namespace casebridge::pipeline
