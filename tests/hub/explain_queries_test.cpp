#include "hub/explain_queries.hpp"

#include "tests/hub/story_fixture.hpp"

#include <gmock/gmock.h>

// Why a field says what it says.

namespace casebridge::hub {
namespace {

using test::asio::awaitable;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ExplainQueries : public test::StoryTest {
protected:
    static ExplainWish wish(std::optional<std::string> field)
    {
        ExplainWish wanted;
        wanted.entity = "person";
        wanted.record = record_id;
        wanted.field = std::move(field);
        return wanted;
    }

    awaitable<Explanation> explained(test::Hub& hub, ExplainWish wanted)
    {
        const auto answer = co_await explain(hub.connection, definition_, std::move(wanted), today);
        EXPECT_EQ(answer.fault, "");
        co_return answer.explanation.value();
    }

    awaitable<std::string> fault_of(test::Hub& hub, ExplainWish wanted)
    {
        const auto answer = co_await explain(hub.connection, definition_, std::move(wanted), today);
        EXPECT_FALSE(answer.explanation.has_value());
        co_return answer.fault;
    }

    static const UnitAtAgency& at(const ExplainedUnit& unit, std::string_view agency)
    {
        const auto found = std::ranges::find_if(unit.agencies, [&](const UnitAtAgency& one) {
            return one.agency.value() == agency;
        });
        return *found;
    }
};

TEST_F(ExplainQueries, EveryVersionIsToldWithItsSourceItsConfigurationAndWhatReplacedIt)
{
    run([this]() -> awaitable<void> {
        auto hub = co_await open_story();
        const auto told = co_await explained(hub, wish("name"));
        EXPECT_EQ(told.units.size(), 1U);
        const auto& unit = told.units.at(0);
        const ShownValue stands{
            {"last_name",  "Stern"},
            {"first_name", "Anna" }
        };
        EXPECT_EQ(unit.golden, stands);
        EXPECT_EQ(unit.versions.size(), 2U);
        const auto& newer = unit.versions.at(0);
        EXPECT_EQ(newer.version.author, "es");
        EXPECT_EQ(newer.place, ExplainedVersion::Place::open);
        EXPECT_THAT(newer.slots, ElementsAre("surname", "given"));
        EXPECT_EQ(newer.entry.value().configuration.value().hash, "sha256:two");
        EXPECT_EQ(newer.shown_at.at(0).agency, "sp");
        EXPECT_EQ(newer.shown_at.at(0).answer, ShownAt::Answer::not_shown);

        const auto& older = unit.versions.at(1);
        EXPECT_EQ(older.superseded_by, JournalSeq{6});
        EXPECT_THAT(older.slots, ElementsAre("last_name", "first_name"));
        const auto& entry = older.entry.value();
        EXPECT_EQ(entry.table, "public.person");
        EXPECT_EQ(entry.source, "stream");
        EXPECT_EQ(entry.commit_lsn, "0/10");
        EXPECT_EQ(entry.ordinal, 4);
        EXPECT_EQ(entry.commit_time, PgTime{1'000'000});
        EXPECT_EQ(entry.configuration.value().seq, JournalSeq{1});
        EXPECT_FALSE(entry.recorded_at.empty());
    });
}

TEST_F(ExplainQueries, AnEchoIsTheReceiptOfADelivery)
{
    run([this]() -> awaitable<void> {
        auto hub = co_await open_story();
        const auto told = co_await explained(hub, wish("first_name"));
        const auto& shown = told.units.at(0).versions.at(1).shown_at.at(0);
        EXPECT_EQ(shown.agency, "es");
        EXPECT_EQ(shown.answer, ShownAt::Answer::shown);
        EXPECT_EQ(shown.entry.value().seq, JournalSeq{4});
        EXPECT_EQ(shown.entry.value().source, "echo");
        EXPECT_EQ(shown.entry.value().commit_time, PgTime{2'000'000});
    });
}

TEST_F(ExplainQueries, EveryAgencyIsNamedWithWhatItLacksAndWhy)
{
    run([this]() -> awaitable<void> {
        auto hub = co_await open_story();
        const auto told = co_await explained(hub, wish(std::nullopt));
        EXPECT_EQ(told.units.size(), 7U);
        EXPECT_EQ(told.configuration, "sha256:two");
        const auto& name = told.units.at(0);
        EXPECT_EQ(at(name, "es").state, UnitState::shown);
        EXPECT_EQ(at(name, "sp").state, UnitState::refused);
        EXPECT_EQ(at(name, "sp").code, "23514");
        const std::vector<SlotChange> writes{
            {"last_name", "Berg", "Stern"}
        };
        EXPECT_EQ(at(name, "sp").writes, writes);
        EXPECT_EQ(at(told.units.at(1), "es").state, UnitState::not_mapped);
        EXPECT_EQ(at(told.units.at(1), "sp").state, UnitState::shown);
        EXPECT_EQ(at(told.units.at(3), "es").state, UnitState::no_value);
        EXPECT_EQ(told.rows.at(1).key, "7");
        EXPECT_EQ(told.rows.at(1).state, "live");
    });
}

TEST_F(ExplainQueries, WhatNoAgreementCoversIsSaidToBeSo)
{
    definition_.agreements.clear();
    run([this]() -> awaitable<void> {
        auto hub = co_await open_story();
        sql("UPDATE casebridge.record SET state = (state::jsonb - 'refusals')::json");
        const auto told = co_await explained(hub, wish("name"));
        EXPECT_EQ(at(told.units.at(0), "sp").state, UnitState::no_agreement);
    });
}

TEST_F(ExplainQueries, ARowThatIsParkedAndAnAgencyThatIsPausedAreSaidToBeSo)
{
    write(AgencyPaused{AgencyId{"sp"}, RequestId{4}, "anna", "upgrade", std::nullopt});
    write(parked(test::sp_person, "7", "unmappable_value"));
    run([this]() -> awaitable<void> {
        auto hub = co_await open_story();
        const auto told = co_await explained(hub, wish("name"));
        EXPECT_EQ(at(told.units.at(0), "sp").state, UnitState::parked);
        EXPECT_EQ(at(told.units.at(0), "sp").code, "unmappable_value");
        EXPECT_EQ(told.rows.at(1).parked.value().since, JournalSeq{11});
        EXPECT_EQ(told.rows.at(1).pause.value().requested_by, "anna");
    });
}

TEST_F(ExplainQueries, ErasedValuesAreNoLongerKeptAndTheRestIsTold)
{
    run([this]() -> awaitable<void> {
        auto hub = co_await open_story();
        sql("UPDATE casebridge.journal SET payload = NULL WHERE record IS NOT NULL");
        sql("UPDATE casebridge.record SET state = (state::jsonb #- '{units,name,past}')::json");
        const auto told = co_await explained(hub, wish("name"));
        const auto& versions = told.units.at(0).versions;
        EXPECT_TRUE(versions.at(0).version.value.has_value());
        EXPECT_FALSE(versions.at(1).version.value.has_value());
        EXPECT_EQ(versions.at(1).entry.value().commit_lsn, "0/10");
        EXPECT_EQ(versions.at(1).shown_at.at(0).answer, ShownAt::Answer::unknown);
        EXPECT_EQ(versions.at(0).shown_at.at(0).answer, ShownAt::Answer::unknown);
    });
}

TEST_F(ExplainQueries, EntriesThatAreGoneLeaveWhatTheRecordHolds)
{
    run([this]() -> awaitable<void> {
        auto hub = co_await open_story();
        sql("DELETE FROM casebridge.journal");
        const auto told = co_await explained(hub, wish("name"));
        EXPECT_EQ(told.configuration, "");
        const auto& versions = told.units.at(0).versions;
        EXPECT_EQ(versions.size(), 2U);
        EXPECT_FALSE(versions.at(0).entry.has_value());
        EXPECT_EQ(versions.at(1).superseded_by, JournalSeq{6});
    });
}

TEST_F(ExplainQueries, ARecordIsFoundByAnAgencysKey)
{
    run([this]() -> awaitable<void> {
        auto hub = co_await open_story();
        ExplainWish by_key;
        by_key.entity = "person";
        by_key.agency = "es";
        by_key.key = "3";
        EXPECT_EQ((co_await explained(hub, by_key)).record, record_id);
        by_key.key = "a key";
        const auto none = co_await fault_of(hub, by_key);
        EXPECT_THAT(none, HasSubstr("no record is linked"));
        EXPECT_EQ(none.find("a key"), std::string::npos);
        by_key.agency = "xx";
        EXPECT_THAT(co_await fault_of(hub, by_key), HasSubstr("no agency of that name"));
    });
}

TEST_F(ExplainQueries, WhatDoesNotExistIsNamed)
{
    run([this]() -> awaitable<void> {
        auto hub = co_await open_story();
        EXPECT_THAT(co_await fault_of(hub, wish("fax")), HasSubstr("no field or group"));
        auto wanted = wish(std::nullopt);
        wanted.entity = "fax";
        EXPECT_THAT(co_await fault_of(hub, wanted), HasSubstr("no entity"));
        wanted.entity = "household";
        EXPECT_THAT(co_await fault_of(hub, wanted), HasSubstr("another entity"));
        wanted.record = RecordId{99};
        EXPECT_THAT(co_await fault_of(hub, wanted), HasSubstr("no record of that number"));
    });
}

TEST_F(ExplainQueries, WhatAnArchivingDeletionSaysIsToldAsSuch)
{
    VersionAdded archived;
    archived.unit = test::unit_name;
    archived.value = {test::field("Closed"), std::nullopt};
    archived.superseded = {JournalSeq{6}};
    write(RowDeleted{
        .agency = AgencyId{"sp"     },
        .table = test::sp_person,
        .key = LocalKey{"7"      },
        .position = {Lsn{0x50}, 0},
        .entity = test::person,
        .record = record_id,
        .effect = DeleteEffect::archived,
        .versions = {archived        },
    });
    run([this]() -> awaitable<void> {
        auto hub = co_await open_story();
        const auto told = co_await explained(hub, wish("name"));
        const auto& newest = told.units.at(0).versions.at(0);
        EXPECT_EQ(newest.entry.value().source, "deletion");
        EXPECT_EQ(newest.entry.value().agency, "sp");
    });
}

}  // namespace
}  // namespace casebridge::hub
