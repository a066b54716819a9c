#include "pipeline/record_history.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace casebridge::pipeline {

namespace {

PastVersion past_version(JournalSeq seq, const AgencyId& author, const VersionAdded& added)
{
    return {
        .seq = seq,
        .author = author,
        .unit = added.unit,
        .value = added.value,
        .stamp = added.stamp,
        .superseded = added.superseded,
        .admission = added.admission,
        .tally = added.tally,
        .suspect = added.suspect,
    };
}

std::optional<UnitValue> base_of(std::span<const ConflictNote> conflicts, UnitIndex unit)
{
    const auto note = std::ranges::find(conflicts, unit, &ConflictNote::unit);
    return note == conflicts.end() ? std::nullopt : std::optional{note->base};
}

// Adds what entries of one kind each say of the record.
class Adder {
public:
    Adder(RecordHistory& history, JournalSeq seq) : history_(history), seq_(seq) {}

    void operator()(const RowRead& row)
    {
        if (row.record != history_.record)
            return;
        if (row.link != LinkChange::none)
            history_.links.push_back({seq_, row.agency, row.link});
        for (const auto& added : row.versions) {
            auto version = past_version(seq_, row.agency, added);
            version.by = row.source == RowSource::echo ? PastVersion::By::trigger : PastVersion::By::agency;
            version.base = base_of(row.conflicts, added.unit);
            history_.versions.push_back(std::move(version));
        }
    }

    void operator()(const RowDeleted& row)
    {
        if (row.record != history_.record)
            return;
        for (const auto& added : row.versions) {
            auto version = past_version(seq_, row.agency, added);
            version.base = base_of(row.conflicts, added.unit);
            history_.versions.push_back(std::move(version));
        }
    }

    void operator()(const ValueDecided& decided)
    {
        if (decided.record != history_.record)
            return;
        auto version = past_version(seq_, decided.author, decided.version);
        version.by = PastVersion::By::person;
        version.taken = decided.taken;
        history_.versions.push_back(std::move(version));
    }

    template <class Other>
    void operator()(const Other&)
    {
    }

private:
    RecordHistory& history_;
    JournalSeq seq_;
};

}  // namespace

const PastVersion* RecordHistory::find(UnitIndex unit, JournalSeq seq) const
{
    const auto [begin, end] = std::ranges::equal_range(versions, seq, {}, &PastVersion::seq);
    const auto found =
        std::find_if(begin, end, [&](const PastVersion& version) { return version.unit == unit; });
    return found == end ? nullptr : &*found;
}

void add_entry(RecordHistory& history, const Entry& entry)
{
    std::visit(Adder{history, entry.seq}, entry.body);
}

}  // namespace casebridge::pipeline
