#include "pipeline/record_cache.hpp"

#include "model/assert.hpp"
#include "pipeline/record_values.hpp"

#include <algorithm>
#include <utility>

namespace casebridge::pipeline {

namespace {

template <class Key>
void remove_from(std::unordered_map<Key, std::vector<RecordId>>& index, const Key& key, RecordId id)
{
    const auto found = index.find(key);
    if (found == index.end())
        return;
    std::erase(found->second, id);
    if (found->second.empty())
        index.erase(found);
}

}  // namespace

RecordKeys keys_of(const BridgeDefinition& definition, const Record& record)
{
    RecordKeys keys;
    const auto& entity = definition.model.entity(record.entity);
    for (std::size_t rule = 0; rule < entity.identity.size(); ++rule) {
        std::vector<FieldValue> values;
        for (const auto field : entity.identity[rule].fields)
            values.push_back(findable_value(definition, record, field));
        if (auto key = identity_key(definition.model, record.entity, rule, values))
            keys.identities.push_back(std::move(*key));
    }
    for (std::uint16_t number = 0; number < entity.fields.size(); ++number) {
        const FieldIndex field{number};
        if (entity.field(field).type != FieldType::reference)
            continue;
        if (const auto target = as_record_id(findable_value(definition, record, field)))
            keys.references.push_back(*target);
    }
    return keys;
}

const Record* RecordCache::find(RecordId id) const
{
    const auto found = records_.find(id);
    return found == records_.end() ? nullptr : &found->second->record;
}

std::optional<RecordId> RecordCache::linked(const LinkKey& row) const
{
    const auto found = by_link_.find(row);
    if (found == by_link_.end())
        return std::nullopt;
    return found->second;
}

std::vector<RecordId> RecordCache::identified(const IdentityKey& identity) const
{
    const auto found = by_identity_.find(identity);
    return found == by_identity_.end() ? std::vector<RecordId>{} : found->second;
}

std::vector<RecordId> RecordCache::referrers_of(RecordId target) const
{
    const auto found = by_target_.find(target);
    return found == by_target_.end() ? std::vector<RecordId>{} : found->second;
}

RecordCache::Surroundings RecordCache::surroundings_of(const Held& held)
{
    Surroundings around;
    around.keys = held.keys;
    around.simple = held.record.refusals.empty() && !held.record.departure;
    for (const auto& link : held.record.links) {
        around.links.push_back({link.table, link.key, link.state, link.since});
        around.simple = around.simple && link.unresolved.empty();
    }
    for (const auto& unit : held.record.units)
        around.simple = around.simple && unit.open.size() <= 1 && unit.proposals.empty();
    return around;
}

void RecordCache::hold(Record record, ProjectionNeed need)
{
    const auto id = record.id;
    if (records_.contains(id))
        return;
    auto held = std::make_unique<Held>();
    held->record = std::move(record);
    held->need = need;
    index(*held, links_taken(held->record));
    records_.emplace(id, std::move(held));
}

void RecordCache::answer(const Demand& demand, std::vector<Record> loaded)
{
    for (auto& record : loaded)
        hold(std::move(record), ProjectionNeed::record_only);
    asked_records_.insert(demand.records.begin(), demand.records.end());
    asked_links_.insert(demand.links.begin(), demand.links.end());
    asked_identities_.insert(demand.identities.begin(), demand.identities.end());
    asked_referrers_.insert(demand.referrers_of.begin(), demand.referrers_of.end());
}

void RecordCache::forget_questions()
{
    asked_records_.clear();
    asked_links_.clear();
    asked_identities_.clear();
    asked_referrers_.clear();
}

bool RecordCache::is_there(const Link& link) const
{
    switch (link.state) {
        case LinkState::reserved:
            return true;
        case LinkState::live: {
            const auto at = truncated_at_.find(link.table);
            return at == truncated_at_.end() || link.since > at->second;
        }
        case LinkState::ended:
            return false;
    }
    return false;
}

bool RecordCache::knows(RecordId id) const
{
    return records_.contains(id) || asked_records_.contains(id);
}

bool RecordCache::knows(const LinkKey& row) const
{
    if (asked_links_.contains(row))
        return true;
    const auto id = linked(row);
    return id && is_there(*find(*id)->find_link(row.table));
}

bool RecordCache::knows(const IdentityKey& identity) const
{
    // Another record with the same identity may be in the hub only: being found here once is no answer.
    return asked_identities_.contains(identity);
}

bool RecordCache::knows_referrers_of(RecordId target) const
{
    return asked_referrers_.contains(target);
}

RecordCache::Held& RecordCache::get(RecordId id)
{
    const auto found = records_.find(id);
    CASEBRIDGE_ASSERT(found != records_.end());
    return *found->second;
}

std::vector<Link> RecordCache::links_lost(const Held& held) const
{
    std::vector<Link> lost;
    for (const auto& link : held.record.links)
        if (const auto found = linked({link.table, link.key}); found && *found != held.record.id)
            lost.push_back(link);
    return lost;
}

std::vector<LinkKey> RecordCache::still_lost(const Record& record, const std::vector<Link>& lost) const
{
    std::vector<LinkKey> keys;
    for (const auto& before : lost) {
        const auto* link = record.find_link(before.table);
        const bool back = link != nullptr && is_there(*link) && link->since != before.since;
        if (!back || link->key != before.key)
            keys.push_back({before.table, before.key});
    }
    return keys;
}

std::vector<LinkKey> RecordCache::links_taken(const Record& record) const
{
    std::vector<LinkKey> taken;
    for (const auto& link : record.links) {
        const auto other = linked({link.table, link.key});
        if (other && is_there(*find(*other)->find_link(link.table)))
            taken.push_back({link.table, link.key});
    }
    return taken;
}

void RecordCache::index(Held& held, const std::vector<LinkKey>& except)
{
    const auto id = held.record.id;
    held.keys = keys_of(*definition_, held.record);
    for (const auto& link : held.record.links)
        if (const LinkKey row{link.table, link.key}; std::ranges::find(except, row) == except.end())
            by_link_[row] = id;
    for (const auto& identity : held.keys.identities)
        by_identity_[identity].push_back(id);
    for (const auto target : held.keys.references)
        by_target_[target].push_back(id);
}

void RecordCache::unindex(const Held& held)
{
    const auto id = held.record.id;
    for (const auto& link : held.record.links) {
        const auto found = by_link_.find({link.table, link.key});
        if (found != by_link_.end() && found->second == id)
            by_link_.erase(found);
    }
    for (const auto& identity : held.keys.identities)
        remove_from(by_identity_, identity, id);
    for (const auto target : held.keys.references)
        remove_from(by_target_, target, id);
}

std::vector<RecordId> RecordCache::unprojected() const
{
    return {unprojected_.begin(), unprojected_.end()};
}

void RecordCache::projected(JournalSeq seq)
{
    std::erase_if(unprojected_, [&](RecordId id) {
        auto& held = get(id);
        if (held.record.last_seq > seq) {
            // Something of it is in the hub now; what changed since is not.
            held.need = ProjectionNeed::surrounding;
            return false;
        }
        held.need = ProjectionNeed::record_only;
        return true;
    });
}

void RecordCache::shrink(std::size_t records_max)
{
    for (auto next = records_.begin(); records_.size() > records_max && next != records_.end();) {
        if (unprojected_.contains(next->first)) {
            ++next;
            continue;
        }
        unindex(*next->second);
        next = records_.erase(next);
    }
}

}  // namespace casebridge::pipeline
