#include "mapping/document_path.hpp"
#include "mapping/translate.hpp"
#include "model/assert.hpp"

#include <algorithm>

namespace casebridge::mapping {
namespace {

Error drift(const TableMapping& mapping, const std::string& column, std::string message)
{
    return Error{
        .kind = ErrorClass::permanent,
        .code = "schema_drift",
        .place = mapping.name() + "." + column,
        .message = std::move(message),
        .remedy = "correct the mapping or the table, then reload the configuration",
    };
}

std::optional<std::size_t> position_of(const Relation& relation, const std::string& column)
{
    const auto found = std::ranges::find(relation.columns, column, &RelationColumn::name);
    if (found == relation.columns.end())
        return std::nullopt;
    return static_cast<std::size_t>(found - relation.columns.begin());
}

// Fills every slot that reads a document of the same column as `first`.
Result<void> read_documents(
    const TableMapping& mapping, std::size_t first, const std::string& text, Image& image
)
{
    std::vector<const DocumentPath*> paths;
    std::vector<std::size_t> slots;
    for (std::size_t slot = first; slot < mapping.slots.size(); ++slot) {
        const auto& candidate = mapping.slots[slot];
        if (candidate.column != mapping.slots[first].column || candidate.path.empty())
            continue;
        paths.push_back(&candidate.path);
        slots.push_back(slot);
    }
    auto values = read_document(text, paths);
    if (!values)
        return Error{
            .kind = ErrorClass::poison,
            .code = "malformed_document",
            .place = mapping.name() + "." + mapping.slots[first].column,
            .message = "the column is mapped by path and its text is no JSON document that can be read",
            .remedy = "correct the document in the agency's application",
        };
    for (std::size_t i = 0; i < slots.size(); ++i)
        image[slots[i]] = std::move((*values)[i]);
    return {};
}

bool is_first_of_its_document(const TableMapping& mapping, std::size_t slot)
{
    const auto& column = mapping.slots[slot].column;
    const auto before = std::span{mapping.slots}.first(slot);
    return std::ranges::none_of(before, [&](const Slot& other) {
        return other.column == column && !other.path.empty();
    });
}

Error not_sent(const TableMapping& mapping, std::size_t slot)
{
    return Error{
        .kind = ErrorClass::poison,
        .code = "value_not_sent",
        .place = mapping.name() + "." + mapping.slots[slot].column,
        .message = "the server did not send this value and no earlier image of the row is known",
        .remedy = "survey the row",
    };
}

}  // namespace

Result<ColumnPositions> locate(const TableMapping& mapping, const Relation& relation)
{
    ColumnPositions positions;
    const auto key = position_of(relation, mapping.key_column);
    if (!key)
        return drift(
            mapping, mapping.key_column, "the table has no such column; the mapping names it as key"
        );
    if (!relation.columns[*key].in_replica_identity)
        return drift(
            mapping, mapping.key_column, "the key column is not part of the table's replica identity"
        );
    positions.key = *key;
    for (const auto& slot : mapping.slots) {
        const auto position = position_of(relation, slot.column);
        if (!position)
            return drift(mapping, slot.column, "the replication stream of the table has no such column");
        positions.slots.push_back(*position);
    }
    return positions;
}

Result<LocalKey> read_key(const ColumnPositions& positions, const Tuple& row)
{
    CASEBRIDGE_ASSERT(positions.key < row.size());
    const auto& cell = row[positions.key];
    if (cell.state == Cell::State::text)
        return LocalKey{cell.text};
    return Error{
        .kind = ErrorClass::poison,
        .code = "key_missing",
        .place = "key column",
        .message = "the row was sent without its key",
        .remedy = "check the table's replica identity",
    };
}

Result<Image> read_row(
    const TableMapping& mapping, const ColumnPositions& positions, const Tuple& row, const Image* previous
)
{
    CASEBRIDGE_ASSERT(positions.slots.size() == mapping.slots.size());
    CASEBRIDGE_ASSERT(previous == nullptr || previous->size() == mapping.slots.size());
    Image image(mapping.slots.size());
    for (std::size_t slot = 0; slot < mapping.slots.size(); ++slot) {
        CASEBRIDGE_ASSERT(positions.slots[slot] < row.size());
        const auto& cell = row[positions.slots[slot]];
        switch (cell.state) {
            case Cell::State::null:
                break;
            case Cell::State::unchanged:
                if (previous == nullptr)
                    return not_sent(mapping, slot);
                image[slot] = (*previous)[slot];
                break;
            case Cell::State::absent:
                return not_sent(mapping, slot);
            case Cell::State::text:
                if (mapping.slots[slot].path.empty())
                    image[slot] = Value{cell.text};
                else if (is_first_of_its_document(mapping, slot)) {
                    if (auto read = read_documents(mapping, slot, cell.text, image); !read)
                        return read.error();
                }
                break;
        }
    }
    return image;
}

}  // namespace casebridge::mapping
