#include "pipeline/merged_to.hpp"

#include <algorithm>

namespace casebridge::pipeline {

namespace {

// Messages count as well: a part may hold nothing else.
std::uint32_t last_ordinal(const SourceTransaction& transaction)
{
    std::uint32_t ordinal = 0;
    if (!transaction.changes.empty())
        ordinal = transaction.changes.back().ordinal;
    if (!transaction.messages.empty())
        ordinal = std::max(ordinal, transaction.messages.back().ordinal);
    return ordinal;
}

// Where a part's transaction ends is not known yet, but it begins to commit before it ends.
bool ends_before(const SourceTransaction& transaction, Lsn end_lsn)
{
    switch (transaction.portion) {
        case Portion::whole:
        case Portion::last:
            return transaction.end_lsn <= end_lsn;
        case Portion::more_follows:
            return transaction.commit_lsn < end_lsn;
    }
    return false;
}

}  // namespace

Result<std::optional<std::uint32_t>> first_unmerged(
    const MergedTo& position, const SourceTransaction& transaction
)
{
    using First = std::optional<std::uint32_t>;
    if (ends_before(transaction, position.end_lsn))
        return First{};
    if (!position.inside)
        return First{0};
    if (position.inside->commit_lsn != transaction.commit_lsn)
        return Error{
            .kind = ErrorClass::permanent,
            .code = "history_changed",
            .place = to_string(position.inside->commit_lsn),
            .message =
                "parts of the transaction that commits there are merged, but the stream goes on with "
                "another",
            .remedy = "find out whether the agency's server was restored or its slot was moved",
        };
    if (transaction.portion == Portion::more_follows && last_ordinal(transaction) <= position.inside->ordinal)
        return First{};
    return First{position.inside->ordinal + 1};
}

MergedTo behind(const MergedTo& position, const SourceTransaction& transaction)
{
    switch (transaction.portion) {
        case Portion::whole:
        case Portion::last:
            return {transaction.end_lsn, std::nullopt};
        case Portion::more_follows:
            return {
                position.end_lsn, SourcePosition{transaction.commit_lsn, last_ordinal(transaction)}
            };
    }
    return position;
}

}  // namespace casebridge::pipeline
