#include "tests/tidy/hygiene.hpp"

#include <gmock/gmock.h>

namespace casebridge::tidy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string lines(std::size_t count)
{
    std::string text;
    for (std::size_t n = 0; n < count; ++n) {
        text += "x\n";
    }
    return text;
}

TEST(Hygiene, HoldsInTheWholeProject)
{
    for (const SourceFile& file : read_project({".hpp", ".cpp", ".py"})) {
        EXPECT_THAT(header_complaints(file), IsEmpty());
        EXPECT_THAT(forbidden_word_complaints(file), IsEmpty());
    }
    for (const SourceFile& file : read_project({".hpp", ".cpp", ".py", ".sql", ".cmake", "CMakeLists.txt"})) {
        EXPECT_THAT(length_complaints(file), IsEmpty());
    }
}

TEST(Hygiene, RefusesAHeaderWithoutPragmaOnce)
{
    EXPECT_THAT(
        header_complaints({"a.hpp", "// Purpose.\n#pragma once\n"}), ElementsAre(HasSubstr("a.hpp:1:"))
    );
    EXPECT_THAT(header_complaints({"a.hpp", "#pragma once\n"}), IsEmpty());
    EXPECT_THAT(header_complaints({"a.cpp", ""}), IsEmpty());
}

TEST(Hygiene, RefusesALongFileWithoutAReasonAtTheTop)
{
    EXPECT_THAT(length_complaints({"a.cpp", lines(400)}), IsEmpty());
    EXPECT_THAT(length_complaints({"a.cpp", lines(401)}), ElementsAre(HasSubstr("a.cpp:401:")));
    EXPECT_THAT(
        length_complaints({"a.cpp", "// Longer than 400 lines because it is one table.\n" + lines(500)}),
        IsEmpty()
    );
    EXPECT_THAT(
        length_complaints({"a.cpp", lines(500) + "// Longer than 400 lines because it is one table.\n"}),
        ElementsAre(HasSubstr("no reason at the top"))
    );
}

TEST(Hygiene, RefusesACoroutineWithoutAnOwner)
{
    for (const char* text :
         {"co_spawn(context, run(), boost::asio::detached);",
          "co_spawn(c, f(), net::detached);",
          "co_spawn(c, f(), detached);",
          "co_spawn(c, f(),\n    detached\n);",
          "#include <boost/asio/detached.hpp>"}) {
        EXPECT_THAT(forbidden_word_complaints({"hub/x.cpp", text}), ElementsAre(HasSubstr("has an owner")))
            << text;
    }
}

TEST(Hygiene, KnowsThatALinkMayBeDetached)
{
    EXPECT_THAT(
        forbidden_word_complaints(
            {"hub/x.cpp", "enum class State { live, detached };\nset(link, State::detached);\n"}
        ),
        IsEmpty()
    );
}

TEST(Hygiene, RefusesSleepingAndRegex)
{
    EXPECT_THAT(
        forbidden_word_complaints({"a.cpp", "std::this_thread::sleep_for(1s);\nstd::regex r;\n"}),
        ElementsAre(HasSubstr("a.cpp:1: sleep_for"), HasSubstr("a.cpp:2: regex"))
    );
    EXPECT_THAT(
        forbidden_word_complaints({"a.cpp", "#include <regex>\n"}), ElementsAre(HasSubstr("a.cpp:1: regex"))
    );
    EXPECT_THAT(forbidden_word_complaints({"a.cpp", "auto s = \"regex\"; // sleep_for\n"}), IsEmpty());
    EXPECT_THAT(
        forbidden_word_complaints({"a.py", "import time\ntime.sleep(1)\n"}), ElementsAre(HasSubstr("a.py:2:"))
    );
    EXPECT_THAT(forbidden_word_complaints({"a.py", "# time.sleep(1)\n"}), IsEmpty());
}

}  // namespace
}  // namespace casebridge::tidy
