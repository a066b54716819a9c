#include "connectors/pgoutput/decode.hpp"

#include "connectors/pgoutput/encode.hpp"
#include "tests/pgoutput/support/wire.hpp"

#include <gtest/gtest.h>

#include <array>

namespace casebridge::pgoutput {
namespace {

using test::describe;
using test::hex;
using test::wire;

// The message of that kind in the bytes; also holds that encoding gives the bytes back.
template <class Kind>
Kind decoded(std::string_view words)
{
    const auto bytes = wire(words);
    const auto message = decode_message(bytes);
    if (message.has_error())
        throw std::runtime_error(message.error().place + ": " + message.error().message);
    EXPECT_EQ(hex(encode_message(*message)), hex(bytes));
    return std::get<Kind>(*message);
}

TEST(Decoder, ReadsABegin)
{
    const auto begin = decoded<Begin>("'B' 00000016b374d848 000303d6ca72d124 000002ec");
    EXPECT_EQ(begin.final_lsn, parse_lsn("16/B374D848"));
    EXPECT_EQ(begin.commit_time, PgTime{0x000303d6ca72d124});
    EXPECT_EQ(begin.xid, Xid{748});
}

TEST(Decoder, ReadsATimeBeforeTheYear2000)
{
    EXPECT_EQ(decoded<Begin>("'B' 0000000000000001 ffffffffffffffff 00000001").commit_time, PgTime{-1});
}

TEST(Decoder, ReadsACommit)
{
    const auto commit = decoded<Commit>("'C' 00 0000000000000010 0000000000000020 0000000000000030");
    EXPECT_EQ(commit.commit_lsn, Lsn{0x10});
    EXPECT_EQ(commit.end_lsn, Lsn{0x20});
    EXPECT_EQ(commit.commit_time, PgTime{0x30});
}

TEST(Decoder, ReadsAnOrigin)
{
    const auto origin = decoded<Origin>("'O' 000000000000002a 'casebridge_sp' 00");
    EXPECT_EQ(origin.position, Lsn{42});
    EXPECT_EQ(origin.name, "casebridge_sp");
}

TEST(Decoder, ReadsARelation)
{
    const auto relation = decoded<Relation>(
        "'R' 0000400a 'Amt' 00 'person' 00 'f' 0002"
        " 01 'id' 00 00000017 ffffffff"
        " 00 'name' 00 00000413 0000002c"
    );
    const auto expected = Relation{
        .oid = RelationOid{0x400a                             },
        .schema = "Amt",
        .table = "person",
        .replica_identity = ReplicaIdentity::full,
        .columns = { {"id", TypeOid{23}, -1, true}, {"name", TypeOid{1043}, 44, false}},
    };
    EXPECT_EQ(relation, expected);
}

TEST(Decoder, ReadsEachReplicaIdentity)
{
    using enum ReplicaIdentity;
    EXPECT_EQ(decoded<Relation>("'R' 00000001 00 't' 00 'd' 0000").replica_identity, by_default);
    EXPECT_EQ(decoded<Relation>("'R' 00000001 00 't' 00 'n' 0000").replica_identity, nothing);
    EXPECT_EQ(decoded<Relation>("'R' 00000001 00 't' 00 'f' 0000").replica_identity, full);
    EXPECT_EQ(decoded<Relation>("'R' 00000001 00 't' 00 'i' 0000").replica_identity, index);
}

TEST(Decoder, ReadsAType)
{
    const auto type = decoded<Type>("'Y' 00004002 'public' 00 'status' 00");
    EXPECT_EQ(type.oid, TypeOid{0x4002});
    EXPECT_EQ(type.schema, "public");
    EXPECT_EQ(type.name, "status");
}

TEST(Decoder, TellsNullUnchangedAndEmptyApart)
{
    const auto insert = decoded<Insert>("'I' 00000007 'N' 0004 'n' 'u' 't' 00000000 't' 00000002 'ab'");
    EXPECT_EQ(insert.relation, RelationOid{7});
    const auto expected = Tuple{
        {Cell::State::null,      ""  },
        {Cell::State::unchanged, ""  },
        {Cell::State::text,      ""  },
        {Cell::State::text,      "ab"},
    };
    EXPECT_EQ(insert.new_row, expected);
}

TEST(Decoder, ReadsAnUpdateWithEachKindOfOldRow)
{
    const auto plain = decoded<Update>("'U' 00000007 'N' 0001 'n'");
    EXPECT_FALSE(plain.old_row.has_value());

    const auto key = decoded<Update>("'U' 00000007 'K' 0001 't' 00000001 '1' 'N' 0001 't' 00000001 '2'");
    ASSERT_TRUE(key.old_row.has_value());
    EXPECT_EQ(key.old_row->kind, OldRow::Kind::key);
    EXPECT_EQ(describe(key.old_row->cells), "1");
    EXPECT_EQ(describe(key.new_row), "2");

    const auto full = decoded<Update>("'U' 00000007 'O' 0001 't' 00000001 '1' 'N' 0001 'u'");
    ASSERT_TRUE(full.old_row.has_value());
    EXPECT_EQ(full.old_row->kind, OldRow::Kind::full);
    EXPECT_EQ(describe(full.new_row), "UNCHANGED");
}

TEST(Decoder, ReadsADeleteByKeyAndByFullRow)
{
    EXPECT_EQ(decoded<Delete>("'D' 00000007 'K' 0001 'n'").old_row.kind, OldRow::Kind::key);
    EXPECT_EQ(decoded<Delete>("'D' 00000007 'O' 0001 'n'").old_row.kind, OldRow::Kind::full);
}

TEST(Decoder, ReadsATruncateWithEachOption)
{
    for (const auto& [words, cascade, restart] : {
             std::tuple{"'T' 00000001 00 00000007", false, false},
             std::tuple{"'T' 00000001 01 00000007", true,  false},
             std::tuple{"'T' 00000001 02 00000007", false, true },
             std::tuple{"'T' 00000001 03 00000007", true,  true },
    }) {
        const auto truncate = decoded<Truncate>(words);
        EXPECT_EQ(truncate.cascade, cascade);
        EXPECT_EQ(truncate.restart_identity, restart);
    }
    const auto relations = std::vector{RelationOid{7}, RelationOid{8}};
    EXPECT_EQ(decoded<Truncate>("'T' 00000002 00 00000007 00000008").relations, relations);
}

TEST(Decoder, ReadsEmittedMessagesWithAnyContent)
{
    const auto inside = decoded<EmittedMessage>("'M' 01 0000000000000010 'casebridge' 00 00000002 'ab'");
    EXPECT_EQ(inside.kind, EmittedMessage::Kind::transactional);
    EXPECT_EQ(inside.lsn, Lsn{16});
    EXPECT_EQ(inside.prefix, "casebridge");
    EXPECT_EQ(inside.content, "ab");

    const auto outside = decoded<EmittedMessage>("'M' 00 0000000000000010 00 00000002 00ff");
    EXPECT_EQ(outside.kind, EmittedMessage::Kind::immediate);
    EXPECT_EQ(outside.content, std::string("\0\xff", 2));
}

TEST(Decoder, ReadsAsManyColumnsAsARowCanHave)
{
    auto bytes = wire("'I' 00000007 'N' 0680");
    bytes.resize(bytes.size() + 1664, std::byte{'n'});
    const auto message = decode_message(bytes);
    ASSERT_TRUE(message.has_value());
    EXPECT_EQ(std::get<Insert>(*message).new_row.size(), 1664U);
    EXPECT_EQ(encode_message(*message), bytes);
}

struct Refusal {
    const char* words;
    const char* place;
    const char* message;
};

constexpr std::array violations{
    Refusal{"",                                                                "message at byte 0",   "message ends inside this field"                },
    Refusal{"'B' 0000",                                                        "Begin at byte 1",     "message ends inside this field"                },
    Refusal{
            "'B' 0000000000000001 0000000000000001 000001",                    "Begin at byte 17",    "message ends inside this field"                },
    Refusal{
            "'B' 0000000000000001 0000000000000001 00000001 00",               "Begin at byte 21",
            "bytes behind the end of the message"                                                                                                     },
    Refusal{
            "'C' 01 0000000000000001 0000000000000002 0000000000000003",       "Commit at byte 1",
            "commit flags that are not 0"                                                                                                             },
    Refusal{"'O' 0000000000000001 'name'",                                     "Origin at byte 9",    "string without an end"                         },
    Refusal{"'R' 00000001 's' 00 't'",                                         "Relation at byte 7",  "string without an end"                         },
    Refusal{"'R' 00000001 's' 00 't' 00 'x' 0000",                             "Relation at byte 9",  "unknown replica identity"                      },
    Refusal{"'R' 00000001 's' 00 't' 00 'd' 0681",                             "Relation at byte 10", "column count outside 0 to 1664"                },
    Refusal{"'R' 00000001 's' 00 't' 00 'd' ffff",                             "Relation at byte 10", "column count outside 0 to 1664"                },
    Refusal{
            "'R' 00000001 's' 00 't' 00 'd' 0001 02 'c' 00 00000017 ffffffff", "Relation at byte 12",
            "unknown column flags"                                                                                                                    },
    Refusal{
            "'R' 00000001 's' 00 't' 00 'd' 0001 01 'c' 00 00000017 ffff",     "Relation at byte 19",
            "message ends inside this field"                                                                                                          },
    Refusal{"'Y' 00000001 00",                                                 "Type at byte 6",      "string without an end"                         },
    Refusal{"'I' 00000001 'K' 0000",                                           "Insert at byte 5",    "row that is not marked N"                      },
    Refusal{"'I' 00000001 'N' 0681",                                           "Insert at byte 6",    "column count outside 0 to 1664"                },
    Refusal{"'I' 00000001 'N' 8000",                                           "Insert at byte 6",    "column count outside 0 to 1664"                },
    Refusal{"'I' 00000001 'N' 0002 'n'",                                       "Insert at byte 9",    "message ends inside this field"                },
    Refusal{"'I' 00000001 'N' 0001 'x'",                                       "Insert at byte 8",    "unknown cell kind"                             },
    Refusal{
            "'I' 00000001 'N' 0001 'b' 00000001 00",                           "Insert at byte 8",
            "binary value although the option binary is off"                                                                                          },
    Refusal{"'I' 00000001 'N' 0001 't' ffffffff",                              "Insert at byte 9",    "negative length"                               },
    Refusal{"'I' 00000001 'N' 0001 't' 7fffffff 'a'",                          "Insert at byte 13",   "message ends inside this field"                },
    Refusal{"'I' 00000001 'N' 0001 't' 00000003 'a' 00 'b'",                   "Insert at byte 13",   "text with a NUL inside"                        },
    Refusal{"'I' 00000001 'N' 0001 'n' 'n'",                                   "Insert at byte 9",    "bytes behind the end of the message"           },
    Refusal{"'U' 00000001 'X' 0000",                                           "Update at byte 5",    "row that is not marked N, nor K or O before it"},
    Refusal{
            "'U' 00000001 'K' 0000 'O' 0000",                                  "Update at byte 8",
            "row that is not marked N, nor K or O before it"                                                                                          },
    Refusal{"'U' 00000001 'K' 0000",                                           "Update at byte 8",    "message ends inside this field"                },
    Refusal{"'D' 00000001 'N' 0000",                                           "Delete at byte 5",    "row that is not marked K or O"                 },
    Refusal{"'D' 00000001 'K' 0000 'N' 0000",                                  "Delete at byte 8",    "bytes behind the end of the message"           },
    Refusal{"'T' 00000000 00",                                                 "Truncate at byte 1",  "number of relations below 1"                   },
    Refusal{"'T' ffffffff 00",                                                 "Truncate at byte 1",  "number of relations below 1"                   },
    Refusal{"'T' 00000001 04 00000001",                                        "Truncate at byte 5",  "unknown truncate options"                      },
    Refusal{"'T' 7fffffff 00 00000001",                                        "Truncate at byte 10", "message ends inside this field"                },
    Refusal{"'M' 02 0000000000000001 00 00000000",                             "Message at byte 1",   "unknown message flags"                         },
    Refusal{"'M' 00 0000000000000001 00 ffffffff",                             "Message at byte 11",  "negative length"                               },
    Refusal{"'M' 00 0000000000000001 00 00000002 00",                          "Message at byte 15",  "message ends inside this field"                },
};

TEST(Decoder, RefusesWhatTheGrammarDoesNotAllowAndSaysWhere)
{
    for (const auto& [words, place, text] : violations) {
        SCOPED_TRACE(words);
        const auto message = decode_message(wire(words));
        ASSERT_TRUE(message.has_error());
        EXPECT_EQ(message.error().kind, ErrorClass::permanent);
        EXPECT_EQ(message.error().code, "protocol_violation");
        EXPECT_EQ(message.error().place, std::string{"pgoutput "} + place);
        EXPECT_EQ(message.error().message, text);
        EXPECT_NE(message.error().remedy, "");
    }
}

TEST(Decoder, NamesTheOptionThatBringsALaterProtocol)
{
    for (const auto& [type, name, option] : {
             std::tuple{"'S'", "Stream Start",      "streaming"},
             std::tuple{"'E'", "Stream Stop",       "streaming"},
             std::tuple{"'c'", "Stream Commit",     "streaming"},
             std::tuple{"'A'", "Stream Abort",      "streaming"},
             std::tuple{"'p'", "Stream Prepare",    "streaming"},
             std::tuple{"'b'", "Begin Prepare",     "two_phase"},
             std::tuple{"'P'", "Prepare",           "two_phase"},
             std::tuple{"'K'", "Commit Prepared",   "two_phase"},
             std::tuple{"'r'", "Rollback Prepared", "two_phase"},
    }) {
        SCOPED_TRACE(name);
        const auto message = decode_message(wire(type));
        ASSERT_TRUE(message.has_error());
        EXPECT_EQ(message.error().kind, ErrorClass::permanent);
        EXPECT_EQ(message.error().code, "protocol_too_new");
        EXPECT_EQ(message.error().place, std::string{"pgoutput "} + name + " at byte 0");
        EXPECT_NE(message.error().remedy.find(option), std::string::npos);
    }
}

TEST(Decoder, RefusesEveryOtherFirstByteAsUnknown)
{
    constexpr std::string_view known = "BCORYIUDTMSEcApbPKr";
    for (int value = 0; value < 256; ++value) {
        const auto type = static_cast<char>(value);
        if (known.find(type) != std::string_view::npos)
            continue;
        const auto message = decode_message(std::array{static_cast<std::byte>(value)});
        ASSERT_TRUE(message.has_error());
        EXPECT_EQ(message.error().kind, ErrorClass::permanent);
        EXPECT_EQ(message.error().code, "protocol_unknown_message");
    }
    EXPECT_EQ(decode_message(wire("fe")).error().message, "unknown type 0xfe");
}

TEST(Decoder, RefusesEveryInputOfOneOrTwoBytes)
{
    for (int first = 0; first < 256; ++first) {
        EXPECT_TRUE(decode_message(std::array{static_cast<std::byte>(first)}).has_error());
        for (int second = 0; second < 256; ++second)
            EXPECT_TRUE(decode_message(std::array{
                                           static_cast<std::byte>(first), static_cast<std::byte>(second)})
                            .has_error());
    }
}

TEST(Encoder, WritesAnAbsentCellOfAKeyRowAsTheServerDoes)
{
    const auto erase = Delete{
        .relation = RelationOid{7                                                              },
        .old_row =
            { .kind = OldRow::Kind::key, .cells = {{Cell::State::text, "1"}, {Cell::State::absent, ""}}},
    };
    EXPECT_EQ(encode_message(erase), wire("'D' 00000007 'K' 0002 't' 00000001 '1' 'n'"));
}

TEST(EncoderDeathTest, AssertsThatAServerCouldSendTheMessage)
{
    const auto absent = Insert{.relation = RelationOid{7}, .new_row = {{Cell::State::absent, ""}}};
    EXPECT_DEATH(static_cast<void>(encode_message(absent)), "assertion failed");
    const auto with_nul =
        Insert{.relation = RelationOid{7}, .new_row = {{Cell::State::text, std::string(1, '\0')}}};
    EXPECT_DEATH(static_cast<void>(encode_message(with_nul)), "assertion failed");
    const auto too_wide =
        Insert{.relation = RelationOid{7}, .new_row = Tuple(1665, Cell{Cell::State::null, ""})};
    EXPECT_DEATH(static_cast<void>(encode_message(too_wide)), "assertion failed");
    const auto name_with_nul = Type{.oid = TypeOid{1}, .schema = std::string(1, '\0'), .name = "t"};
    EXPECT_DEATH(static_cast<void>(encode_message(name_with_nul)), "assertion failed");
}

}  // namespace
}  // namespace casebridge::pgoutput
