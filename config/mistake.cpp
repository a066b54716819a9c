#include "config/mistake.hpp"

namespace casebridge::config {

std::string to_string(const Mistake& mistake)
{
    auto text = mistake.file + ":" + std::to_string(mistake.position.line) + ":" +
                std::to_string(mistake.position.column) + ": ";
    if (!mistake.place.empty())
        text += mistake.place + ": ";
    text += mistake.message;
    // A word quoted from the file may hold anything; a mistake stays one line.
    for (auto& c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
            c = '?';
    return text;
}

}  // namespace casebridge::config
