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

// Builds whole source transactions from the messages of one stream, given in the order of the stream. Keeps
// what the stream has said about relations since it began: a Relation that is sent again replaces the old one
// for later changes only, earlier changes go on sharing theirs.
//
// Rows are given out as sent, with one exception. In a key row the server sends columns outside the replica
// identity like nulls; these become `absent`. Type messages carry nothing that a consumer of text needs and
// are passed over.
//
// Memory: the open transaction and one Relation for each published table. `transaction_bytes_max` bounds the
// bytes received for one transaction, not the memory of its values: a cell takes at least 1 byte on the wire
// and sizeof(Cell) = 40 here.
class TransactionAssembler {
public:
    explicit TransactionAssembler(std::size_t transaction_bytes_max) noexcept
        : transaction_bytes_max_(transaction_bytes_max)
    {
    }

    // Takes the next message; `bytes` is what was received for it. Gives a transaction at its Commit, an
    // immediate message at once, and nothing for every other message.
    //
    // Errors are permanent: `protocol_violation` for a message that must not stand here or does not fit its
    // relation, `transaction_too_large` above transaction_bytes_max. After an error the open transaction is
    // gone, and only reset() may follow.
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

    std::size_t transaction_bytes_max_;
    std::unordered_map<RelationOid, std::shared_ptr<const Relation>> relations_;
    State state_ = State::outside;
    SourceTransaction open_;  // Outside a transaction only `bytes` is used: those of the present message.
    std::uint32_t ordinal_next_ = 0;
};

}  // namespace casebridge::pgoutput
