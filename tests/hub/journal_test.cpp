#include "hub/journal.hpp"

#include "hub/failure.hpp"
#include "hub/migrations.hpp"
#include "tests/hub/hub_fixture.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <optional>

namespace casebridge::hub {
namespace {

using namespace std::chrono_literals;
using test::asio::awaitable;

constexpr std::size_t everything = 100'000;

class JournalTest : public test::HubTest {
protected:
    static awaitable<std::vector<StoredEntry>> replayed(Journal& journal, JournalSeq after)
    {
        return journal.read(after, everything);
    }

    static void expect_same(const std::vector<StoredEntry>& stored, const std::vector<Entry>& entries)
    {
        ASSERT_EQ(stored.size(), entries.size());
        for (std::size_t i = 0; i < stored.size(); ++i) {
            ASSERT_TRUE(std::holds_alternative<Entry>(stored[i]));
            const auto& entry = std::get<Entry>(stored[i]);
            EXPECT_EQ(entry.seq, entries[i].seq);
            EXPECT_TRUE(test::same(entry.body, entries[i].body)) << "entry " << entries[i].seq.value();
        }
    }

    // What the operation threw, as class name and code; empty if it ended well.
    template <class T>
    static awaitable<std::string> failure_of(awaitable<T> operation)
    {
        try {
            co_await std::move(operation);
        } catch (const LeadershipLost& lost) {
            co_return "LeadershipLost " + lost.error().place;
        } catch (const HubFailure& failure) {
            co_return "HubFailure " + failure.error().code;
        } catch (const libpq::ConnectionLost&) {
            co_return "ConnectionLost";
        }
        co_return "";
    }

    static JournalSettings small_partitions() { return {.partition_rows = 100, .leader_poll = 5ms}; }
};

TEST_F(JournalTest, TheSchemaIsMadeFromNothingAndMadeOnce)
{
    run([this]() -> awaitable<void> {
        auto connection = co_await libpq::Connection::open(options());
        EXPECT_EQ(co_await schema_version(connection), 0);
        co_await migrate(connection);
        EXPECT_EQ(co_await schema_version(connection), migrations().back().version);
        co_await migrate(connection);
    });
    EXPECT_EQ(value("SELECT count(*) FROM casebridge.schema_version"), std::to_string(migrations().size()));
    EXPECT_EQ(value("SELECT count(*) FROM casebridge.leader"), "1");
}

TEST_F(JournalTest, ANewerSchemaIsRefusedAndLeftAlone)
{
    run([this]() -> awaitable<void> {
        auto connection = co_await libpq::Connection::open(options());
        co_await migrate(connection);
        co_await connection.execute(
            "INSERT INTO casebridge.schema_version (version, name) VALUES (999, 'future')"
        );
        std::optional<Error> error;
        try {
            co_await migrate(connection);
        } catch (const HubFailure& failure) {
            error = failure.error();
        }
        EXPECT_TRUE(error.has_value());
        EXPECT_EQ(error.value_or(Error{}).code, "newer_schema");
        EXPECT_EQ(error.value_or(Error{}).kind, ErrorClass::permanent);
        EXPECT_NE(error.value_or(Error{}).remedy.find("upgrade the daemon"), std::string::npos);
        EXPECT_EQ(co_await schema_version(connection), 999);
    });
}

TEST_F(JournalTest, GivesBackWhatWasAppendedInItsOrder)
{
    const auto all = entries(1, 1'200);
    run([&]() -> awaitable<void> {
        auto journal = co_await Journal::open(options(), codec);
        const auto leadership = co_await journal.lead("test");
        EXPECT_EQ(leadership.last_seq, JournalSeq{0});
        EXPECT_EQ(leadership.epoch, 1);
        co_await journal.append(std::span{all}.first(1));
        co_await journal.append({});
        co_await journal.append(std::span{all}.subspan(1));
        EXPECT_EQ(journal.last_seq(), JournalSeq{1'200});
        expect_same(co_await replayed(journal, JournalSeq{0}), all);
        expect_same(co_await replayed(journal, JournalSeq{1'100}), {all.begin() + 1'100, all.end()});
        expect_same(co_await replayed(journal, JournalSeq{1'200}), {});
        expect_same(co_await journal.read(JournalSeq{7}, 3), {all.begin() + 7, all.begin() + 10});
    });
}

TEST_F(JournalTest, ReplaysMoreThanOneChunk)
{
    run([&]() -> awaitable<void> {
        auto journal = co_await Journal::open(options(), codec);
        co_await journal.lead("test");
        std::vector<Entry> reasons;
        for (std::int64_t seq = 1; seq <= 10'001; ++seq)
            reasons.push_back({JournalSeq{seq}, LaneReason{AgencyId{"sp"}}});
        co_await journal.append(reasons);
        expect_same(co_await replayed(journal, JournalSeq{0}), reasons);
    });
}

TEST_F(JournalTest, TheNextLeaderContinuesWhereTheLastOneEnded)
{
    const auto all = entries(1, 20);
    run([&]() -> awaitable<void> {
        std::string incarnation;
        {
            auto first = co_await Journal::open(options(), codec, small_partitions());
            incarnation = (co_await first.lead("first")).incarnation;
            co_await first.append(std::span{all}.first(10));
        }
        auto second = co_await Journal::open(options(), codec, small_partitions());
        const auto leadership = co_await second.lead("second");
        EXPECT_EQ(leadership.last_seq, JournalSeq{10});
        EXPECT_EQ(leadership.epoch, 2);
        EXPECT_EQ(leadership.incarnation, incarnation);
        co_await second.append(std::span{all}.subspan(10));
        expect_same(co_await replayed(second, JournalSeq{0}), all);
    });
    EXPECT_EQ(value("SELECT holder FROM casebridge.leader"), "second");
}

awaitable<void> lead_then_note(Journal& journal, std::vector<std::string>& notes)
{
    co_await journal.lead("second");
    notes.push_back("second leads");
}

TEST_F(JournalTest, WhoeverComesSecondWaitsUntilTheFirstIsGone)
{
    std::vector<std::string> notes;
    run([&]() -> awaitable<void> {
        auto first = std::make_optional(co_await Journal::open(options(), codec, small_partitions()));
        co_await first->lead("first");
        auto second = co_await Journal::open(options(), codec, small_partitions());
        std::exception_ptr failure;
        auto executor = co_await test::asio::this_coro::executor;
        test::asio::co_spawn(executor, lead_then_note(second, notes), [&](std::exception_ptr error) {
            failure = std::move(error);
            notes.push_back("done");
        });
        const auto some = entries(1, 50);
        for (std::size_t i = 0; i < some.size(); ++i)
            co_await first->append(std::span{some}.subspan(i, 1));
        notes.push_back("first goes");
        first.reset();
        // The second one polls; its end is the end of this scenario's executor.
        test::asio::steady_timer timer{executor};
        while (notes.size() < 3) {
            timer.expires_after(1ms);
            co_await timer.async_wait(test::asio::use_awaitable);
        }
        EXPECT_FALSE(failure);
    });
    EXPECT_EQ(notes, (std::vector<std::string>{"first goes", "second leads", "done"}));
}

// Small batches are one statement, large ones a COPY.
class AppendTest : public JournalTest, public ::testing::WithParamInterface<std::size_t> {};

INSTANTIATE_TEST_SUITE_P(Sizes, AppendTest, ::testing::Values(1, 10, 500));

TEST_P(AppendTest, ALaterLeaderFencesAnEarlierOne)
{
    const auto all = entries(1, 10 + GetParam());
    run([&]() -> awaitable<void> {
        auto old = co_await Journal::open(options(), codec);
        co_await old.lead("old");
        co_await old.append(std::span{all}.first(10));
        auto connection = co_await libpq::Connection::open(options());
        const auto leadership = co_await take_epoch(connection, "new");
        EXPECT_EQ(leadership.epoch, 2);
        EXPECT_EQ(
            co_await failure_of(old.append(std::span{all}.subspan(10))), "LeadershipLost journal append"
        );
    });
    EXPECT_EQ(value("SELECT count(*) || ' ' || max(seq) FROM casebridge.journal"), "10 10");
    EXPECT_EQ(value("SELECT last_seq FROM casebridge.leader"), "10");
}

TEST_P(AppendTest, AJournalThatMovedBehindOurBackIsNotContinued)
{
    const auto all = entries(1, 10 + GetParam());
    run([&]() -> awaitable<void> {
        auto journal = co_await Journal::open(options(), codec);
        co_await journal.lead("test");
        co_await journal.append(std::span{all}.first(10));
        sql("UPDATE casebridge.leader SET last_seq = 9");
        EXPECT_EQ(
            co_await failure_of(journal.append(std::span{all}.subspan(10))), "LeadershipLost journal append"
        );
    });
    EXPECT_EQ(value("SELECT count(*) FROM casebridge.journal"), "10");
}

TEST_P(AppendTest, ABackendThatDiesDuringAnAppendLeavesTheJournalWhole)
{
    const auto all = entries(1, 10 + GetParam());
    run([&]() -> awaitable<void> {
        auto journal = co_await Journal::open(
            options(), codec, JournalSettings{.partition_rows = 10'000, .leader_poll = 5ms}
        );
        co_await journal.lead("test");
        co_await journal.append(std::span{all}.first(10));
        // The append waits for the leader row until its backend is killed.
        auto blocker = co_await libpq::Connection::open(options());
        co_await blocker.execute_script("BEGIN; SELECT FROM casebridge.leader FOR UPDATE");
        std::string failure;
        auto executor = co_await test::asio::this_coro::executor;
        test::asio::co_spawn(
            executor,
            failure_of(journal.append(std::span{all}.subspan(10))),
            [&failure](std::exception_ptr, std::string what) { failure = std::move(what); }
        );
        auto killer = co_await libpq::Connection::open(options());
        const auto deadline = std::chrono::steady_clock::now() + 30s;
        while (failure.empty() && std::chrono::steady_clock::now() < deadline)
            co_await killer.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                " AND wait_event_type = 'Lock'"
            );
        EXPECT_EQ(failure, "ConnectionLost");
        co_await blocker.execute_script("ROLLBACK");

        auto next = co_await Journal::open(
            options(), codec, JournalSettings{.partition_rows = 10'000, .leader_poll = 5ms}
        );
        EXPECT_EQ((co_await next.lead("next")).last_seq, JournalSeq{10});
        expect_same(co_await replayed(next, JournalSeq{0}), {all.begin(), all.begin() + 10});
        co_await next.append(std::span{all}.subspan(10));
        expect_same(co_await replayed(next, JournalSeq{0}), all);
    });
}

TEST_F(JournalTest, PartitionsAreMadeBeforeTheyAreNeeded)
{
    const auto all = entries(1, 1'000);
    run([&]() -> awaitable<void> {
        auto journal = co_await Journal::open(options(), codec, small_partitions());
        co_await journal.lead("test");
        EXPECT_EQ(value("SELECT count(*) FROM casebridge.journal_partition"), "1");
        co_await journal.append(std::span{all}.first(80));
        EXPECT_EQ(value("SELECT count(*) FROM casebridge.journal_partition"), "1");
        co_await journal.append(std::span{all}.subspan(80, 15));
        EXPECT_EQ(value("SELECT count(*) FROM casebridge.journal_partition"), "2");
        co_await journal.append(std::span{all}.subspan(95, 505));  // Across several at once.
        co_await journal.append(std::span{all}.subspan(600));
        expect_same(co_await replayed(journal, JournalSeq{0}), all);
    });
    EXPECT_EQ(value("SELECT count(*) FROM casebridge.journal_partition"), "11");
    EXPECT_EQ(value("SELECT count(*) FROM casebridge.journal_from_101"), "100");
    EXPECT_EQ(
        value("SELECT count(*) FROM pg_inherits WHERE inhparent = 'casebridge.journal'::regclass"), "11"
    );
}

TEST_F(JournalTest, SkippedSeqsStayUnused)
{
    run([&]() -> awaitable<void> {
        auto journal = co_await Journal::open(options(), codec, small_partitions());
        co_await journal.lead("test");
        co_await journal.append(entries(1, 3));
        co_await journal.skip_to(JournalSeq{1'000'000'000});
        const auto more = entries(1'000'000'001, 2);
        co_await journal.append(more);
        expect_same(co_await replayed(journal, JournalSeq{3}), more);
    });
    EXPECT_EQ(value("SELECT count(*) FROM casebridge.journal_partition"), "2");
}

TEST_F(JournalTest, ErasingARecordLeavesItsEnvelopes)
{
    auto all = entries(1, 1);
    auto row = std::get<RowRead>(draw.body(0, JournalSeq{2}));
    row.record = RecordId{2};
    all.push_back({JournalSeq{2}, row});
    all.push_back({
        JournalSeq{3  },
        MarksMoved{ AgencyId{"sp"}, test::person, RecordId{2}, {}}
    });
    run([&]() -> awaitable<void> {
        auto journal = co_await Journal::open(options(), codec);
        co_await journal.lead("test");
        co_await journal.append(all);
        const auto before =
            value("SELECT string_agg(envelope::text, ' ' ORDER BY seq) FROM casebridge.journal");
        EXPECT_EQ(co_await journal.erase_payloads(RecordId{2}), 1U);
        EXPECT_EQ(
            value("SELECT string_agg(envelope::text, ' ' ORDER BY seq) FROM casebridge.journal"), before
        );
        const auto stored = co_await replayed(journal, JournalSeq{1});
        EXPECT_EQ(stored.size(), 2U);
        const ErasedEntry erased{JournalSeq{2}, EntryKind::row_read, row.agency, RecordId{2}};
        EXPECT_EQ(std::get<ErasedEntry>(stored.at(0)), erased);
        EXPECT_TRUE(std::holds_alternative<MarksMoved>(std::get<Entry>(stored.at(1)).body));
    });
}

TEST_F(JournalTest, AnEntryOfAnotherConfigurationStopsTheReplayByName)
{
    const std::vector<Entry> all{
        {JournalSeq{1}, TableTruncated{AgencyId{"es"}, test::es_jobseeker, {}}}
    };
    auto other = test::sample_bridge();
    other.tables[2].table = "candidate";
    const EntryCodec other_codec{other};
    run([&]() -> awaitable<void> {
        {
            auto journal = co_await Journal::open(options(), codec);
            co_await journal.lead("test");
            co_await journal.append(all);
        }
        auto journal = co_await Journal::open(options(), other_codec);
        EXPECT_EQ(co_await failure_of(journal.read(JournalSeq{0}, everything)), "HubFailure unknown_table");
    });
}

TEST_F(JournalTest, FindsTheNamedEntriesThatAreWhole)
{
    run([this]() -> awaitable<void> {
        auto journal = co_await Journal::open(options(), codec);
        co_await journal.lead("test");
        const std::vector<Entry> written{
            {JournalSeq{1}, LaneReason{AgencyId{"sp"}}                                    },
            {JournalSeq{2}, ParkedReleased{AgencyId{"sp"}, test::sp_person, LocalKey{"1"}}},
            {JournalSeq{3}, LaneReason{AgencyId{"es"}}                                    }
        };
        co_await journal.append(written);
        sql("UPDATE casebridge.journal SET payload = NULL WHERE seq = 2");
        auto connection = co_await libpq::Connection::open(options());
        const std::vector<JournalSeq> wanted{JournalSeq{2}, JournalSeq{3}, JournalSeq{77}};
        const auto found = co_await find_entries(connection, codec, wanted);
        EXPECT_EQ(found.size(), 1U);
        EXPECT_EQ(found.at(0).seq, JournalSeq{3});
    });
}

}  // namespace
}  // namespace casebridge::hub
