#include "tests/config/files.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <regex>

// The schemas are for editors; the loader does not use them. These tests hold them to what the loader says:
// they accept what it accepts, and refuse each unknown key and each value of a wrong type that it refuses.

namespace casebridge::config {
namespace {

using Json = nlohmann::ordered_json;

// As much of JSON Schema (draft 7) as the schemas use.
class Schema {
public:
    explicit Schema(Json root) : root_(std::move(root)) {}

    [[nodiscard]] bool accepts(const Json& value) const { return fits(root_, value); }

private:
    [[nodiscard]] bool fits(const Json& schema, const Json& value) const
    {
        for (const auto& [keyword, rule] : schema.items())
            if (!fits(keyword, rule, schema, value))
                return false;
        return true;
    }

    [[nodiscard]] bool fits(
        const std::string& keyword, const Json& rule, const Json& schema, const Json& value
    ) const
    {
        static const std::vector<std::string> notes{
            "$schema", "title", "description", "default", "definitions"};
        if (std::ranges::find(notes, keyword) != notes.end())
            return true;
        if (keyword == "$ref")
            return fits(root_.at(Json::json_pointer{rule.get<std::string>().substr(1)}), value);
        if (keyword == "type")
            return rule.is_array()
                       ? std::ranges::any_of(rule, [&](const Json& one) { return is(one, value); })
                       : is(rule, value);
        if (keyword == "enum")
            return std::ranges::find(rule, value) != rule.end();
        if (keyword == "anyOf")
            return std::ranges::any_of(rule, [&](const Json& one) { return fits(one, value); });
        if (value.is_object())
            return fits_object(keyword, rule, schema, value);
        if (value.is_array())
            return fits_array(keyword, rule, value);
        if (value.is_string())
            return fits_string(keyword, rule, value.get<std::string>());
        if (value.is_number() && keyword == "minimum")
            return value >= rule;
        return !value.is_number() || keyword != "maximum" || value <= rule;
    }

    [[nodiscard]] bool fits_object(
        const std::string& keyword, const Json& rule, const Json& schema, const Json& value
    ) const
    {
        if (keyword == "required")
            return std::ranges::all_of(rule, [&](const Json& key) {
                return value.contains(key.get<std::string>());
            });
        if (keyword == "minProperties" || keyword == "maxProperties")
            return keyword == "minProperties" ? value.size() >= rule : value.size() <= rule;
        const auto known = schema.value("properties", Json::object());
        for (const auto& [key, member] : value.items()) {
            if (keyword == "properties" && rule.contains(key) && !fits(rule.at(key), member))
                return false;
            if (keyword == "propertyNames" && !fits(rule, Json(key)))
                return false;
            if (keyword != "additionalProperties" || known.contains(key))
                continue;
            if (rule.is_boolean() ? !rule.get<bool>() : !fits(rule, member))
                return false;
        }
        return true;
    }

    [[nodiscard]] bool fits_array(const std::string& keyword, const Json& rule, const Json& value) const
    {
        if (keyword == "minItems" || keyword == "maxItems")
            return keyword == "minItems" ? value.size() >= rule : value.size() <= rule;
        if (keyword == "uniqueItems")
            return std::ranges::all_of(value, [&](const Json& one) {
                return std::ranges::count(value, one) == 1;
            });
        return keyword != "items" ||
               std::ranges::all_of(value, [&](const Json& one) { return fits(rule, one); });
    }

    [[nodiscard]] static bool fits_string(
        const std::string& keyword, const Json& rule, const std::string& value
    )
    {
        if (keyword == "minLength" || keyword == "maxLength")
            return keyword == "minLength" ? value.size() >= rule : value.size() <= rule;
        return keyword != "pattern" || std::regex_search(value, std::regex{rule.get<std::string>()});
    }

    [[nodiscard]] static bool is(const Json& type, const Json& value)
    {
        const auto word = type.get<std::string>();
        return (word == "object" && value.is_object()) || (word == "array" && value.is_array()) ||
               (word == "string" && value.is_string()) || (word == "null" && value.is_null()) ||
               (word == "boolean" && value.is_boolean()) || (word == "integer" && value.is_number_integer()) ||
               (word == "number" && value.is_number());
    }

    Json root_;
};

Json parsed(const std::string& text)
{
    return Json::parse(text, nullptr, true, true);
}

Schema schema_of(const std::string& file)
{
    const std::string kind = file == bridge ? "bridge" : file == model ? "model" : "mapping";
    std::ifstream text{std::string{CASEBRIDGE_SOURCE_DIR "/config/schema/"} + kind + ".schema.json"};
    return Schema{Json::parse(text)};
}

// Calls `change` with a copy of the document and each of its values in turn, root included.
template <class Change>
void at_each_value(const Json& document, const Change& change)
{
    const auto flat_paths = [&](const auto& self, const Json::json_pointer& at) -> void {
        change(document, at);
        const auto& value = document.at(at);
        if (value.is_object())
            for (const auto& [key, member] : value.items())
                self(self, at / key);
        else if (value.is_array())
            for (std::size_t i = 0; i < value.size(); ++i)
                self(self, at / i);
    };
    flat_paths(flat_paths, Json::json_pointer{});
}

TEST(Schema, AcceptsWhatTheLoaderAccepts)
{
    const Files files;
    for (const auto& [name, text] : files.texts())
        EXPECT_TRUE(schema_of(name).accepts(parsed(text))) << name;
}

TEST(Schema, KnowsEveryLimit)
{
    Files files;
    auto document = parsed(files.text(bridge));
    for (const auto* key :
         {"batch_transactions_max",
          "transaction_rows_atomic_max",
          "unprojected_max",
          "delivery_rows_max",
          "survey_chunk_rows",
          "lock_timeout_ms",
          "statement_timeout_ms",
          "heartbeat_seconds",
          "drain_timeout_seconds"})
        document["limits"][key] = 100;
    document["limits"]["records_cached_max"] = 1'000;
    document["limits"]["transaction_bytes_max"] = 1'048'576;
    files.text(bridge) = document.dump();
    EXPECT_EQ(files.mistakes(), "");
    EXPECT_TRUE(schema_of(bridge).accepts(document));

    for (const auto& [key, limit] : document["limits"].items())
        for (const std::int64_t wrong : {std::int64_t{0}, std::int64_t{1} << 50}) {
            auto changed = document;
            changed["limits"][key] = wrong;
            EXPECT_FALSE(schema_of(bridge).accepts(changed)) << key;
        }
}

TEST(Schema, KnowsTheKeysOfTheLoader)
{
    const Files good;
    int refused = 0;
    for (const auto& [name, text] : good.texts()) {
        const auto schema = schema_of(name);
        at_each_value(parsed(text), [&](Json document, const Json::json_pointer& at) {
            if (!document.at(at).is_object())
                return;
            document.at(at)["zzz"] = "text";
            auto files = good;
            files.text(name) = document.dump();
            const bool unknown = files.mistakes().find("unknown key \"zzz\"") != std::string::npos;
            EXPECT_TRUE(!unknown || !schema.accepts(document)) << name << " " << at.to_string();
            refused += unknown ? 1 : 0;
        });
    }
    EXPECT_GT(refused, 30);
}

TEST(Schema, RefusesAWrongTypeWhereverTheLoaderDoes)
{
    const Files good;
    for (const auto& [name, text] : good.texts()) {
        const auto schema = schema_of(name);
        at_each_value(parsed(text), [&](Json document, const Json::json_pointer& at) {
            // `$schema` is for editors; the loader does not read it.
            if (at.to_string() == "/$schema")
                return;
            document[at] = 7.5;
            auto files = good;
            files.text(name) = document.dump();
            EXPECT_NE(files.mistakes(), "") << name << " " << at.to_string();
            EXPECT_FALSE(schema.accepts(document)) << name << " " << at.to_string();
        });
    }
}

TEST(Schema, RequiresWhatTheLoaderRequires)
{
    const Files good;
    for (const auto& [name, text] : good.texts()) {
        const auto schema = schema_of(name);
        at_each_value(parsed(text), [&](Json document, const Json::json_pointer& at) {
            if (at.empty() || !document.at(at.parent_pointer()).is_object())
                return;
            document.at(at.parent_pointer()).erase(at.back());
            auto files = good;
            files.text(name) = document.dump();
            const bool missing =
                files.mistakes().find("\"" + at.back() + "\" is missing") != std::string::npos;
            EXPECT_TRUE(!missing || !schema.accepts(document)) << name << " " << at.to_string();
            EXPECT_TRUE(!files.mistakes().empty() || schema.accepts(document))
                << name << " " << at.to_string();
        });
    }
}

}  // namespace
}  // namespace casebridge::config
