#include "tests/pgoutput/support/golden.hpp"

#include "connectors/pgoutput/decode.hpp"
#include "connectors/pgoutput/encode.hpp"
#include "connectors/pgoutput/frame.hpp"
#include "tests/pgoutput/support/flipped_bits.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

// What a real server sent is understood to the last byte, and what it might become on the way is refused or
// is another message of exactly these bytes.

namespace casebridge::pgoutput {
namespace {

using test::Bytes;
using test::for_each_flipped_bit;
using test::hex;
using test::read_golden;

TEST(GoldenMessages, ReencodeToTheirBytes)
{
    for (const auto& golden : read_golden("messages.hex")) {
        const auto message = decode_message(golden.bytes);
        ASSERT_TRUE(message.has_value()) << golden.place << ": " << message.error().message;
        EXPECT_EQ(hex(encode_message(*message)), hex(golden.bytes)) << golden.place;
    }
}

TEST(GoldenMessages, ShowEveryMessageOfTheProtocol)
{
    std::map<std::string, int> seen;
    for (const auto& golden : read_golden("messages.hex"))
        ++seen[message_name(*decode_message(golden.bytes))];
    EXPECT_EQ(seen.size(), std::variant_size_v<Message>);
}

TEST(GoldenMessages, AreRefusedWhenCutAnywhere)
{
    for (const auto& golden : read_golden("messages.hex"))
        for (std::size_t length = 0; length < golden.bytes.size(); ++length) {
            const auto message = decode_message(std::span{golden.bytes}.first(length));
            ASSERT_TRUE(message.has_error()) << golden.place << " cut to " << length;
            ASSERT_EQ(message.error().code, "protocol_violation") << golden.place << " cut to " << length;
        }
}

TEST(GoldenMessages, AreRefusedWithOneByteMore)
{
    for (auto& golden : read_golden("messages.hex")) {
        golden.bytes.push_back(std::byte{0});
        EXPECT_TRUE(decode_message(golden.bytes).has_error()) << golden.place;
    }
}

TEST(GoldenMessages, WithAnyBitFlippedAreRefusedOrMeanExactlyThoseBytes)
{
    int accepted = 0;
    int refused = 0;
    for (const auto& golden : read_golden("messages.hex"))
        for_each_flipped_bit(golden.bytes, [&](const Bytes& flipped) {
            const auto message = decode_message(flipped);
            ++(message.has_value() ? accepted : refused);
            if (message.has_value()) {
                ASSERT_EQ(encode_message(*message), flipped) << golden.place;
            }
        });
    EXPECT_GT(accepted, 0);
    EXPECT_GT(refused, 0);
}

TEST(GoldenFrames, ReencodeToTheirBytes)
{
    int data = 0;
    int keepalives = 0;
    int updates = 0;
    for (const auto& golden : read_golden("frames.hex")) {
        if (golden.bytes.front() == std::byte{'r'}) {
            const auto update = decode_status_update(golden.bytes);
            ASSERT_TRUE(update.has_value()) << golden.place;
            EXPECT_EQ(hex(encode_status_update(*update)), hex(golden.bytes)) << golden.place;
            ++updates;
            continue;
        }
        const auto frame = decode_frame(golden.bytes);
        ASSERT_TRUE(frame.has_value()) << golden.place;
        EXPECT_EQ(hex(encode_frame(*frame)), hex(golden.bytes)) << golden.place;
        const auto* const carried = std::get_if<XLogData>(&*frame);
        ++(carried != nullptr ? data : keepalives);
        if (carried != nullptr) {
            EXPECT_TRUE(decode_message(carried->payload).has_value()) << golden.place;
        }
    }
    EXPECT_GT(data, 0);
    EXPECT_GT(keepalives, 0);
    EXPECT_GT(updates, 0);
}

TEST(GoldenFrames, CutOrFlippedAreRefusedOrMeanExactlyThoseBytes)
{
    const auto check = [](std::span<const std::byte> bytes) {
        if (const auto frame = decode_frame(bytes); frame.has_value()) {
            ASSERT_EQ(hex(encode_frame(*frame)), hex(bytes));
        }
        if (const auto update = decode_status_update(bytes); update.has_value()) {
            ASSERT_EQ(hex(encode_status_update(*update)), hex(bytes));
        }
    };
    for (const auto& golden : read_golden("frames.hex")) {
        for (std::size_t length = 0; length < golden.bytes.size(); ++length)
            check(std::span{golden.bytes}.first(length));
        for_each_flipped_bit(golden.bytes, check);
    }
}

}  // namespace
}  // namespace casebridge::pgoutput
