#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

// What both readers of a stream say about a transaction, in one form.

namespace casebridge::pgoutput::test {

struct Field {
    enum class State { null, unchanged, text };

    std::string column;
    std::string type;  // As format_type() calls it.
    State state = State::null;
    std::string text;

    friend bool operator==(const Field&, const Field&) = default;
};

using Fields = std::vector<Field>;

struct Change {
    std::string schema;
    std::string table;
    std::string kind;  // INSERT, UPDATE, DELETE, TRUNCATE
    Fields old_row;    // Without nulls and without what was not sent: test_decoding leaves out both.
    Fields new_row;
    std::string options;  // Of a TRUNCATE: `restart_seqs cascade`.

    friend bool operator==(const Change&, const Change&) = default;
};

struct Transaction {
    std::uint32_t xid = 0;
    std::vector<Change> changes;
    std::vector<std::string> messages;  // `prefix: content`

    [[nodiscard]] bool empty() const { return changes.empty() && messages.empty(); }
    friend bool operator==(const Transaction&, const Transaction&) = default;
};

[[nodiscard]] std::string describe(const Transaction& transaction);

}  // namespace casebridge::pgoutput::test
