#include "connectors/pgoutput/decoder.hpp"

#include "connectors/pgoutput/encode.hpp"
#include "tests/pgoutput/support/wire.hpp"

#include <gtest/gtest.h>

#include <array>
#include <stdexcept>
#include <string>
#include <type_traits>

// Each message of protocols 2 to 4 alone; golden_later_test.cpp has whole streams.

namespace casebridge::pgoutput {
namespace {

using test::describe;
using test::hex;
using test::wire;
using Streaming = StreamOptions::Streaming;
using TwoPhase = StreamOptions::TwoPhase;

constexpr StreamOptions streaming{.streaming = Streaming::on};
constexpr StreamOptions parallel{.streaming = Streaming::parallel};
constexpr StreamOptions two_phase{.two_phase = TwoPhase::on};
constexpr StreamOptions everything{.streaming = Streaming::parallel, .two_phase = TwoPhase::on};

// What is made for protocol 1 cannot be handed a message of a later one.
static_assert(!std::is_convertible_v<StreamStart, Message> && !std::is_convertible_v<AnyMessage, Message>);

constexpr auto start_of_block = "'S' 000002da 01";

Decoder inside_block(StreamOptions options)
{
    Decoder decoder{options};
    EXPECT_TRUE(decoder.decode(wire(start_of_block)).has_value());
    return decoder;
}

// The message of that kind in the bytes; also holds that encoding gives the bytes back.
template <class Kind>
Kind decoded(Decoder decoder, std::string_view words)
{
    const auto bytes = wire(words);
    const auto message = decoder.decode(bytes);
    if (message.has_error())
        throw std::runtime_error(message.error().place + ": " + message.error().message);
    EXPECT_EQ(hex(encode_any_message(*message)), hex(bytes));
    return std::get<Kind>(*message);
}

template <class Kind>
Kind decoded(StreamOptions options, std::string_view words)
{
    return decoded<Kind>(Decoder{options}, words);
}

// What a streamed message holds; its xid is 2db.
template <class Kind>
Kind streamed(std::string_view words)
{
    const auto message = decoded<StreamedMessage>(inside_block(streaming), words);
    EXPECT_EQ(message.xid, Xid{0x2db});
    return std::get<Kind>(message.message);
}

TEST(StreamOptions, NeedTheLowestProtocolThatHasThem)
{
    EXPECT_EQ(protocol_version({}), 1);
    EXPECT_EQ(protocol_version(streaming), 2);
    EXPECT_EQ(protocol_version(two_phase), 3);
    EXPECT_EQ(protocol_version({.streaming = Streaming::on, .two_phase = TwoPhase::on}), 3);
    EXPECT_EQ(protocol_version(parallel), 4);
    EXPECT_EQ(protocol_version(everything), 4);
}

TEST(LaterProtocols, BeginAStreamedBlock)
{
    const auto first = decoded<StreamStart>(streaming, "'S' 000002da 01");
    EXPECT_EQ(first.xid, Xid{0x2da});
    EXPECT_EQ(first.segment, StreamStart::Segment::first);
    EXPECT_EQ(decoded<StreamStart>(streaming, "'S' 000002da 00").segment, StreamStart::Segment::later);
}

TEST(LaterProtocols, EndAStreamedBlock)
{
    static_cast<void>(decoded<StreamStop>(inside_block(streaming), "'E'"));
}

TEST(LaterProtocols, CommitAStreamedTransaction)
{
    const auto commit = decoded<StreamCommit>(
        streaming, "'c' 000002da 00 0000000000000010 0000000000000020 0000000000000030"
    );
    EXPECT_EQ(commit.xid, Xid{0x2da});
    EXPECT_EQ(commit.commit_lsn, Lsn{0x10});
    EXPECT_EQ(commit.end_lsn, Lsn{0x20});
    EXPECT_EQ(commit.commit_time, PgTime{0x30});
}

TEST(LaterProtocols, AbortAStreamedTransaction)
{
    const auto abort = decoded<StreamAbort>(streaming, "'A' 000002da 000002db");
    EXPECT_EQ(abort.xid, Xid{0x2da});
    EXPECT_EQ(abort.subxid, Xid{0x2db});
    EXPECT_FALSE(abort.aborted_at.has_value());
}

TEST(LaterProtocols, SayWhereATransactionAbortedWhenStreamingIsParallel)
{
    const auto abort =
        decoded<StreamAbort>(parallel, "'A' 000002da 000002db 0000000000000010 0000000000000020");
    EXPECT_EQ(abort.xid, Xid{0x2da});
    EXPECT_EQ(abort.subxid, Xid{0x2db});
    ASSERT_TRUE(abort.aborted_at.has_value());
    EXPECT_EQ(abort.aborted_at->lsn, Lsn{0x10});
    EXPECT_EQ(abort.aborted_at->time, PgTime{0x20});
}

constexpr auto prepared_words = " 0000000000000010 0000000000000020 0000000000000030 000002ed 'gid' 00";

void expect_prepared(const PreparedTransaction& transaction)
{
    EXPECT_EQ(transaction.prepare_lsn, Lsn{0x10});
    EXPECT_EQ(transaction.end_lsn, Lsn{0x20});
    EXPECT_EQ(transaction.prepare_time, PgTime{0x30});
    EXPECT_EQ(transaction.xid, Xid{0x2ed});
    EXPECT_EQ(transaction.gid, "gid");
}

TEST(LaterProtocols, EncloseAPreparedTransaction)
{
    const auto words = std::string{prepared_words};
    expect_prepared(decoded<BeginPrepare>(two_phase, "'b'" + words).transaction);
    expect_prepared(decoded<Prepare>(two_phase, "'P' 00" + words).transaction);
}

TEST(LaterProtocols, PrepareAStreamedTransaction)
{
    expect_prepared(decoded<StreamPrepare>(everything, "'p' 00" + std::string{prepared_words}).transaction);
}

TEST(LaterProtocols, CommitAPreparedTransaction)
{
    const auto commit = decoded<CommitPrepared>(
        two_phase, "'K' 00 0000000000000010 0000000000000020 0000000000000030 000002ed 'gid' 00"
    );
    EXPECT_EQ(commit.commit_lsn, Lsn{0x10});
    EXPECT_EQ(commit.end_lsn, Lsn{0x20});
    EXPECT_EQ(commit.commit_time, PgTime{0x30});
    EXPECT_EQ(commit.xid, Xid{0x2ed});
    EXPECT_EQ(commit.gid, "gid");
}

TEST(LaterProtocols, RollBackAPreparedTransaction)
{
    const auto rollback = decoded<RollbackPrepared>(
        two_phase,
        "'r' 00 0000000000000010 0000000000000020 0000000000000030 0000000000000040 000002ed 'gid' 00"
    );
    EXPECT_EQ(rollback.prepare_end_lsn, Lsn{0x10});
    EXPECT_EQ(rollback.rollback_end_lsn, Lsn{0x20});
    EXPECT_EQ(rollback.prepare_time, PgTime{0x30});
    EXPECT_EQ(rollback.rollback_time, PgTime{0x40});
    EXPECT_EQ(rollback.xid, Xid{0x2ed});
    EXPECT_EQ(rollback.gid, "gid");
}

TEST(LaterProtocols, PutTheXidBeforeEachMessageOfAStreamedBlock)
{
    const auto relation = streamed<Relation>("'R' 000002db 00000007 's' 00 't' 00 'd' 0000");
    EXPECT_EQ(relation.oid, RelationOid{7});
    EXPECT_EQ(relation.table, "t");
    EXPECT_EQ(streamed<Type>("'Y' 000002db 00000008 's' 00 'n' 00").oid, TypeOid{8});
    EXPECT_EQ(describe(streamed<Insert>("'I' 000002db 00000007 'N' 0002 'n' 'u'").new_row), "NULL|UNCHANGED");
    const auto update = streamed<Update>("'U' 000002db 00000007 'K' 0001 'n' 'N' 0001 't' 00000001 'a'");
    EXPECT_EQ(describe(update.old_row->cells), "NULL");
    EXPECT_EQ(describe(update.new_row), "a");
    EXPECT_EQ(streamed<Delete>("'D' 000002db 00000007 'O' 0001 'n'").old_row.kind, OldRow::Kind::full);
    EXPECT_TRUE(streamed<Truncate>("'T' 000002db 00000001 01 00000007").cascade);
    const auto emitted = streamed<EmittedMessage>("'M' 000002db 01 0000000000000010 'p' 00 00000001 'c'");
    EXPECT_EQ(emitted.lsn, Lsn{0x10});
    EXPECT_EQ(emitted.content, "c");
}

TEST(LaterProtocols, PutNoXidBeforeTheOriginOfAStreamedBlock)
{
    const auto message = decoded<Message>(inside_block(streaming), "'O' 0000000000000000 'casebridge_sp' 00");
    EXPECT_EQ(std::get<Origin>(message).name, "casebridge_sp");
}

TEST(LaterProtocols, LeaveMessagesOutsideBlocksAsTheyWere)
{
    const auto words = "'I' 00000007 'N' 0001 'n'";
    EXPECT_EQ(std::get<Insert>(decoded<Message>(everything, words)).relation, RelationOid{7});
    auto decoder = inside_block(everything);
    ASSERT_TRUE(decoder.decode(wire("'E'")).has_value());
    EXPECT_EQ(std::get<Insert>(decoded<Message>(decoder, words)).relation, RelationOid{7});
}

struct Refusal {
    const char* words;
    const char* place;
    const char* message;
};

void expect_refusals(const Decoder& decoder, std::span<const Refusal> refusals)
{
    for (const auto& [words, place, text] : refusals) {
        SCOPED_TRACE(words);
        const auto message = Decoder{decoder}.decode(wire(words));
        ASSERT_TRUE(message.has_error());
        EXPECT_EQ(message.error().kind, ErrorClass::permanent);
        EXPECT_EQ(message.error().code, "protocol_violation");
        EXPECT_EQ(message.error().place, std::string{"pgoutput "} + place);
        EXPECT_EQ(message.error().message, text);
        EXPECT_NE(message.error().remedy, "");
    }
}

TEST(LaterProtocols, RefuseWhatTheGrammarDoesNotAllowBetweenBlocks)
{
    constexpr std::array refusals{
        Refusal{"",                                                                      "message at byte 0",           "message ends inside this field"      },
        Refusal{"'S' 000002da",                                                          "Stream Start at byte 5",      "message ends inside this field"      },
        Refusal{"'S' 000002da 02",                                                       "Stream Start at byte 5",      "segment mark that is neither 0 nor 1"},
        Refusal{"'S' 000002da 00 00",                                                    "Stream Start at byte 6",      "bytes behind the end of the message" },
        Refusal{"'E'",                                                                   "Stream Stop",                 "no streamed block has begun"         },
        Refusal{"'c' 000002da 01",                                                       "Stream Commit at byte 5",     "flags that are not 0"                },
        Refusal{"'A' 000002da 0000",                                                     "Stream Abort at byte 5",      "message ends inside this field"      },
        Refusal{"'A' 000002da 000002db",                                                 "Stream Abort at byte 9",      "message ends inside this field"      },
        Refusal{"'b' 00",                                                                "Begin Prepare at byte 1",     "message ends inside this field"      },
        Refusal{
                "'b' 0000000000000010 0000000000000020 0000000000000030 000002ed 'gid'", "Begin Prepare at byte 29",
                "string without an end"                                                                                                                       },
        Refusal{"'P' 01",                                                                "Prepare at byte 1",           "flags that are not 0"                },
        Refusal{"'p' 01",                                                                "Stream Prepare at byte 1",    "flags that are not 0"                },
        Refusal{"'K' 80",                                                                "Commit Prepared at byte 1",   "flags that are not 0"                },
        Refusal{"'r' 02",                                                                "Rollback Prepared at byte 1", "flags that are not 0"                },
        Refusal{"'I' 00000007",                                                          "Insert at byte 5",            "message ends inside this field"      },
    };
    expect_refusals(Decoder{everything}, refusals);
    constexpr std::array without_abort_point{
        Refusal{
                "'A' 000002da 000002db 0000000000000010 0000000000000020", "Stream Abort at byte 9",
                "bytes behind the end of the message"}
    };
    expect_refusals(Decoder{streaming}, without_abort_point);
}

TEST(LaterProtocols, RefuseWhatTheGrammarDoesNotAllowInsideABlock)
{
    constexpr auto still_open = "the streamed block before it has not ended";
    constexpr std::array refusals{
        Refusal{"'S' 000002da 00",                                "Stream Start",          still_open                           },
        Refusal{"'B' 0000000000000001 0000000000000001 00000001", "Begin",                 still_open                           },
        Refusal{"'C'",                                            "Commit",                still_open                           },
        Refusal{"'c'",                                            "Stream Commit",         still_open                           },
        Refusal{"'A'",                                            "Stream Abort",          still_open                           },
        Refusal{"'b'",                                            "Begin Prepare",         still_open                           },
        Refusal{"'P'",                                            "Prepare",               still_open                           },
        Refusal{"'p'",                                            "Stream Prepare",        still_open                           },
        Refusal{"'K'",                                            "Commit Prepared",       still_open                           },
        Refusal{"'r'",                                            "Rollback Prepared",     still_open                           },
        Refusal{"'E' 00",                                         "Stream Stop at byte 1", "bytes behind the end of the message"},
        Refusal{"'I' 0000",                                       "Insert at byte 1",      "message ends inside this field"     },
        Refusal{"'I' 000002db 00000007 'X'",                      "Insert at byte 9",      "row that is not marked N"           },
        Refusal{
                "'M' 000002db 00 0000000000000010 00 00000000",   "Message",
                "not transactional, but inside a streamed block"                                                                },
    };
    expect_refusals(inside_block(everything), refusals);
}

TEST(LaterProtocols, AreRefusedByTheOptionThatTheStreamDidNotAskFor)
{
    struct Case {
        StreamOptions options;
        const char* type;
        const char* name;
        const char* protocol;
        const char* option;
    };
    for (const auto& [options, type, name, protocol, option] : {
             Case{{},        "'S'", "Stream Start",      "protocol 2", "streaming"},
             Case{two_phase, "'S'", "Stream Start",      "protocol 2", "streaming"},
             Case{two_phase, "'E'", "Stream Stop",       "protocol 2", "streaming"},
             Case{two_phase, "'c'", "Stream Commit",     "protocol 2", "streaming"},
             Case{two_phase, "'A'", "Stream Abort",      "protocol 2", "streaming"},
             Case{two_phase, "'p'", "Stream Prepare",    "protocol 2", "streaming"},
             Case{streaming, "'p'", "Stream Prepare",    "protocol 3", "two_phase"},
             Case{streaming, "'b'", "Begin Prepare",     "protocol 3", "two_phase"},
             Case{parallel,  "'P'", "Prepare",           "protocol 3", "two_phase"},
             Case{parallel,  "'K'", "Commit Prepared",   "protocol 3", "two_phase"},
             Case{streaming, "'r'", "Rollback Prepared", "protocol 3", "two_phase"},
    }) {
        SCOPED_TRACE(name);
        const auto message = Decoder{options}.decode(wire(type));
        ASSERT_TRUE(message.has_error());
        EXPECT_EQ(message.error().code, "protocol_too_new");
        EXPECT_EQ(message.error().place, std::string{"pgoutput "} + name + " at byte 0");
        EXPECT_NE(message.error().message.find(protocol), std::string::npos);
        EXPECT_NE(message.error().remedy.find(option), std::string::npos);
    }
}

TEST(LaterProtocols, LeaveTheDecoderAsItWasAfterAnError)
{
    auto decoder = inside_block(streaming);
    ASSERT_TRUE(decoder.decode(wire("'E' 00")).has_error());
    static_cast<void>(decoded<StreamedMessage>(decoder, "'I' 000002db 00000007 'N' 0000"));
    Decoder outside{streaming};
    ASSERT_TRUE(outside.decode(wire("'S' 000002da 01 00")).has_error());
    static_cast<void>(decoded<Message>(outside, "'I' 00000007 'N' 0000"));
}

TEST(LaterProtocols, RefuseEveryUnknownFirstByteInEveryPlace)
{
    constexpr std::string_view known = "BCORYIUDTMSEcApbPKr";
    for (int value = 0; value < 256; ++value) {
        if (known.find(static_cast<char>(value)) != std::string_view::npos)
            continue;
        for (auto decoder : {Decoder{everything}, inside_block(everything)}) {
            const auto message = decoder.decode(std::array{static_cast<std::byte>(value)});
            ASSERT_TRUE(message.has_error());
            EXPECT_EQ(message.error().code, "protocol_unknown_message");
        }
    }
}

TEST(LaterProtocolsDeathTest, AssertThatABlockCouldHoldTheStreamedMessage)
{
    const auto commit = StreamedMessage{.xid = Xid{1}, .message = Commit{}};
    EXPECT_DEATH(static_cast<void>(encode_any_message(commit)), "assertion failed");
    const auto immediate = StreamedMessage{.xid = Xid{1}, .message = EmittedMessage{}};
    EXPECT_DEATH(static_cast<void>(encode_any_message(immediate)), "assertion failed");
    BeginPrepare prepare;
    prepare.transaction.gid = std::string(1, '\0');
    EXPECT_DEATH(static_cast<void>(encode_any_message(prepare)), "assertion failed");
}

}  // namespace
}  // namespace casebridge::pgoutput
