#include "hub/case_rows.hpp"

#include "hub/records.hpp"
#include "hub/row_texts.hpp"
#include "pipeline/record_values.hpp"

#include <string>

namespace casebridge::hub {

namespace asio = boost::asio;

namespace {

ShownVersion::Origin origin_of(const Version& version)
{
    if (version.suspect)
        return ShownVersion::Origin::stale_form;
    return version.decided ? ShownVersion::Origin::person : ShownVersion::Origin::agency;
}

}  // namespace

ConflictHead head_at(const libpq::QueryResult& rows, std::size_t row)
{
    const auto winner = rows.value(row, 9);
    return {
        .place =
            {JournalSeq{to_int64(rows.text(row, 0))},
                    static_cast<std::uint32_t>(to_int64(rows.text(row, 1)))},
        .entity = std::string{rows.text(row,                                       2)                                  },
        .record = RecordId{to_int64(rows.text(row,                                       3))},
        .unit = std::string{rows.text(row,                                       4)                                           },
        .agency = std::string{rows.text(row,                                       5)},
        .type = std::string{rows.text(row,                                       6)                                           },
        .rule = std::string{rows.text(row,                                       7)},
        .verdict = std::string{rows.text(row,                                       8)                                           },
        .winner = winner ? std::optional{JournalSeq{to_int64(*winner)}                                      }
             : std::nullopt,
        .decided_at = std::string{rows.text(row,                           10)},
        .now = rows.text(row, 11) == "t" ? UnitNow::on_hold : UnitNow::decided,
        .edit = rows.text(row, 12) == "t" ? ConflictHead::Edit::stale_form : ConflictHead::Edit::ordinary,
    };
}

ShownValue value_of(const Json& object)
{
    ShownValue value;
    for (const auto& [field, text] : object.items())
        value.push_back(
            {field, text.is_null() ? std::nullopt : std::optional{text.get_ref<const std::string&>()}}
        );
    return value;
}

std::optional<ShownValue> value_in(const Json& object, const char* member)
{
    const auto found = object.find(member);
    if (found == object.end())
        return std::nullopt;
    return value_of(*found);
}

std::vector<ShownVersion> versions_in(const Json& document)
{
    std::vector<ShownVersion> versions;
    for (const auto& object : read_list(document, "versions")) {
        const auto head = read_version_head(object);
        versions.push_back({
            .seq = head.seq,
            .author = head.author.value(),
            .origin = origin_of(head),
            .value = value_in(object, "value"),
            .stamp = head.stamp,
            .since = std::nullopt,
        });
    }
    return versions;
}

ShownDecision decision_at(const libpq::QueryResult& rows, std::size_t row)
{
    const auto seq_at = [&](std::size_t column) -> std::optional<JournalSeq> {
        const auto text = rows.value(row, column);
        return text ? std::optional{JournalSeq{to_int64(*text)}} : std::nullopt;
    };
    ShownDecision decision;
    decision.seq = *seq_at(0);
    decision.decided_at = rows.text(row, 1);
    decision.request = to_int64(rows.text(row, 2));
    decision.requested_by = to_string(rows.value(row, 3));
    decision.reason = to_string(rows.value(row, 4));
    decision.author = to_string(rows.value(row, 5)).value_or("");
    decision.taken = seq_at(6);
    if (const auto conflict = seq_at(7))
        decision.conflict = ConflictPlace{*conflict, static_cast<std::uint32_t>(to_int64(rows.text(row, 8)))};
    const auto document = parse_stored(rows.text(row, 9));
    decision.value = value_in(document, "value");
    decision.before = versions_in(document);
    return decision;
}

ShownValue shown(const UnitValue& value, const std::vector<std::string>& fields)
{
    ShownValue texts;
    for (std::size_t i = 0; i < fields.size(); ++i)
        texts.push_back({fields[i], value[i] ? std::optional{value[i]->expose()} : std::nullopt});
    return texts;
}

ShownVersion shown(const Version& version, const std::vector<std::string>& fields)
{
    return {
        .seq = version.seq,
        .author = version.author.value(),
        .origin = origin_of(version),
        .value = shown(version.value, fields),
        .stamp = version.stamp,
        .since = std::nullopt,
    };
}

asio::awaitable<std::map<RecordId, pipeline::Record>> load_records(
    libpq::Connection& connection, const pipeline::BridgeDefinition& definition, std::vector<RecordId> records
)
{
    const EntryCodec codec{definition};
    RecordStore store{connection, codec};
    pipeline::Demand demand;
    demand.records = std::move(records);
    std::map<RecordId, pipeline::Record> loaded;
    for (auto& record : co_await store.load(std::move(demand)))
        loaded.emplace(record.id, std::move(record));
    co_return loaded;
}

ShownUnit unit_of(
    const pipeline::BridgeDefinition& definition, const pipeline::Record& record, UnitIndex unit
)
{
    const auto& entity = definition.model.entity(record.entity);
    ShownUnit view;
    view.entity = entity.name;
    view.record = record.id;
    view.unit = entity.unit(unit).name;
    for (const auto field : entity.unit(unit).fields)
        view.fields.push_back(entity.field(field).name);
    view.rule = conflict::to_string(pipeline::rule_of(definition, record.entity, unit));
    const auto& open = record.units[unit.value()].open;
    for (const auto& version : open)
        view.open.push_back(shown(version, view.fields));
    for (const auto& proposal : record.units[unit.value()].proposals)
        view.proposals.push_back(shown(proposal, view.fields));
    if (const auto decision = pipeline::decide(definition, record, unit); decision.winner)
        view.stands = open[*decision.winner].seq;
    return view;
}

}  // namespace casebridge::hub
