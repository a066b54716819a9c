#include "hub/journal.hpp"

#include "hub/array_text.hpp"
#include "hub/copy_text.hpp"
#include "hub/failure.hpp"
#include "hub/migrations.hpp"
#include "hub/row_texts.hpp"
#include "model/assert.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <exception>
#include <optional>
#include <utility>

namespace casebridge::hub {
namespace {

namespace asio = boost::asio;

// The leader check and the rows are one statement, hence one transaction and one round trip: without the lead
// there are no rows to insert.
constexpr auto insert_entries =
    "WITH led AS (UPDATE casebridge.leader SET last_seq = $3::bigint"
    " WHERE epoch = $1::bigint AND last_seq = $2::bigint RETURNING 1)"
    " INSERT INTO casebridge.journal (seq, kind, agency, entity, record, commit_lsn, envelope, payload)"
    " SELECT e.* FROM led, unnest($4::bigint[], $5::text[], $6::text[], $7::text[], $8::bigint[], "
    "$9::pg_lsn[],"
    " $10::jsonb[], $11::jsonb[]) AS e";

// From so many entries on, the rows travel by COPY: cheaper for each row, but four round trips (docs/hub.md).
constexpr std::size_t copy_from_entries = 50;
constexpr std::size_t copy_piece_bytes = 64UL * 1024;

constexpr auto copy_entries =
    "COPY casebridge.journal (seq, kind, agency, entity, record, commit_lsn, envelope, payload) FROM STDIN";

// Wakes those who wait for the answer to a request, when and if the answer is durable.
constexpr auto tell_answers = "SELECT pg_notify('casebridge_answer', '')";

constexpr auto select_entries =
    "SELECT seq, kind, agency, entity, record, commit_lsn, envelope, payload FROM casebridge.journal"
    " WHERE seq > $1::bigint ORDER BY seq LIMIT $2::bigint";

constexpr auto select_named =
    "SELECT seq, kind, agency, entity, record, commit_lsn, envelope, payload FROM casebridge.journal"
    " WHERE seq = ANY($1::bigint[])";

// The columns of insert_entries.
class Columns {
public:
    void add(const EntryRow& row)
    {
        seq_.add(row.seq.value());
        kind_.add(row.kind);
        agency_.add(row.agency);
        entity_.add(row.entity);
        record_.add(row.record ? std::optional{row.record->value()} : std::nullopt);
        commit_lsn_.add(row.commit_lsn);
        envelope_.add(row.envelope);
        payload_.add(row.payload);
    }

    void move_to(libpq::Parameters& parameters)
    {
        for (auto* column :
             {&seq_, &kind_, &agency_, &entity_, &record_, &commit_lsn_, &envelope_, &payload_})
            parameters.emplace_back(column->take());
    }

private:
    ArrayText seq_, kind_, agency_, entity_, record_, commit_lsn_, envelope_, payload_;
};

void add_row(CopyText& copy, const EntryRow& row)
{
    copy.add(row.seq.value());
    copy.add(row.kind);
    copy.add(row.agency);
    copy.add(row.entity);
    copy.add(row.record ? std::optional{row.record->value()} : std::nullopt);
    copy.add(row.commit_lsn);
    copy.add(row.envelope);
    copy.add(row.payload);
    copy.end_row();
}

EntryRow read_row(const libpq::QueryResult& result, std::size_t row)
{
    EntryRow entry{
        .seq = JournalSeq{to_int64(result.text(row, 0))},
        .kind = std::string{result.text(row, 1)},
        .agency = to_string(result.value(row, 2)),
        .entity = to_string(result.value(row, 3)),
        .record = std::nullopt,
        .commit_lsn = to_string(result.value(row, 5)),
        .envelope = std::string{result.text(row, 6)},
        .payload = to_string(result.value(row, 7)),
    };
    if (const auto record = result.value(row, 4))
        entry.record = RecordId{to_int64(*record)};
    return entry;
}

bool has_answer(std::span<const Entry> entries)
{
    return std::ranges::any_of(entries, [](const Entry& entry) {
        return std::holds_alternative<RequestAnswered>(entry.body);
    });
}

constexpr auto session_settings =
    "SET synchronous_commit = on; SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5;"
    " SET tcp_keepalives_count = 3";

}  // namespace

Journal::Journal(libpq::Connection connection, const EntryCodec& codec, JournalSettings settings)
    : connection_(std::move(connection)), codec_(&codec), settings_(settings)
{
    CASEBRIDGE_ASSERT(settings.partition_rows > 0);
}

asio::awaitable<Journal> Journal::open(
    libpq::ConnectionOptions options, const EntryCodec& codec, JournalSettings settings
)
{
    auto connection = co_await libpq::Connection::open(std::move(options));
    co_await connection.execute_script(session_settings);
    co_return Journal{std::move(connection), codec, settings};
}

asio::awaitable<Leadership> Journal::lead(std::string holder, std::function<void()> on_wait)
{
    CASEBRIDGE_ASSERT(state_ == State::connected);
    state_ = State::broken;
    // Polled: a session that waits inside pg_advisory_lock() holds a snapshot, which would keep dead rows of
    // casebridge.leader from being pruned for as long as it waits.
    asio::steady_timer timer{co_await asio::this_coro::executor};
    while (!co_await try_leader_lock(connection_)) {
        if (const auto tell = std::exchange(on_wait, nullptr))
            tell();
        timer.expires_after(settings_.leader_poll);
        co_await timer.async_wait(asio::use_awaitable);
    }
    co_await migrate(connection_);
    auto leadership = co_await take_epoch(connection_, std::move(holder));
    epoch_ = leadership.epoch;
    last_seq_ = leadership.last_seq;
    const auto end =
        co_await connection_.execute("SELECT coalesce(max(to_seq), 1) FROM casebridge.journal_partition");
    partitions_end_ = to_int64(end.text(0, 0));
    co_await ensure_partitions(last_seq_);
    state_ = State::leading;
    co_return leadership;
}

asio::awaitable<void> Journal::append(std::span<const Entry> entries)
{
    CASEBRIDGE_ASSERT(state_ == State::leading);
    if (entries.empty())
        co_return;
    for (std::size_t i = 0; i < entries.size(); ++i)
        CASEBRIDGE_ASSERT(entries[i].seq.value() == last_seq_.value() + 1 + static_cast<std::int64_t>(i));
    state_ = State::broken;
    const auto to = entries.back().seq;
    co_await ensure_partitions(to);
    if (entries.size() < copy_from_entries)
        co_await insert(entries);
    else
        co_await copy(entries);
    last_seq_ = to;
    state_ = State::leading;
}

asio::awaitable<void> Journal::insert(std::span<const Entry> entries)
{
    Columns columns;
    EntryRow row;
    for (const auto& entry : entries) {
        codec_->encode(entry, row);
        columns.add(row);
    }
    auto parameters = libpq::parameters(
        std::to_string(epoch_), std::to_string(last_seq_.value()), std::to_string(entries.back().seq.value())
    );
    columns.move_to(parameters);
    std::uint64_t inserted = 0;
    if (has_answer(entries)) {
        std::vector<libpq::Statement> statements;
        statements.emplace_back(insert_entries, std::move(parameters));
        statements.emplace_back(tell_answers);
        const auto results = co_await connection_.execute_pipelined(std::move(statements));
        inserted = results.front().affected_rows();
    } else {
        const auto result = co_await connection_.execute(insert_entries, std::move(parameters));
        inserted = result.affected_rows();
    }
    if (inserted != entries.size())
        throw LeadershipLost{"journal append"};
}

asio::awaitable<void> Journal::copy(std::span<const Entry> entries)
{
    const auto advance = "BEGIN;SELECT casebridge.advance_journal(" + std::to_string(epoch_) + "," +
                         std::to_string(last_seq_.value()) + "," +
                         std::to_string(entries.back().seq.value()) + ")";
    try {
        co_await connection_.execute_script(advance);
    } catch (const libpq::ServerError& error) {
        throw_as_leadership(error, "journal append");
    }
    auto writer = co_await connection_.copy_in(copy_entries);
    CopyText rows;
    EntryRow row;
    for (const auto& entry : entries) {
        codec_->encode(entry, row);
        add_row(rows, row);
        if (rows.text().size() < copy_piece_bytes)
            continue;
        co_await writer.write(rows.text());
        rows.clear();
    }
    co_await writer.write(rows.text());
    const auto copied = co_await writer.finish();
    CASEBRIDGE_ASSERT(copied == entries.size());
    std::string commit = "COMMIT";
    if (has_answer(entries))
        commit = std::string{tell_answers} + ";COMMIT";
    co_await connection_.execute_script(std::move(commit));
}

asio::awaitable<void> Journal::skip_to(JournalSeq seq)
{
    CASEBRIDGE_ASSERT(state_ == State::leading && seq >= last_seq_);
    state_ = State::broken;
    const auto result = co_await connection_.execute(
        "UPDATE casebridge.leader SET last_seq = $3::bigint WHERE epoch = $1::bigint AND last_seq = "
        "$2::bigint",
        libpq::parameters(
            std::to_string(epoch_), std::to_string(last_seq_.value()), std::to_string(seq.value())
        )
    );
    if (result.affected_rows() != 1)
        throw LeadershipLost{"journal skip"};
    last_seq_ = seq;
    state_ = State::leading;
}

asio::awaitable<void> Journal::ensure_partitions(JournalSeq up_to)
{
    while (partitions_end_ <= up_to.value() + settings_.partition_rows / 10 + 1)
        co_await add_partition(std::max(partitions_end_, last_seq_.value() + 1));
}

// Made apart and then attached: that locks out neither readers nor a backup of the journal, as CREATE …
// PARTITION OF would.
asio::awaitable<void> Journal::add_partition(std::int64_t from)
{
    const auto first = std::to_string(from);
    const auto end = std::to_string(from + settings_.partition_rows);
    const auto name = "journal_from_" + first;
    const auto last = std::to_string(last_seq_.value());
    const auto script = "SELECT casebridge.advance_journal(" + std::to_string(epoch_) + "," + last + "," +
                        last + ");CREATE TABLE casebridge." + name +
                        " (LIKE casebridge.journal INCLUDING DEFAULTS INCLUDING INDEXES);" +
                        "ALTER TABLE casebridge.journal ATTACH PARTITION casebridge." + name +
                        " FOR VALUES FROM (" + first + ") TO (" + end +
                        ");INSERT INTO casebridge.journal_partition VALUES ('" + name + "'," + first + "," +
                        end + ")";
    try {
        co_await connection_.execute_script(script);
    } catch (const libpq::ServerError& error) {
        throw_as_leadership(error, "journal partition");
    }
    partitions_end_ = from + settings_.partition_rows;
}

asio::awaitable<std::vector<StoredEntry>> Journal::read(JournalSeq after, std::size_t entries_max)
{
    CASEBRIDGE_ASSERT(state_ != State::broken);
    const auto rows = co_await connection_.execute(
        select_entries, libpq::parameters(std::to_string(after.value()), std::to_string(entries_max))
    );
    std::vector<StoredEntry> entries;
    entries.reserve(rows.rows());
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        auto entry = codec_->decode(read_row(rows, i));
        if (!entry)
            throw HubFailure{entry.error()};
        entries.push_back(std::move(*entry));
    }
    co_return entries;
}

asio::awaitable<std::uint64_t> Journal::erase_payloads(RecordId record)
{
    CASEBRIDGE_ASSERT(state_ != State::broken);
    const auto result = co_await connection_.execute(
        "UPDATE casebridge.journal SET payload = NULL WHERE record = $1::bigint AND payload IS NOT NULL",
        libpq::parameters(std::to_string(record.value()))
    );
    co_return result.affected_rows();
}

JournalSeq Journal::last_seq() const
{
    CASEBRIDGE_ASSERT(state_ == State::leading);
    return last_seq_;
}

asio::awaitable<std::vector<Entry>> find_entries(
    libpq::Connection& connection, const EntryCodec& codec, std::vector<JournalSeq> seqs
)
{
    std::vector<Entry> entries;
    if (seqs.empty())
        co_return entries;
    ArrayText wanted;
    for (const auto seq : seqs)
        wanted.add(seq.value());
    const auto rows = co_await connection.execute(select_named, libpq::parameters(wanted.take()));
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        auto stored = codec.decode(read_row(rows, i));
        if (!stored)
            continue;
        if (auto* entry = std::get_if<Entry>(&*stored))
            entries.push_back(std::move(*entry));
    }
    co_return entries;
}

}  // namespace casebridge::hub
