#include "hub/decision_payload.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <utility>
#include <vector>

// What a person asks for who takes a link apart, as it stands in the inbox.

namespace casebridge::hub {
namespace {

TEST(SplitPayload, IsReadAsItWasWritten)
{
    const std::vector<pipeline::SplitInto> targets{pipeline::ByRules{}, pipeline::NewRecord{}, RecordId{57}};
    for (const auto& into : targets) {
        const auto read = read_split(
            AgencyId{"es"},
            split_payload({AgencyId{"es"}, "person", LocalKey{"\"\n"}, RecordId{42}, JournalSeq{120}, into})
        );
        ASSERT_TRUE(read.has_value());
        EXPECT_EQ(read->agency, AgencyId{"es"});
        EXPECT_EQ(read->entity, "person");
        EXPECT_EQ(read->key, LocalKey{"\"\n"});
        EXPECT_EQ(read->record, RecordId{42});
        EXPECT_EQ(read->seen, JournalSeq{120});
        ASSERT_EQ(read->into.index(), into.index());
        if (std::holds_alternative<RecordId>(into)) {
            EXPECT_EQ(std::get<RecordId>(read->into), RecordId{57});
        }
    }
}

TEST(SplitPayload, AnyOtherDocumentIsNone)
{
    for (const auto* text :
         {"",
          "[]",
          R"({"entity":"person","key":"1","record":42})",
          R"({"entity":"person","key":1,"record":42,"seen":7})",
          R"({"entity":"person","key":"1","record":42,"seen":"7"})",
          R"({"entity":"person","key":"1","record":42,"seen":7,"into":"old"})",
          R"({"entity":"person","key":"1","record":42,"seen":7,"into":null})",
          R"({"entity":"person","key":"1","record":42,"seen":7,"more":1})"})
        EXPECT_FALSE(read_split(AgencyId{"es"}, text).has_value()) << text;
}

}  // namespace
}  // namespace casebridge::hub
