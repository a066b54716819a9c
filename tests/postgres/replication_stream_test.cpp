#include "connectors/postgres/replication_stream.hpp"

#include "connectors/libpq/task_scope.hpp"
#include "tests/libpq/run.hpp"
#include "tests/libpq/shared_cluster.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace casebridge::postgres {
namespace {

using namespace std::chrono_literals;
using casebridge::test::Cluster;
using casebridge::test::ClusterOptions;
using casebridge::test::sql;
using casebridge::test::sql_value;
using casebridge::test::StopMode;
using libpq::Connection;
using libpq::ConnectionOptions;
using libpq::test::run;
using libpq::test::shared_cluster;

// A table, a publication whose name needs quoting and a slot, all of one name, in the database `postgres`.
void publish(const std::string& name)
{
    const auto conninfo = shared_cluster().conninfo();
    sql(conninfo, "CREATE TABLE " + name + "(id int PRIMARY KEY, note text)");
    sql(conninfo, "CREATE PUBLICATION \"" + name + "'s \"\"Pub\"\"\" FOR TABLE " + name);
    sql(conninfo, "SELECT pg_create_logical_replication_slot('" + name + "', 'pgoutput')");
}

StartRequest request_for(const std::string& name, Lsn from = Lsn{0})
{
    return {name, name + "'s \"Pub\"", from};
}

asio::awaitable<ReplicationStream> open_stream(std::string database = "postgres")
{
    return ReplicationStream::open(ConnectionOptions{shared_cluster().conninfo(database)});
}

std::string payload_of(const ReplicationFrame& frame)
{
    const auto* data = std::get_if<XLogData>(&frame.message);
    if (data == nullptr)
        return {};
    return {reinterpret_cast<const char*>(data->payload.data()), data->payload.size()};
}

// End LSN of a commit message: type, flags, commit LSN, end LSN, time.
Lsn end_of_commit(const std::string& payload)
{
    std::uint64_t value = 0;
    for (const char c : payload.substr(10, 8))
        value = value << 8U | static_cast<unsigned char>(c);
    return Lsn{value};
}

asio::awaitable<void> identify()
{
    auto stream = co_await open_stream();
    const auto system = co_await stream.identify_system();
    EXPECT_EQ(
        system.system_identifier,
        sql_value(shared_cluster().conninfo(), "SELECT system_identifier FROM pg_control_system()")
    );
    EXPECT_EQ(system.timeline, 1U);
    EXPECT_GT(system.flushed, Lsn{0});
    EXPECT_EQ(system.database, "postgres");

    sql(shared_cluster().conninfo(), "SELECT pg_create_logical_replication_slot('to_look_at', 'pgoutput')");
    const auto slot = co_await stream.slot_state("to_look_at");
    if (!slot) {
        ADD_FAILURE() << "no slot";
        co_return;
    }
    EXPECT_EQ(slot->plugin, "pgoutput");
    EXPECT_EQ(slot->database, "postgres");
    EXPECT_EQ(slot->active_pid, std::nullopt);
    EXPECT_GE(slot->confirmed_flush, slot->restart);
    EXPECT_EQ(slot->wal_status, "reserved");
    EXPECT_FALSE(co_await stream.slot_state("it's \\ not there"));
}

TEST(ReplicationStream, TellsWhichServerAndWhichSlot)
{
    run(identify());
}

// Reads until `commits` transactions have ended; counts inserts.
asio::awaitable<std::pair<int, Lsn>> read_commits(ReplicationStream* stream, int commits)
{
    int inserts = 0;
    Lsn end;
    while (commits > 0) {
        auto frame = stream->try_receive();
        if (!frame)
            frame = co_await stream->receive();
        if (!frame) {
            ADD_FAILURE() << "the stream ended";
            break;
        }
        const auto payload = payload_of(*frame);
        inserts += payload.starts_with('I') ? 1 : 0;
        if (payload.starts_with('C')) {
            end = end_of_commit(payload);
            --commits;
        }
    }
    co_return std::pair{inserts, end};
}

asio::awaitable<void> follow_inserts()
{
    publish("followed");
    const auto conninfo = shared_cluster().conninfo();
    auto stream = co_await open_stream();
    co_await stream.start(request_for("followed"));
    sql(conninfo, "INSERT INTO followed VALUES (1, 'Zoë'), (2, NULL)");
    sql(conninfo, "INSERT INTO followed VALUES (3, 'c')");
    const auto [inserts, end] = co_await read_commits(&stream, 2);
    EXPECT_EQ(inserts, 3);

    co_await stream.send_status({.write = end, .flush = end, .apply = end}, Reply::requested);
    // The answer to the request comes after the server has noted the position.
    bool answered = false;
    while (!answered) {
        const auto frame = co_await stream.receive();
        answered = frame && std::holds_alternative<Keepalive>(frame->message);
    }
    EXPECT_EQ(
        sql_value(
            conninfo, "SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = 'followed'"
        ),
        to_string(end)
    );
}

TEST(ReplicationStream, InsertsArriveAndTheSlotFollowsTheStatus)
{
    run(follow_inserts());
}

asio::awaitable<void> many_changes()
{
    publish("many");
    auto stream = co_await open_stream();
    co_await stream.start(request_for("many"));
    sql(shared_cluster().conninfo(),
        "INSERT INTO many SELECT n, repeat('x', 200) FROM generate_series(1, 100000) n");
    int buffered = 0;
    int inserts = 0;
    for (bool committed = false; !committed;) {
        auto frame = stream.try_receive();
        buffered += frame ? 1 : 0;
        if (!frame)
            frame = co_await stream.receive();
        if (!frame) {
            ADD_FAILURE() << "the stream ended";
            co_return;
        }
        const auto payload = payload_of(*frame);
        inserts += payload.starts_with('I') ? 1 : 0;
        committed = payload.starts_with('C');
    }
    EXPECT_EQ(inserts, 100'000);
    // Most frames come without waiting, several with one read.
    EXPECT_GT(buffered, 50'000);
}

TEST(ReplicationStream, MostFramesOfABigTransactionNeedNoSuspension)
{
    run(many_changes());
}

asio::awaitable<void> send_statuses(ReplicationStream* stream, int count)
{
    for (int i = 0; i < count; ++i)
        co_await stream->send_status({}, Reply::requested);
}

asio::awaitable<void> count_keepalives(ReplicationStream* stream, int count)
{
    while (count > 0) {
        const auto frame = co_await stream->receive();
        if (!frame) {
            ADD_FAILURE() << "the stream ended";
            co_return;
        }
        count -= std::holds_alternative<Keepalive>(frame->message) ? 1 : 0;
    }
}

asio::awaitable<void> both_directions()
{
    publish("duplex");
    auto stream = co_await open_stream();
    co_await stream.start(request_for("duplex"));
    sql(shared_cluster().conninfo(),
        "INSERT INTO duplex SELECT n, repeat('x', 100) FROM generate_series(1, 20000) n");
    co_await libpq::run_together(send_statuses(&stream, 20'000), count_keepalives(&stream, 20));
}

TEST(ReplicationStream, SendsAndReceivesAtOnce)
{
    run(both_directions());
}

asio::awaitable<void> ignore_frame(ReplicationStream* stream)
{
    while (true) {
        const auto frame = co_await stream->receive();
        if (!frame)
            co_return;
    }
}

asio::awaitable<void> cancel_receive()
{
    publish("paused");
    auto stream = co_await open_stream();
    co_await stream.start(request_for("paused"));
    bool timed_out = false;
    try {
        co_await libpq::within(20ms, "a frame", ignore_frame(&stream));
    } catch (const libpq::Timeout&) {
        timed_out = true;
    }
    EXPECT_TRUE(timed_out);
    sql(shared_cluster().conninfo(), "INSERT INTO paused VALUES (1, 'a')");
    const auto [inserts, end] = co_await read_commits(&stream, 1);
    EXPECT_EQ(inserts, 1);
    EXPECT_GT(end, Lsn{0});
}

TEST(ReplicationStream, ACancelledReceiveLosesNothing)
{
    run(cancel_receive());
}

asio::awaitable<void> expect_refusal(ReplicationStream* stream, StartRequest request, std::string code)
{
    std::string refused;
    try {
        co_await stream->start(std::move(request));
    } catch (const StreamRefused& error) {
        refused = error.error().code;
    }
    EXPECT_EQ(refused, code);
}

asio::awaitable<void> refusals()
{
    publish("guarded");
    const auto conninfo = shared_cluster().conninfo();
    sql(conninfo, "SELECT pg_create_physical_replication_slot('physical_one')");
    sql(conninfo, "SELECT pg_create_logical_replication_slot('test_one', 'test_decoding')");
    sql(conninfo, "CREATE DATABASE elsewhere");
    auto stream = co_await open_stream();
    co_await expect_refusal(&stream, request_for("no_such_slot"), "slot_missing");
    co_await expect_refusal(&stream, request_for("physical_one"), "slot_not_logical");
    co_await expect_refusal(&stream, request_for("test_one"), "slot_wrong_plugin");
    co_await expect_refusal(&stream, request_for("guarded", Lsn{0xF'0000'0000}), "server_behind_hub");
    auto other_database = co_await open_stream("elsewhere");
    co_await expect_refusal(&other_database, request_for("guarded"), "slot_wrong_database");
    // A refused stream can still be started when the reason is gone.
    co_await stream.start(request_for("guarded"));
    auto second = co_await open_stream();
    co_await expect_refusal(&second, request_for("guarded"), "slot_active_elsewhere");
}

TEST(ReplicationStream, IsNotStartedWhereChangesWouldBeLost)
{
    run(refusals());
}

asio::awaitable<void> lose_slot(Cluster* cluster)
{
    const auto conninfo = cluster->conninfo();
    sql(conninfo, "SELECT pg_create_logical_replication_slot('late', 'pgoutput')");
    for (int i = 0; i < 4; ++i)
        sql(conninfo, "SELECT pg_switch_wal()"),
            sql(conninfo, "SELECT pg_logical_emit_message(false, 'x', 'y')");
    sql(conninfo, "CHECKPOINT");
    auto stream = co_await ReplicationStream::open(ConnectionOptions{conninfo});
    co_await expect_refusal(&stream, StartRequest{"late", "p", Lsn{0}}, "slot_lost");
}

TEST(ReplicationStream, ALostSlotIsNamed)
{
    Cluster cluster{
        {.settings = {"max_slot_wal_keep_size = 1MB", "min_wal_size = 32MB", "max_wal_size = 32MB"}}};
    run(lose_slot(&cluster));
}

asio::awaitable<void> outlive_server(Cluster* cluster, StopMode mode, std::string slot)
{
    const auto conninfo = cluster->conninfo();
    sql(conninfo, "CREATE PUBLICATION " + slot + " FOR ALL TABLES");
    sql(conninfo, "SELECT pg_create_logical_replication_slot('" + slot + "', 'pgoutput')");
    auto stream = co_await ReplicationStream::open(ConnectionOptions{conninfo});
    co_await stream.start(StartRequest{slot, slot, Lsn{0}});
    cluster->stop(mode);
    bool ended = false;
    try {
        co_await ignore_frame(&stream);
        ended = true;
    } catch (const libpq::ConnectionLost&) {
        ended = true;
    }
    EXPECT_TRUE(ended);
    bool lost = false;
    try {
        co_await stream.receive();
    } catch (const libpq::ConnectionLost&) {
        lost = true;
    }
    EXPECT_TRUE(lost);
}

TEST(ReplicationStream, EndsWhenItsServerStops)
{
    Cluster cluster;
    run(outlive_server(&cluster, StopMode::immediate, "first"));
}

}  // namespace
}  // namespace casebridge::postgres
