#include "telemetry/event.hpp"

#include "model/source_transaction.hpp"
#include "telemetry/labels.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace casebridge::telemetry {
namespace {

template <class T>
concept Loggable = requires(Event& event, T content)
{
    event.with("field", content);
};

static_assert(Loggable<int> && Loggable<std::uint64_t> && Loggable<std::int64_t> && Loggable<double>);
static_assert(Loggable<Lsn> && Loggable<JournalSeq> && Loggable<ConfiguredName>);
static_assert(Loggable<Verdict> && Loggable<ErrorClass> && Loggable<Level>);

// No personal data, and nothing that could carry some by accident.
static_assert(!Loggable<Value> && !Loggable<FieldValue> && !Loggable<UnitValue> && !Loggable<LocalKey>);
static_assert(!Loggable<RecordId> && !Loggable<Cell> && !Loggable<Tuple>);
static_assert(!Loggable<std::string> && !Loggable<std::string_view> && !Loggable<const char*>);
static_assert(!Loggable<bool> && !Loggable<char>);
static_assert(!std::is_constructible_v<ConfiguredName, Value>);
static_assert(!std::is_constructible_v<ConfiguredName, LocalKey>);
static_assert(!std::is_convertible_v<std::string, ConfiguredName>);

TEST(EventCodes, HaveDistinctSnakeCaseNames)
{
    std::set<std::string_view> names;
    for (const auto& meaning : event_meanings) {
        EXPECT_TRUE(names.insert(meaning.name).second) << meaning.name;
        EXPECT_TRUE(std::all_of(meaning.name.begin(), meaning.name.end(), [](char letter) {
            return letter == '_' || (letter >= 'a' && letter <= 'z');
        })) << meaning.name;
        EXPECT_FALSE(meaning.says.empty()) << meaning.name;
        EXPECT_FALSE(meaning.says.ends_with('.')) << meaning.name;
    }
    EXPECT_EQ(to_string(EventCode::http_listening), "http_listening");
}

TEST(Event, HasTheLevelOfItsCodeUnlessItsAuthorSaysOtherwise)
{
    EXPECT_EQ(Event{EventCode::stream_stopped}.level(), Level::error);
    EXPECT_EQ(Event(EventCode::stream_stopped, Level::warning).level(), Level::warning);
}

TEST(Event, KeepsItsFieldsInOrder)
{
    const auto event = Event{EventCode::retry_scheduled}
                           .at(AgencyId{"sp"})
                           .with("attempt", 3)
                           .with("delay_seconds", 2.5)
                           .with("position", Lsn{0x16B374D848})
                           .with("to", JournalSeq{17})
                           .with("verdict", Verdict::equal)
                           .with("mapping", ConfiguredName{"person"});
    const std::vector<EventField> expected{
        {"attempt",       std::int64_t{3}           },
        {"delay_seconds", 2.5                       },
        {"position",      std::string{"16/B374D848"}},
        {"to",            std::int64_t{17}          },
        {"verdict",       std::string{"equal"}      },
        {"mapping",       std::string{"person"}     }
    };
    EXPECT_EQ(event.fields(), expected);
    EXPECT_EQ(event.agency(), AgencyId{"sp"});
}

TEST(Event, TellsAnErrorWithItsRemedy)
{
    const Error error{ErrorClass::permanent, "slot_lost", "slot cb_sp", "the slot is lost", "start a survey"};
    const auto event = Event{EventCode::stream_stopped}.because(error);
    const std::vector<EventField> expected{
        {"class",  std::string{"permanent"}       },
        {"error",  std::string{"slot_lost"}       },
        {"place",  std::string{"slot cb_sp"}      },
        {"reason", std::string{"the slot is lost"}},
        {"remedy", std::string{"start a survey"}  }
    };
    EXPECT_EQ(event.fields(), expected);
}

TEST(Event, LeavesOutARemedyThatThereIsNot)
{
    const auto event =
        Event{EventCode::agency_disconnected}.because({ErrorClass::transient, "a", "b", "c", ""});
    EXPECT_EQ(event.fields().size(), 4U);
}

TEST(EventDeathTest, HasEachKeyOnceAndNoReservedOne)
{
    EXPECT_DEATH(Event{EventCode::started}.with("rows", 1).with("rows", 2), "assertion failed");
    EXPECT_DEATH(Event{EventCode::started}.with("time", 1), "assertion failed");
    EXPECT_DEATH(Event{EventCode::started}.at(AgencyId{"sp"}).at(AgencyId{"es"}), "assertion failed");
}

}  // namespace
}  // namespace casebridge::telemetry
