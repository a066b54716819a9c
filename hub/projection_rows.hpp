#pragma once

#include "hub/projector.hpp"
#include "hub/row_set.hpp"

#include <map>
#include <span>
#include <string>
#include <vector>

// A batch as rows of the projections' tables. Of this room only.

namespace casebridge::hub {

class ProjectionRows {
public:
    ProjectionRows(const EntryCodec& codec, const pipeline::BridgeDefinition& definition);

    void add(const ProjectedRecord& projected);
    void add(const Entry& entry);  // Its conflicts, decision or answer; nothing for other entries.
    void add(const pipeline::ParkedRow& parked);
    void add_released(const pipeline::LinkKey& released);
    void add(const pipeline::LinkKey& row, const pipeline::RowMatches& matches);
    void add(const AgencyId& agency, const pipeline::AgencyState& state);
    void add(MappingIndex table, const pipeline::TableState& state);

    // In the order in which they are to run. The rows are empty afterwards.
    [[nodiscard]] std::vector<libpq::Statement> statements();

private:
    void add_links(const pipeline::Record& record);
    void settle_links();
    void add_holds(const ProjectedRecord& projected);
    void add_departure(const pipeline::Record& record);
    void add_proposals(const pipeline::Record& record);
    void add_request(JournalSeq seq, const RequestAnswered& answered);
    void add_conflicts(
        JournalSeq seq,
        const AgencyId& agency,
        EntityIndex entity,
        RecordId record,
        std::span<const ConflictNote> notes
    );
    void add_decision(JournalSeq seq, const ValueDecided& decided);

    const EntryCodec* codec_;
    const pipeline::BridgeDefinition* definition_;
    // Whose a row is: its key may have been another record's, whose link has ended.
    struct Owner {
        RecordId record;
        pipeline::LinkState state;
        JournalSeq since;
    };
    std::map<pipeline::LinkKey, Owner> owners_;
    std::size_t replaced_ = 0;  // Records whose surroundings are replaced: those in ids_.
    ArrayText ids_;
    RowSet records_, links_, identities_, references_, waiting_, holds_, refusals_, departures_, proposals_;
    RowSet conflicts_, decisions_, parked_, released_, matches_, matched_before_, agencies_, tables_,
        requests_;
};

}  // namespace casebridge::hub
