#pragma once

#include "connectors/libpq/connection.hpp"
#include "connectors/postgres/agency_mismatch.hpp"
#include "mapping/table_mapping.hpp"
#include "model/ids.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What an agency's server says about the mapped tables: what statements need to know beyond the mapping.

namespace casebridge::postgres {

namespace asio = boost::asio;

// Mappings of one agency. Whoever makes the list keeps them alive.
using MappedTables = std::vector<const mapping::TableMapping*>;

enum class DocumentType { none, json, jsonb };
enum class ArrayType { none, of_texts, of_others };  // Texts: elements that the server takes from any text.
enum class Identity { none, by_default, always };

struct ColumnCatalog {
    std::string name;
    // What stands behind `::` when a text becomes a value of the column. For types of the string category it
    // is `text`: the assignment then refuses a text that is too long (22001), where an explicit cast to the
    // column's own type would cut it silently.
    std::string cast;
    DocumentType document = DocumentType::none;
    ArrayType array = ArrayType::none;
    Identity identity = Identity::none;
    bool not_null = false;
};

// An index that rules out two rows with the same content of its columns. None on expressions.
struct UniqueKey {
    std::string name;  // As the server names it when it refuses a row.
    std::vector<std::string> columns;
};

struct TableCatalog {
    const mapping::TableMapping* mapping = nullptr;
    std::string name;           // Quoted: `"schema"."table"`.
    std::string key_type;       // What stands behind `::` when the text of a key is compared with the column.
    std::string key_collation;  // ` COLLATE …` for keys whose type has collations, otherwise empty.
    std::optional<std::string> key_sequence;  // Input for regclass.
    // `ON CONFLICT DO NOTHING` without naming the arbiter is refused by a table that has one.
    bool has_deferrable_unique = false;
    std::map<std::string, ColumnCatalog, std::less<>> columns;  // Key, slots and constants, by name.
    std::vector<UniqueKey> unique_keys;                         // By name.

    // Of a column that the mapping names.
    [[nodiscard]] const ColumnCatalog& column(std::string_view column_name) const;
    [[nodiscard]] const UniqueKey* find_unique_key(std::string_view key_name) const;
};

using AgencyCatalog = std::map<MappingIndex, TableCatalog>;

// Four queries, whatever the number of tables; reads the system catalogs only, which every role may. Throws
// AgencyMismatch: a table or column is missing, a generated column is mapped, a path leads into a column that
// is no document, a set is mapped to a column of another form, a key has no unique index of its own, or no
// sequence where the mapping takes new keys from one; or rows may be deleted and the server would delete or
// change rows of other tables with them, which nobody has looked at.
[[nodiscard]] asio::awaitable<AgencyCatalog> read_catalog(libpq::Connection& connection, MappedTables tables);

}  // namespace casebridge::postgres
