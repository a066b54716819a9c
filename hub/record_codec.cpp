#include "hub/record_codec.hpp"

#include "hub/stored_json.hpp"
#include "hub/tags_json.hpp"

namespace casebridge::hub {
namespace {

using conflict::UnitHistory;
using pipeline::Link;
using pipeline::Record;

void write_version(JsonText& json, const Layout& fields, const Version& version)
{
    write_version_head(json, version);
    fields.write(json.key("value"), version.value);
    if (version.tally)
        write_tally(json.key("tally"), version.tally);
    if (version.tags)
        write_tags(json.key("tags"), version.tags);
}

void write_history(JsonText& json, const Layout& fields, const UnitHistory& history)
{
    json.open('{');
    if (!history.open.empty()) {
        json.key("open").open('[');
        for (const auto& version : history.open) {
            write_version(json.open('{'), fields, version);
            json.close('}');
        }
        json.close(']');
    }
    if (!history.proposals.empty()) {
        json.key("proposals").open('[');
        for (const auto& proposal : history.proposals) {
            write_version(json.open('{'), fields, proposal);
            json.close('}');
        }
        json.close(']');
    }
    if (!history.past.empty()) {
        json.key("past").open('[');
        for (const auto& superseded : history.past) {
            write_version(json.open('{'), fields, superseded.version);
            json.key("by").number(superseded.by.value()).close('}');
        }
        json.close(']');
    }
    if (history.stamp_floor)
        json.key("floor").number(history.stamp_floor->value());
    if (!history.marks.empty()) {
        json.key("marks").open('[');
        for (const auto& mark : history.marks)
            json.open('{')
                .key("agency")
                .text(mark.agency.value())
                .key("from")
                .number(mark.from.value())
                .close('}');
        json.close(']');
    }
    if (!history.answers.empty()) {
        json.key("answers").open('[');
        for (const auto& answers : history.answers) {
            json.open('{').key("agency").text(answers.agency.value()).key("count").number(answers.count);
            if (answers.last)
                json.key("last").number(answers.last->value());
            json.close('}');
        }
        json.close(']');
    }
    json.close('}');
}

void write_table(JsonText& json, const Names& names, MappingIndex table)
{
    json.key("agency").text(names.agency(table).value()).key("table").text(names.table(table));
}

MappingIndex read_table(const Json& object, const Names& names)
{
    return names.find_table(read_text(object, "agency"), read_text(object, "table"));
}

void write_link(JsonText& json, const Names& names, EntityIndex entity, const Link& link)
{
    write_table(json.open('{'), names, link.table);
    json.key("key").text(link.key.value()).key("state").text(to_text(link.state));
    json.key("since").number(link.since.value());
    names.slots(link.table).write(json.key("image"), link.image);
    if (!link.unresolved.empty())
        write_units(json.key("unresolved"), names, entity, link.unresolved);
    if (link.origin != pipeline::LinkOrigin::agency)
        json.key("origin").text(to_text(link.origin));
    if (!link.delivered.empty())
        write_delivered(json.key("delivered"), names.slots(link.table), link.delivered);
    json.close('}');
}

Version read_version(const Json& object, const Layout& fields)
{
    auto version = read_version_head(object);
    version.value = fields.read(object.at("value"));
    if (object.contains("tally"))
        version.tally = read_tally(object.at("tally"));
    if (object.contains("tags"))
        version.tags = read_tags(object.at("tags"));
    return version;
}

UnitHistory read_history(const Json& object, const Layout& fields)
{
    UnitHistory history;
    for (const auto& version : read_list(object, "open"))
        history.open.push_back(read_version(version, fields));
    for (const auto& version : read_list(object, "past"))
        history.past.push_back({read_version(version, fields), read_seq(version, "by")});
    for (const auto& proposal : read_list(object, "proposals"))
        history.proposals.push_back(read_version(proposal, fields));
    history.stamp_floor = read_optional_time(object, "floor");
    for (const auto& mark : read_list(object, "marks"))
        history.marks.push_back({AgencyId{read_text(mark, "agency")}, read_seq(mark, "from")});
    for (const auto& answers : read_list(object, "answers"))
        history.answers.push_back(
            {AgencyId{read_text(answers, "agency")},
             answers.at("count").get<std::uint32_t>(),
             read_optional_time(answers, "last")}
        );
    return history;
}

Link read_link(const Json& object, const Names& names, EntityIndex entity)
{
    const auto table = read_table(object, names);
    return {
        .table = table,
        .key = LocalKey{read_text(object, "key")},
        .state = read_enum<pipeline::LinkState>(object.at("state")),
        .since = read_seq(object, "since"),
        .image = names.slots(table).read(object.at("image")),
        .unresolved = read_units(read_list(object, "unresolved"), names, entity),
        .delivered = read_delivered(read_list(object, "delivered"), names.slots(table)),
        .origin = object.contains("origin") ? read_enum<pipeline::LinkOrigin>(object.at("origin"))
                                            : pipeline::LinkOrigin::agency,
    };
}

pipeline::TableRefusal read_refusal(const Json& object, const Names& names)
{
    pipeline::TableRefusal refused{
        read_table(object, names), {read_text(object, "code"), read_text(object, "place")}
    };
    if (const auto skipped = read_optional_seq(object, "skipped"))
        refused.refusal.skipped = RequestId{skipped->value()};
    return refused;
}

pipeline::Departure read_departure(const Json& object, const Names& names)
{
    pipeline::Departure departure{
        {}, read_seq(object, "since"), read_enum<pipeline::DepartureState>(object.at("state"))};
    for (const auto& table : object.at("tables"))
        departure.tables.push_back(read_table(table, names));
    if (departure.tables.empty())
        throw Unreadable{"malformed", "tables"};
    return departure;
}

}  // namespace

std::string encode_state(const Names& names, const Record& record)
{
    std::string out;
    JsonText json{out};
    json.open('{').key("v").number(stored_form).key("units").open('{');
    for (std::size_t i = 0; i < record.units.size(); ++i) {
        if (record.units[i] == UnitHistory{})
            continue;
        const UnitIndex unit{static_cast<std::uint16_t>(i)};
        std::string name;
        append_json_string(name, names.unit(record.entity, unit));
        name.push_back(':');
        write_history(json.ready_key(name), names.unit_fields(record.entity, unit), record.units[i]);
    }
    json.close('}');
    if (!record.links.empty()) {
        json.key("links").open('[');
        for (const auto& link : record.links)
            write_link(json, names, record.entity, link);
        json.close(']');
    }
    if (!record.refusals.empty()) {
        json.key("refusals").open('[');
        for (const auto& [table, refusal] : record.refusals) {
            write_table(json.open('{'), names, table);
            json.key("code").text(refusal.code).key("place").text(refusal.place);
            if (refusal.skipped)
                json.key("skipped").number(refusal.skipped->value());
            json.close('}');
        }
        json.close(']');
    }
    if (record.departure) {
        json.key("departure").open('{').key("tables").open('[');
        for (const auto table : record.departure->tables) {
            write_table(json.open('{'), names, table);
            json.close('}');
        }
        json.close(']').key("since").number(record.departure->since.value());
        json.key("state").text(to_text(record.departure->state)).close('}');
    }
    json.close('}');
    return out;
}

Result<Record> decode_record(
    const Names& names, RecordId id, std::string_view entity, JournalSeq last_seq, std::string_view state
)
{
    return reading_stored("record " + std::to_string(id.value()), [&] {
        const auto document = parse_versioned(state);
        Record record{
            .id = id,
            .entity = names.find_entity(entity),
            .units = {},
            .links = {},
            .refusals = {},
            .last_seq = last_seq};
        record.units.resize(names.units(record.entity));
        for (const auto& [name, history] : document.at("units").items()) {
            const auto unit = names.find_unit(record.entity, name);
            record.units[unit.value()] = read_history(history, names.unit_fields(record.entity, unit));
        }
        for (const auto& link : read_list(document, "links"))
            record.links.push_back(read_link(link, names, record.entity));
        for (const auto& refusal : read_list(document, "refusals"))
            record.refusals.push_back(read_refusal(refusal, names));
        if (const auto departure = document.find("departure"); departure != document.end())
            record.departure = read_departure(*departure, names);
        return record;
    });
}

}  // namespace casebridge::hub
