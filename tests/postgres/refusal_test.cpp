#include "connectors/postgres/replication_stream.hpp"

#include <gtest/gtest.h>

#include <string>

namespace casebridge::postgres {
namespace {

const StartRequest request{"casebridge", "pub", Lsn{100}};

SystemIdentity server()
{
    return {.system_identifier = "1", .timeline = 1, .flushed = Lsn{100}, .database = "agency"};
}

SlotState good_slot()
{
    SlotState slot;
    slot.plugin = "pgoutput";
    slot.database = "agency";
    slot.wal_status = "reserved";
    return slot;
}

std::string code_for(const std::optional<SlotState>& slot)
{
    const auto reason = refusal(request, server(), slot);
    return reason ? reason->code : "";
}

TEST(Refusal, IsNoneForAGoodSlotAtTheVeryEndOfTheWal)
{
    EXPECT_EQ(code_for(good_slot()), "");
}

TEST(Refusal, NamesEachReason)
{
    EXPECT_EQ(code_for(std::nullopt), "slot_missing");
    auto slot = good_slot();
    slot.kind = SlotState::Kind::physical;
    EXPECT_EQ(code_for(slot), "slot_not_logical");
    slot = good_slot();
    slot.plugin = "test_decoding";
    EXPECT_EQ(code_for(slot), "slot_wrong_plugin");
    slot = good_slot();
    slot.database = "other";
    EXPECT_EQ(code_for(slot), "slot_wrong_database");
    slot = good_slot();
    slot.wal_status = "lost";
    EXPECT_EQ(code_for(slot), "slot_lost");
    slot = good_slot();
    slot.active_pid = 1;
    EXPECT_EQ(code_for(slot), "slot_active_elsewhere");
}

TEST(Refusal, AServerThatEndsBeforeTheHubsPositionIsBehind)
{
    auto system = server();
    system.flushed = Lsn{99};
    const auto reason = refusal(request, system, good_slot());
    ASSERT_TRUE(reason);
    EXPECT_EQ(reason->code, "server_behind_hub");
    EXPECT_EQ(reason->kind, ErrorClass::permanent);
    EXPECT_FALSE(reason->remedy.empty());
}

TEST(Refusal, ASlotAheadOfTheHubHasAGapBeforeIt)
{
    auto slot = good_slot();
    slot.confirmed_flush = Lsn{100};
    EXPECT_EQ(code_for(slot), "");
    slot.confirmed_flush = Lsn{101};
    EXPECT_EQ(code_for(slot), "slot_ahead_of_hub");
    EXPECT_EQ(refusal(request, server(), slot)->kind, ErrorClass::permanent);
    EXPECT_FALSE(refusal({"casebridge", "pub", Lsn{0}}, server(), slot)) << "a hub that has read nothing yet";
}

TEST(Refusal, ASlotInUseIsTransientAndEverythingElsePermanent)
{
    auto slot = good_slot();
    slot.active_pid = 1;
    EXPECT_EQ(refusal(request, server(), slot)->kind, ErrorClass::transient);
    EXPECT_EQ(refusal(request, server(), std::nullopt)->kind, ErrorClass::permanent);
}

TEST(Refusal, AcceptsOnlyNamesThatNeedNoQuoting)
{
    for (const auto* name : {"", "Upper", "a b", "a'b", "a\"b", "ä", "a-b"}) {
        const auto reason = refusal({name, "pub", Lsn{0}}, server(), good_slot());
        ASSERT_TRUE(reason) << name;
        EXPECT_EQ(reason->code, "slot_name_invalid") << name;
    }
    EXPECT_TRUE(refusal({std::string(64, 'a'), "pub", Lsn{0}}, server(), good_slot()));
    EXPECT_FALSE(refusal({std::string(63, 'a'), "pub", Lsn{0}}, server(), good_slot()));
}

}  // namespace
}  // namespace casebridge::postgres
