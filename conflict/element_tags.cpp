#include "conflict/element_tags.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace casebridge::conflict {

namespace {

using Tag = ElementTags::Tag;
using Tags = std::vector<Tag>;  // Ascending and distinct.

Tags sorted(Tags tags)
{
    std::ranges::sort(tags);
    const auto doubles = std::ranges::unique(tags);
    tags.erase(doubles.begin(), doubles.end());
    return tags;
}

void append(Tags& tags, const Tags& more)
{
    tags.insert(tags.end(), more.begin(), more.end());
}

bool holds(const Tags& tags, const Tag& tag)
{
    return std::ranges::binary_search(tags, tag);
}

Tags without(const Tags& tags, const Tags& removed)
{
    Tags rest;
    std::ranges::set_difference(tags, removed, std::back_inserter(rest));
    return rest;
}

// The tags that the version holds; nothing when it carries none and its value is no set. A version without
// tags, a person's or one from before the rule was `union`, is an edit that puts in all that it shows.
std::optional<Tags> held_by(const Version& version)
{
    auto added = version.tags ? std::optional{version.tags->added} : parse_text_set(version.value.front());
    if (!added)
        return std::nullopt;
    auto tags = version.tags ? version.tags->kept : Tags{};
    const auto author = version.decided ? AgencyId{} : version.author;
    for (auto& element : *added)
        tags.push_back({std::move(element), version.seq, author});
    return sorted(std::move(tags));
}

Tags removed_by(const Version& version)
{
    return version.tags ? version.tags->removed : Tags{};
}

}  // namespace

SetEdit difference(const TextSet& before, const TextSet& after)
{
    SetEdit edit;
    std::ranges::set_difference(after, before, std::back_inserter(edit.added));
    std::ranges::set_difference(before, after, std::back_inserter(edit.removed));
    return edit;
}

ElementTags tags_of(
    const UnitHistory& history, SetEdit edit, std::span<const JournalSeq> superseded, const HadTag& had
)
{
    Tags kept;    // By what is superseded.
    Tags others;  // By what is not, and by what was superseded before: some agency may still be there.
    Tags removed;
    for (const auto& version : history.open) {
        const bool replaced = std::ranges::find(superseded, version.seq) != superseded.end();
        append(replaced ? kept : others, held_by(version).value_or(Tags{}));
        if (replaced)
            append(removed, removed_by(version));
    }
    for (const auto& past : history.past)
        append(others, held_by(past.version).value_or(Tags{}));
    const auto take_away = [&](const Tags& tags) {
        for (const auto& tag : tags)
            if (std::ranges::binary_search(edit.removed, tag.element) && had(tag))
                removed.push_back(tag);
    };
    take_away(Tags{kept});
    take_away(Tags{others});
    kept = sorted(std::move(kept));
    others = sorted(std::move(others));
    removed = sorted(std::move(removed));
    ElementTags tags{std::move(edit.added), without(kept, removed), {}};
    // A tag that nobody else holds never comes back.
    std::ranges::copy_if(removed, std::back_inserter(tags.removed), [&](const Tag& tag) {
        return holds(others, tag);
    });
    return tags;
}

std::optional<TextSet> union_of(std::span<const Version> open)
{
    Tags held;
    Tags removed;
    for (const auto& version : open) {
        const auto tags = held_by(version);
        if (!tags)
            return std::nullopt;
        append(held, *tags);
        append(removed, removed_by(version));
    }
    TextSet elements;
    for (auto& tag : without(sorted(std::move(held)), sorted(std::move(removed))))
        elements.push_back(std::move(tag.element));
    return to_text_set(std::move(elements));
}

}  // namespace casebridge::conflict
