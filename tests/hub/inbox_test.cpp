#include "hub/inbox.hpp"

#include "connectors/libpq/task_scope.hpp"
#include "hub/migrations.hpp"
#include "hub/projector.hpp"
#include "hub/records.hpp"
#include "tests/hub/hub_fixture.hpp"

#include <boost/asio/co_spawn.hpp>

#include <chrono>
#include <optional>

namespace casebridge::hub {
namespace {

using namespace std::chrono_literals;
using test::asio::awaitable;

class InboxTest : public test::HubTest {
protected:
    awaitable<libpq::Connection> connect(const std::string& role = {})
    {
        libpq::ConnectionOptions wanted{conninfo() + (role.empty() ? "" : " user=" + role)};
        co_return co_await libpq::Connection::open(wanted);
    }

    static NewRequest pause_of(const std::string& agency, std::chrono::seconds wait = 60s)
    {
        NewRequest request;
        request.kind = pipeline::pause_kind;
        request.agency = agency;
        request.requested_by = "anna";
        request.reason = "upgrade";
        request.wait = wait;
        return request;
    }

    // SQLSTATE with which a statement of a role fails; empty when it does not.
    std::string refusal_of(const std::string& statement, const std::string& role = {})
    {
        std::string state;
        run([&]() -> awaitable<void> {
            auto connection = co_await connect(role);
            try {
                co_await connection.execute_script(statement);
            } catch (const libpq::ServerError& error) {
                state = error.state().text();
            }
        });
        return state;
    }

    void make_hub()
    {
        run([this]() -> awaitable<void> {
            auto connection = co_await connect();
            co_await migrate(connection);
        });
    }

    static RequestAnswered answer_to(const pipeline::OperatorRequest& request, std::string text)
    {
        return {request.note, RequestOutcome::done, std::move(text)};
    }
};

TEST_F(InboxTest, ARequestStandsUntilTheJournalHoldsItsAnswer)
{
    run([this]() -> awaitable<void> {
        auto journal = co_await Journal::open(options(), codec);
        co_await journal.lead("test");
        auto operator_side = co_await connect();
        auto leader_side = co_await connect();
        co_await submit(operator_side, pause_of("sp"));
        auto second = pause_of("es");
        second.payload = pause_payload(2h);
        const auto submitted = co_await submit(operator_side, std::move(second));

        const auto standing = co_await standing_requests(leader_side, 100);
        EXPECT_EQ(standing.requests.size(), 2U);
        const auto& first = standing.requests.at(0);
        EXPECT_EQ(first.note.agency, AgencyId{"sp"});
        EXPECT_EQ(first.note.requested_by, "anna");
        EXPECT_EQ(first.note.role, value("SELECT session_user"));
        EXPECT_EQ(first.note.reason, "upgrade");
        EXPECT_LE(first.note.requested_at, standing.now);
        EXPECT_GT(first.note.deadline.value(), standing.now.value() + 50'000'000);
        EXPECT_EQ(std::get<pipeline::PauseAgency>(first.body).lasts, std::nullopt);
        EXPECT_EQ(std::get<pipeline::PauseAgency>(standing.requests.at(1).body).lasts, 2h);
        EXPECT_EQ((co_await standing_requests(leader_side, 1)).requests.size(), 1U);

        const std::vector<Entry> entries{
            {JournalSeq{1}, answer_to(first, "done so")}
        };
        EXPECT_FALSE(co_await is_answered(leader_side, first.note.id));
        co_await journal.append(entries);
        EXPECT_TRUE(co_await is_answered(leader_side, first.note.id));
        const auto left = co_await standing_requests(leader_side, 100);
        EXPECT_EQ(left.requests.size(), 1U);
        EXPECT_EQ(left.requests.at(0).note.id, submitted.id);
        const auto answer = co_await wait_for_answer(operator_side, first.note.id, 1ms);
        EXPECT_TRUE(answer.has_value());
        EXPECT_EQ(answer.value_or(Answer{}).text, "done so");
    });
}

TEST_F(InboxTest, TheLeaderHearsOfARequestAndTheOperatorOfItsAnswerHoweverLargeTheAppend)
{
    for (const std::size_t others : {0U, 100U})
        run([&]() -> awaitable<void> {
            auto journal = co_await Journal::open(options(), codec);
            const auto leadership = co_await journal.lead("test");
            auto leader_side = co_await connect();
            co_await listen_to_requests(leader_side);
            auto operator_side = co_await connect();
            const auto submitted = co_await submit(operator_side, pause_of("sp"));
            const auto told = co_await leader_side.next_notification();
            EXPECT_EQ(told.channel, "casebridge_inbox");
            EXPECT_EQ(told.payload, std::to_string(submitted.id.value()));

            const auto standing = co_await standing_requests(leader_side, 100);
            auto next = leadership.last_seq.value();
            std::vector<Entry> entries;
            for (std::size_t i = 0; i < others; ++i)
                entries.push_back({JournalSeq{++next}, LaneReason{AgencyId{"sp"}}});
            entries.push_back({JournalSeq{++next}, answer_to(standing.requests.at(0), "heard")});
            std::optional<Answer> answer;
            auto answering = [](Journal& to, const std::vector<Entry>& all) -> awaitable<void> {
                co_await to.append(all);
            };
            auto waiting = [](libpq::Connection& on, RequestId id, std::optional<Answer>& into
                           ) -> awaitable<void> { into = co_await wait_for_answer(on, id, 30s); };
            co_await libpq::run_together(
                waiting(operator_side, submitted.id, answer), answering(journal, entries)
            );
            EXPECT_EQ(answer.value_or(Answer{}).text, "heard");
        });
}

TEST_F(InboxTest, NobodyAnswersAndTheWaitEnds)
{
    run([this]() -> awaitable<void> {
        auto connection = co_await connect();
        co_await migrate(connection);
        const auto submitted = co_await submit(connection, pause_of("sp", 1s));
        const auto answer = co_await wait_for_answer(connection, submitted.id, 50ms);
        EXPECT_FALSE(answer.has_value());
    });
}

TEST_F(InboxTest, TakesNewRowsOnlyEvenFromItsOwner)
{
    make_hub();
    sql("SELECT casebridge.request('pause', 'sp', NULL, 'anna', 'upgrade', '1 minute')");
    EXPECT_EQ(refusal_of("UPDATE casebridge.inbox SET reason = 'another'"), "CB002");
    EXPECT_EQ(refusal_of("DELETE FROM casebridge.inbox"), "CB002");
    EXPECT_EQ(refusal_of("TRUNCATE casebridge.inbox"), "CB002");
    EXPECT_EQ(value("SELECT reason FROM casebridge.inbox"), "upgrade");
}

TEST_F(InboxTest, TheServerSignsWithTheSessionsRoleAndItsOwnClock)
{
    make_hub();
    sql("INSERT INTO casebridge.inbox (kind, requested_by, session_role, reason, requested_at, deadline)"
        " VALUES ('reload', 'anna', 'somebody_else', 'x', '1999-01-01', now() + interval '1 minute')");
    EXPECT_EQ(value("SELECT session_role = session_user FROM casebridge.inbox"), "t");
    EXPECT_EQ(value("SELECT requested_at > now() - interval '1 hour' FROM casebridge.inbox"), "t");
}

TEST_F(InboxTest, ARequestWithoutReasonOrNameIsRefusedByTheServer)
{
    make_hub();
    for (const auto* arguments :
         {"'pause', 'sp', NULL, 'anna', ' ', '1 minute'",
          "'pause', 'sp', NULL, 'anna', NULL, '1 minute'",
          "'pause', 'sp', NULL, '', 'upgrade', '1 minute'",
          "'Pause!', 'sp', NULL, 'anna', 'upgrade', '1 minute'",
          "'pause', 'sp', NULL, 'anna', 'upgrade', '1 year'"})
        EXPECT_NE(refusal_of(std::string{"SELECT casebridge.request("} + arguments + ")"), "") << arguments;
    EXPECT_EQ(value("SELECT count(*) FROM casebridge.inbox"), "0");
}

// The grants of docs/hub.md.
TEST_F(InboxTest, AnOperatorsRoleMayAskAndReadAnswersAndNothingElse)
{
    make_hub();
    sql("DROP ROLE IF EXISTS casebridge_operator");
    sql("CREATE ROLE casebridge_operator LOGIN");
    sql("GRANT USAGE ON SCHEMA casebridge TO casebridge_operator");
    sql("GRANT EXECUTE ON FUNCTION casebridge.request(text, text, jsonb, text, text, interval),"
        " casebridge.answer(bigint) TO casebridge_operator");
    run([this]() -> awaitable<void> {
        auto connection = co_await connect("casebridge_operator");
        const auto submitted = co_await submit(connection, pause_of("sp"));
        const auto answer = co_await wait_for_answer(connection, submitted.id, 1ms);
        EXPECT_FALSE(answer.has_value());
    });
    EXPECT_EQ(value("SELECT session_role FROM casebridge.inbox"), "casebridge_operator");
    for (const auto* statement :
         {"SELECT FROM casebridge.inbox",
          "SELECT FROM casebridge.journal",
          "SELECT FROM casebridge.record",
          "SELECT FROM casebridge.request",
          "SELECT FROM casebridge.requests",
          "INSERT INTO casebridge.inbox (kind, requested_by, reason, deadline) VALUES ('a', 'b', 'c', now())",
          "UPDATE casebridge.inbox SET reason = 'x'",
          "DELETE FROM casebridge.inbox",
          "SELECT casebridge.advance_journal(1, 0, 5)"})
        EXPECT_EQ(refusal_of(statement, "casebridge_operator"), "42501") << statement;
    sql("DROP OWNED BY casebridge_operator");
    sql("DROP ROLE casebridge_operator");
}

TEST_F(InboxTest, WhatIsNotOfItsKindIsReadAsNotUnderstood)
{
    make_hub();
    for (const auto* arguments :
         {"'dance', NULL, NULL",
          "'pause', NULL, NULL",
          "'resume', NULL, NULL",
          "'match', NULL, NULL",
          "'match', 'sp', '{}'",
          "'approve_breaker', NULL, NULL",
          "'approve_breaker', 'sp', NULL",
          "'split_link', NULL, NULL",
          "'split_link', 'sp', '{}'",
          "'pause', 'sp', '{}'",
          R"('pause', 'sp', '{"seconds": 0}')",
          R"('pause', 'sp', '{"seconds": "9"}')",
          R"('pause', 'sp', '{"seconds": 99999999999}')",
          R"('pause', 'sp', '[]')"})
        sql(std::string{"SELECT casebridge.request("} + arguments + ", 'anna', 'why', '1 minute')");
    run([this]() -> awaitable<void> {
        auto connection = co_await connect();
        const auto standing = co_await standing_requests(connection, 100);
        EXPECT_EQ(standing.requests.size(), 14U);
        for (const auto& request : standing.requests)
            EXPECT_TRUE(std::holds_alternative<pipeline::NotUnderstood>(request.body))
                << request.note.id.value();
    });
}

TEST_F(InboxTest, TheReportShowsWhoWhyWhatAndWhatBecameOfIt)
{
    make_hub();
    std::string before;
    run([&]() -> awaitable<void> {
        auto journal = co_await Journal::open(options(), codec);
        const auto leadership = co_await journal.lead("test");
        auto connection = co_await connect();
        co_await submit(connection, pause_of("sp"));
        co_await submit(connection, pause_of("es"));
        const auto standing = co_await standing_requests(connection, 100);
        const AgencyPaused paused{AgencyId{"sp"}, RequestId{1}, "anna", "upgrade", standing.now};
        const std::vector<Entry> entries{
            {JournalSeq{1},                      paused         },
            { JournalSeq{2}, answer_to(standing.requests.at(0), "sp is paused")}
        };
        co_await journal.append(entries);
        Projector projector{connection, codec, bridge, leadership};
        const auto write = [&]() -> awaitable<void> {
            ProjectionBatch batch;
            batch.to = JournalSeq{2};
            batch.entries = entries;
            pipeline::AgencyState state;
            state.pause = pipeline::Pause{JournalSeq{1}, "anna", "upgrade", standing.now};
            batch.agencies = {
                {AgencyId{"sp"}, state}
            };
            co_await projector.write(std::move(batch));
        };
        co_await write();
        before = co_await projector.dump_projections();
        RecordStore store{connection, codec};
        const auto loaded = co_await store.load_state();
        EXPECT_EQ(
            loaded.agencies.at(0).second.pause,
            (pipeline::Pause{JournalSeq{1}, "anna", "upgrade", standing.now})
        );
        co_await projector.reset_projections();
        EXPECT_EQ((co_await standing_requests(connection, 100)).requests.size(), 1U);  // The journal knows.
        co_await write();
        const auto after = co_await projector.dump_projections();
        EXPECT_EQ(after, before);
    });
    EXPECT_NE(before.find("request {"), std::string::npos);
    EXPECT_EQ(
        sql("SELECT kind, agency, requested_by, reason, coalesce(outcome, 'standing'), coalesce(answer, '') "
            "FROM"
            " casebridge.requests ORDER BY id"),
        (casebridge::test::Rows{
            {"pause", "sp", "anna", "upgrade", "done",     "sp is paused"},
            {"pause", "es", "anna", "upgrade", "standing", ""            }
    })
    );
    EXPECT_EQ(
        value("SELECT r.answered_at = j.recorded_at AND r.requested_at = i.requested_at AND r.deadline = "
              "i.deadline"
              " FROM casebridge.request r JOIN casebridge.journal j USING (seq) JOIN casebridge.inbox i ON "
              "i.id = r.id"),
        "t"
    );
    EXPECT_EQ(
        value("SELECT paused_since = recorded_at FROM casebridge.agency_state JOIN casebridge.journal ON seq "
              "= paused_seq"),
        "t"
    );
}

TEST_F(InboxTest, AHubOfTheVersionBeforeIsUpgraded)
{
    run([this]() -> awaitable<void> {
        auto connection = co_await connect();
        co_await connection.execute_script(
            "CREATE SCHEMA casebridge; CREATE TABLE casebridge.schema_version (version int PRIMARY KEY,"
            " name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT clock_timestamp())"
        );
        for (const auto& step : migrations().first(2)) {
            co_await connection.execute_script(std::string{step.sql});
            co_await connection.execute(
                "INSERT INTO casebridge.schema_version (version, name) VALUES ($1::int, 'before')",
                libpq::parameters(std::to_string(step.version))
            );
        }
        co_await connection.execute_script(
            "CREATE TABLE casebridge.journal_from_1 PARTITION OF casebridge.journal FOR VALUES FROM (1) TO "
            "(100);"
            "INSERT INTO casebridge.agency_state VALUES ('sp', '0/1', 0, false)"
        );
        co_await migrate(connection);
        EXPECT_EQ(co_await schema_version(connection), migrations().back().version);
        RecordStore store{connection, codec};
        const auto loaded = co_await store.load_state();
        EXPECT_EQ(loaded.agencies.at(0).second.pause, std::nullopt);
    });
}

}  // namespace
}  // namespace casebridge::hub
