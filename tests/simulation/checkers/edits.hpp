#pragma once

#include "tests/simulation/checkers/open_forms.hpp"
#include "tests/simulation/world.hpp"

#include <bitset>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

namespace casebridge::simulation {

// More edits of one unit of one subject are not told apart; histories are far shorter.
inline constexpr std::size_t edits_max = 256;
using EditSet = std::bitset<edits_max>;

// One unit of one row given another meaning by an agency, as its rows show it.
struct Edit {
    JournalSeq seq;  // Of the entry that read it.
    RecordId record;
    AgencyId agency;
    std::optional<std::size_t> commit;  // Position in Ledger::commits(); nothing: older than the WAL.
    Text value;
    std::optional<Text>
        base;  // What the row said before; nothing where that does not tell what the edit changed.
    std::optional<PgTime> commit_time;  // Nothing where nobody knows it: surveys, rows read a second time.
    // A stale form's: the first of our deliveries, by its commit, that whoever filled it in had not seen.
    std::optional<std::size_t> unseen_delivery = std::nullopt;
    EditSet had = {};  // Edits of the same unit that its database contained, own ones included.
};

// All edits of one unit of one subject, ascending by seq.
using UnitEdits = std::vector<Edit>;

// The edits of a history, and which of them each one's database had: worked out from commits, deliveries and
// images alone, by the definition in docs/conflict_resolution.md ("what an agency had"). References are left
// out: their meaning depends on other rows.
class Edits {
public:
    using UnitKey = std::pair<Subject, UnitIndex>;

    explicit Edits(const World& world);

    [[nodiscard]] const std::map<std::pair<Subject, UnitIndex>, UnitEdits>& units() const noexcept
    {
        return units_;
    }

    // What some edits are worth together, if the rules can say.
    [[nodiscard]] std::optional<Text> joined(
        const Subject& subject, UnitIndex unit, const UnitEdits& edits, const EditSet& known
    ) const;

    // Whether the agency's database, just before a commit of its own, contained the unit's edit of that
    // place.
    [[nodiscard]] bool knew(const AgencyId& agency, const UnitKey& unit, std::size_t commit, std::size_t edit)
        const;

private:
    // What a record showed in a table when it was last read.
    using Bases = std::map<std::pair<RecordId, MappingIndex>, Row>;

    void collect();
    void collect(const RowRead& read, JournalSeq seq, Bases& bases);
    void follow();
    void follow_local(const AgencyId& agency, const WalTransaction& transaction, std::size_t commit);
    void follow_own(const AgencyId& agency, const WalTransaction& transaction, std::size_t commit);
    void note_had(const AgencyId& agency, std::size_t commit);
    [[nodiscard]] OpenForms::Stale saved_forms(
        const RowRead& read,
        const Row& shown,
        const std::optional<Row>& base,
        std::optional<std::size_t> commit
    );
    [[nodiscard]] EditSet known_before(const AgencyId& agency, const UnitKey& unit, std::size_t commit) const;
    // What the row knew on which a commit made the edit.
    [[nodiscard]] const EditSet& known_to(
        const AgencyId& agency, const UnitKey& unit, std::size_t commit, const Edit& edit
    );
    [[nodiscard]] std::optional<std::size_t> commit_of(const RowRead& read, const Row& shown) const;

    const World& world_;
    std::map<UnitKey, UnitEdits> units_;
    std::map<std::pair<AgencyId, UnitKey>, EditSet> known_;
    // What was known before it changed, by the commit that changed it.
    std::map<std::pair<AgencyId, UnitKey>, std::vector<std::pair<std::size_t, EditSet>>> known_once_;
    std::map<std::pair<RecordId, MappingIndex>, OpenForms> forms_;
    std::map<AgencyId, std::map<Subject, LinkKey>> rows_;  // As they stand at the commit that is followed.
    std::map<LinkKey, Row> contents_;
    std::set<std::pair<AgencyId, Subject>> deleted_;  // Gone, and not by TRUNCATE.
    // The first entry that read a row of the subject as a new one, by the commit that inserted it.
    std::map<std::tuple<AgencyId, Subject, std::size_t>, JournalSeq> inserted_;
    // What the row knew that a commit put a new one in the place of.
    std::map<std::tuple<AgencyId, UnitKey, std::size_t>, EditSet> known_by_former_;
    // Edits by the commit that made them.
    std::map<std::size_t, std::vector<std::pair<UnitKey, std::size_t>>> by_commit_;
};

}  // namespace casebridge::simulation
