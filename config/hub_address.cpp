#include "config/hub_address.hpp"

#include "config/json_document.hpp"

#include <fstream>
#include <iterator>
#include <vector>

namespace casebridge::config {

std::optional<std::string> find_hub_connection(const std::filesystem::path& bridge_file)
{
    std::ifstream file{bridge_file, std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    std::vector<Mistake> ignored;
    const auto root = parse_json(bridge_file.filename().string(), text, ignored);
    const auto* hub = root ? root->find("hub") : nullptr;
    const auto* connection = hub == nullptr ? nullptr : hub->value.find("connection");
    if (connection == nullptr || connection->value.kind != JsonNode::Kind::string)
        return std::nullopt;
    return connection->value.text;
}

}  // namespace casebridge::config
