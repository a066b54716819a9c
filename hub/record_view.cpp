#include "hub/record_view.hpp"

#include "conflict/judge.hpp"
#include "hub/enum_texts.hpp"
#include "hub/names.hpp"
#include "hub/records.hpp"
#include "hub/row_texts.hpp"
#include "pipeline/passage.hpp"
#include "pipeline/record_values.hpp"
#include "pipeline/row_demand.hpp"
#include "pipeline/state_resolver.hpp"

#include <utility>

namespace casebridge::hub {

namespace asio = boost::asio;

namespace {

constexpr auto tables_sql = "SELECT agency, table_name, survey, truncated_at FROM casebridge.table_state";

constexpr auto pauses_sql =
    "SELECT agency, paused_seq, paused_by, paused_reason,"
    " (extract(epoch FROM paused_until - timestamptz '2000-01-01 00:00:00+00') * 1000000)::bigint"
    " FROM casebridge.agency_state WHERE paused_seq IS NOT NULL";

constexpr auto parked_sql =
    "SELECT p.agency, p.table_name, p.since, p.code, p.place, p.skipped FROM casebridge.link l"
    " JOIN casebridge.parked p ON p.agency = l.agency AND p.table_name = l.table_name AND p.local_key = "
    "l.local_key WHERE l.record = $1::bigint";

// A table that the configuration does not have any more says nothing.
const mapping::TableMapping* table_at(
    const pipeline::BridgeDefinition& definition, const libpq::QueryResult& rows, std::size_t row
)
{
    for (const auto& table : definition.tables)
        if (table.agency.value() == rows.text(row, 0) && table.name() == rows.text(row, 1))
            return &table;
    return nullptr;
}

void read_tables(pipeline::BridgeState& state, const libpq::QueryResult& rows)
{
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        const auto* table = table_at(*state.definition, rows, row);
        if (table == nullptr)
            continue;
        auto& known = state.tables[table->index.value()];
        known.survey = from_text<SurveyState>(rows.text(row, 2)).value_or(SurveyState::running);
        if (const auto seq = rows.value(row, 3)) {
            known.truncated_at = JournalSeq{to_int64(*seq)};
            state.records.truncated(table->index, *known.truncated_at);
        }
    }
}

void read_pauses(pipeline::BridgeState& state, const libpq::QueryResult& rows)
{
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        const auto agency = state.agencies.find(AgencyId{std::string{rows.text(row, 0)}});
        if (agency != state.agencies.end())
            agency->second.pause = pipeline::Pause{
                JournalSeq{to_int64(rows.text(row, 1))},
                std::string{rows.text(row, 2)},
                std::string{rows.text(row, 3)},
                to_optional_time(rows.value(row, 4))};
    }
}

// What the record's values and rows point at.
pipeline::Demand surroundings(const pipeline::BridgeState& state, const pipeline::Record& record)
{
    pipeline::Demand demand;
    const auto& entity = state.definition->model.entity(record.entity);
    const auto want = [&](const Version& version, UnitIndex unit) {
        const auto& fields = entity.unit(unit).fields;
        for (std::size_t i = 0; i < fields.size(); ++i)
            if (entity.field(fields[i]).type == FieldType::reference)
                if (const auto target = pipeline::as_record_id(version.value[i]))
                    demand.records.push_back(*target);
    };
    for (std::uint16_t number = 0; number < record.units.size(); ++number) {
        for (const auto& version : record.units[number].open)
            want(version, UnitIndex{number});
        for (const auto& old : record.units[number].past)
            want(old.version, UnitIndex{number});
    }
    for (const auto& link : record.links)
        pipeline::demand_base(state, {link.table, link.key}, demand);
    return demand;
}

std::optional<std::string> exposed(const FieldValue& value)
{
    return value ? std::optional{value->expose()} : std::nullopt;
}

// Looks at one unit of the record at one agency.
class Look {
public:
    Look(const RecordView& view, UnitIndex unit, const AgencyId& agency)
        : view_(view),
          definition_(*view.state->definition),
          record_(view.record()),
          unit_(unit),
          table_(definition_.table_of(agency, record_.entity))
    {
        found_.agency = agency;
    }

    UnitAtAgency run() &&
    {
        const auto* mapped = table_ == nullptr ? nullptr : table_->find_unit(unit_);
        if (table_ != nullptr)
            found_.table = table_->name();
        if (mapped == nullptr)
            return std::move(found_);
        for (const auto& binding : mapped->bindings)
            found_.slots.push_back(slot_name(table_->slots[binding.slot]));
        found_.state = state_of(*mapped);
        return std::move(found_);
    }

private:
    UnitState state_of(const mapping::MappedUnit& mapped)
    {
        const auto decision = pipeline::decide(definition_, record_, unit_);
        if (decision.outcome == conflict::Decision::Outcome::held)
            return UnitState::on_hold;
        if (!decision.value)
            return UnitState::no_value;
        const auto* link = record_.find_link(table_->index);
        if (link == nullptr)
            return state_without_row(mapped);
        switch (view_.state->state_of(*link)) {
            case pipeline::LinkState::reserved:
                return refused(record_.find_refusal(table_->index)) ? UnitState::refused
                                                                    : UnitState::row_reserved;
            case pipeline::LinkState::ended:
                return UnitState::row_ended;
            case pipeline::LinkState::live:
                break;
        }
        return state_of_row(mapped, link->image);
    }

    UnitState state_without_row(const mapping::MappedUnit& mapped)
    {
        if (refused(record_.find_refusal(table_->index)))
            return UnitState::refused;
        const auto golden = pipeline::golden_values(definition_, record_);
        if (!mapping::creates(*table_, golden, view_.today))
            return UnitState::no_row;
        if (!view_.state->surveyed(found_.agency))
            return UnitState::unsurveyed;
        return state_of_row(mapped, Image(table_->slots.size()));
    }

    // What is parked or refused goes before: the image then is not, or need not be, what the row shows.
    UnitState state_of_row(const mapping::MappedUnit& mapped, const Image& image)
    {
        const auto written = write(mapped, image);
        if (const auto parked = view_.parked.find(table_->index); parked != view_.parked.end()) {
            found_.code = parked->second.code;
            found_.place = parked->second.place;
            return UnitState::parked;
        }
        if (written != UnitState::due)
            return written;
        const auto* refusal = record_.find_refusal(table_->index);
        const bool argued = conflict::argues(record_.units[unit_.value()], found_.agency);
        if (refusal != nullptr && (refusal->code != pipeline::hop_guard || argued) && refused(refusal))
            return UnitState::refused;
        return UnitState::due;
    }

    // The difference between the image and what stands.
    UnitState write(const mapping::MappedUnit& mapped, const Image& image)
    {
        const auto [allowed, wanted] =
            pipeline::passage_to(found_.agency, definition_, record_, unit_, view_.today);
        auto row = image;
        const pipeline::StateResolver resolver{*view_.state};
        const auto put = mapping::put_unit(
            *table_, definition_.model.entity(record_.entity), mapped, wanted, resolver, row
        );
        if (!put && put.error().code == "unresolved_reference")
            return UnitState::waits_for_row;
        if (!put) {
            found_.code = put.error().code;
            found_.place = put.error().place;
            return UnitState::refused;
        }
        if (row == image)
            return UnitState::shown;
        if (allowed == pipeline::Passage::Kind::no_agreement)
            return UnitState::no_agreement;
        for (std::size_t slot = 0; slot < row.size(); ++slot)
            if (row[slot] != image[slot])
                found_.writes.push_back(
                    {slot_name(table_->slots[slot]), exposed(image[slot]), exposed(row[slot])}
                );
        return UnitState::due;
    }

    bool refused(const pipeline::Refusal* refusal)
    {
        if (refusal == nullptr)
            return false;
        found_.code = refusal->code;
        found_.place = refusal->place;
        return true;
    }

    const RecordView& view_;
    const pipeline::BridgeDefinition& definition_;
    const pipeline::Record& record_;
    UnitIndex unit_;
    const mapping::TableMapping* table_;
    UnitAtAgency found_;
};

}  // namespace

asio::awaitable<std::optional<RecordView>> view_record(
    libpq::Connection& connection,
    const pipeline::BridgeDefinition& definition,
    RecordId id,
    std::chrono::year_month_day today
)
{
    std::optional<RecordView> view;
    auto state = std::make_unique<pipeline::BridgeState>(definition);
    std::vector<libpq::Statement> statements;
    statements.emplace_back(tables_sql);
    statements.emplace_back(pauses_sql);
    statements.emplace_back(parked_sql, libpq::parameters(std::to_string(id.value())));
    const auto results = co_await connection.execute_pipelined(std::move(statements));
    read_tables(*state, results[0]);
    read_pauses(*state, results[1]);

    const EntryCodec codec{definition};
    RecordStore store{connection, codec};
    pipeline::Demand demand;
    demand.records.push_back(id);
    state->records.answer(demand, co_await store.load(demand));
    const auto* record = state->records.find(id);
    if (record == nullptr)
        co_return view;
    demand = surroundings(*state, *record);
    state->records.answer(demand, co_await store.load(demand));

    view.emplace();
    view->state = std::move(state);
    view->id = id;
    view->today = today;
    for (std::size_t row = 0; row < results[2].rows(); ++row)
        if (const auto* table = table_at(definition, results[2], row)) {
            const auto skipped = results[2].value(row, 5);
            view->parked[table->index] = {
                JournalSeq{to_int64(results[2].text(row, 2))},
                std::string{results[2].text(row, 3)},
                std::string{results[2].text(row, 4)},
                skipped ? std::optional{to_int64(*skipped)} : std::nullopt};
        }
    co_return view;
}

std::string_view to_text(UnitState state) noexcept
{
    switch (state) {
        case UnitState::shown:
            return "shown";
        case UnitState::due:
            return "due";
        case UnitState::on_hold:
            return "on_hold";
        case UnitState::no_value:
            return "no_value";
        case UnitState::not_mapped:
            return "not_mapped";
        case UnitState::no_row:
            return "no_row";
        case UnitState::unsurveyed:
            return "unsurveyed";
        case UnitState::row_reserved:
            return "row_reserved";
        case UnitState::row_ended:
            return "row_ended";
        case UnitState::parked:
            return "parked";
        case UnitState::refused:
            return "refused";
        case UnitState::no_agreement:
            return "no_agreement";
        case UnitState::waits_for_row:
            return "waits_for_row";
    }
    return {};
}

UnitAtAgency unit_at(const RecordView& view, UnitIndex unit, const AgencyId& agency)
{
    return Look{view, unit, agency}.run();
}

std::optional<bool> image_shows(
    const RecordView& view,
    const mapping::TableMapping& table,
    UnitIndex unit,
    const Image& image,
    const UnitValue& value
)
{
    const auto* mapped = table.find_unit(unit);
    if (mapped == nullptr)
        return std::nullopt;
    auto row = image;
    const pipeline::StateResolver resolver{*view.state};
    const auto& entity = view.state->definition->model.entity(table.entity);
    if (!mapping::put_unit(table, entity, *mapped, value, resolver, row))
        return std::nullopt;
    return row == image;
}

}  // namespace casebridge::hub
