#include "config/load.hpp"

#include "config/breaker_rule.hpp"
#include "config/entry.hpp"
#include "config/mapping_file.hpp"
#include "config/model_file.hpp"
#include "config/rules.hpp"
#include "config/service_settings.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <deque>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

namespace casebridge::config {
namespace {

constexpr std::size_t file_bytes_max = 4'194'304;
constexpr std::size_t agency_id_bytes_max = 15;
constexpr std::size_t agencies_max = 32;

const std::vector<std::string> bridge_keys{
    "$schema",
    "bridge",
    "hub",
    "model",
    "agencies",
    "rules",
    "stale_forms",
    "agreements",
    "web",
    "log",
    "limits",
    "retention"};

std::string fnv1a_64(std::string_view text)
{
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char c : text) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 0x100000001b3U;
    }
    std::array<char, 17> digits{};
    std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(hash));
    return digits.data();
}

struct AgencyFile {
    AgencyId agency;
    Entry root;
};

// One load. Documents live as long as it does; entries point into them.
class Loader {
public:
    explicit Loader(const ReadFile& read) : read_(read) {}

    LoadResult run(const std::string& bridge_file)
    {
        if (const auto bridge = open(bridge_file, nullptr))
            read_bridge(*bridge);
        if (mistakes_.empty()) {
            settings_.source_hash = fnv1a_64(settings_.source);
            return std::move(settings_);
        }
        std::ranges::sort(mistakes_);
        const auto repeated = std::ranges::unique(mistakes_);
        mistakes_.erase(repeated.begin(), repeated.end());
        return std::move(mistakes_);
    }

private:
    struct Document {
        std::string file;
        JsonNode root;
    };

    // Reads and parses a file that `named_by` names; nothing when that fails, which is reported.
    std::optional<Entry> open(const std::string& name, const Entry* named_by)
    {
        const auto text = read_(name);
        if (!text) {
            if (named_by != nullptr)
                named_by->mistake("cannot read \"" + name + "\": " + text.error().message);
            else
                mistakes_.push_back(Mistake{name, {}, "", "cannot read the file: " + text.error().message});
            return std::nullopt;
        }
        settings_.source.append("# " + name + " " + std::to_string(text->size()) + "\n")
            .append(*text)
            .append("\n");
        auto root = parse_json(name, *text, mistakes_);
        if (!root)
            return std::nullopt;
        const auto& document = documents_.emplace_back(Document{name, std::move(*root)});
        return Entry{document.root, document.file, mistakes_};
    }

    std::optional<Entry> open_named(const Entry& entry, std::string_view key)
    {
        const auto file = entry.required(key);
        const auto name = file ? file->text() : std::nullopt;
        return name ? open(*name, &*file) : std::nullopt;
    }

    void read_bridge(const Entry& bridge)
    {
        if (!bridge.is_object_of(bridge_keys))
            return;
        read_service(bridge);
        const auto before_model = mistakes_.size();
        const auto model_root = open_named(bridge, "model");
        auto model = model_root ? read_model(*model_root) : ModelFile{};
        definition().model = std::move(model.model);
        bool in_doubt = mistakes_.size() != before_model;
        const auto agencies = bridge.required("agencies");
        const auto files = agencies ? read_agencies(*agencies) : std::vector<AgencyFile>{};
        // Without an entity everything below would be a mistake of its own.
        if (definition().model.entities.empty())
            return;
        const auto before_tables = mistakes_.size();
        read_mappings(files);
        in_doubt |= mistakes_.size() != before_tables || files.size() != definition().agencies.size();
        read_decisions(bridge, in_doubt ? TablesAre::in_doubt : TablesAre::complete);
        if (!in_doubt)
            check_identity(model.identity, definition());
    }

    void read_decisions(const Entry& bridge, TablesAre tables)
    {
        for (const auto& entity : definition().model.entities) {
            const EntityIndex index{static_cast<EntityIndex::representation>(definition().rules.size())};
            definition().rules.emplace_back(entity.units.size(), conflict::Hold{});
            definition().breakers.emplace(index, usual_breaker());
        }
        if (const auto rules = bridge.find("rules"))
            read_rules(*rules, definition(), tables);
        if (const auto stale_forms = bridge.find("stale_forms"))
            read_stale_forms(*stale_forms, definition());
        if (const auto agreements = bridge.find("agreements"))
            read_agreements(*agreements, definition());
    }

    void read_service(const Entry& bridge)
    {
        if (const auto name = bridge.required("bridge"))
            definition().name = name->name(agency_id_bytes_max).value_or("");
        const auto hub = bridge.required("hub");
        if (hub && hub->is_object_of({"connection"}))
            if (const auto connection = hub->required("connection"))
                settings_.hub_connection = read_connection(*connection).value_or("");
        if (const auto web = bridge.find("web"))
            settings_.web = read_web(*web);
        if (const auto log = bridge.find("log"))
            settings_.log = read_log(*log);
        if (const auto limits = bridge.find("limits"))
            settings_.limits = read_limits(*limits);
        if (const auto retention = bridge.find("retention"))
            settings_.retention = read_retention(*retention);
    }

    // In ascending order of ids, whatever the order of the file.
    std::vector<AgencyFile> read_agencies(const Entry& entry)
    {
        auto members = entry.members();
        if (entry.is(JsonNode::Kind::object) && (members.size() < 2 || members.size() > agencies_max))
            entry.mistake("a bridge has 2 to " + std::to_string(agencies_max) + " agencies");
        std::ranges::sort(members, {}, &Entry::key);
        std::vector<AgencyFile> files;
        for (const auto& member : members) {
            if (!is_name(member.key()) || member.key().size() > agency_id_bytes_max)
                member.key_mistake(
                    "an agency's id consists of a-z, 0-9 and _, begins with a letter and has at most " +
                    std::to_string(agency_id_bytes_max) + " characters"
                );
            const AgencyId agency{member.key()};
            definition().agencies.push_back(agency);
            if (!member.is_object_of({"capture", "deliver", "setup", "mapping", "stale_form_window_seconds"}))
                continue;
            definition().stale_form_windows[agency] = read_stale_form_window(member);
            settings_.agencies.push_back(read_connections(member, agency));
            if (const auto root = open_named(member, "mapping"))
                files.push_back(AgencyFile{agency, *root});
        }
        return files;
    }

    static AgencyConnections read_connections(const Entry& entry, const AgencyId& agency)
    {
        AgencyConnections connections{.agency = agency, .capture = {}, .deliver = {}, .setup = {}};
        if (const auto capture = entry.required("capture"))
            connections.capture = read_connection(*capture).value_or("");
        if (const auto deliver = entry.required("deliver"))
            connections.deliver = read_connection(*deliver).value_or("");
        if (const auto setup = entry.find("setup"))
            connections.setup = read_connection(*setup);
        return connections;
    }

    void read_mappings(const std::vector<AgencyFile>& files)
    {
        std::vector<TablePlace> places;
        for (const auto& [agency, root] : files)
            read_tables(root, agency, definition().model, definition().tables, places);
        for (const auto& place : places)
            read_table(place, definition().model, definition().tables);
    }

    pipeline::BridgeDefinition& definition() { return settings_.definition; }

    const ReadFile& read_;
    std::deque<Document> documents_;
    std::vector<Mistake> mistakes_;
    Settings settings_;
};

Result<std::string> read_text(const std::filesystem::path& path)
{
    const auto failed = [](std::string reason) {
        return Error{
            .kind = ErrorClass::permanent,
            .code = "unreadable_file",
            .place = {},
            .message = std::move(reason),
            .remedy = {}};
    };
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    if (error)
        return failed(error.message());
    if (size > file_bytes_max)
        return failed("larger than " + std::to_string(file_bytes_max) + " bytes");
    std::ifstream file{path, std::ios::binary};
    if (!file)
        return failed("cannot be opened");
    std::string text{std::istreambuf_iterator<char>{file}, {}};
    if (file.bad())
        return failed("cannot be read to its end");
    return text;
}

}  // namespace

LoadResult load_bridge(const std::filesystem::path& path)
{
    const auto directory = path.parent_path();
    return load_bridge(path.filename().string(), [&](const std::string& name) {
        return read_text(directory / name);
    });
}

LoadResult load_bridge(const std::string& bridge_file, const ReadFile& read)
{
    return Loader{read}.run(bridge_file);
}

}  // namespace casebridge::config
