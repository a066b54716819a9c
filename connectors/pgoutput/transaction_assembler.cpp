#include "connectors/pgoutput/transaction_assembler.hpp"

#include "connectors/pgoutput/violation.hpp"
#include "model/assert.hpp"
#include "model/lsn.hpp"

#include <utility>

namespace casebridge::pgoutput {
namespace {

// What the header and docs/pgoutput.md say about memory.
static_assert(sizeof(Cell) <= 40);

constexpr const char* no_transaction = "no transaction has begun";
constexpr const char* wrong_new_row = "new row with another number of columns than its relation";

bool fits(const Tuple& row, const Relation& relation) noexcept
{
    return row.size() == relation.columns.size();
}

// What is wrong with an old row, nullptr if nothing is. A server always sends old values whole.
const char* mistake_in(const OldRow& row, const Relation& relation) noexcept
{
    if (!fits(row.cells, relation))
        return "old row with another number of columns than its relation";
    for (const auto& cell : row.cells)
        if (cell.state == Cell::State::unchanged)
            return "old row with an unchanged value";
    return nullptr;
}

Tuple old_cells(OldRow&& row, const Relation& relation)
{
    switch (row.kind) {
        case OldRow::Kind::full:
            break;
        case OldRow::Kind::key:
            for (std::size_t index = 0; index < row.cells.size(); ++index)
                if (row.cells[index].state == Cell::State::null &&
                    !relation.columns[index].in_replica_identity)
                    row.cells[index].state = Cell::State::absent;
            break;
    }
    return std::move(row.cells);
}

}  // namespace

Result<std::optional<Assembled>> TransactionAssembler::feed(Message&& message, std::size_t bytes)
{
    CASEBRIDGE_ASSERT(state_ != State::failed);
    if (state_ == State::outside)
        open_.bytes = 0;
    open_.bytes += bytes;
    auto fed = open_.bytes > limits_.bytes_max && !may_be_split()
                   ? Fed{too_large(message_name(message))}
                   : std::visit([this](auto& one) { return take(std::move(one)); }, message);
    if (fed.has_error()) {
        reset();
        state_ = State::failed;
    } else if (state_ == State::begun && !std::holds_alternative<Begin>(message)) {
        state_ = State::inside;
    }
    if (state_ == State::inside && is_full() && may_be_split())
        return Fed{Assembled{cut()}};
    return fed;
}

bool TransactionAssembler::may_be_split() const
{
    return state_ == State::inside && !(open_.origin && open_.origin->name == limits_.never_split_origin);
}

bool TransactionAssembler::is_full() const
{
    return open_.changes.size() >= limits_.rows_max || open_.bytes >= limits_.bytes_max;
}

SourceTransaction TransactionAssembler::cut()
{
    was_cut_ = true;
    SourceTransaction rest;
    rest.xid = open_.xid;
    rest.commit_lsn = open_.commit_lsn;
    rest.commit_time = open_.commit_time;
    rest.origin = open_.origin;
    open_.portion = Portion::more_follows;
    return std::exchange(open_, std::move(rest));
}

void TransactionAssembler::reset()
{
    relations_.clear();
    open_ = {};
    was_cut_ = false;
    state_ = State::outside;
}

TransactionAssembler::Fed TransactionAssembler::take(Begin&& begin)
{
    if (state_ != State::outside)
        return violation("Begin", "the transaction before it has not ended");
    state_ = State::begun;
    ordinal_next_ = 0;
    open_.xid = begin.xid;
    open_.commit_lsn = begin.final_lsn;
    open_.commit_time = begin.commit_time;
    return std::nullopt;
}

TransactionAssembler::Fed TransactionAssembler::take(Commit&& commit)
{
    if (state_ == State::outside)
        return violation("Commit", no_transaction);
    if (commit.commit_lsn != open_.commit_lsn)
        return violation("Commit", "commit position differs from the one that Begin announced");
    if (commit.commit_time != open_.commit_time)
        return violation("Commit", "commit time differs from the one that Begin announced");
    if (commit.end_lsn <= commit.commit_lsn)
        return violation("Commit", "end position is not behind the commit position");
    open_.end_lsn = commit.end_lsn;
    open_.portion = std::exchange(was_cut_, false) ? Portion::last : Portion::whole;
    state_ = State::outside;
    return Assembled{std::exchange(open_, {})};
}

TransactionAssembler::Fed TransactionAssembler::take(Origin&& origin)
{
    if (state_ != State::begun)
        return violation("Origin", "does not follow a Begin");
    open_.origin = std::move(origin);
    return std::nullopt;
}

TransactionAssembler::Fed TransactionAssembler::take(Relation&& relation)
{
    const auto oid = relation.oid;
    relations_.insert_or_assign(oid, std::make_shared<const Relation>(std::move(relation)));
    return std::nullopt;
}

TransactionAssembler::Fed TransactionAssembler::take(Type&&)
{
    return std::nullopt;
}

TransactionAssembler::Fed TransactionAssembler::take(Insert&& insert)
{
    const auto added = add_change("Insert", insert.relation, RowOperation::insert);
    if (added.has_error())
        return added.error();
    auto& change = **added;
    if (!fits(insert.new_row, *change.relation))
        return violation("Insert", wrong_new_row);
    change.new_row = std::move(insert.new_row);
    return std::nullopt;
}

TransactionAssembler::Fed TransactionAssembler::take(Update&& update)
{
    const auto added = add_change("Update", update.relation, RowOperation::update);
    if (added.has_error())
        return added.error();
    auto& change = **added;
    if (update.old_row) {
        if (const auto* const mistake = mistake_in(*update.old_row, *change.relation))
            return violation("Update", mistake);
        change.old_row = old_cells(std::move(*update.old_row), *change.relation);
    }
    if (!fits(update.new_row, *change.relation))
        return violation("Update", wrong_new_row);
    change.new_row = std::move(update.new_row);
    return std::nullopt;
}

TransactionAssembler::Fed TransactionAssembler::take(Delete&& erase)
{
    const auto added = add_change("Delete", erase.relation, RowOperation::erase);
    if (added.has_error())
        return added.error();
    auto& change = **added;
    if (const auto* const mistake = mistake_in(erase.old_row, *change.relation))
        return violation("Delete", mistake);
    change.old_row = old_cells(std::move(erase.old_row), *change.relation);
    return std::nullopt;
}

TransactionAssembler::Fed TransactionAssembler::take(Truncate&& truncate)
{
    for (const auto oid : truncate.relations) {
        const auto added = add_change("Truncate", oid, RowOperation::truncate);
        if (added.has_error())
            return added.error();
    }
    return std::nullopt;
}

TransactionAssembler::Fed TransactionAssembler::take(EmittedMessage&& message)
{
    switch (message.kind) {
        case EmittedMessage::Kind::immediate:
            if (state_ != State::outside)
                return violation("Message", "not transactional, but inside a transaction");
            return Assembled{
                ImmediateMessage{
                                 .lsn = message.lsn,
                                 .prefix = std::move(message.prefix),
                                 .content = std::move(message.content),
                                 .bytes = open_.bytes,
                                 }
            };
        case EmittedMessage::Kind::transactional:
            break;
    }
    if (state_ == State::outside)
        return violation("Message", no_transaction);
    open_.messages.push_back(LogicalMessage{
        .ordinal = ordinal_next_++,
        .prefix = std::move(message.prefix),
        .content = std::move(message.content),
    });
    return std::nullopt;
}

Result<RowChange*> TransactionAssembler::add_change(const char* name, RelationOid oid, RowOperation operation)
{
    if (state_ == State::outside)
        return violation(name, no_transaction);
    const auto found = relations_.find(oid);
    if (found == relations_.end())
        return violation(name, "relation " + std::to_string(oid.value()) + " has not been described");
    auto& change = open_.changes.emplace_back();
    change.relation = found->second;
    change.operation = operation;
    change.ordinal = ordinal_next_++;
    return &change;
}

Error TransactionAssembler::too_large(const char* name) const
{
    const auto whose = state_ == State::outside
                           ? std::string{"the message"}
                           : "the transaction committed at " + to_string(open_.commit_lsn);
    return Error{
        .kind = ErrorClass::permanent,
        .code = "transaction_too_large",
        .place = std::string{"pgoutput "} + name,
        .message =
            whose + " has more than transaction_bytes_max = " + std::to_string(limits_.bytes_max) + " bytes",
        .remedy = "raise transaction_bytes_max if the host has the memory",
    };
}

}  // namespace casebridge::pgoutput
