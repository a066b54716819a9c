#include "config/breaker_rule.hpp"

#include <chrono>

namespace casebridge::config {

namespace {

constexpr std::int64_t window_minutes_max = 7 * 24 * 60;
constexpr std::int64_t at_least_max = 1'000'000'000;

void read_limit(const Entry& entry, pipeline::BreakerLimit& limit)
{
    if (!entry.is_object_of({"share", "at_least"}))
        return;
    if (const auto share = entry.find("share"))
        limit.per_million = share->share().value_or(limit.per_million);
    if (const auto at_least = entry.find("at_least"))
        if (const auto records = at_least->number(1, at_least_max))
            limit.at_least = static_cast<std::size_t>(*records);
}

}  // namespace

pipeline::BreakerRule usual_breaker()
{
    return {
        .window = std::chrono::hours{1                 },
        .changed = { .per_million = 250'000, .at_least = 1'000},
        .deleted = { .per_million = 50'000,   .at_least = 100},
    };
}

void read_breaker(const Entry& entry, pipeline::BridgeDefinition& definition, EntityIndex entity)
{
    if (!entry.is(JsonNode::Kind::object)) {
        if (entry.one_of({"off"}))
            definition.breakers.erase(entity);
        return;
    }
    if (!entry.is_object_of({"window_minutes", "changed", "deleted"}))
        return;
    auto rule = usual_breaker();
    if (const auto window = entry.find("window_minutes"))
        if (const auto minutes = window->number(1, window_minutes_max))
            rule.window = std::chrono::minutes{*minutes};
    if (const auto changed = entry.find("changed"))
        read_limit(*changed, rule.changed);
    if (const auto deleted = entry.find("deleted"))
        read_limit(*deleted, rule.deleted);
    definition.breakers.insert_or_assign(entity, rule);
}

}  // namespace casebridge::config
