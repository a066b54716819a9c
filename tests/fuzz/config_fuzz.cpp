#include "config/load.hpp"
#include "model/assert.hpp"
#include "tests/fuzz/entry.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

// One file of a configuration: a byte that says which, then its text. The other files are the good ones of
// tests/config/good.

namespace casebridge::fuzz {
namespace {

constexpr std::array names{"bridge.jsonc", "model.jsonc", "sp.mapping.jsonc", "es.mapping.jsonc"};

using Texts = std::map<std::string, std::string>;

Texts read_good_files()
{
    Texts texts;
    for (const auto* const name : names) {
        std::ifstream file{std::string{CASEBRIDGE_SOURCE_DIR "/tests/config/good/"} + name};
        texts[name] = std::string{std::istreambuf_iterator<char>{file}, {}};
        CASEBRIDGE_ASSERT(!texts[name].empty());
    }
    return texts;
}

config::LoadResult load(const Texts& texts)
{
    return config::load_bridge(names[0], [&texts](const std::string& name) -> Result<std::string> {
        if (const auto found = texts.find(name); found != texts.end())
            return found->second;
        Error error;
        error.message = "no such file";
        return error;
    });
}

// Every mistake says where and what, once, in the order of the files' text.
void check_mistakes(const std::vector<config::Mistake>& mistakes, const Texts& texts)
{
    CASEBRIDGE_ASSERT(!mistakes.empty());
    CASEBRIDGE_ASSERT(std::ranges::is_sorted(mistakes));
    CASEBRIDGE_ASSERT(std::ranges::adjacent_find(mistakes) == mistakes.end());
    for (const auto& mistake : mistakes) {
        CASEBRIDGE_ASSERT(texts.contains(mistake.file) && !mistake.message.empty());
        const auto& text = texts.at(mistake.file);
        const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
        CASEBRIDGE_ASSERT(mistake.position.line >= 1 && mistake.position.line <= lines);
        CASEBRIDGE_ASSERT(mistake.position.column >= 1 && mistake.position.column <= text.size() + 1);
    }
}

void check_same(const config::LoadResult& first, const config::LoadResult& second)
{
    CASEBRIDGE_ASSERT(first.index() == second.index());
    if (const auto* const mistakes = std::get_if<std::vector<config::Mistake>>(&first))
        CASEBRIDGE_ASSERT(*mistakes == std::get<std::vector<config::Mistake>>(second));
    else
        CASEBRIDGE_ASSERT(
            std::get<config::Settings>(first).source_hash == std::get<config::Settings>(second).source_hash
        );
}

}  // namespace
}  // namespace casebridge::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace casebridge;
    static const auto good = fuzz::read_good_files();
    if (size == 0)
        return 0;
    auto texts = good;
    const auto text = fuzz::input(data, size).subspan(1);
    texts[fuzz::names[data[0] % fuzz::names.size()]].assign(
        reinterpret_cast<const char*>(text.data()), text.size()
    );
    const auto loaded = fuzz::load(texts);
    if (const auto* const mistakes = std::get_if<std::vector<config::Mistake>>(&loaded))
        fuzz::check_mistakes(*mistakes, texts);
    fuzz::check_same(loaded, fuzz::load(texts));
    return 0;
}
