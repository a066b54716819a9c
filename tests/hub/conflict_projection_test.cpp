#include "hub/projector.hpp"
#include "tests/hub/projector_fixture.hpp"

// A conflict as the hub shows it, and the copy of the projections that a rebuild starts from.

namespace casebridge::hub {
namespace {

using test::ConflictTest;
using test::asio::awaitable;

TEST_F(ConflictTest, ConflictsHoldsAndRefusalsCanBeRead)
{
    run([&]() -> awaitable<void> {
        auto hub = co_await open_hub();
        co_await hub.journal.append(entries_);
        co_await projector(hub).write(conflict_batch());
    });
    EXPECT_EQ(
        sql("SELECT c.seq, unit, type, verdict, versions #>> '{versions,1,value,birth_date}', decided_at = "
            "recorded_at"
            " FROM casebridge.conflict c JOIN casebridge.journal j ON j.seq = c.seq"),
        (casebridge::test::Rows{
            {"2", "birth_date", "update_origin_differs", "held", "1990-01-02", "t"}
    })
    );
    EXPECT_EQ(
        sql("SELECT record, unit, since FROM casebridge.hold"),
        (casebridge::test::Rows{
            {"1", "birth_date", "2"}
    })
    );
    EXPECT_EQ(
        sql("SELECT agency, table_name, code, place FROM casebridge.refusal"),
        (casebridge::test::Rows{
            {"sp", "public.person", "23514", "person_age_check"}
    })
    );
}

TEST_F(ConflictTest, ClearedAndProjectedAgainTheProjectionsAreTheSame)
{
    run([&]() -> awaitable<void> {
        auto hub = co_await open_hub();
        co_await hub.journal.append(entries_);
        auto writer = projector(hub);
        co_await writer.write(conflict_batch());
        const auto before = co_await writer.dump_projections();
        EXPECT_NE(before.find("conflict {"), std::string::npos);
        co_await writer.reset_projections();
        EXPECT_EQ(co_await writer.dump_projections(), "");
        EXPECT_EQ(value("SELECT projected_seq FROM casebridge.projection"), "0");
        co_await writer.write(conflict_batch());
        EXPECT_EQ(co_await writer.dump_projections(), before);
    });
}

TEST_F(ConflictTest, ADecisionCanBeReadAndARebuildGivesTheSame)
{
    entries_.push_back(decision());
    run([&]() -> awaitable<void> {
        auto hub = co_await open_hub();
        co_await hub.journal.append(entries_);
        auto writer = projector(hub);
        co_await writer.write(decided_batch());
        const auto before = co_await writer.dump_projections();
        co_await writer.reset_projections();
        co_await writer.write(decided_batch());
        EXPECT_EQ(co_await writer.dump_projections(), before);
    });
    EXPECT_EQ(
        sql("SELECT d.seq, d.entity, d.record, unit, request, rule, author, taken, conflict_seq, "
            "conflict_position, versions #>> '{value,birth_date}', versions #>> "
            "'{versions,1,value,birth_date}',"
            " versions #>> '{versions,1,author}', decided_at = recorded_at"
            " FROM casebridge.decision d JOIN casebridge.journal j ON j.seq = d.seq"),
        (casebridge::test::Rows{
            {"3",
             "person", "1",
             "birth_date", "7",
             "hold", std::nullopt,
             std::nullopt,
             "2", "0",
             "1990-01-03", "1990-01-02",
             "es", "t"}
    })
    );
}

}  // namespace
}  // namespace casebridge::hub
