#include "hub/parked_payload.hpp"

#include "hub/json_text.hpp"
#include "hub/stored_json.hpp"

#include <utility>

namespace casebridge::hub {

namespace {

pipeline::ParkedNames read(const Json& json)
{
    pipeline::ParkedNames names;
    if (json.size() != 2 || !json.at("rows").is_array() || !json.at("deliveries").is_array())
        throw Unreadable{"malformed", "members"};
    names.rows = read_seqs(json.at("rows"));
    for (const auto row : names.rows)
        if (row < JournalSeq{1})
            throw Unreadable{"malformed", "rows"};
    for (const auto& delivery : json.at("deliveries"))
        names.deliveries.push_back(
            {RecordId{read_seq(delivery, "record").value()}, AgencyId{read_text(delivery, "agency")}}
        );
    const auto count = names.rows.size() + names.deliveries.size();
    if (count == 0 || count > parked_names_max)
        throw Unreadable{"malformed", "count"};
    return names;
}

}  // namespace

std::string parked_payload(const pipeline::ParkedNames& names)
{
    std::string text;
    JsonText json{text};
    json.open('{');
    write_seqs(json.key("rows"), names.rows);
    json.key("deliveries").open('[');
    for (const auto& delivery : names.deliveries)
        json.open('{')
            .key("record")
            .number(delivery.record.value())
            .key("agency")
            .text(delivery.agency.value())
            .close('}');
    json.close(']').close('}');
    return text;
}

std::optional<pipeline::ParkedNames> read_parked_names(std::string_view payload)
{
    auto names = reading_stored("parked names", [&] { return read(parse_stored(payload)); });
    if (!names)
        return std::nullopt;
    return std::move(*names);
}

}  // namespace casebridge::hub
