#include "connectors/pgoutput/decode.hpp"
#include "connectors/pgoutput/decoder.hpp"
#include "connectors/pgoutput/encode.hpp"
#include "tests/pgoutput/support/flipped_bits.hpp"
#include "tests/pgoutput/support/golden.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>
#include <vector>

// Whole streams of protocols 2 to 4: read to the last byte, and refused or read as exactly those bytes when
// they are altered. Those of protocols 2 and 3 are captured; PostgreSQL 15 has no protocol 4, so that stream
// is the one of protocol 2 with a point behind each Stream Abort, as the documentation describes it.

namespace casebridge::pgoutput {
namespace {

using test::Bytes;
using test::describe;
using test::for_each_flipped_bit;
using test::GoldenMessage;
using test::hex;
using test::read_golden;
using test::wire;
using Streaming = StreamOptions::Streaming;
using TwoPhase = StreamOptions::TwoPhase;

struct GoldenStream {
    StreamOptions options;
    std::vector<GoldenMessage> messages;
};

GoldenStream stream_of_protocol_4()
{
    auto messages = read_golden("streamed.hex");
    for (auto& golden : messages)
        if (golden.bytes.front() == std::byte{'A'}) {
            const auto point = wire("0000000000001234 000303d94a62a5d8");
            golden.bytes.insert(golden.bytes.end(), point.begin(), point.end());
        }
    return {{.streaming = Streaming::parallel}, std::move(messages)};
}

std::vector<GoldenStream> streams()
{
    return {
        {{},                                                      read_golden("messages.hex")          },
        {{.streaming = Streaming::on},                            read_golden("streamed.hex")          },
        {{.two_phase = TwoPhase::on},                             read_golden("two_phase.hex")         },
        {{.streaming = Streaming::on, .two_phase = TwoPhase::on}, read_golden("streamed_two_phase.hex")},
        stream_of_protocol_4(),
    };
}

// Calls `check` with each message of each stream and a decoder that has read all before it.
template <class Check>
void for_each_message(Check check)
{
    for (const auto& stream : streams()) {
        Decoder decoder{stream.options};
        for (const auto& golden : stream.messages) {
            check(decoder, golden);
            const auto message = decoder.decode(golden.bytes);
            ASSERT_TRUE(message.has_value())
                << golden.place << ": " << message.error().place << ": " << message.error().message;
        }
    }
}

TEST(GoldenStreams, ReencodeToTheirBytes)
{
    for_each_message([](Decoder decoder, const GoldenMessage& golden) {
        const auto message = decoder.decode(golden.bytes);
        ASSERT_TRUE(message.has_value());
        EXPECT_EQ(hex(encode_any_message(*message)), hex(golden.bytes)) << golden.place;
    });
}

TEST(GoldenStreams, ShowEveryMessageOfEveryProtocol)
{
    std::set<std::string> plain;
    std::set<std::string> inside_blocks;
    for_each_message([&](Decoder decoder, const GoldenMessage& golden) {
        const auto message = *decoder.decode(golden.bytes);
        auto& seen = std::holds_alternative<StreamedMessage>(message) ? inside_blocks : plain;
        seen.insert(any_message_name(message));
    });
    // Two alternatives of AnyMessage are no messages of their own.
    EXPECT_EQ(plain.size(), std::variant_size_v<Message> + std::variant_size_v<AnyMessage> - 2);
    EXPECT_THAT(
        inside_blocks,
        testing::ElementsAre("Delete", "Insert", "Message", "Relation", "Truncate", "Type", "Update")
    );
}

TEST(GoldenStreams, AreRefusedWhenCutAnywhere)
{
    for_each_message([](const Decoder& decoder, const GoldenMessage& golden) {
        for (std::size_t length = 0; length < golden.bytes.size(); ++length) {
            const auto message = Decoder{decoder}.decode(std::span{golden.bytes}.first(length));
            ASSERT_TRUE(message.has_error()) << golden.place << " cut to " << length;
            ASSERT_EQ(message.error().code, "protocol_violation") << golden.place << " cut to " << length;
        }
    });
}

TEST(GoldenStreams, AreRefusedWithOneByteMore)
{
    for_each_message([](Decoder decoder, GoldenMessage golden) {
        golden.bytes.push_back(std::byte{0});
        EXPECT_TRUE(decoder.decode(golden.bytes).has_error()) << golden.place;
    });
}

TEST(GoldenStreams, WithAnyBitFlippedAreRefusedOrMeanExactlyThoseBytes)
{
    int accepted = 0;
    int refused = 0;
    for_each_message([&](const Decoder& decoder, const GoldenMessage& golden) {
        for_each_flipped_bit(golden.bytes, [&](const Bytes& flipped) {
            const auto message = Decoder{decoder}.decode(flipped);
            ++(message.has_value() ? accepted : refused);
            if (message.has_value()) {
                ASSERT_EQ(encode_any_message(*message), flipped) << golden.place;
            }
        });
    });
    EXPECT_GT(accepted, 0);
    EXPECT_GT(refused, 0);
}

TEST(GoldenStreams, OfLaterProtocolsAreRefusedByNameWhereProtocol1WasAskedFor)
{
    for (const auto* const file : {"streamed.hex", "two_phase.hex", "streamed_two_phase.hex"}) {
        const auto messages = read_golden(file);
        const auto message = decode_message(messages.front().bytes);
        ASSERT_TRUE(message.has_error()) << file;
        EXPECT_EQ(message.error().code, "protocol_too_new") << file;
    }
}

TEST(GoldenStreams, OfProtocol1MeanTheSameToBothDecoders)
{
    Decoder decoder{StreamOptions{}};
    for (const auto& golden : read_golden("messages.hex")) {
        const auto message = decoder.decode(golden.bytes);
        ASSERT_TRUE(message.has_value()) << golden.place;
        ASSERT_TRUE(std::holds_alternative<Message>(*message)) << golden.place;
        EXPECT_EQ(encode_message(std::get<Message>(*message)), encode_message(*decode_message(golden.bytes)))
            << golden.place;
    }
}

// What docs/pgoutput.md says about streamed transactions.
TEST(GoldenStreams, GiveTheOriginOfAStreamedTransactionWithoutItsPosition)
{
    int origins = 0;
    for_each_message([&](Decoder decoder, const GoldenMessage& golden) {
        const auto message = *decoder.decode(golden.bytes);
        const auto* const plain = std::get_if<Message>(&message);
        const auto* const origin = plain == nullptr ? nullptr : std::get_if<Origin>(plain);
        if (origin == nullptr || !golden.place.starts_with("streamed.hex"))
            return;
        ++origins;
        EXPECT_EQ(origin->name, "casebridge_sp");
        EXPECT_EQ(origin->position, Lsn{0});
    });
    EXPECT_GT(origins, 0);
}

TEST(GoldenStreams, LetOtherTransactionsRelyOnWhatACommittedStreamedOneDescribed)
{
    Decoder decoder{StreamOptions{.streaming = Streaming::on}};
    int relying = 0;
    for (const auto& golden : read_golden("streamed.hex")) {
        const auto message = *decoder.decode(golden.bytes);
        const auto* const plain = std::get_if<Message>(&message);
        ASSERT_FALSE(plain != nullptr && std::holds_alternative<Relation>(*plain)) << golden.place;
        relying += plain != nullptr && std::holds_alternative<Insert>(*plain) ? 1 : 0;
    }
    EXPECT_GT(relying, 0);
}

TEST(GoldenStreams, NameTheSubtransactionOfEachChangeAndOfItsAbort)
{
    Decoder decoder{StreamOptions{.streaming = Streaming::on}};
    std::set<Xid> tops;
    std::set<Xid> subs;
    std::set<Xid> aborted;
    for (const auto& golden : read_golden("streamed.hex")) {
        const auto message = *decoder.decode(golden.bytes);
        if (const auto* const start = std::get_if<StreamStart>(&message))
            tops.insert(start->xid);
        else if (const auto* const streamed = std::get_if<StreamedMessage>(&message))
            subs.insert(streamed->xid);
        else if (const auto* const abort = std::get_if<StreamAbort>(&message))
            aborted.insert(abort->subxid);
    }
    std::erase_if(subs, [&](Xid xid) { return tops.contains(xid); });
    EXPECT_EQ(subs.size(), 2U);
    EXPECT_EQ(aborted.size(), 2U);
    EXPECT_THAT(aborted, testing::Contains(testing::AnyOfArray(subs)));
    EXPECT_THAT(aborted, testing::Contains(testing::AnyOfArray(tops)));
}

}  // namespace
}  // namespace casebridge::pgoutput
