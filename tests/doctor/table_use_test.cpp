#include "doctor/table_use.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace casebridge::doctor {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// An entity of two fields, each a unit: the first is shared with agency `a`, the second with nobody.
pipeline::BridgeDefinition definition()
{
    pipeline::BridgeDefinition made;
    made.agencies = {AgencyId{"a"}, AgencyId{"b"}};
    mapping::TableMapping table;
    table.agency = AgencyId{"a"};
    table.key_column = "id";
    table.slots = {
        {"shared", {}},
        {"own",    {}}
    };
    for (std::size_t i = 0; i < 2; ++i) {
        mapping::MappedUnit unit;
        unit.unit = UnitIndex{static_cast<std::uint16_t>(i)};
        unit.bindings.push_back({i, {0}, mapping::PlainCodec{}});
        table.units.push_back(unit);
    }
    table.on_insert = {
        {"office", "HQ"}
    };
    table.create_when = mapping::CreateAlways{};
    made.tables.push_back(table);
    pipeline::Agreement agreement;
    agreement.from = AgencyId{"b"};
    agreement.to = AgencyId{"a"};
    agreement.shared = {
        {true, false}
    };
    made.agreements.push_back(agreement);
    return made;
}

TEST(TableUse, UpdatesWhatAnAgreementLetsInAndInsertsAllThatIsMapped)
{
    const auto bridge = definition();
    const auto use = table_uses(bridge, AgencyId{"a"}).at(0);
    EXPECT_THAT(use.surveyed, ElementsAre("id", "own", "shared"));
    EXPECT_THAT(use.updated, ElementsAre("shared"));
    EXPECT_THAT(use.compared, ElementsAre("id", "shared"));
    EXPECT_THAT(use.inserted, ElementsAre("id", "office", "own", "shared"));
    EXPECT_THAT(use.provided, ElementsAre("id", "office", "shared"));
    EXPECT_THAT(table_uses(bridge, AgencyId{"b"}), IsEmpty());
}

TEST(TableUse, ADeletionComparesAllThatIsMapped)
{
    auto bridge = definition();
    EXPECT_EQ(table_uses(bridge, AgencyId{"a"}).at(0).deletes, TableUse::Deletes::never);
    bridge.tables[0].remote_delete = mapping::RemoteDelete::permitted;
    const auto use = table_uses(bridge, AgencyId{"a"}).at(0);
    EXPECT_EQ(use.deletes, TableUse::Deletes::possible);
    EXPECT_THAT(use.compared, ElementsAre("id", "own", "shared"));
    EXPECT_THAT(use.provided, ElementsAre("id", "office", "shared"));
    bridge.agreements.clear();
    EXPECT_EQ(table_uses(bridge, AgencyId{"a"}).at(0).deletes, TableUse::Deletes::never);
}

TEST(TableUse, InsertsNothingWhereNoRowIsEverCreated)
{
    auto bridge = definition();
    bridge.tables[0].create_when = mapping::CreateNever{};
    const auto use = table_uses(bridge, AgencyId{"a"}).at(0);
    EXPECT_EQ(use.inserts, TableUse::Inserts::never);
    EXPECT_THAT(use.inserted, IsEmpty());
    EXPECT_TRUE(use.is_written());
}

TEST(TableUse, WritesNothingWithoutAnAgreement)
{
    auto bridge = definition();
    bridge.agreements[0].to = AgencyId{"b"};
    const auto use = table_uses(bridge, AgencyId{"a"}).at(0);
    EXPECT_FALSE(use.is_written());
    EXPECT_THAT(use.compared, IsEmpty());
}

}  // namespace
}  // namespace casebridge::doctor
