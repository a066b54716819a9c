#include "tests/fuzz/entry.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

// Calls the target with every file below the given directories, and each file's text cut in half: what
// libFuzzer does with a corpus, for compilers that have no libFuzzer. A directory without files is a failure.

namespace {

std::vector<std::filesystem::path> files_below(const std::filesystem::path& directory)
{
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{directory})
        if (entry.is_regular_file())
            files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
}

void replay(const std::filesystem::path& path)
{
    std::ifstream file{path, std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    // Exactly as long as the input, so that a sanitizer sees a read behind its end.
    for (const auto size : {text.size(), text.size() / 2}) {
        const std::vector<std::uint8_t> bytes(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size));
        LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    }
}

}  // namespace

int main(int count, char** arguments)
{
    for (int argument = 1; argument < count; ++argument) {
        const auto files = files_below(arguments[argument]);
        if (files.empty()) {
            std::fprintf(stderr, "no inputs in %s\n", arguments[argument]);
            return 1;
        }
        std::ranges::for_each(files, replay);
        std::printf("%zu inputs of %s\n", files.size(), arguments[argument]);
    }
    return count > 1 ? 0 : 1;
}
