#include "pipeline/split_plan.hpp"

#include "pipeline/record_values.hpp"
#include "pipeline/row_translation.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace casebridge::pipeline {

namespace {

using Place = std::pair<UnitIndex, JournalSeq>;

bool enters(const PastVersion& version)
{
    return version.admission == Admission::entered;
}

bool says_something(const UnitValue& value)
{
    return std::ranges::any_of(value, [](const FieldValue& field) { return field.has_value(); });
}

GivenBack given_back(const Version& version)
{
    return {version.author, version.value, version.stamp, version.seq, version.tally, version.suspect};
}

class SplitPlanner {
public:
    SplitPlanner(
        const BridgeState& state, const Record& record, const Link& link, const RecordHistory& history
    )
        : state_(state),
          record_(record),
          link_(link),
          history_(history),
          mapping_(state.definition->table(link.table)),
          begin_(find_begin())
    {
        find_gone();
    }

    SplitPlan run()
    {
        for (std::uint16_t number = 0; number < record_.units.size(); ++number) {
            const UnitIndex unit{number};
            plan_left(unit);
            plan_own(unit);
        }
        return std::move(plan_);
    }

private:
    [[nodiscard]] const AgencyId& agency() const { return mapping_.agency; }

    // The entry that made the row the record's; 0 when the journal does not have it any more. Coming back
    // under the same key is no beginning.
    [[nodiscard]] JournalSeq find_begin() const
    {
        JournalSeq begin;
        for (const auto& link : history_.links)
            if (link.agency == mapping_.agency && link.change != LinkChange::reopened)
                begin = link.seq;
        return begin;
    }

    // Whether it is the word of the row's people. What a person at the hub took counts with whose it was.
    [[nodiscard]] bool is_of_row(const PastVersion& version) const
    {
        if (version.author != agency() || version.seq < begin_)
            return false;
        return version.by != PastVersion::By::person || !version.taken || *version.taken >= begin_;
    }

    // What leaves the record: the words of the row's people, and what a database made of them.
    void find_gone()
    {
        for (const auto& version : history_.versions) {
            const bool answers_gone = version.by == PastVersion::By::trigger &&
                                      std::ranges::any_of(version.superseded, [&](JournalSeq seq) {
                                          return gone_.contains({version.unit, seq});
                                      });
            if (enters(version) && (is_of_row(version) || answers_gone))
                gone_.insert({version.unit, version.seq});
        }
    }

    // Of a version that the journal may have let go of, only what the record knows of it can be asked.
    [[nodiscard]] bool is_gone(UnitIndex unit, const Version& version) const
    {
        if (history_.find(unit, version.seq) != nullptr)
            return gone_.contains({unit, version.seq});
        return version.author == agency() && version.seq >= begin_;
    }

    [[nodiscard]] const conflict::UnitHistory& unit_of(UnitIndex unit) const
    {
        return record_.units[unit.value()];
    }

    [[nodiscard]] const Version* remembered(UnitIndex unit, JournalSeq seq) const
    {
        const auto& known = unit_of(unit);
        if (const auto open = std::ranges::find(known.open, seq, &Version::seq); open != known.open.end())
            return &*open;
        const auto past = std::ranges::find_if(known.past, [&](const SupersededVersion& old) {
            return old.version.seq == seq;
        });
        if (past != known.past.end())
            return &past->version;
        const auto proposed = std::ranges::find(known.proposals, seq, &Version::seq);
        return proposed == known.proposals.end() ? nullptr : &*proposed;
    }

    // The version as it was; nothing when its value is no longer kept.
    [[nodiscard]] std::optional<GivenBack> restored(UnitIndex unit, JournalSeq seq) const
    {
        if (const auto* known = remembered(unit, seq))
            return given_back(*known);
        const auto* past = history_.find(unit, seq);
        if (past == nullptr || !past->value)
            return std::nullopt;
        return GivenBack{past->author, *past->value, past->stamp, seq, past->tally, past->suspect};
    }

    // What is open in a unit without the words of the row's people: what stands beside them, and what only
    // they had replaced.
    void plan_left(UnitIndex unit)
    {
        const auto& open = unit_of(unit).open;
        const bool sums = rule_of(*state_.definition, record_.entity, unit).computes();
        const bool changes =
            std::ranges::any_of(open, [&](const Version& version) { return is_gone(unit, version); });
        if (!changes && !sums)
            return;
        std::set<JournalSeq> stays;
        bool whole = true;
        for (const auto& version : open)
            if (is_gone(unit, version))
                whole = uncover(unit, version.seq, stays) && whole;
            else
                stays.insert(version.seq);
        if (sums && holds_gone(unit, stays)) {
            plan_.summed.push_back(unit);
            return;
        }
        if (!changes)
            return;
        add_reverted(unit, stays);
        if (!sums)
            std::erase_if(stays, [&](JournalSeq seq) { return is_outdated(unit, seq, stays); });
        if (auto left = left_of(unit, stays); left && whole)
            plan_.left.push_back(std::move(*left));
        else
            plan_.lost_left.push_back(unit);
    }

    // Nothing when the value of one of them is no longer kept.
    [[nodiscard]] std::optional<SplitPlan::Left> left_of(UnitIndex unit, const std::set<JournalSeq>& stays)
        const
    {
        SplitPlan::Left left{unit, {}};
        for (const auto seq : stays) {
            auto version = restored(unit, seq);
            if (!version)
                return std::nullopt;
            left.versions.push_back(std::move(*version));
        }
        return left;
    }

    // Adds what a version that leaves had replaced. False when the journal does not tell.
    bool uncover(UnitIndex unit, JournalSeq seq, std::set<JournalSeq>& stays) const
    {
        std::vector<JournalSeq> left{seq};
        while (!left.empty()) {
            const auto* version = history_.find(unit, left.back());
            left.pop_back();
            if (version == nullptr)
                return false;
            for (const auto below : version->superseded) {
                const auto* known = remembered(unit, below);
                if (history_.find(unit, below) == nullptr && known == nullptr)
                    return false;
                const bool goes = known != nullptr ? is_gone(unit, *known) : gone_.contains({unit, below});
                if (goes)
                    left.push_back(below);
                else
                    stays.insert(below);
            }
        }
        return true;
    }

    // Where the row's agency has the authority, what the others entered never became a version of the record:
    // each one's newest word does now.
    void add_reverted(UnitIndex unit, std::set<JournalSeq>& stays) const
    {
        const auto* authority = rule_of(*state_.definition, record_.entity, unit).authority();
        if (authority == nullptr || authority->agency != agency())
            return;
        for (const auto& version : history_.versions) {
            const bool reverted = version.unit == unit && !enters(version) && version.author != agency() &&
                                  version.by == PastVersion::By::agency;
            if (reverted)
                stays.insert(version.seq);
        }
    }

    // Whether somebody whose word stays has replaced it, although it was not open any more then: its own
    // agency, or one whose row showed it.
    [[nodiscard]] bool is_outdated(UnitIndex unit, JournalSeq seq, const std::set<JournalSeq>& stays) const
    {
        const auto* old = history_.find(unit, seq);
        if (old == nullptr || old->by == PastVersion::By::person)
            return false;
        return std::ranges::any_of(history_.versions, [&](const PastVersion& later) {
            if (later.unit != unit || later.seq <= seq || gone_.contains({unit, later.seq}))
                return false;
            const bool counts = enters(later) || stays.contains(later.seq);
            const bool by_same = later.author == old->author && later.by != PastVersion::By::person;
            return counts && (by_same || (later.base && later.base == old->value));
        });
    }

    // Whether a total that stays holds an addition that leaves. What a person at the hub decided is a total
    // of its own.
    [[nodiscard]] bool holds_gone(UnitIndex unit, const std::set<JournalSeq>& stays) const
    {
        std::vector<JournalSeq> left{stays.begin(), stays.end()};
        while (!left.empty()) {
            const auto* version = history_.find(unit, left.back());
            left.pop_back();
            if (version == nullptr || (version->by == PastVersion::By::person && !version->tally))
                continue;
            for (const auto below : version->superseded) {
                if (gone_.contains({unit, below}))
                    return true;
                left.push_back(below);
            }
        }
        return false;
    }

    // What the row's people entered last, whatever became of it in this record. Where it points at a row that
    // no link knows yet, that is their last word, and waits with the row.
    void plan_own(UnitIndex unit)
    {
        if (std::ranges::count(link_.unresolved, unit) > 0)
            return;
        const PastVersion* last = nullptr;
        for (const auto& version : history_.versions)
            if (version.unit == unit && version.by != PastVersion::By::trigger && is_of_row(version))
                last = &version;
        if (last != nullptr) {
            if (auto version = restored(unit, last->seq)) {
                version->tally.reset();  // The number that they have entered stands for itself.
                plan_.own.push_back({unit, std::move(*version)});
            } else {
                plan_.lost_own.push_back(unit);
            }
            return;
        }
        if (!shows_something(unit))
            return;
        if (begin_ == JournalSeq{0})
            plan_.lost_own.push_back(unit);
        else
            plan_.foreign.push_back(unit);
    }

    [[nodiscard]] bool shows_something(UnitIndex unit) const
    {
        const auto* mapped = mapping_.find_unit(unit);
        if (mapped == nullptr)
            return false;
        if (const auto value = read_unit(state_, mapping_, unit, link_.image))
            return says_something(*value);
        return std::ranges::any_of(mapped->bindings, [&](const mapping::Binding& binding) {
            return link_.image[binding.slot].has_value();
        });
    }

    const BridgeState& state_;
    const Record& record_;
    const Link& link_;
    const RecordHistory& history_;
    const mapping::TableMapping& mapping_;
    const JournalSeq begin_;
    std::set<Place> gone_;  // Versions that leave the record.
    SplitPlan plan_;
};

}  // namespace

SplitPlan plan_split(
    const BridgeState& state, const Record& record, const Link& link, const RecordHistory& history
)
{
    return SplitPlanner{state, record, link, history}.run();
}

}  // namespace casebridge::pipeline
