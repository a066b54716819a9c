#include "connectors/libpq/sql_state.hpp"

#include "connectors/libpq/server_error.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace casebridge::libpq {
namespace {

ErrorClass class_of(std::string_view text)
{
    return classify(SqlState::parse(text).value());
}

TEST(SqlState, IsFiveDigitsOrCapitals)
{
    EXPECT_EQ(SqlState::parse("40P01")->text(), "40P01");
    EXPECT_EQ(SqlState::parse("40P01")->class_text(), "40");
    EXPECT_EQ(SqlState::parse("40P01"), SqlState{"40P01"});
    for (const auto* text : {"", "4000", "400010", "40p01", "40 01", "40-01"})
        EXPECT_FALSE(SqlState::parse(text)) << text;
}

TEST(Classify, HasTheDecidedClassForEachState)
{
    using enum ErrorClass;
    const std::map<std::string, ErrorClass> decided{
        {"08000", transient},
        {"08001", transient},
        {"08003", transient},
        {"08004", transient},
        {"08006", transient},
        {"08P01", permanent},
        {"25006", transient},
        {"25P02", permanent},
        {"25P03", transient},
        {"40001", transient},
        {"40002", permanent},
        {"40003", transient},
        {"40P01", transient},
        {"53000", transient},
        {"53100", transient},
        {"53200", transient},
        {"53300", transient},
        {"55000", permanent},
        {"55006", transient},
        {"55P03", transient},
        {"55P04", permanent},
        {"57000", permanent},
        {"57014", transient},
        {"57P01", transient},
        {"57P02", transient},
        {"57P03", transient},
        {"57P04", permanent},
        {"57P05", transient},
        {"58030", permanent},
        {"22001", poison   },
        {"22003", poison   },
        {"22021", poison   },
        {"22P02", poison   },
        {"23000", poison   },
        {"23502", poison   },
        {"23503", poison   },
        {"23505", poison   },
        {"23514", poison   },
        {"23P01", poison   },
        {"44000", poison   },
        {"54000", poison   },
        {"54001", permanent},
        {"P0000", poison   },
        {"P0001", poison   },
        {"P0002", poison   },
        {"0A000", permanent},
        {"21000", permanent},
        {"28000", permanent},
        {"28P01", permanent},
        {"3D000", permanent},
        {"42501", permanent},
        {"42601", permanent},
        {"42704", permanent},
        {"42P01", permanent},
        {"XX000", permanent},
        {"XX001", permanent},
    };
    for (const auto& [state, kind] : decided)
        EXPECT_STREQ(to_string(class_of(state)), to_string(kind)) << state;
}

TEST(Classify, IsPermanentForWhatNobodyKnows)
{
    for (const auto* state : {"00000", "ZZZZZ", "U0001", "99999"})
        EXPECT_STREQ(to_string(class_of(state)), "permanent") << state;
}

TEST(Remedy, IsASentenceForEveryState)
{
    for (const auto* state : {"08006", "22P02", "23503", "42501", "42P01", "57014", "P0001", "ZZZZZ"})
        EXPECT_FALSE(remedy(SqlState::parse(state).value()).empty()) << state;
    EXPECT_NE(remedy(SqlState{"42501"}), remedy(SqlState{"42P01"}));
}

TEST(ServerError, KeepsMessagesOfClassesWithoutRowValuesOnly)
{
    for (const auto* state : {"08006", "28P01", "3D000", "42P01", "53300", "55006", "57P01", "58030"})
        EXPECT_TRUE(message_is_free_of_values(SqlState::parse(state).value())) << state;
    for (const auto* state : {"22P02", "23505", "44000", "P0001", "XX000", "ZZZZZ"})
        EXPECT_FALSE(message_is_free_of_values(SqlState::parse(state).value())) << state;
}

TEST(TextReport, IsTheLastStateThatLibpqsTextHolds)
{
    const auto verbose = read_text_report(
        "connection to server at \"a\" failed: FATAL:  57P03: starting up\nLOCATION:  x, y.c:1\n"
        "connection to server at \"b\" failed: FATAL:  28000: no such role\nLOCATION:  x, y.c:1\n"
    );
    ASSERT_TRUE(verbose);
    EXPECT_EQ(verbose->state, SqlState{"28000"});
    EXPECT_EQ(verbose->message, "no such role");
    EXPECT_EQ(
        read_text_report("SCHWERWIEGEND:  57P01\nserver closed the connection")->state, SqlState{"57P01"}
    );
    EXPECT_FALSE(read_text_report("could not connect: Connection refused"));
    EXPECT_FALSE(read_text_report("FATAL:  terminating connection"));
}

TEST(ServerError, NamesThePlaceAndTheClass)
{
    const ServerError error{
        {.state = SqlState{"23505"},
         .schema = "s",
         .table = "t",
         .constraint = "t_pkey",
         .statement_index = 3}
    };
    EXPECT_EQ(error.error().place, "s.t constraint t_pkey statement 3");
    EXPECT_EQ(error.error().code, "sqlstate_23505");
    EXPECT_EQ(error.kind(), ErrorClass::poison);
    EXPECT_STREQ(
        error.what(), "sqlstate_23505 at s.t constraint t_pkey statement 3: the server refused the statement"
    );
}

}  // namespace
}  // namespace casebridge::libpq
