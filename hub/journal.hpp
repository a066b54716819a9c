#pragma once

#include "connectors/libpq/connection.hpp"
#include "hub/entry_codec.hpp"
#include "hub/leadership.hpp"
#include "model/journal_entry.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

// The journal: the one table that is the truth, and the one session that writes it.

namespace casebridge::hub {

struct JournalSettings {
    std::int64_t partition_rows =
        10'000'000;  // Seqs of one partition; the next is made when a tenth is left.
    std::chrono::milliseconds leader_poll{
        1'000};  // How often one who waits looks whether the leader is gone.
};

// Move-only. One operation at a time. Throws libpq's DatabaseError and its kinds HubFailure and
// LeadershipLost.
//
// After any exception from lead(), append() or skip_to() it refuses further use (asserted): whether a failed
// append is durable is not known, so everything in memory is void and the caller starts again from the hub.
class Journal {
public:
    // Connects. `codec` must outlive the journal. Pins synchronous_commit = on and short TCP keepalives, so
    // that the server notices soon that a leader's host is gone.
    [[nodiscard]] static boost::asio::awaitable<Journal> open(
        libpq::ConnectionOptions options, const EntryCodec& codec, JournalSettings settings = {}
    );

    // Waits until nobody else leads (cancellable), migrates the schema, takes a new epoch and makes sure that
    // there is a partition to write to. `holder` is shown to operators. `on_wait` is called once if somebody
    // else leads.
    [[nodiscard]] boost::asio::awaitable<Leadership> lead(
        std::string holder, std::function<void()> on_wait = nullptr
    );

    // Makes the entries durable, all or none: one transaction; one round trip for a small batch, COPY for a
    // large one. Their seqs continue last_seq() without a gap (asserted). The entries must live until the
    // awaitable has ended. LeadershipLost if another daemon leads. Precondition: leading.
    // Who waits for the answer to a request (hub/inbox.hpp) is woken if one is among them.
    [[nodiscard]] boost::asio::awaitable<void> append(std::span<const Entry> entries);

    // Leaves the seqs up to and including `seq` unused for ever: they may have been used by a tail that the
    // hub lost. Precondition: leading, and `seq` is not below last_seq().
    [[nodiscard]] boost::asio::awaitable<void> skip_to(JournalSeq seq);

    // The entries behind `after` in the order of seq, at most `entries_max`: fewer only where the journal
    // ends. HubFailure for an entry that the codec cannot read.
    [[nodiscard]] boost::asio::awaitable<std::vector<StoredEntry>> read(
        JournalSeq after, std::size_t entries_max
    );

    // Erases the personal values of all entries of a record; the envelopes stay. Returns the number of
    // entries. Entries about parked rows name no record and are not found.
    [[nodiscard]] boost::asio::awaitable<std::uint64_t> erase_payloads(RecordId record);

    // Of the last entry that is durable. Precondition: leading.
    [[nodiscard]] JournalSeq last_seq() const;

private:
    enum class State { connected, leading, broken };

    Journal(libpq::Connection connection, const EntryCodec& codec, JournalSettings settings);

    boost::asio::awaitable<void> ensure_partitions(JournalSeq up_to);
    boost::asio::awaitable<void> add_partition(std::int64_t from);
    boost::asio::awaitable<void> insert(std::span<const Entry> entries);
    boost::asio::awaitable<void> copy(std::span<const Entry> entries);

    libpq::Connection connection_;
    const EntryCodec* codec_;
    JournalSettings settings_;
    State state_ = State::connected;
    std::int64_t epoch_ = 0;
    JournalSeq last_seq_;
    std::int64_t partitions_end_ = 1;  // Exclusive.
};

// Those entries of these seqs that can be read whole: not erased, not dropped, and of names that the
// configuration has. In no particular order; any session of the hub will do.
[[nodiscard]] boost::asio::awaitable<std::vector<Entry>> find_entries(
    libpq::Connection& connection, const EntryCodec& codec, std::vector<JournalSeq> seqs
);

}  // namespace casebridge::hub
