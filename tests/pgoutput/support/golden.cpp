#include "tests/pgoutput/support/golden.hpp"

#include <fstream>
#include <stdexcept>

namespace casebridge::pgoutput::test {

std::vector<GoldenMessage> read_golden(std::string_view file)
{
    const auto name = std::string{file};
    std::ifstream in{CASEBRIDGE_SOURCE_DIR "/tests/pgoutput/golden/" + name};
    std::vector<GoldenMessage> messages;
    std::string line;
    for (int number = 1; std::getline(in, line); ++number)
        if (!line.empty() && line.front() != '#')
            messages.push_back({name + ":" + std::to_string(number), wire(line)});
    if (messages.empty())
        throw std::runtime_error("no golden messages in " + name);
    return messages;
}

}  // namespace casebridge::pgoutput::test
