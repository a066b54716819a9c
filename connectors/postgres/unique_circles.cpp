#include "connectors/postgres/unique_circles.hpp"

#include "model/assert.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace casebridge::postgres {
namespace {

using pipeline::RowUpdate;
using pipeline::SlotWrite;

using Slots = std::vector<std::size_t>;
using Texts = std::vector<FieldValue>;

bool is_of(const SlotWrite& write, const UniqueKey& key, const TableCatalog& table)
{
    const auto& slot = table.mapping->slots[write.slot];
    return slot.path.empty() && std::ranges::find(key.columns, slot.column) != key.columns.end();
}

// What of the key an update changes.
struct Wanted {
    Slots slots;
    Texts texts;
};

Wanted wanted_by(const RowUpdate& update, const UniqueKey& key, const TableCatalog& table)
{
    Wanted wanted;
    for (const auto& write : update.writes) {
        if (!is_of(write, key, table))
            continue;
        wanted.slots.push_back(write.slot);
        wanted.texts.push_back(write.value);
    }
    return wanted;
}

// What the row has in these slots now; nothing if that is not stated.
std::optional<Texts> held_by(const RowUpdate& update, const Slots& slots)
{
    Texts held;
    for (const auto slot : slots) {
        const auto found = std::ranges::find(update.expectations, slot, &SlotWrite::slot);
        if (found == update.expectations.end())
            return std::nullopt;
        held.push_back(found->value);
    }
    return held;
}

// Of each update the one that has what it takes.
std::vector<std::optional<std::size_t>> holders(
    std::span<const RowUpdate* const> refused, const UniqueKey& key, const TableCatalog& table
)
{
    std::map<Slots, std::map<Texts, std::size_t>> held;
    std::vector<std::optional<std::size_t>> holders;
    for (const auto* update : refused) {
        const auto wanted = wanted_by(*update, key, table);
        const auto [rows, first] = held.try_emplace(wanted.slots);
        if (first)
            for (std::size_t other = 0; other < refused.size(); ++other)
                if (auto texts = held_by(*refused[other], wanted.slots))
                    rows->second.emplace(std::move(*texts), other);
        const auto found = rows->second.find(wanted.texts);
        const bool any = !wanted.slots.empty() && found != rows->second.end();
        holders.push_back(any ? std::optional{found->second} : std::nullopt);
    }
    return holders;
}

// The slot that the row can leave empty for a moment.
std::optional<std::size_t> dispensable(
    const RowUpdate& update, const UniqueKey& key, const TableCatalog& table
)
{
    for (const auto& write : update.writes)
        if (is_of(write, key, table) && !table.column(table.mapping->slots[write.slot].column).not_null)
            return write.slot;
    return std::nullopt;
}

}  // namespace

std::vector<Circle> find_circles(
    std::span<const RowUpdate* const> refused, const UniqueKey& key, const TableCatalog& table
)
{
    const auto next = holders(refused, key, table);
    std::vector<std::optional<std::size_t>> walked_from(refused.size());
    std::vector<Circle> circles;
    for (std::size_t start = 0; start < refused.size(); ++start) {
        std::optional<std::size_t> at = start;
        while (at && !walked_from[*at]) {
            walked_from[*at] = start;
            at = next[*at];
        }
        // The walk has met itself: what lies behind that place leads back to it.
        if (!at || walked_from[*at] != start)
            continue;
        Circle circle;
        auto member = *at;
        do {
            circle.push_back(refused[member]);
            member = *next[member];
        } while (member != *at);
        if (circle.size() > 1)
            circles.push_back(std::move(circle));
    }
    return circles;
}

CircleWrites circle_writes(const Circle& circle, const UniqueKey& key, const TableCatalog& table)
{
    CircleWrites writes;
    for (const auto* update : circle) {
        const auto slot = dispensable(*update, key, table);
        if (!slot) {
            writes.aside.clear();
            break;
        }
        writes.aside.push_back({update->record, update->key, {{*slot, std::nullopt}}, update->expectations});
    }
    for (const auto* update : circle)
        writes.last.push_back(*update);
    for (std::size_t row = 0; row < writes.aside.size(); ++row) {
        const auto slot = writes.aside[row].writes.front().slot;
        auto& expectations = writes.last[row].expectations;
        const auto expected = std::ranges::find(expectations, slot, &SlotWrite::slot);
        CASEBRIDGE_ASSERT(expected != expectations.end());
        expected->value = std::nullopt;
    }
    return writes;
}

}  // namespace casebridge::postgres
