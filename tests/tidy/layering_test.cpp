#include "tests/tidy/layering.hpp"

#include <gmock/gmock.h>

namespace casebridge::tidy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Layering, HoldsInTheWholeProject)
{
    const std::vector<SourceFile> files = read_cpp_files();
    ASSERT_FALSE(files.empty());
    for (const SourceFile& file : files) {
        EXPECT_THAT(layering_complaints(file), IsEmpty());
    }
}

TEST(Layering, LetsAHigherRoomIncludeALowerOne)
{
    EXPECT_THAT(
        layering_complaints({"daemon/main.cpp", "#include \"model/ids.hpp\"\n#include <thread>\n"}), IsEmpty()
    );
    EXPECT_THAT(
        layering_complaints({"model/lsn.cpp", "#include \"model/lsn.hpp\"\n#include <chrono>\n"}), IsEmpty()
    );
    EXPECT_THAT(layering_complaints({"tests/hub/x_test.cpp", "#include \"model/ids.hpp\"\n"}), IsEmpty());
}

TEST(Layering, RefusesAnArrowThatTurnsBack)
{
    EXPECT_THAT(
        layering_complaints({"model/ids.hpp", "\n#include \"mapping/mapping.hpp\"\n"}),
        ElementsAre(HasSubstr("model/ids.hpp:2: mapping/mapping.hpp is above"))
    );
    EXPECT_THAT(
        layering_complaints({"connectors/libpq/x.cpp", "#include \"connectors/postgres/x.hpp\"\n"}),
        ElementsAre(HasSubstr("is above"))
    );
}

TEST(Layering, RefusesAnArrowThatGoesSideways)
{
    EXPECT_THAT(
        layering_complaints({"mapping/x.cpp", "#include \"conflict/x.hpp\"\n"}),
        ElementsAre(HasSubstr("is a neighbour's"))
    );
    EXPECT_THAT(
        layering_complaints({"hub/x.cpp", "#include \"connectors/postgres/x.hpp\"\n"}),
        ElementsAre(HasSubstr("is a neighbour's"))
    );
}

TEST(Layering, RefusesARoomThatIncludesATest)
{
    EXPECT_THAT(
        layering_complaints({"model/ids.hpp", "#include \"tests/tidy/layering.hpp\"\n"}),
        ElementsAre(HasSubstr("is in no room"))
    );
}

TEST(Layering, RefusesAnIncludeThatIsNotFromTheRoot)
{
    EXPECT_THAT(
        layering_complaints({"model/lsn.cpp", "\n#include \"lsn.hpp\"\n"}),
        ElementsAre(HasSubstr("model/lsn.cpp:2: lsn.hpp is not written from the project's root"))
    );
}

TEST(Layering, RefusesTheWorldBelowTheBorder)
{
    for (const char* header :
         {"boost/asio.hpp", "libpq-fe.h", "thread", "random", "fstream", "sys/socket.h"}) {
        const std::string text = std::string("#include <") + header + ">\n";
        EXPECT_THAT(layering_complaints({"pipeline/x.cpp", text}), ElementsAre(HasSubstr("below the border")))
            << header;
        EXPECT_THAT(layering_complaints({"connectors/libpq/x.cpp", text}), IsEmpty()) << header;
    }
    EXPECT_THAT(
        layering_complaints({"conflict/x.cpp", "auto t = std::chrono::system_clock::now(); // steady_clock\n"}
        ),
        ElementsAre(HasSubstr("conflict/x.cpp:1: system_clock"))
    );
}

TEST(Layering, RefusesAFileOutsideAllRooms)
{
    EXPECT_THAT(layering_complaints({"utilities/x.hpp", ""}), ElementsAre(HasSubstr("is in no room")));
    EXPECT_EQ(room_of("modelling/x.hpp"), std::nullopt);
}

}  // namespace
}  // namespace casebridge::tidy
