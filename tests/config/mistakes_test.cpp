#include "tests/config/files.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

// What holds for all mistakes, whatever is wrong.

namespace casebridge::config {
namespace {

TEST(Mistakes, OfAllFilesAreFoundAtOnce)
{
    Files files;
    files.replace("bridge.jsonc", R"("death_date": "hold")", R"("death_date": "newest")");
    files.replace("model.jsonc", R"("budget": "decimal")", R"("budget": "money")");
    files.replace("es.mapping.jsonc", R"("format": "DD.MM.YYYY")", R"("format": "D.M.Y")");
    files.text("sp.mapping.jsonc") += "}";

    EXPECT_EQ(
        files.mistakes(),
        R"(bridge.jsonc:16:21: rules/person/death_date: "newest" is none of latest, hold, filled, max, min, sum, union
es.mapping.jsonc:12:53: jobs."JobSeeker".birth_date: a format has YYYY, MM and DD once each, and no other letters or digits
model.jsonc:25:96: entities/plan/fields/budget: "money" is none of text, integer, decimal, boolean, date, timestamp, code, reference, set
sp.mapping.jsonc:33:1: syntax error while parsing value - unexpected '}'; expected end of input
)"
    );
}

TEST(Mistakes, AnUnreadableMappingDoesNotMakeItsRulesWrong)
{
    Files files;
    files.remove("sp.mapping.jsonc");

    EXPECT_EQ(
        files.mistakes(),
        "bridge.jsonc:8:119: agencies/sp/mapping: cannot read \"sp.mapping.jsonc\": no such file\n"
    );
}

TEST(Mistakes, NeverQuoteAConnection)
{
    for (const std::string connection :
         {"password=Canary-4711",
          "host=x password = 'Canary-4711'",
          "postgresql://u:Canary-4711@h/d",
          "postgresql://u@h/d?password=Canary-4711",
          "host=x sslpassword=Canary-4711",
          "Canary-4711",
          "postgresql://u:Canary-4711@h:port:port/d?x"}) {
        Files files;
        files.replace("bridge.jsonc", "service=es_deliver", connection);
        const auto mistakes = files.mistakes();
        EXPECT_TRUE(mistakes.starts_with("bridge.jsonc:9:78: agencies/es/deliver: ")) << mistakes;
        EXPECT_EQ(mistakes.find("Canary"), std::string::npos) << mistakes;
    }
}

void expect_a_result(const Files& files)
{
    const auto result = files.load();
    const auto* mistakes = std::get_if<std::vector<Mistake>>(&result);
    if (mistakes == nullptr)
        return;
    EXPECT_FALSE(mistakes->empty());
    for (const auto& mistake : *mistakes) {
        const auto found = files.texts().find(mistake.file);
        ASSERT_NE(found, files.texts().end());
        const auto lines = std::ranges::count(found->second, '\n') + 1;
        EXPECT_LE(mistake.position.line, static_cast<std::size_t>(lines));
        EXPECT_EQ(to_string(mistake).find('\n'), std::string::npos);
    }
}

TEST(Mistakes, AnyDeletedOrReplacedByteGivesAResult)
{
    const Files good;
    const std::string replacements{"\0\n\"{}[]:,/\\7-ae.*\xC3", 18};
    std::size_t round = 0;
    for (const auto& [name, text] : good.texts())
        for (std::size_t i = 0; i < text.size(); ++i) {
            auto deleted = good;
            deleted.text(name).erase(i, 1);
            expect_a_result(deleted);
            auto replaced = good;
            replaced.text(name)[i] = replacements[++round % replacements.size()];
            expect_a_result(replaced);
        }
}

}  // namespace
}  // namespace casebridge::config
