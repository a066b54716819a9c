#include "pipeline/breaker.hpp"

#include "pipeline/parked_rows.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace casebridge::pipeline {

namespace {

// What a transaction does to the records of one entity.
struct Touched {
    std::set<RecordId> changed;
    std::set<RecordId> deleted;
};

class MassChange {
public:
    MassChange(
        const BridgeState& state,
        const AgencyId& agency,
        const NetEffect& effect,
        const SourceTransaction& transaction
    )
        : state_(state), agency_(agency), effect_(effect), transaction_(transaction)
    {
    }

    [[nodiscard]] std::optional<BreakerTripped> run()
    {
        find_truncations();
        if (findings_.empty() && nothing_near_a_limit())
            return std::nullopt;
        for (const auto& row : effect_.rows)
            look_at(row);
        for (const auto& [entity, touched] : touched_)
            judge(entity, touched);
        if (findings_.empty())
            return std::nullopt;
        BreakerTripped tripped{
            .agency = agency_,
            .commit_lsn = transaction_.commit_lsn,
            .xid = transaction_.xid,
            .commit_time = transaction_.commit_time,
            .extent =
                transaction_.portion == Portion::more_follows ? BreakerExtent::part : BreakerExtent::whole,
            .findings = std::move(findings_),
            .tables = {},
        };
        for (auto& [table, counts] : tables_)
            tripped.tables.push_back(std::move(counts));
        return tripped;
    }

private:
    void find_truncations()
    {
        for (const auto& [mapping, ordinal] : effect_.truncated) {
            const auto linked = state_.linked_rows[mapping->index.value()];
            const auto entity = mapping->entity;
            const bool again = tables_.contains(mapping->index);
            if (linked == 0 || again || state_.definition->breaker(entity) == nullptr)
                continue;
            counts(*mapping).truncated = linked;
            findings_.push_back({name(entity), BreakerReason::truncated, linked, 0, linked});
        }
    }

    // Without looking at any row: even if each of them were another record, and linked.
    [[nodiscard]] bool nothing_near_a_limit() const
    {
        std::map<EntityIndex, std::pair<std::size_t, std::size_t>> rows;
        for (const auto& row : effect_.rows) {
            auto& [written, gone] = rows[row.relation->mapping->entity];
            ++(row.tuple ? written : gone);
        }
        return std::ranges::all_of(rows, [&](const auto& of_entity) {
            const auto& [entity, most] = of_entity;
            const auto* rule = state_.definition->breaker(entity);
            if (rule == nullptr)
                return true;
            const auto& recent = recent_of(entity);
            const auto linked = linked_before(entity, *rule);
            const auto at = transaction_.commit_time;
            return recent.changed.count(at, rule->window) + most.first <= rule->changed.of(linked) &&
                   recent.deleted.count(at, rule->window) + most.second <= rule->deleted.of(linked);
        });
    }

    // An insert neither changes nor deletes anything that anybody has.
    void look_at(const NetRow& row)
    {
        const auto& mapping = *row.relation->mapping;
        const LinkKey before{mapping.index, row.previous_key.value_or(row.row.key)};
        const auto id = state_.records.linked(before);
        const auto* record = id ? state_.records.find(*id) : nullptr;
        const auto* link = record == nullptr ? nullptr : record->find_link(mapping.index);
        if (link == nullptr)
            return;
        if (!row.tuple) {
            if (state_.state_of(*link) != LinkState::live)
                return;
            ++counts(mapping).deleted;
            touched_[mapping.entity].deleted.insert(*id);
            return;
        }
        const auto* shown = last_image(state_, before);
        const auto image = mapping::read_row(mapping, row.relation->positions, *row.tuple, shown);
        // One that cannot be read is parked; one that only has another key, or another column, is the same.
        if (!image || (shown != nullptr && *image == *shown))
            return;
        ++counts(mapping).changed;
        touched_[mapping.entity].changed.insert(*id);
    }

    void judge(EntityIndex entity, const Touched& touched)
    {
        const auto* rule = state_.definition->breaker(entity);
        if (rule == nullptr)
            return;
        const auto& recent = recent_of(entity);
        const auto linked = linked_before(entity, *rule);
        const auto pass = [&](const std::set<RecordId>& records, const ChangeWindow& window) {
            const auto known = std::ranges::count_if(records, [&](RecordId id) {
                return window.holds(id, transaction_.commit_time, rule->window);
            });
            return window.count(transaction_.commit_time, rule->window) + records.size() -
                   static_cast<std::size_t>(known);
        };
        const auto find = [&](BreakerReason reason, std::size_t records, const BreakerLimit& limit) {
            if (records > limit.of(linked))
                findings_.push_back({name(entity), reason, records, limit.of(linked), linked});
        };
        if (!touched.changed.empty())
            find(BreakerReason::changed, pass(touched.changed, recent.changed), rule->changed);
        if (!touched.deleted.empty())
            find(BreakerReason::deleted, pass(touched.deleted, recent.deleted), rule->deleted);
    }

    // Deletions make an entity small: the share is of what it was.
    [[nodiscard]] std::size_t linked_before(EntityIndex entity, const BreakerRule& rule) const
    {
        const auto* table = state_.definition->table_of(agency_, entity);
        const auto linked = table == nullptr ? 0 : state_.linked_rows[table->index.value()];
        return linked + recent_of(entity).deleted.count(transaction_.commit_time, rule.window);
    }

    [[nodiscard]] const RecentChanges& recent_of(EntityIndex entity) const
    {
        static const RecentChanges none;
        const auto found = state_.recent.find({agency_, entity});
        return found == state_.recent.end() ? none : found->second;
    }

    BreakerTable& counts(const mapping::TableMapping& mapping)
    {
        auto& counts = tables_[mapping.index];
        counts.table = mapping.name();
        return counts;
    }

    [[nodiscard]] const std::string& name(EntityIndex entity) const
    {
        return state_.definition->model.entity(entity).name;
    }

    const BridgeState& state_;
    const AgencyId& agency_;
    const NetEffect& effect_;
    const SourceTransaction& transaction_;
    std::map<EntityIndex, Touched> touched_;
    std::map<MappingIndex, BreakerTable> tables_;
    std::vector<BreakerFinding> findings_;
};

// Whether a change belongs in the windows: one of the transaction in hand that nobody has approved. What was
// parked and is read again was counted, or stopped, when it came.
bool counts(const BridgeState& state, const AgencyId& agency, const SourcePosition& position)
{
    return position.commit_lsn >= state.agencies.at(agency).end_lsn &&
           !approval_of(state, agency, position.commit_lsn);
}

}  // namespace

std::optional<BreakerTripped> look_for_mass_change(
    const BridgeState& state,
    const AgencyId& agency,
    const NetEffect& effect,
    const SourceTransaction& transaction
)
{
    if (state.definition->breakers.empty() || approval_of(state, agency, transaction.commit_lsn))
        return std::nullopt;
    return MassChange{state, agency, effect, transaction}.run();
}

std::optional<ApprovedDeletions> approval_of(const BridgeState& state, const AgencyId& agency, Lsn commit_lsn)
{
    const auto& breaker = state.agencies.at(agency).breaker;
    return breaker && breaker->tripped.commit_lsn == commit_lsn ? breaker->approved : std::nullopt;
}

void count_change(BridgeState& state, const RowRead& row)
{
    const auto* rule = state.definition->breaker(row.entity);
    const bool known = row.link == LinkChange::none || row.link == LinkChange::reopened;
    if (rule == nullptr || row.source != RowSource::stream || !known || row.versions.empty() ||
        !row.commit_time || !counts(state, row.agency, row.position))
        return;
    state.recent[{row.agency, row.entity}].changed.note(row.record, *row.commit_time, rule->window);
}

void count_deletion(BridgeState& state, const RowDeleted& row)
{
    --state.linked_rows[row.table.value()];
    const auto* rule = state.definition->breaker(row.entity);
    if (rule == nullptr || !row.record || !row.commit_time || !counts(state, row.agency, row.position))
        return;
    state.recent[{row.agency, row.entity}].deleted.note(*row.record, *row.commit_time, rule->window);
}

void apply_breaker(BridgeState& state, const BreakerTripped& tripped, JournalSeq seq)
{
    // The configuration may not have the agency any more.
    if (const auto agency = state.agencies.find(tripped.agency); agency != state.agencies.end())
        agency->second.breaker = Breaker{seq, tripped};
}

void apply_breaker(BridgeState& state, const BreakerApproved& approved)
{
    const auto agency = state.agencies.find(approved.agency);
    if (agency == state.agencies.end() || !agency->second.breaker)
        return;
    agency->second.breaker->approved = approved.deletions;
    std::erase_if(state.recent, [&](const auto& known) { return known.first.first == approved.agency; });
}

void pass_breaker(AgencyState& agency)
{
    if (agency.breaker && agency.breaker->approved && agency.end_lsn > agency.breaker->tripped.commit_lsn)
        agency.breaker.reset();
}

}  // namespace casebridge::pipeline
