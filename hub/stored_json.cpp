#include "hub/stored_json.hpp"

#include <utility>

namespace casebridge::hub {

Json parse_stored(std::string_view text)
{
    return Json::parse(text);
}

Json parse_versioned(std::string_view text)
{
    auto document = parse_stored(text);
    const auto form = document.at("v").get<int>();
    if (form != stored_form)
        throw Unreadable{"unknown_form", "form " + std::to_string(form)};
    return document;
}

const std::string& read_text(const Json& object, const char* key)
{
    return object.at(key).get_ref<const std::string&>();
}

namespace {

std::int64_t read_integer(const Json& number)
{
    if (!number.is_number_integer())
        throw Unreadable{"malformed", "number"};
    return number.get<std::int64_t>();
}

}  // namespace

JournalSeq read_seq(const Json& object, const char* key)
{
    return JournalSeq{read_integer(object.at(key))};
}

std::optional<JournalSeq> read_optional_seq(const Json& object, const char* key)
{
    const auto found = object.find(key);
    if (found == object.end())
        return std::nullopt;
    return JournalSeq{read_integer(*found)};
}

std::optional<PgTime> read_optional_time(const Json& object, const char* key)
{
    const auto found = object.find(key);
    if (found == object.end())
        return std::nullopt;
    return PgTime{read_integer(*found)};
}

const Json& read_list(const Json& object, const char* key)
{
    static const Json none = Json::array();
    const auto found = object.find(key);
    if (found == object.end())
        return none;
    if (!found->is_array())
        throw Unreadable{"malformed", key};
    return *found;
}

void write_marks(JsonText& json, const Names& names, EntityIndex entity, const std::vector<MarkChange>& marks)
{
    json.open('[');
    for (const auto& mark : marks) {
        json.open('{').key("unit").text(names.unit(entity, mark.unit));
        if (mark.from)
            json.key("from").number(mark.from->value());
        json.close('}');
    }
    json.close(']');
}

void write_units(JsonText& json, const Names& names, EntityIndex entity, const std::vector<UnitIndex>& units)
{
    json.open('[');
    for (const auto unit : units)
        json.text(names.unit(entity, unit));
    json.close(']');
}

std::vector<UnitIndex> read_units(const Json& list, const Names& names, EntityIndex entity)
{
    std::vector<UnitIndex> units;
    for (const auto& name : list)
        units.push_back(names.find_unit(entity, name.get_ref<const std::string&>()));
    return units;
}

void write_seqs(JsonText& json, const std::vector<JournalSeq>& seqs)
{
    json.open('[');
    for (const auto seq : seqs)
        json.number(seq.value());
    json.close(']');
}

std::vector<JournalSeq> read_seqs(const Json& list)
{
    std::vector<JournalSeq> seqs;
    for (const auto& seq : list)
        seqs.emplace_back(read_integer(seq));
    return seqs;
}

void write_version_head(JsonText& json, const Version& version)
{
    json.key("seq").number(version.seq.value()).key("author").text(version.author.value());
    if (version.stamp)
        json.key("stamp").number(version.stamp->value());
    if (version.decided)
        json.key("decided").word("true");
    if (version.suspect)
        json.key("suspect").word("true");
}

Version read_version_head(const Json& object)
{
    return {
        .seq = read_seq(object, "seq"),
        .author = AgencyId{read_text(object, "author")},
        .value = {},
        .stamp = read_optional_time(object, "stamp"),
        .decided = object.contains("decided"),
        .suspect = object.contains("suspect"),
    };
}

void write_texts(JsonText& json, const std::vector<std::string>& texts)
{
    json.open('[');
    for (const auto& text : texts)
        json.text(text);
    json.close(']');
}

void write_candidates(JsonText& json, const std::vector<MatchCandidate>& candidates)
{
    json.open('[');
    for (const auto& candidate : candidates) {
        json.open('{').key("record").number(candidate.record.value());
        write_texts(json.key("rules"), candidate.rules);
        json.close('}');
    }
    json.close(']');
}

void write_delivered(JsonText& json, const Layout& slots, const std::vector<Delivered>& delivered)
{
    json.open('[');
    for (const auto& delivery : delivered) {
        json.open('{').key("at").number(delivery.at.value()).key("slots").open('[');
        for (const auto& slot : delivery.slots) {
            json.open('{').key("slot").text(slots.name(slot.slot)).key("from").number(slot.from.value());
            if (slot.former)
                json.key("former").text(slot.former->expose());
            json.close('}');
        }
        json.close(']').close('}');
    }
    json.close(']');
}

std::vector<Delivered> read_delivered(const Json& list, const Layout& slots)
{
    std::vector<Delivered> delivered;
    for (const auto& delivery : list) {
        Delivered read{PgTime{read_integer(delivery.at("at"))}, {}};
        for (const auto& slot : read_list(delivery, "slots")) {
            FieldValue former;
            if (slot.contains("former"))
                former = Value{read_text(slot, "former")};
            read.slots.push_back(
                {slots.find(read_text(slot, "slot")), std::move(former), read_seq(slot, "from")}
            );
        }
        delivered.push_back(std::move(read));
    }
    return delivered;
}

void write_admission(JsonText& json, Admission admission)
{
    switch (admission) {
        case Admission::entered:
            break;
        case Admission::rejected:
            json.key("rejected").word("true");
            break;
        case Admission::proposed:
            json.key("proposed").word("true");
            break;
    }
}

Admission read_admission(const Json& object)
{
    if (object.contains("proposed"))
        return Admission::proposed;
    return object.contains("rejected") ? Admission::rejected : Admission::entered;
}

void write_tally(JsonText& json, const std::optional<Tally>& tally)
{
    if (!tally) {
        json.word("null");
        return;
    }
    json.open('{');
    if (!tally->starts.empty()) {
        json.key("starts").open('[');
        for (const auto& start : tally->starts)
            json.open('{').key(to_text(start.ground)).text(start.total.expose()).close('}');
        json.close(']');
    }
    json.key("added").text(tally->added.expose()).close('}');
}

std::optional<Tally> read_tally(const Json& value)
{
    if (value.is_null())
        return std::nullopt;
    Tally tally{{}, Value{read_text(value, "added")}};
    for (const auto& start : read_list(value, "starts")) {
        if (start.size() != 1)
            throw Unreadable{"malformed", "starts"};
        const auto ground = from_text<Tally::Ground>(start.begin().key());
        if (!ground)
            throw Unreadable{"unknown_word", start.begin().key()};
        tally.starts.push_back({*ground, Value{start.begin().value().get_ref<const std::string&>()}});
    }
    return tally;
}

}  // namespace casebridge::hub
