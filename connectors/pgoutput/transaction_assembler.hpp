#pragma once

#include "connectors/pgoutput/message.hpp"
#include "model/error.hpp"
#include "model/source_transaction.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>

namespace casebridge::pgoutput {

// A message that was emitted outside any transaction: it was sent as soon as it was in the WAL, even if the
// transaction that wrote it was rolled back. Anybody may write one: untrusted input.
struct ImmediateMessage {
    Lsn lsn;
    std::string prefix;
    std::string content;
    std::size_t bytes = 0;  // Bytes received for it.
};

using Assembled = std::variant<SourceTransaction, ImmediateMessage>;

// What is held of one transaction before it is given out in parts.
struct AssemblyLimits {
    std::size_t rows_max = 10'000;                // Changes.
    std::size_t bytes_max = 64U * 1024U * 1024U;  // Received for them.
    std::string never_split_origin = {};          // Its transactions are given out whole or not at all.
};

// Builds source transactions from the messages of one stream, given in the order of the stream. Keeps
// what the stream has said about relations since it began: a Relation that is sent again replaces the old one
// for later changes only, earlier changes go on sharing theirs.
//
// A transaction above a limit is given out in parts, each as soon as it is full: protocol 1 sends a
// transaction when it has committed, so what is given out cannot be taken back. Ordinals run through all
// parts. Where the server sends a transaction again, the parts may be cut elsewhere when the limits have
// changed.
//
// Rows are given out as sent, with one exception. In a key row the server sends columns outside the replica
// identity like nulls; these become `absent`. Type messages carry nothing that a consumer of text needs and
// are passed over.
//
// Memory: the open part and one Relation for each published table. `bytes_max` bounds the bytes received, not
// the memory of the values: a cell takes at least 1 byte on the wire and sizeof(Cell) = 40 here.
class TransactionAssembler {
public:
    explicit TransactionAssembler(AssemblyLimits limits) : limits_(std::move(limits)) {}

    // Takes the next message; `bytes` is what was received for it. Gives a transaction at its Commit, a part
    // of one when a limit is reached, an immediate message at once, and nothing for every other message.
    //
    // Errors are permanent: `protocol_violation` for a message that must not stand here or does not fit its
    // relation, `transaction_too_large` for a message, or a transaction that must not be split, above
    // bytes_max. After an error the open transaction is gone, and only reset() may follow.
    [[nodiscard]] Result<std::optional<Assembled>> feed(Message&& message, std::size_t bytes);

    // Forgets the open transaction and all relations: a server describes them anew on each connection.
    void reset();

private:
    enum class State {
        outside,  // Between transactions.
        begun,    // The last message was a Begin: an Origin may follow.
        inside,
        failed,
    };

    using Fed = Result<std::optional<Assembled>>;

    Fed take(Begin&& begin);
    Fed take(Commit&& commit);
    Fed take(Origin&& origin);
    Fed take(Relation&& relation);
    Fed take(Type&& type);
    Fed take(Insert&& insert);
    Fed take(Update&& update);
    Fed take(Delete&& erase);
    Fed take(Truncate&& truncate);
    Fed take(EmittedMessage&& message);

    // Adds an empty change of that relation; an error outside a transaction or without the relation.
    Result<RowChange*> add_change(const char* name, RelationOid oid, RowOperation operation);
    [[nodiscard]] Error too_large(const char* name) const;
    [[nodiscard]] bool may_be_split() const;
    [[nodiscard]] bool is_full() const;
    // What is open becomes a part; the transaction goes on without it.
    [[nodiscard]] SourceTransaction cut();

    AssemblyLimits limits_;
    std::unordered_map<RelationOid, std::shared_ptr<const Relation>> relations_;
    State state_ = State::outside;
    SourceTransaction open_;  // Outside a transaction only `bytes` is used: those of the present message.
    bool was_cut_ = false;    // Parts of the open transaction have been given out.
    std::uint32_t ordinal_next_ = 0;
};

}  // namespace casebridge::pgoutput
