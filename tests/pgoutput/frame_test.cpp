#include "connectors/pgoutput/frame.hpp"

#include "tests/pgoutput/support/wire.hpp"

#include <gtest/gtest.h>

#include <array>

namespace casebridge::pgoutput {
namespace {

using test::hex;
using test::wire;

TEST(Frame, CarriesAMessageWithItsPositions)
{
    const auto bytes = wire("'w' 0000000000000010 0000000000000020 0000000000000030 'Ixyz'");
    const auto frame = decode_frame(bytes);
    ASSERT_TRUE(frame.has_value());
    const auto& data = std::get<XLogData>(*frame);
    EXPECT_EQ(data.wal_start, Lsn{0x10});
    EXPECT_EQ(data.wal_end, Lsn{0x20});
    EXPECT_EQ(data.send_time, PgTime{0x30});
    EXPECT_EQ(hex(data.payload), hex(wire("'Ixyz'")));
    EXPECT_EQ(encode_frame(*frame), bytes);
}

TEST(Frame, OfAKeepaliveTellsWhetherTheServerWaits)
{
    const auto patient = decode_frame(wire("'k' 0000000000000010 0000000000000020 00"));
    ASSERT_TRUE(patient.has_value());
    EXPECT_EQ(std::get<Keepalive>(*patient).wal_end, Lsn{0x10});
    EXPECT_EQ(std::get<Keepalive>(*patient).send_time, PgTime{0x20});
    EXPECT_EQ(std::get<Keepalive>(*patient).reply, Reply::not_requested);

    const auto waiting = decode_frame(wire("'k' 0000000000000010 0000000000000020 01"));
    ASSERT_TRUE(waiting.has_value());
    EXPECT_EQ(std::get<Keepalive>(*waiting).reply, Reply::requested);
    EXPECT_EQ(encode_frame(*waiting), wire("'k' 0000000000000010 0000000000000020 01"));
}

TEST(StatusUpdate, KeepsTheThreePositionsInTheOrderOfTheProtocol)
{
    const auto update = StatusUpdate{
        .written = Lsn{3},
        .flushed = Lsn{2},
        .applied = Lsn{1},
        .time = PgTime{-1},
        .reply = Reply::requested};
    const auto bytes = encode_status_update(update);
    EXPECT_EQ(
        hex(bytes), hex(wire("'r' 0000000000000003 0000000000000002 0000000000000001 ffffffffffffffff 01"))
    );

    const auto decoded = decode_status_update(bytes);
    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(decoded->written, Lsn{3});
    EXPECT_EQ(decoded->flushed, Lsn{2});
    EXPECT_EQ(decoded->applied, Lsn{1});
    EXPECT_EQ(decoded->time, PgTime{-1});
    EXPECT_EQ(decoded->reply, Reply::requested);
}

struct Refusal {
    const char* words;
    const char* code;
    const char* place;
    const char* message;
};

template <class Decode>
void expect_refusal(const Refusal& refusal, Decode decode)
{
    SCOPED_TRACE(refusal.words);
    const auto result = decode(wire(refusal.words));
    ASSERT_TRUE(result.has_error());
    EXPECT_EQ(result.error().kind, ErrorClass::permanent);
    EXPECT_EQ(result.error().code, refusal.code);
    EXPECT_EQ(result.error().place, refusal.place);
    EXPECT_EQ(result.error().message, refusal.message);
}

TEST(Frame, OutsideTheGrammarIsRefused)
{
    constexpr auto cut = "message ends inside this field";
    for (const auto& refusal : std::array{
             Refusal{"",                                             "protocol_violation",       "pgoutput frame at byte 0", cut                                  },
             Refusal{
                     "'w' 0000000000000010 0000000000000020 000000", "protocol_violation",
                     "pgoutput XLogData at byte 17",                                                                         cut                                  },
             Refusal{
                     "'k' 0000000000000010 0000000000000020",        "protocol_violation",
                     "pgoutput Keepalive at byte 17",                                                                        cut                                  },
             Refusal{
                     "'k' 0000000000000010 0000000000000020 02",     "protocol_violation",
                     "pgoutput Keepalive at byte 17",                                                                        "reply wish that is neither 0 nor 1" },
             Refusal{
                     "'k' 0000000000000010 0000000000000020 0000",   "protocol_violation",
                     "pgoutput Keepalive at byte 18",                                                                        "bytes behind the end of the message"},
             Refusal{"'s'",                                          "protocol_unknown_message", "pgoutput frame at byte 0", "unknown type 0x73"                  },
    })
        expect_refusal(refusal, [](const auto& bytes) { return decode_frame(bytes); });
}

TEST(StatusUpdate, OutsideTheGrammarIsRefused)
{
    constexpr auto positions = "'r' 0000000000000003 0000000000000002 0000000000000001 0000000000000000";
    const auto bad_wish = std::string{positions} + " 02";
    const auto too_long = std::string{positions} + " 0000";
    for (const auto& refusal : std::array{
             Refusal{"",               "protocol_violation",       "pgoutput frame at byte 0",         "message ends inside this field"},
             Refusal{
                     positions,        "protocol_violation",
                     "pgoutput StatusUpdate at byte 33",                                               "message ends inside this field"},
             Refusal{
                     bad_wish.c_str(),
                     "protocol_violation",                         "pgoutput StatusUpdate at byte 33",
                     "reply wish that is neither 0 nor 1"                                                                              },
             Refusal{
                     too_long.c_str(),
                     "protocol_violation",                         "pgoutput StatusUpdate at byte 34",
                     "bytes behind the end of the message"                                                                             },
             Refusal{"'h'",            "protocol_unknown_message", "pgoutput frame at byte 0",         "unknown type 0x68"             },
    })
        expect_refusal(refusal, [](const auto& bytes) { return decode_status_update(bytes); });
}

}  // namespace
}  // namespace casebridge::pgoutput
