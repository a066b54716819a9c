#include "hub/tags_json.hpp"

#include <string>
#include <vector>

namespace casebridge::hub {
namespace {

using Tag = ElementTags::Tag;

void write_list(JsonText& json, const char* key, const std::vector<Tag>& tags)
{
    if (tags.empty())
        return;
    json.key(key).open('[');
    for (const auto& tag : tags)
        json.open('[').text(tag.element.expose()).number(tag.by.value()).text(tag.author.value()).close(']');
    json.close(']');
}

std::vector<Tag> read_tag_list(const Json& object, const char* key)
{
    std::vector<Tag> tags;
    for (const auto& tag : read_list(object, key)) {
        if (tag.size() != 3 || !tag.at(1).is_number_integer())
            throw Unreadable{"malformed", key};
        tags.push_back(
            {Value{tag.at(0).get_ref<const std::string&>()},
             JournalSeq{tag.at(1).get<std::int64_t>()},
             AgencyId{tag.at(2).get_ref<const std::string&>()}}
        );
    }
    return tags;
}

}  // namespace

void write_tags(JsonText& json, const std::optional<ElementTags>& tags)
{
    if (!tags) {
        json.word("null");
        return;
    }
    json.open('{');
    if (!tags->added.empty()) {
        json.key("added").open('[');
        for (const auto& element : tags->added)
            json.text(element.expose());
        json.close(']');
    }
    write_list(json, "kept", tags->kept);
    write_list(json, "removed", tags->removed);
    json.close('}');
}

std::optional<ElementTags> read_tags(const Json& value)
{
    if (value.is_null())
        return std::nullopt;
    ElementTags tags;
    for (const auto& element : read_list(value, "added"))
        tags.added.emplace_back(element.get_ref<const std::string&>());
    tags.kept = read_tag_list(value, "kept");
    tags.removed = read_tag_list(value, "removed");
    return tags;
}

}  // namespace casebridge::hub
