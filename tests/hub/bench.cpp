// Measures what docs/hub.md says about speed. Not a test: run it by hand on a quiet machine.
//
//   hub_bench [CONNINFO]    A database without a schema casebridge; by default a throw-away cluster that
//   syncs to disk.

#include "hub/array_text.hpp"
#include "hub/journal.hpp"
#include "hub/projector.hpp"
#include "hub/record_codec.hpp"
#include "hub/records.hpp"
#include "tests/hub/sample_bridge.hpp"
#include "tests/support/cluster.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace casebridge::hub::test {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

class Stopwatch {
public:
    [[nodiscard]] double microseconds() const
    {
        return std::chrono::duration<double, std::micro>(Clock::now() - start_).count();
    }

private:
    Clock::time_point start_ = Clock::now();
};

void report(const char* what, std::size_t batch, double microseconds, std::size_t count)
{
    std::printf(
        "%-34s batch %6zu  %9.1f us/batch  %7.2f us each  %9.0f /s\n",
        what,
        batch,
        microseconds * static_cast<double>(batch) / static_cast<double>(count),
        microseconds / static_cast<double>(count),
        static_cast<double>(count) * 1e6 / microseconds
    );
}

// An ordinary update of a person: one new version, no conflict.
RowRead ordinary_row(std::int64_t seq)
{
    RowRead row;
    row.agency = AgencyId{"sp"};
    row.table = sp_person;
    row.entity = person;
    row.key = LocalKey{std::to_string(100'000 + seq % 50'000)};
    row.record = RecordId{seq};
    row.position = {Lsn{0x16B374D848}, 3};
    row.image = {field("Kowalska"), field("Anna"), field("1990-01-02"), field("90010212345"), field("4711")};
    row.versions = {
        {unit_name, {field("Kowalska"), field("Anna")}, PgTime{800'000'000'000'000}, {}}
    };
    row.marks = {
        {unit_name, JournalSeq{seq}}
    };
    return row;
}

std::vector<Entry> ordinary_entries(std::int64_t first, std::size_t count)
{
    std::vector<Entry> entries;
    for (std::size_t i = 0; i < count; ++i) {
        const auto seq = first + static_cast<std::int64_t>(i);
        entries.push_back({JournalSeq{seq}, ordinary_row(seq)});
    }
    return entries;
}

// The same row as a tree of nodes: what direct writing is compared with.
std::pair<std::string, std::string> encode_by_dom(const Names& names, const RowRead& row)
{
    nlohmann::json envelope{
        {"v",       1                     },
        {"table",   names.table(row.table)},
        {"ordinal", row.position.ordinal  },
        {"source",  "stream"              },
        {"link",    "none"                }
    };
    nlohmann::json payload{
        {"key", row.key.value()}
    };
    for (std::size_t i = 0; i < row.image.size(); ++i)
        payload["image"]["column_" + std::to_string(i)] = row.image[i]->expose();
    for (const auto& version : row.versions) {
        envelope["units"].push_back({
            {"unit", names.unit(row.entity, version.unit)},
            {"stamp",      version.stamp->value()                    }
        });
        payload["values"].push_back({
            {"last_name",  version.value[0]->expose()},
            {"first_name", version.value[1]->expose()}
        });
    }
    for (const auto& mark : row.marks)
        envelope["marks"].push_back({
            {"unit", names.unit(row.entity, mark.unit)},
            {"from",      mark.from->value()                     }
        });
    return {envelope.dump(), payload.dump()};
}

void measure_codec(const EntryCodec& codec)
{
    constexpr std::size_t count = 100'000;
    const auto entries = ordinary_entries(1, 1'000);
    EntryRow row;
    std::size_t bytes = 0;
    {
        const Stopwatch watch;
        for (std::size_t i = 0; i < count; ++i) {
            codec.encode(entries[i % entries.size()], row);
            bytes += row.envelope.size() + row.payload->size();
        }
        report("encode, direct", 1, watch.microseconds(), count);
    }
    {
        const Stopwatch watch;
        for (std::size_t i = 0; i < count; ++i) {
            const auto [envelope, payload] =
                encode_by_dom(codec.names(), std::get<RowRead>(entries[i % entries.size()].body));
            bytes += envelope.size() + payload.size();
        }
        report("encode, by DOM", 1, watch.microseconds(), count);
    }
    const Stopwatch watch;
    for (std::size_t i = 0; i < count; ++i)
        bytes += codec.decode(row).has_value() ? 1U : 0U;
    report("decode", 1, watch.microseconds(), count);
    std::printf("%zu bytes of JSON an entry\n", row.envelope.size() + row.payload->size());
    if (bytes == 0)
        std::abort();
}

std::string copy_field(const std::optional<std::string>& text)
{
    if (!text)
        return "\\N";
    std::string escaped;
    for (const auto character : *text) {
        if (character == '\\')
            escaped += "\\\\";
        else
            escaped.push_back(character);
    }
    return escaped;
}

// The other way of appending, for comparison: leader check, COPY and COMMIT in four round trips.
asio::awaitable<void> append_by_copy(
    libpq::Connection& connection, const EntryCodec& codec, std::span<const Entry> entries, std::int64_t epoch
)
{
    const auto from = entries.front().seq.value() - 1;
    const auto to = entries.back().seq.value();
    co_await connection.execute_script(
        "BEGIN; SELECT casebridge.advance_journal(" + std::to_string(epoch) + "," + std::to_string(from) +
        "," + std::to_string(to) + ")"
    );
    auto writer = co_await connection.copy_in(
        "COPY casebridge.journal (seq, kind, agency, entity, record, commit_lsn, envelope, payload) FROM "
        "STDIN"
    );
    std::string text;
    EntryRow row;
    for (const auto& entry : entries) {
        codec.encode(entry, row);
        text += std::to_string(row.seq.value()) + "\t" + row.kind + "\t" + copy_field(row.agency) + "\t" +
                copy_field(row.entity) + "\t" + std::to_string(row.record->value()) + "\t" +
                copy_field(row.commit_lsn) + "\t" + copy_field(row.envelope) + "\t" +
                copy_field(row.payload) + "\n";
    }
    co_await writer.write(std::string_view{text});
    co_await writer.finish();
    co_await connection.execute_script("COMMIT");
}

asio::awaitable<void> measure_appends(std::string conninfo, const EntryCodec& codec)
{
    auto journal = co_await Journal::open(libpq::ConnectionOptions{conninfo}, codec);
    const auto leadership = co_await journal.lead("bench");
    auto next = leadership.last_seq.value() + 1;
    for (const std::size_t batch : {1UL, 10UL, 100UL, 1'000UL, 10'000UL}) {
        const auto rounds = std::clamp<std::size_t>(100'000 / batch, 10, 1'000);
        double total = 0;
        for (std::size_t round = 0; round < rounds; ++round) {
            const auto entries = ordinary_entries(next, batch);
            const Stopwatch watch;
            co_await journal.append(entries);
            total += watch.microseconds();
            next += static_cast<std::int64_t>(batch);
        }
        report("append, one statement", batch, total, rounds * batch);
    }
    auto connection = co_await libpq::Connection::open(libpq::ConnectionOptions{conninfo});
    for (const std::size_t batch : {1UL, 10UL, 100UL, 1'000UL, 10'000UL}) {
        const auto rounds = std::clamp<std::size_t>(100'000 / batch, 10, 1'000);
        double total = 0;
        for (std::size_t round = 0; round < rounds; ++round) {
            const auto entries = ordinary_entries(next, batch);
            const Stopwatch watch;
            co_await append_by_copy(connection, codec, entries, leadership.epoch);
            total += watch.microseconds();
            next += static_cast<std::int64_t>(batch);
        }
        report("append, COPY in a transaction", batch, total, rounds * batch);
    }
    std::size_t replayed = 0;
    const Stopwatch watch;
    for (;;) {
        const auto entries = co_await journal.read(JournalSeq{static_cast<std::int64_t>(replayed)}, 2'000);
        if (entries.empty())
            break;
        replayed += entries.size();
    }
    report("replay", replayed, watch.microseconds(), replayed);
}

pipeline::Record ordinary_record(std::int64_t id, std::int64_t seq)
{
    pipeline::Record record;
    record.id = RecordId{id};
    record.entity = person;
    record.last_seq = JournalSeq{seq};
    record.units.resize(7);
    const auto version = [&](UnitValue value) {
        return Version{JournalSeq{seq}, AgencyId{"sp"}, std::move(value), PgTime{800'000'000'000'000 + seq}};
    };
    record.units[0].open = {version({field("Kowalska"), field("Anna")})};
    record.units[1].open = {version({field("1990-01-02")})};
    record.units[2].open = {version({field(std::to_string(90010200000 + id))})};
    record.units[3].open = {version({field("Main 1"), field("Gdynia")})};
    for (const auto table : {sp_person, es_jobseeker})
        record.links.push_back({
            .table = table,
            .key = LocalKey{std::to_string(id)  },
            .state = pipeline::LinkState::live,
            .since = JournalSeq{1                   },
            .image =
                table == sp_person
                    ? Image{field("Kowalska"),    field("Anna"), field("1990-01-02"), field("1"), field("4711")}
                    : Image{field("Kowalska"), field("Anna"), field("Main 1"), field("Gdynia")},
            .unresolved = {   }
        });
    return record;
}

asio::awaitable<void> measure_projections(
    std::string conninfo, const EntryCodec& codec, const pipeline::BridgeDefinition& bridge
)
{
    auto connection = co_await libpq::Connection::open(libpq::ConnectionOptions{conninfo});
    const auto leadership = co_await take_epoch(connection, "bench");
    Projector projector{connection, codec, bridge, leadership};
    RecordStore store{connection, codec};
    constexpr std::int64_t batch_records = 1'000;
    constexpr std::int64_t all_records = 30'000;
    std::int64_t projected = 0;
    for (const auto* what : {"project, new records", "project, changed records"}) {
        double total = 0;
        for (std::int64_t first = 1; first <= all_records; first += batch_records) {
            std::vector<pipeline::Record> records;
            for (auto id = first; id < first + batch_records; ++id)
                records.push_back(ordinary_record(id, projected + id));
            ProjectionBatch batch;
            batch.from = JournalSeq{projected};
            batch.to = JournalSeq{++projected};
            for (const auto& record : records) {
                const auto id = std::to_string(record.id.value());
                ProjectedRecord given;
                given.record = &record;
                given.golden.assign(9, field("Kowalska"));
                given.keys.identities = {
                    {person, 0, Value{id}                         },
                    {person, 1, Value{"Kowalska 1990-01-02 " + id}}
                };
                batch.records.push_back(std::move(given));
            }
            const Stopwatch watch;
            co_await projector.write(std::move(batch));
            total += watch.microseconds();
        }
        report(what, batch_records, total, all_records);
    }
    double total = 0;
    std::size_t loaded = 0;
    for (std::int64_t first = 1; first <= all_records; first += batch_records) {
        pipeline::Demand demand;
        for (auto id = first; id < first + batch_records; ++id)
            demand.links.push_back({sp_person, LocalKey{std::to_string(id)}});
        const Stopwatch watch;
        const auto records = co_await store.load(std::move(demand));
        total += watch.microseconds();
        loaded += records.size();
    }
    report("load by link", batch_records, total, loaded);
}

asio::awaitable<void> measure(std::string conninfo)
{
    const auto bridge = sample_bridge();
    const EntryCodec codec{bridge};
    measure_codec(codec);
    co_await measure_appends(conninfo, codec);
    co_await measure_projections(conninfo, codec, bridge);
}

}  // namespace
}  // namespace casebridge::hub::test

int main(int argc, char** argv)
{
    using namespace casebridge;
    std::optional<casebridge::test::Cluster> cluster;
    std::string conninfo;
    if (argc > 1) {
        conninfo = argv[1];
    } else {
        casebridge::test::ClusterOptions options;
        options.durability = casebridge::test::ClusterOptions::Durability::fsync;
        conninfo = cluster.emplace(options).conninfo();
    }
    boost::asio::io_context context;
    std::exception_ptr failure;
    boost::asio::co_spawn(context, hub::test::measure(conninfo), [&](std::exception_ptr error) {
        failure = error;
    });
    context.run();
    if (failure)
        std::rethrow_exception(failure);
}
