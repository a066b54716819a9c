#include "daemon/parked_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

// What the command line shows of what is parked.

namespace casebridge::daemon {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

hub::ShownParked parked_row()
{
    hub::ShownParked row;
    row.head.name = "117";
    row.head.agency = "sp";
    row.head.table = "sp.person";
    row.head.code = "unmappable_value";
    row.head.place = "sp.person.status (status)";
    row.head.since_seq = JournalSeq{117};
    row.head.since = "2026-03-01 10:00:00+00";
    row.head.changes = 2;
    row.head.waiting = 3;
    row.key = "secret key";
    row.changes = {
        {"status", "secret one", "secret two"},
        {"phone",  std::nullopt, "secret"    }
    };
    row.units = {"status", "phone"};
    return row;
}

hub::ShownParked refused_delivery()
{
    hub::ShownParked delivery;
    delivery.head.side = hub::ParkedHead::Side::delivery;
    delivery.head.name = "42@es";
    delivery.head.agency = "es";
    delivery.head.code = "23514";
    delivery.head.place = "phone_check";
    delivery.head.record = RecordId{42};
    delivery.head.skipped = 9;
    delivery.changes = {
        {"contact/phone", "secret one", "secret two"}
    };
    delivery.units = {"phone"};
    return delivery;
}

TEST(ParkedReport, ListsBothSidesWithoutValues)
{
    EXPECT_EQ(parked_list_text({}), "nothing is parked\n");
    const std::vector<hub::ParkedHead> heads{parked_row().head, refused_delivery().head};
    const auto text = parked_list_text(heads);
    EXPECT_THAT(text, HasSubstr("117     reading   sp"));
    EXPECT_THAT(text, HasSubstr("42@es   delivery  es"));
    EXPECT_THAT(text, HasSubstr("request 9"));
    const auto list = nlohmann::json::parse(parked_list_json(heads));
    EXPECT_EQ(list.at(0).at("parked"), "117");
    EXPECT_EQ(list.at(0).at("changes"), 2);
    EXPECT_EQ(list.at(0).at("waiting"), 3);
    EXPECT_TRUE(list.at(0).at("set_aside_by_request").is_null());
    EXPECT_EQ(list.at(1).at("side"), "delivery");
    EXPECT_EQ(list.at(1).at("set_aside_by_request"), 9);
    EXPECT_THAT(parked_list_json({}), HasSubstr("[]"));
}

TEST(ParkedReport, ShowsWhatARowShowedAndShowsAndHowToGoOn)
{
    const auto text = parked_text(parked_row());
    EXPECT_THAT(text, HasSubstr("row \"secret key\""));
    EXPECT_THAT(text, HasSubstr("status  \"secret one\"  \"secret two\""));
    EXPECT_THAT(text, HasSubstr("phone   (none)        \"secret\""));
    EXPECT_THAT(text, HasSubstr("casebridge parked retry 117 --reason"));
    const auto json = nlohmann::json::parse(parked_json(parked_row()));
    EXPECT_EQ(json.at("key"), "secret key");
    EXPECT_EQ(json.at("changes_shown").at(1).at("to"), "secret");
    EXPECT_TRUE(json.at("changes_shown").at(1).at("from").is_null());
}

TEST(ParkedReport, SaysOfARowThatCouldNotBeReadThatNothingIsKnownOfIt)
{
    auto row = parked_row();
    row.readable = false;
    row.changes.clear();
    row.units.clear();
    EXPECT_THAT(parked_text(row), HasSubstr("not even its columns could be read"));
    EXPECT_THAT(skip_text(row), HasSubstr("of which nothing is known"));
}

TEST(ParkedReport, LetsNoValueControlTheTerminal)
{
    auto row = parked_row();
    row.key = "\x1b[2J";
    row.changes.front().to = "\x1b[2J";
    EXPECT_THAT(parked_text(row), Not(HasSubstr("\x1b")));
}

TEST(ParkedReport, SaysWhatSettingAsideLeavesUndoneWithoutValues)
{
    const auto row = skip_text(parked_row());
    EXPECT_THAT(row, HasSubstr("not taken from the agency: status, phone"));
    EXPECT_THAT(row, HasSubstr("stays different at sp: status, phone"));
    EXPECT_THAT(row, HasSubstr("3 that wait for it go on waiting"));
    EXPECT_THAT(row, Not(HasSubstr("secret")));
    const auto delivery = skip_text(refused_delivery());
    EXPECT_THAT(delivery, HasSubstr("not written to the agency: contact/phone"));
    EXPECT_THAT(delivery, HasSubstr("until the record changes"));
    EXPECT_THAT(delivery, Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace casebridge::daemon
