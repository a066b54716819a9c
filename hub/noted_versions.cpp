#include "hub/noted_versions.hpp"

#include "hub/stored_json.hpp"

#include <span>
#include <string_view>

namespace casebridge::hub {

namespace {

// A value under the name, and the versions that it is seen beside; the object is left open.
void open_with_versions(
    JsonText& json,
    const Layout& fields,
    std::string_view name,
    const UnitValue& value,
    std::span<const Version> versions
)
{
    fields.write(json.open('{').key(name), value);
    json.key("versions").open('[');
    for (const auto& version : versions) {
        write_version_head(json.open('{'), version);
        fields.write(json.key("value"), version.value);
        json.close('}');
    }
    json.close(']');
}

}  // namespace

std::string conflict_versions(const Layout& fields, const ConflictNote& note)
{
    std::string text;
    JsonText json{text};
    open_with_versions(json, fields, "base", note.base, note.versions);
    if (!note.decided_by.empty())
        json.key("decided_by").text(note.decided_by);
    if (note.stale_form)
        json.key("stale_form").word("true");
    if (note.computed)
        fields.write(json.key("computed"), *note.computed);
    json.close('}');
    return text;
}

std::string decision_versions(const Layout& fields, const ValueDecided& decided)
{
    std::string text;
    JsonText json{text};
    open_with_versions(json, fields, "value", decided.version.value, decided.versions);
    json.close('}');
    return text;
}

}  // namespace casebridge::hub
