#include "tests/pgoutput/differential/change.hpp"

namespace casebridge::pgoutput::test {
namespace {

std::string describe(const Fields& row)
{
    std::string line;
    for (const auto& field : row) {
        line += " " + field.column + "[" + field.type + "]:";
        switch (field.state) {
            case Field::State::null:
                line += "null";
                break;
            case Field::State::unchanged:
                line += "unchanged";
                break;
            case Field::State::text:
                line += "'" + field.text.substr(0, 40) + "' of " + std::to_string(field.text.size());
                break;
        }
    }
    return line;
}

}  // namespace

std::string describe(const Transaction& transaction)
{
    auto lines = "transaction " + std::to_string(transaction.xid) + "\n";
    for (const auto& change : transaction.changes)
        lines += change.kind + " " + change.schema + "." + change.table + " " + change.options +
                 "\n  old:" + describe(change.old_row) + "\n  new:" + describe(change.new_row) + "\n";
    for (const auto& message : transaction.messages)
        lines += "message " + message + "\n";
    return lines;
}

}  // namespace casebridge::pgoutput::test
