#include "pipeline/survey.hpp"
#include "tests/pipeline/sample_bridge.hpp"

#include <gtest/gtest.h>

// Which rows the stream knows better than a query.

namespace casebridge::pipeline {
namespace {

class Window : public testing::Test {
protected:
    static LinkKey row(const char* key) { return {MappingIndex{1}, LocalKey{key}}; }

    void write(const char* key, std::uint32_t xid, std::optional<LocalKey> previous_key = std::nullopt)
    {
        NetEffect effect;
        effect.rows.emplace_back();
        effect.rows.back().row = row(key);
        effect.rows.back().previous_key = std::move(previous_key);
        window_.touched(effect, Xid{xid});
    }

    void truncate(std::uint32_t xid)
    {
        NetEffect effect;
        effect.truncated.emplace_back(&bridge_.tables[1], 0);
        window_.touched(effect, Xid{xid});
    }

    // As told by a query that sees every transaction below `xmax`.
    [[nodiscard]] bool stream_knows(const char* key, int xmax) const
    {
        return window_.stream_knows(row(key), seen_below(xmax));
    }

    static Snapshot seen_below(int xmax)
    {
        return Snapshot::parse(std::to_string(xmax) + ":" + std::to_string(xmax) + ":").value();
    }

    BridgeDefinition bridge_ = sample_bridge(1);
    SurveyWindow window_;
};

TEST_F(Window, HoldsWhatWasTouchedSinceTheLowWatermark)
{
    write("1", 10);
    EXPECT_TRUE(stream_knows("1", 11));
    EXPECT_FALSE(stream_knows("2", 11));
    window_.open();
    EXPECT_FALSE(stream_knows("1", 11));
}

TEST_F(Window, HoldsWhatTheQueryDidNotSeeHoweverEarlyItWasTouched)
{
    write("1", 10);
    window_.open();
    EXPECT_TRUE(stream_knows("1", 10));
    EXPECT_FALSE(stream_knows("1", 11));
}

TEST_F(Window, HoldsARenamedRowUnderBothKeys)
{
    write("2", 10, LocalKey{"1"});
    EXPECT_TRUE(stream_knows("1", 11));
    EXPECT_TRUE(stream_knows("2", 11));
    window_.open();
    EXPECT_TRUE(stream_knows("1", 10));
    EXPECT_TRUE(stream_knows("2", 10));
}

TEST_F(Window, ATruncationTouchesEveryRowOfItsTableAndNoOther)
{
    truncate(10);
    EXPECT_TRUE(stream_knows("1", 11));
    EXPECT_FALSE(window_.stream_knows({MappingIndex{0}, LocalKey{"1"}}, seen_below(11)));
    window_.open();
    EXPECT_FALSE(stream_knows("1", 11));
    EXPECT_TRUE(stream_knows("1", 10));
}

TEST_F(Window, AChunkEndsTheWindowAndLeavesWhatItsQueryDidNotSee)
{
    write("1", 10);
    write("2", 20);
    window_.close(seen_below(15));
    EXPECT_FALSE(stream_knows("1", 15));
    EXPECT_TRUE(stream_knows("2", 15));
    EXPECT_FALSE(stream_knows("2", 21));
}

}  // namespace
}  // namespace casebridge::pipeline
