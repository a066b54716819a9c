#pragma once

#include "connectors/postgres/table_catalog.hpp"
#include "mapping/table_mapping.hpp"

#include <map>
#include <span>
#include <string>
#include <vector>

// SQL for what stands inside json and jsonb columns. Pure. The table is always called `t`.

namespace casebridge::postgres {

// A path as an SQL constant, `'{"address","city"}'`.
[[nodiscard]] std::string path_constant(const std::vector<std::string>& path);

// The rendering of a slot, NULL for NULL or a missing member: exactly what the change stream shows.
[[nodiscard]] std::string slot_text(const mapping::Slot& slot);

// What is written into one document: members by name, leaves with the SQL of their text. Ordered, so that the
// same mapping always gives the same statement.
struct DocumentNode {
    std::string leaf;  // Empty: an object on the way.
    std::map<std::string, DocumentNode> members;

    // The catalog has refused mappings in which one path leads through another.
    void add(std::span<const std::string> path, std::string text_sql);
};

enum class DocumentTarget { new_row, existing_row };

// The SQL of one document column with its leaves written as strings; a leaf whose text is NULL is removed.
// Objects on the way are created where nothing or a JSON null stands; where something else stands the server
// refuses the row (class 22). Each expression is used once: the length grows with the number of paths only.
[[nodiscard]] std::string document_sql(
    const ColumnCatalog& column, const DocumentNode& root, DocumentTarget target
);

}  // namespace casebridge::postgres
