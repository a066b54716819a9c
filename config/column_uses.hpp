#pragma once

#include "config/entry.hpp"
#include "mapping/table_mapping.hpp"

#include <optional>
#include <string>
#include <vector>

namespace casebridge::config {

// A column as the catalogue spells it, case and all, without quotes.
[[nodiscard]] std::optional<std::string> column_name(const std::string& text);
[[nodiscard]] std::string column_name_rule();
[[nodiscard]] std::optional<std::string> read_column(const Entry& entry);

// What each column of a table is used for. No place is used twice: two fields could not both be written to
// it.
class ColumnUses {
public:
    // `use` is what a person calls it: `birth_date`, `the table's key`. Reports a place that is taken, or
    // that contains or lies inside one that is, at the entry, or at its key.
    void take(const Entry& entry, mapping::Slot slot, std::string use);
    void take_key(const Entry& entry, mapping::Slot slot, std::string use);

private:
    struct Use {
        mapping::Slot slot;
        std::string name;
    };

    [[nodiscard]] std::optional<std::string> conflict(const mapping::Slot& slot) const;

    std::vector<Use> uses_;
};

}  // namespace casebridge::config
