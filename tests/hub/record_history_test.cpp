#include "hub/record_history.hpp"

#include "hub/journal.hpp"
#include "tests/hub/hub_fixture.hpp"

#include <string>
#include <type_traits>
#include <vector>

// What the journal still says of a record: read back by name.

namespace casebridge::hub {
namespace {

using pipeline::PastVersion;
using pipeline::RecordHistory;
using test::asio::awaitable;

constexpr RecordId wanted{5};

class HistoryTest : public test::HubTest {
protected:
    // Entries of every kind; those that can tell of versions are about the record, and some of others.
    std::vector<Entry> drawn(std::int64_t count)
    {
        std::vector<Entry> all;
        for (std::int64_t seq = 1; seq <= count; ++seq) {
            all.push_back(draw.entry(JournalSeq{seq}));
            std::visit([&](auto& body) { about_record(body, seq); }, all.back().body);
        }
        return all;
    }

    awaitable<RecordHistory> read(std::vector<Entry> entries, std::string then)
    {
        auto journal = co_await Journal::open(options(), codec);
        co_await journal.lead("test");
        co_await journal.append(entries);
        if (!then.empty())
            sql(then);
        auto connection = co_await libpq::Connection::open(options());
        co_return co_await read_history(connection, codec.names(), wanted);
    }

    static RecordHistory told(const std::vector<Entry>& entries)
    {
        RecordHistory history{wanted, {}, {}};
        for (const auto& entry : entries)
            pipeline::add_entry(history, entry);
        return history;
    }

    static void expect_same(const PastVersion& one, const PastVersion& other)
    {
        EXPECT_EQ(one.seq, other.seq);
        EXPECT_EQ(one.author, other.author);
        EXPECT_EQ(one.unit, other.unit);
        EXPECT_EQ(one.stamp, other.stamp);
        EXPECT_EQ(one.superseded, other.superseded);
        EXPECT_EQ(one.admission, other.admission);
        EXPECT_EQ(one.by, other.by);
        EXPECT_EQ(one.taken, other.taken);
        EXPECT_EQ(one.suspect, other.suspect);
    }

private:
    template <class Body>
    static void about_record(Body& body, std::int64_t seq)
    {
        if constexpr (std::is_same_v<Body, RowRead> || std::is_same_v<Body, RowDeleted> || std::is_same_v<Body, ValueDecided>)
            body.record = seq % 7 == 0 ? RecordId{6} : wanted;
    }
};

TEST_F(HistoryTest, IsWhatTheEntriesSay)
{
    const auto entries = drawn(300);
    const auto expected = told(entries);
    ASSERT_GT(expected.versions.size(), 10U);
    run([&]() -> awaitable<void> {
        const auto found = co_await read(entries, "");
        EXPECT_EQ(found.versions.size(), expected.versions.size());
        for (std::size_t i = 0; i < found.versions.size() && i < expected.versions.size(); ++i) {
            expect_same(found.versions[i], expected.versions[i]);
            EXPECT_EQ(found.versions[i].value, expected.versions[i].value);
            EXPECT_EQ(found.versions[i].base, expected.versions[i].base);
            EXPECT_EQ(found.versions[i].tally, expected.versions[i].tally);
        }
        EXPECT_EQ(found.links.size(), expected.links.size());
        for (std::size_t i = 0; i < found.links.size() && i < expected.links.size(); ++i) {
            EXPECT_EQ(found.links[i].seq, expected.links[i].seq);
            EXPECT_EQ(found.links[i].agency, expected.links[i].agency);
            EXPECT_EQ(found.links[i].change, expected.links[i].change);
        }
    });
}

TEST_F(HistoryTest, OfErasedEntriesIsAllButTheValues)
{
    const auto entries = drawn(300);
    const auto expected = told(entries);
    run([&]() -> awaitable<void> {
        const auto found = co_await read(entries, "UPDATE casebridge.journal SET payload = NULL");
        EXPECT_EQ(found.versions.size(), expected.versions.size());
        for (std::size_t i = 0; i < found.versions.size() && i < expected.versions.size(); ++i) {
            expect_same(found.versions[i], expected.versions[i]);
            EXPECT_FALSE(found.versions[i].value.has_value());
            EXPECT_FALSE(found.versions[i].base.has_value());
        }
        EXPECT_EQ(found.links.size(), expected.links.size());
    });
}

TEST_F(HistoryTest, OfAnotherConfigurationIsWhatThatStillHas)
{
    const auto entries = drawn(300);
    auto other = test::sample_bridge();
    other.model.entities[test::person.value()].units[test::unit_income.value()].name = "earnings";
    const EntryCodec other_codec{other};
    run([&]() -> awaitable<void> {
        static_cast<void>(co_await read(entries, ""));
        auto connection = co_await libpq::Connection::open(options());
        const auto found = co_await read_history(connection, other_codec.names(), wanted);
        EXPECT_LT(found.versions.size(), told(entries).versions.size());
        for (const auto& version : found.versions)
            EXPECT_FALSE(version.unit == test::unit_income && version.author == AgencyId{"es"});
    });
}

}  // namespace
}  // namespace casebridge::hub
