#include "hub/version_encoder.hpp"

#include "hub/enum_texts.hpp"
#include "hub/stored_json.hpp"
#include "hub/tags_json.hpp"

#include <algorithm>

namespace casebridge::hub {

namespace {

void write_head(JsonText& envelope, const Names& names, EntityIndex entity, const VersionAdded& version)
{
    envelope.open('{').key("unit").text(names.unit(entity, version.unit));
    if (version.stamp)
        envelope.key("stamp").number(version.stamp->value());
    if (!version.superseded.empty())
        write_seqs(envelope.key("superseded"), version.superseded);
    write_admission(envelope, version.admission);
    if (version.answers != 0)
        envelope.key("answers").number(version.answers);
    if (version.suspect)
        envelope.key("suspect").word("true");
    envelope.close('}');
}

void write_conflict(
    const Names& names, EntityIndex entity, const ConflictNote& note, JsonText& envelope, JsonText& payload
)
{
    const auto& fields = names.unit_fields(entity, note.unit);
    envelope.open('{').key("unit").text(names.unit(entity, note.unit));
    envelope.key("type").text(to_text(note.type)).key("rule").text(note.rule);
    envelope.key("verdict").text(to_text(note.verdict));
    if (note.winner)
        envelope.key("winner").number(note.winner->value());
    if (!note.decided_by.empty())
        envelope.key("decided_by").text(note.decided_by);
    if (note.stale_form)
        envelope.key("stale_form").word("true");
    fields.write(payload.open('{').key("base"), note.base);
    if (note.computed)
        fields.write(payload.key("computed"), *note.computed);
    write_stored_versions(fields, note.versions, envelope, payload);
    envelope.close('}');
    payload.close('}');
}

}  // namespace

void write_versions(
    const Names& names,
    EntityIndex entity,
    std::span<const VersionAdded> added,
    JsonText& envelope,
    JsonText& payload
)
{
    envelope.key("units").open('[');
    payload.key("values").open('[');
    for (const auto& version : added) {
        write_head(envelope, names, entity, version);
        names.unit_fields(entity, version.unit).write(payload, version.value);
    }
    envelope.close(']');
    payload.close(']');
    if (std::ranges::any_of(added, [](const auto& version) { return version.tally.has_value(); })) {
        payload.key("tallies").open('[');
        for (const auto& version : added)
            write_tally(payload, version.tally);
        payload.close(']');
    }
    if (std::ranges::any_of(added, [](const auto& version) { return version.tags.has_value(); })) {
        payload.key("tags").open('[');
        for (const auto& version : added)
            write_tags(payload, version.tags);
        payload.close(']');
    }
}

void write_conflicts(
    const Names& names,
    EntityIndex entity,
    std::span<const ConflictNote> notes,
    JsonText& envelope,
    JsonText& payload
)
{
    envelope.key("conflicts").open('[');
    payload.key("conflicts").open('[');
    for (const auto& note : notes)
        write_conflict(names, entity, note, envelope, payload);
    envelope.close(']');
    payload.close(']');
}

void write_stored_versions(
    const Layout& fields, std::span<const Version> versions, JsonText& envelope, JsonText& payload
)
{
    if (versions.empty())
        return;
    envelope.key("versions").open('[');
    payload.key("versions").open('[');
    for (const auto& version : versions) {
        write_version_head(envelope.open('{'), version);
        envelope.close('}');
        fields.write(payload, version.value);
    }
    envelope.close(']');
    payload.close(']');
}

}  // namespace casebridge::hub
