#include "connectors/postgres/table_catalog.hpp"

#include "tests/postgres/agency_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace casebridge::postgres {
namespace {

using namespace test;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

AgencyCatalog read(Executor& executor, const Agency& agency, MappedTables tables)
{
    auto connection = executor.wait(libpq::Connection::open(agency.as("casebridge_deliver")));
    return executor.wait(read_catalog(connection, std::move(tables)));
}

TEST(TableCatalog, KnowsTypesKeysAndSequences)
{
    Executor executor;
    const Agency sp{Sample::sp};
    auto catalog = read(executor, sp, sp.tables());
    const auto& homes = catalog.at(household);
    EXPECT_EQ(homes.name, R"("sp"."household")");
    EXPECT_EQ(homes.key_type, "pg_catalog.int8");
    EXPECT_EQ(homes.key_sequence, "sp.household_id_seq");
    EXPECT_FALSE(homes.has_deferrable_unique);
    EXPECT_EQ(homes.column("id").identity, Identity::by_default);
    EXPECT_EQ(homes.column("city").cast, "text");
    EXPECT_EQ(homes.column("status").cast, "text");
    EXPECT_EQ(homes.column("poverty_score").cast, R"(pg_catalog."numeric")");
    EXPECT_TRUE(homes.column("registered_on").not_null);
    EXPECT_FALSE(homes.column("city").not_null);

    const Agency es{Sample::es};
    catalog = read(executor, es, es.tables());
    EXPECT_EQ(catalog.at(seeker).column("contact").document, DocumentType::jsonb);
    EXPECT_EQ(catalog.at(seeker).key_sequence, std::nullopt);
}

TEST(TableCatalog, NamesEverythingThatDoesNotFitAtOnce)
{
    Executor executor;
    const Agency agency{Sample::es};
    agency.sql("ALTER TABLE jobs.barrier ADD g text GENERATED ALWAYS AS (kind || 'x') STORED");

    auto seekers = seeker_mapping();
    seekers.slots.push_back({"nobody", {}});
    seekers.slots.push_back({"status", {"inside"}});
    seekers.slots.push_back({
        "contact", {"email", "private"}
    });
    seekers.new_key = mapping::NewKey::sequence;
    auto barriers = barrier_mapping();
    barriers.slots.push_back({"g", {}});
    barriers.key_column = "seeker_id";
    auto missing = barrier_mapping();
    missing.index = MappingIndex{4};
    missing.table = "nowhere";

    try {
        read(executor, agency, {&seekers, &barriers, &missing});
        FAIL() << "accepted";
    } catch (const AgencyMismatch& error) {
        std::vector<std::string> found;
        for (const auto& mismatch : error.mismatches()) {
            found.push_back(mismatch.place + " " + mismatch.code);
            EXPECT_EQ(mismatch.kind, ErrorClass::permanent);
            EXPECT_FALSE(mismatch.remedy.empty());
            EXPECT_THAT(error.what(), HasSubstr(mismatch.message));
        }
        EXPECT_THAT(
            found,
            UnorderedElementsAre(
                "jobs.JobSeeker.nobody column_missing",
                "jobs.JobSeeker.status not_a_document",
                "jobs.JobSeeker.status overlapping_paths",
                "jobs.JobSeeker.contact overlapping_paths",
                "jobs.JobSeeker.id key_without_sequence",
                "jobs.barrier.g column_generated",
                "jobs.barrier.seeker_id key_not_unique",
                "jobs.nowhere table_missing"
            )
        );
    }
}

TEST(TableCatalog, RefusesToDeleteWhereTheServerWouldDeleteOrChangeOtherRows)
{
    Executor executor;
    const Agency agency{Sample::es};
    agency.sql("CREATE TABLE jobs.note (id int PRIMARY KEY, seeker_id uuid)");
    for (const auto* action : {"CASCADE", "SET NULL", "SET DEFAULT"}) {
        agency.sql(
            std::string{"ALTER TABLE jobs.note ADD CONSTRAINT note_of FOREIGN KEY (seeker_id)"
                        " REFERENCES jobs.\"JobSeeker\" ON DELETE "} +
            action
        );
        auto seekers = seeker_mapping();
        EXPECT_NO_THROW(read(executor, agency, {&seekers})) << action;
        seekers.remote_delete = mapping::RemoteDelete::permitted;
        try {
            read(executor, agency, {&seekers});
            ADD_FAILURE() << "accepted " << action;
        } catch (const AgencyMismatch& error) {
            ASSERT_EQ(error.mismatches().size(), 1U) << action;
            const auto& mismatch = error.mismatches().front();
            EXPECT_EQ(mismatch.code, "delete_cascades");
            EXPECT_EQ(mismatch.place, "jobs.JobSeeker.note_of");
            EXPECT_THAT(mismatch.message, HasSubstr("jobs.note"));
            EXPECT_THAT(mismatch.message, HasSubstr(action));
            EXPECT_THAT(mismatch.remedy, HasSubstr("may_delete"));
            EXPECT_THAT(mismatch.remedy, HasSubstr("RESTRICT"));
        }
        agency.sql("ALTER TABLE jobs.note DROP CONSTRAINT note_of");
    }
    agency.sql(
        "ALTER TABLE jobs.note ADD CONSTRAINT note_of FOREIGN KEY (seeker_id)"
        " REFERENCES jobs.\"JobSeeker\" ON DELETE RESTRICT"
    );
    auto seekers = seeker_mapping();
    seekers.remote_delete = mapping::RemoteDelete::permitted;
    EXPECT_NO_THROW(read(executor, agency, {&seekers}));
}

}  // namespace
}  // namespace casebridge::postgres
