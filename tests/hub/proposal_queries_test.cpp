#include "hub/proposal_queries.hpp"

#include "hub/case_queries.hpp"
#include "tests/hub/story_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// What agencies propose, as the projections tell of it.

namespace casebridge::hub {
namespace {

using namespace test;
using asio::awaitable;
using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ProposalQueries : public StoryTest {
protected:
    // es wants another name, of which sp is the authority.
    void propose()
    {
        auto row = read_at_es(RowSource::stream, "Storm", 0x60);
        row.link = LinkChange::none;
        VersionAdded added;
        added.unit = unit_name;
        added.value = {field("Storm"), field("Anna")};
        added.stamp = PgTime{4'000'000};
        added.admission = Admission::proposed;
        row.versions = {added};
        write(std::move(row));  // 10
    }

    [[nodiscard]] std::vector<Version> kept() const
    {
        return state_->records.find(record_id)->units[unit_name.value()].proposals;
    }

    static pipeline::Demand demand_of_record()
    {
        pipeline::Demand demand;
        demand.records.push_back(record_id);
        return demand;
    }

    static constexpr JournalSeq proposal{10};
};

TEST_F(ProposalQueries, WhatIsProposedIsListedWithoutValuesAndShownWithThem)
{
    propose();
    run([this]() -> awaitable<void> {
        auto hub = co_await open_story();
        const auto heads = co_await list_proposals(hub.connection, 10);
        EXPECT_EQ(heads.size(), 1U);
        const auto& head = heads.at(0);
        EXPECT_EQ(head.record, record_id);
        EXPECT_EQ(head.entity, "person");
        EXPECT_EQ(head.unit, "name");
        EXPECT_EQ(head.agency, "es");
        EXPECT_EQ(head.proposal, proposal);
        EXPECT_TRUE(head.since.has_value());
        EXPECT_THAT(co_await list_proposals(hub.connection, 0), IsEmpty());

        const auto unit = co_await show_unit(hub.connection, definition_, record_id, "name");
        EXPECT_THAT(unit.value().proposals, SizeIs(1));
        const auto& shown = unit.value().proposals.at(0);
        EXPECT_EQ(shown.author, "es");
        EXPECT_TRUE(shown.since.has_value());
        EXPECT_THAT(shown.value.value(), Contains(FieldText{"last_name", "Storm"}));

        const auto loaded = co_await store(hub).load(demand_of_record());
        EXPECT_EQ(loaded.at(0).units.at(unit_name.value()).proposals, kept());
    });
}

TEST_F(ProposalQueries, WhatIsRejectedIsListedNoMore)
{
    propose();
    write(ProposalRejected{RequestId{1}, test::person, record_id, unit_name, proposal});
    run([this]() -> awaitable<void> {
        auto hub = co_await open_story();
        EXPECT_THAT(co_await list_proposals(hub.connection, 10), IsEmpty());
    });
}

TEST_F(ProposalQueries, NobodyIsAskedAboutARecordThatIsBeingDeleted)
{
    propose();
    RowDeleted deleted;
    deleted.agency = AgencyId{"sp"};
    deleted.table = sp_person;
    deleted.key = LocalKey{"7"};
    deleted.position = {Lsn{0x70}, 0};
    deleted.entity = test::person;
    deleted.record = record_id;
    deleted.effect = DeleteEffect::propagated;
    write(std::move(deleted));
    run([this]() -> awaitable<void> {
        auto hub = co_await open_story();
        EXPECT_THAT(co_await list_proposals(hub.connection, 10), IsEmpty());
    });
}

}  // namespace
}  // namespace casebridge::hub
