#include "hub/array_text.hpp"
#include "hub/decision_payload.hpp"
#include "hub/entry_codec.hpp"
#include "hub/record_codec.hpp"
#include "tests/hub/sample_bridge.hpp"

#include <gtest/gtest.h>

#include <set>

namespace casebridge::hub {
namespace {

using test::Draw;

class Codec : public ::testing::Test {
protected:
    pipeline::BridgeDefinition bridge = test::sample_bridge();
    EntryCodec codec{bridge};

    EntryRow encoded(const Entry& entry) const
    {
        EntryRow row;
        codec.encode(entry, row);
        return row;
    }
};

TEST_F(Codec, ReadsBackExactlyWhatItWroteForEveryKindOfEntry)
{
    Draw draw{bridge, 1};
    for (std::size_t kind = 0; kind < std::variant_size_v<EntryBody>; ++kind)
        for (std::int64_t seq = 1; seq <= 500; ++seq) {
            const Entry entry{JournalSeq{seq}, draw.body(kind, JournalSeq{seq})};
            const auto row = encoded(entry);
            const auto decoded = codec.decode(row);
            ASSERT_TRUE(decoded.has_value()) << row.kind << " " << decoded.error().place;
            ASSERT_TRUE(std::holds_alternative<Entry>(*decoded)) << row.kind;
            EXPECT_EQ(std::get<Entry>(*decoded).seq, entry.seq);
            ASSERT_TRUE(test::same(std::get<Entry>(*decoded).body, entry.body))
                << row.kind << " number " << seq;
        }
}

TEST_F(Codec, EveryKindHasANameOfItsOwn)
{
    Draw draw{bridge, 2};
    std::set<std::string> names;
    for (std::size_t kind = 0; kind < std::variant_size_v<EntryBody>; ++kind)
        names.insert(encoded({JournalSeq{1}, draw.body(kind, JournalSeq{1})}).kind);
    EXPECT_EQ(names.size(), std::variant_size_v<EntryBody>);
}

RowRead row_with_secrets()
{
    RowRead row;
    row.agency = AgencyId{"sp"};
    row.table = test::sp_person;
    row.entity = test::person;
    row.key = LocalKey{"SECRET-key"};
    row.previous_key = LocalKey{"SECRET-old-key"};
    row.record = RecordId{7};
    row.image = {
        test::field("SECRET-1"), test::field(""), std::nullopt, test::field("SECRET-2"), std::nullopt};
    row.versions = {
        {test::unit_birth_date, {test::field("SECRET-3")}, PgTime{5}, {JournalSeq{3}}}
    };
    row.versions.front().tags = ElementTags{
        {Value{"SECRET-6"}},
        {{Value{"SECRET-7"}, JournalSeq{2}, AgencyId{"sp"}}},
        {{Value{"SECRET-8"}, JournalSeq{3}, AgencyId{}}}};
    ConflictNote note;
    note.unit = test::unit_birth_date;
    note.rule = "latest";
    note.base = {test::field("SECRET-4")};
    note.versions = {
        {JournalSeq{3}, AgencyId{"es"}, {test::field("SECRET-5")}, std::nullopt}
    };
    row.conflicts = {note};
    return row;
}

TEST_F(Codec, PersonalValuesStandInThePayloadOnly)
{
    const auto row = encoded({JournalSeq{7}, row_with_secrets()});
    EXPECT_EQ(row.envelope.find("SECRET"), std::string::npos);
    for (const auto* secret : {"-key", "-old-key", "-1", "-2", "-3", "-4", "-5", "-6", "-7", "-8"})
        EXPECT_NE(row.payload->find(std::string{"SECRET"} + secret), std::string::npos) << secret;
    for (const auto* name : {"public.person", "birth_date", "latest", "update_origin_differs"})
        EXPECT_NE(row.envelope.find(name), std::string::npos) << name;
}

TEST_F(Codec, ADecisionsValuesStandInThePayloadOnly)
{
    ValueDecided decided;
    decided.entity = test::person;
    decided.record = RecordId{7};
    decided.version.unit = test::unit_birth_date;
    decided.version.value = {test::field("SECRET-1")};
    decided.versions = {
        {JournalSeq{3}, AgencyId{}, {test::field("SECRET-2")}, std::nullopt, std::nullopt, true}
    };
    decided.rule = "hold";
    const auto row = encoded({JournalSeq{7}, decided});
    EXPECT_EQ(row.kind, "value_decided");
    EXPECT_EQ(row.envelope.find("SECRET"), std::string::npos);
    for (const auto* secret : {"SECRET-1", "SECRET-2"})
        EXPECT_NE(row.payload->find(secret), std::string::npos) << secret;
    for (const auto* name : {"birth_date", "hold", "decided"})
        EXPECT_NE(row.envelope.find(name), std::string::npos) << name;
}

TEST(DecisionPayload, IsReadAsItWasWritten)
{
    pipeline::DecideValue wanted{
        .entity = "person",
        .record = RecordId{42            },
        .unit = "name",
        .seen = { JournalSeq{1}, JournalSeq{2}},
        .value = UnitValue{ Value{"\"\n"},  std::nullopt},
        .conflict = ConflictPlace{ JournalSeq{2},             3},
    };
    const auto own = read_decision(decision_payload(wanted));
    ASSERT_TRUE(own.has_value());
    EXPECT_EQ(own->entity, "person");
    EXPECT_EQ(own->record, RecordId{42});
    EXPECT_EQ(own->unit, "name");
    EXPECT_EQ(own->seen, wanted.seen);
    EXPECT_EQ(own->value, wanted.value);
    EXPECT_EQ(own->conflict, wanted.conflict);
    wanted.value = JournalSeq{2};
    wanted.conflict.reset();
    const auto taken = read_decision(decision_payload(wanted));
    ASSERT_TRUE(taken.has_value());
    EXPECT_EQ(taken->value, wanted.value);
    EXPECT_EQ(taken->conflict, std::nullopt);
}

TEST(DecisionPayload, AnyOtherDocumentIsNone)
{
    for (const auto* text :
         {"",
          "[]",
          R"({"entity":"person","record":1,"unit":"name","seen":[1]})",
          R"({"entity":"person","record":1,"unit":"name","seen":[1],"take":1,"value":["x"]})",
          R"({"entity":"person","record":1,"unit":"name","seen":["1"],"take":1})",
          R"({"entity":"person","record":1,"unit":"name","seen":[1],"value":[1]})",
          R"({"entity":"person","record":1,"unit":"name","seen":[1],"take":1,"more":1})",
          R"({"entity":"person","record":1,"unit":"name","seen":[1],"take":1,"conflict":{"seq":1,"position":-1}})"})
        EXPECT_FALSE(read_decision(text).has_value()) << text;
}

TEST_F(Codec, ADoubtsCandidatesStandInTheEnvelopeWithoutAnyKey)
{
    RowParked parked;
    parked.table = MappingIndex{0};
    parked.agency = AgencyId{"sp"};
    parked.key = LocalKey{"SECRET"};
    parked.code = "rules_disagree";
    parked.candidates = {
        {RecordId{42}, {"number"}             },
        {RecordId{51}, {"last_name~name", "x"}}
    };
    const auto row = encoded({JournalSeq{7}, parked});
    EXPECT_NE(
        row.envelope.find(
            R"("candidates":[{"record":42,"rules":["number"]},{"record":51,"rules":["last_name~name","x"]}])"
        ),
        std::string::npos
    ) << row.envelope;
    EXPECT_EQ(row.envelope.find("SECRET"), std::string::npos);
}

TEST_F(Codec, AMatchsKeyStandsInThePayloadOnly)
{
    MatchDecided decided;
    decided.request = RequestId{3};
    decided.table = MappingIndex{0};
    decided.agency = AgencyId{"sp"};
    decided.key = LocalKey{"SECRET"};
    decided.entity = test::person;
    decided.record = RecordId{42};
    decided.verdict = MatchVerdict::never;
    const auto row = encoded({JournalSeq{7}, decided});
    EXPECT_EQ(row.kind, "match_decided");
    EXPECT_EQ(row.record, RecordId{42});
    EXPECT_EQ(row.envelope.find("SECRET"), std::string::npos);
    EXPECT_NE(row.envelope.find(R"("verdict":"never")"), std::string::npos);
    EXPECT_NE(row.payload->find("SECRET"), std::string::npos);
}

TEST(MatchPayload, IsReadAsItWasWritten)
{
    for (const auto verdict : {MatchVerdict::same, MatchVerdict::never}) {
        const auto read = read_match(
            AgencyId{"es"}, match_payload({AgencyId{"es"}, "person", LocalKey{"\"\n"}, RecordId{42}, verdict})
        );
        ASSERT_TRUE(read.has_value());
        EXPECT_EQ(read->agency, AgencyId{"es"});
        EXPECT_EQ(read->entity, "person");
        EXPECT_EQ(read->key, LocalKey{"\"\n"});
        EXPECT_EQ(read->record, RecordId{42});
        EXPECT_EQ(read->verdict, verdict);
    }
}

TEST(MatchPayload, AnyOtherDocumentIsNone)
{
    for (const auto* text :
         {"",
          "[]",
          R"({"entity":"person","key":"1","record":1})",
          R"({"entity":"person","key":"1","record":1,"verdict":"perhaps"})",
          R"({"entity":"person","key":1,"record":1,"verdict":"same"})",
          R"({"entity":"person","key":"1","record":"1","verdict":"same"})",
          R"({"entity":"person","key":"1","record":1,"verdict":"same","more":1})"})
        EXPECT_FALSE(read_match(AgencyId{"es"}, text).has_value()) << text;
}

TEST_F(Codec, AnErasedPayloadIsAnErasedEntry)
{
    auto row = encoded({JournalSeq{7}, row_with_secrets()});
    row.payload.reset();
    const auto decoded = codec.decode(row);
    ASSERT_TRUE(decoded.has_value());
    const ErasedEntry expected{JournalSeq{7}, EntryKind::row_read, AgencyId{"sp"}, RecordId{7}};
    ASSERT_TRUE(std::holds_alternative<ErasedEntry>(*decoded));
    EXPECT_EQ(std::get<ErasedEntry>(*decoded), expected);
}

TEST_F(Codec, NamesWhatTheConfigurationDoesNotKnow)
{
    const auto row = encoded({JournalSeq{7}, row_with_secrets()});
    const auto error_with = [&](auto change) {
        auto other = test::sample_bridge();
        change(other);
        const auto decoded = EntryCodec{other}.decode(row);
        EXPECT_TRUE(decoded.has_error());
        return decoded.has_error() ? decoded.error().code + " " + decoded.error().place : std::string{};
    };
    EXPECT_EQ(
        error_with([](auto& other) { other.tables[0].table = "human"; }),
        "unknown_table journal entry 7 (row_read): sp public.person"
    );
    EXPECT_EQ(
        error_with([](auto& other) { other.model.entities[0].name = "human"; }),
        "unknown_entity journal entry 7 (row_read): person"
    );
    EXPECT_EQ(
        error_with([](auto& other) { other.model.entities[0].units[1].name = "born"; }),
        "unknown_unit journal entry 7 (row_read): person.birth_date"
    );
    EXPECT_EQ(
        error_with([](auto& other) { other.model.entities[0].fields[2].name = "born"; }),
        "layout_changed journal entry 7 (row_read): person.birth_date.born"
    );
    EXPECT_EQ(
        error_with([](auto& other) {
            other.tables[0].slots.push_back({"sex", {}});
        }),
        "layout_changed journal entry 7 (row_read): public.person.sex"
    );
    EXPECT_EQ(
        error_with([](auto& other) { other.tables[0].slots.pop_back(); }),
        "layout_changed journal entry 7 (row_read): public.person.household_id"
    );
}

TEST_F(Codec, RefusesWhatIsNotItsOwn)
{
    const auto row = encoded({JournalSeq{7}, row_with_secrets()});
    const auto refuses = [&](auto change) {
        auto broken = row;
        change(broken);
        const auto decoded = codec.decode(broken);
        return decoded.has_error() && decoded.error().kind == ErrorClass::permanent &&
               decoded.error().place.find("SECRET") == std::string::npos;
    };
    EXPECT_TRUE(refuses([](EntryRow& broken) { broken.kind = "row_imagined"; }));
    EXPECT_TRUE(refuses([](EntryRow& broken) { broken.envelope = "SECRET"; }));
    EXPECT_TRUE(refuses([](EntryRow& broken) { broken.envelope = R"({"v":2})"; }));
    EXPECT_TRUE(refuses([](EntryRow& broken) { broken.envelope = R"({"v":1})"; }));
    EXPECT_TRUE(refuses([](EntryRow& broken) { broken.payload = R"({"key":"SECRET"})"; }));
    EXPECT_TRUE(refuses([](EntryRow& broken) { broken.agency.reset(); }));
    EXPECT_TRUE(refuses([](EntryRow& broken) { broken.record.reset(); }));
    EXPECT_TRUE(refuses([](EntryRow& broken) { broken.commit_lsn.reset(); }));
}

TEST_F(Codec, ReadsBackExactlyTheRecordItWrote)
{
    Draw draw{bridge, 3};
    for (std::int64_t id = 1; id <= 1'000; ++id) {
        const auto record = draw.record(RecordId{id}, JournalSeq{id + 5});
        const auto state = encode_state(codec.names(), record);
        const auto decoded = decode_record(
            codec.names(), record.id, codec.names().entity(record.entity), record.last_seq, state
        );
        ASSERT_TRUE(decoded.has_value()) << decoded.error().place;
        ASSERT_TRUE(*decoded == record) << "record " << id;
    }
}

TEST_F(Codec, ARecordOfAnUnknownTableIsAnErrorThatNamesIt)
{
    Draw draw{bridge, 4};
    auto record = draw.record(RecordId{1}, JournalSeq{1});
    record.entity = test::person;
    record.units.assign(7, {});
    record.refusals.clear();
    record.links = {
        {.table = test::es_jobseeker,
         .key = LocalKey{"1"},
         .state = {},
         .since = {},
         .image = {},
         .unresolved = {}}
    };
    const auto state = encode_state(codec.names(), record);
    bridge.tables[2].schema = "old";
    const auto decoded =
        decode_record(EntryCodec{bridge}.names(), RecordId{1}, "person", JournalSeq{1}, state);
    ASSERT_TRUE(decoded.has_error());
    EXPECT_EQ(decoded.error().place, "record 1: es core.jobseeker");
}

TEST(ArrayText, QuotesWhatWouldBreakAnArray)
{
    ArrayText array;
    EXPECT_EQ(array.copy(), "{}");
    array.add("");
    array.add("NULL");
    array.add_null();
    array.add("a\"b\\c,{}");
    array.add(std::optional<std::int64_t>{-5});
    EXPECT_EQ(array.take(), R"({"","NULL",NULL,"a\"b\\c,{}",-5})");
    EXPECT_EQ(array.take(), "{}");
}

}  // namespace
}  // namespace casebridge::hub
