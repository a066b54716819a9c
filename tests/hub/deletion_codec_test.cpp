#include "hub/decision_payload.hpp"
#include "hub/entry_codec.hpp"
#include "tests/hub/sample_bridge.hpp"

#include <gtest/gtest.h>

// How deletions and decisions on them are stored.

namespace casebridge::hub {
namespace {

class DeletionCodec : public ::testing::Test {
protected:
    pipeline::BridgeDefinition bridge = test::sample_bridge();
    EntryCodec codec{bridge};

    static RowDeleted deletion()
    {
        return {
            .agency = AgencyId{"sp"        },
            .table = test::sp_person,
            .key = LocalKey{"SECRET-key"},
            .position = {Lsn{1},       0},
            .entity = test::person,
            .record = RecordId{2           },
        };
    }
};

TEST_F(DeletionCodec, WithoutAnEffectIsWhatProgramsWroteThatOnlyRecordedDeletions)
{
    EntryRow row;
    codec.encode({JournalSeq{3}, deletion()}, row);
    EXPECT_EQ(row.envelope, R"({"v":1,"table":"public.person","ordinal":0})");
    const auto decoded = codec.decode(row);
    ASSERT_TRUE(decoded.has_value()) << decoded.error().place;
    EXPECT_TRUE(test::same(std::get<Entry>(*decoded).body, deletion()));
}

TEST_F(DeletionCodec, ValuesStandInThePayloadOnly)
{
    auto deleted = deletion();
    deleted.effect = DeleteEffect::propagated;
    ConflictNote note;
    note.unit = test::unit_name;
    note.type = ConflictType::delete_origin_differs;
    note.rule = "on_delete:propagate";
    note.verdict = Verdict::deleted;
    note.base = {Value{"SECRET-before"}, std::nullopt};
    note.versions.push_back({
        JournalSeq{1},
        AgencyId{                    "es"},
        { Value{"SECRET-lost"}, std::nullopt},
        std::nullopt
    });
    deleted.conflicts.push_back(std::move(note));
    EntryRow row;
    codec.encode({JournalSeq{3}, deleted}, row);
    EXPECT_EQ(row.envelope.find("SECRET"), std::string::npos);
    EXPECT_NE(row.envelope.find("propagated"), std::string::npos);
    ASSERT_TRUE(row.payload.has_value());
    EXPECT_NE(row.payload->find("SECRET-lost"), std::string::npos);
}

TEST(DeletionPayload, IsReadAsItWasWritten)
{
    for (const auto choice : {DeletionChoice::keep, DeletionChoice::remove, DeletionChoice::restore}) {
        const auto seen = choice == DeletionChoice::remove ? std::optional{JournalSeq{120}} : std::nullopt;
        const auto read = read_deletion(deletion_payload({RecordId{42}, JournalSeq{117}, choice, seen}));
        ASSERT_TRUE(read.has_value());
        EXPECT_EQ(read->seen, seen);
        EXPECT_EQ(read->record, RecordId{42});
        EXPECT_EQ(read->deletion, JournalSeq{117});
        EXPECT_EQ(read->choice, choice);
    }
}

TEST(DeletionPayload, AnyOtherDocumentIsNone)
{
    for (const auto* text :
         {"",
          "[]",
          R"({"record":1,"deletion":2})",
          R"({"record":1,"deletion":2,"choice":"perhaps"})",
          R"({"record":"1","deletion":2,"choice":"keep"})",
          R"({"record":1,"deletion":2,"choice":"remove","seen":"3"})",
          R"({"record":1,"deletion":2,"choice":"keep","more":1})"})
        EXPECT_FALSE(read_deletion(text).has_value()) << text;
}

}  // namespace
}  // namespace casebridge::hub
