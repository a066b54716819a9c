#include "hub/explain_queries.hpp"

#include "hub/case_rows.hpp"
#include "hub/enum_texts.hpp"
#include "hub/failure.hpp"
#include "hub/names.hpp"
#include "hub/record_story.hpp"
#include "hub/row_texts.hpp"
#include "hub/version_showings.hpp"
#include "pipeline/record_values.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace casebridge::hub {

namespace asio = boost::asio;

namespace {

// The index over (record, seq) finds them.
constexpr auto story_sql =
    "SELECT seq, kind, agency, commit_lsn, recorded_at, envelope, payload FROM casebridge.journal"
    " WHERE record = $1::bigint AND kind IN ('row_read', 'row_deleted', 'value_decided') ORDER BY seq";

constexpr auto configurations_sql =
    "SELECT seq, envelope ->> 'hash', recorded_at FROM casebridge.journal"
    " WHERE kind = 'configuration_applied' ORDER BY seq";

constexpr auto holds_sql = "SELECT unit FROM casebridge.hold WHERE record = $1::bigint";

constexpr auto row_sql =
    "SELECT record FROM casebridge.link WHERE agency = $1 AND table_name = $2 AND local_key = $3";

// Everything that was read of a record, put together unit by unit.
class Explainer {
public:
    Explainer(const RecordView& view, const std::vector<libpq::QueryResult>& results)
        : view_(view), record_(view.record()), definition_(*view.state->definition)
    {
        for (std::size_t row = 0; row < results[1].rows(); ++row)
            configurations_.push_back(
                {JournalSeq{to_int64(results[1].text(row, 0))},
                 to_string(results[1].value(row, 1)).value_or(""),
                 std::string{results[1].text(row, 2)}}
            );
        for (std::size_t row = 0; row < results[0].rows(); ++row) {
            story_.push_back(story_entry_at(results[0], row));
            story_.back().head.configuration = configuration_at(story_.back().head.seq);
        }
        for (std::size_t row = 0; row < results[2].rows(); ++row)
            conflicts_.push_back(head_at(results[2], row));
        for (std::size_t row = 0; row < results[3].rows(); ++row)
            decisions_.emplace_back(results[3].text(row, 10), decision_at(results[3], row));
        for (std::size_t row = 0; row < results[4].rows(); ++row)
            held_.emplace(results[4].text(row, 0));
    }

    [[nodiscard]] Explanation run(std::optional<UnitIndex> only) const
    {
        Explanation explanation;
        explanation.entity = entity().name;
        explanation.record = record_.id;
        if (!configurations_.empty())
            explanation.configuration = configurations_.back().hash;
        for (const auto& agency : definition_.agencies)
            explanation.rows.push_back(row_of(agency));
        for (std::uint16_t number = 0; number < entity().units.size(); ++number)
            if (!only || *only == UnitIndex{number})
                explanation.units.push_back(explained(UnitIndex{number}));
        return explanation;
    }

private:
    [[nodiscard]] const EntityDefinition& entity() const { return definition_.model.entity(record_.entity); }

    [[nodiscard]] std::optional<AppliedConfiguration> configuration_at(JournalSeq seq) const
    {
        std::optional<AppliedConfiguration> found;
        for (const auto& applied : configurations_)
            if (applied.seq <= seq)
                found = applied;
        return found;
    }

    [[nodiscard]] ExplainedRow row_of(const AgencyId& agency) const
    {
        ExplainedRow row;
        row.agency = agency.value();
        row.state = "none";
        row.pause = view_.state->agencies.at(agency).pause;
        const auto* table = definition_.table_of(agency, record_.entity);
        if (table == nullptr)
            return row;
        row.table = table->name();
        if (const auto* refusal = record_.find_refusal(table->index))
            row.refusal = *refusal;
        if (const auto parked = view_.parked.find(table->index); parked != view_.parked.end())
            row.parked = parked->second;
        if (const auto* link = record_.find_link(table->index)) {
            row.key = link->key.value();
            row.state = to_text(view_.state->state_of(*link));
        }
        return row;
    }

    [[nodiscard]] ExplainedUnit explained(UnitIndex unit) const
    {
        ExplainedUnit result;
        result.unit = unit_of(definition_, record_, unit);
        const auto& name = result.unit.unit;
        result.unit.now = held_.contains(name) ? UnitNow::on_hold : UnitNow::decided;
        for (const auto& conflict : conflicts_)
            if (conflict.unit == name)
                result.unit.conflicts.push_back(conflict);
        for (const auto& [of, decision] : decisions_)
            if (of == name)
                result.unit.decisions.push_back(decision);
        if (const auto decision = pipeline::decide(definition_, record_, unit); decision.value)
            result.golden = shown(*decision.value, result.unit.fields);
        for (const auto& agency : definition_.agencies)
            result.agencies.push_back(unit_at(view_, unit, agency));
        result.versions = versions_of(unit, result.unit.fields);
        for (auto& open : result.unit.open)
            for (const auto& version : result.versions)
                if (version.version.seq == open.seq)
                    open.since = version.version.since;
        return result;
    }

    [[nodiscard]] std::vector<ExplainedVersion> versions_of(
        UnitIndex unit, const std::vector<std::string>& fields
    ) const
    {
        std::map<JournalSeq, ExplainedVersion> versions;
        std::map<JournalSeq, JournalSeq> superseded_by;
        const auto& history = record_.units[unit.value()];
        // The journal's entries may be gone, or their values: then the record is all there is.
        for (const auto& old : history.past) {
            versions[old.version.seq].version = shown(old.version, fields);
            superseded_by.emplace(old.version.seq, old.by);
        }
        for (const auto& open : history.open)
            versions[open.seq].version = shown(open, fields);
        for (const auto& entry : story_)
            for (const auto& added : entry.versions)
                if (added.unit == entity().unit(unit).name) {
                    for (const auto seq : added.superseded)
                        superseded_by.emplace(seq, entry.head.seq);
                    take(versions[entry.head.seq], entry, added);
                }
        std::vector<ExplainedVersion> result;
        for (auto& [seq, version] : versions) {
            place(version, seq, history, superseded_by);
            describe_source(version, unit);
            result.push_back(std::move(version));
        }
        find_showings(view_, unit, story_, result);
        std::ranges::reverse(result);
        return result;
    }

    static void take(ExplainedVersion& version, const StoryEntry& entry, const StoryVersion& added)
    {
        const auto kept = std::move(version.version.value);
        version.version = {
            .seq = entry.head.seq,
            .author = entry.author,
            .origin =
                entry.head.source == "decision" ? ShownVersion::Origin::person : ShownVersion::Origin::agency,
            .value = added.value ? added.value : kept,
            .stamp = added.stamp,
            .since = entry.head.recorded_at,
        };
        version.entry = entry.head;
        if (added.admission != Admission::entered)
            version.place = ExplainedVersion::Place::recorded_only;
    }

    static void place(
        ExplainedVersion& version,
        JournalSeq seq,
        const conflict::UnitHistory& history,
        const std::map<JournalSeq, JournalSeq>& superseded_by
    )
    {
        if (const auto by = superseded_by.find(seq); by != superseded_by.end())
            version.superseded_by = by->second;
        const bool open = std::ranges::find(history.open, seq, &Version::seq) != history.open.end();
        if (!open && version.place != ExplainedVersion::Place::recorded_only)
            version.place = ExplainedVersion::Place::superseded;
    }

    void describe_source(ExplainedVersion& version, UnitIndex unit) const
    {
        if (version.version.author.empty())
            return;
        const auto* table = definition_.table_of(AgencyId{version.version.author}, record_.entity);
        const auto* mapped = table == nullptr ? nullptr : table->find_unit(unit);
        if (mapped != nullptr)
            for (const auto& binding : mapped->bindings)
                version.slots.push_back(slot_name(table->slots[binding.slot]));
    }

    const RecordView& view_;
    const pipeline::Record& record_;
    const pipeline::BridgeDefinition& definition_;
    std::vector<AppliedConfiguration> configurations_;  // Ascending.
    std::vector<StoryEntry> story_;                     // Ascending.
    std::vector<ConflictHead> conflicts_;
    std::vector<std::pair<std::string, ShownDecision>> decisions_;  // With their units.
    std::set<std::string, std::less<>> held_;
};

std::optional<UnitIndex> find_unit(const EntityDefinition& entity, const std::string& name)
{
    if (const auto unit = entity.find_unit(name))
        return unit;
    const auto* field = entity.find_field(name);
    return field == nullptr ? std::nullopt : std::optional{field->unit};
}

ExplainAnswer fault(std::string text)
{
    ExplainAnswer answer;
    answer.fault = std::move(text);
    return answer;
}

asio::awaitable<std::optional<RecordId>> find_row(
    libpq::Connection& connection, std::string agency, std::string table, std::string key
)
{
    const auto rows = co_await connection.execute(
        row_sql, libpq::parameters(std::move(agency), std::move(table), std::move(key))
    );
    std::optional<RecordId> found;
    if (rows.rows() > 0)
        found = RecordId{to_int64(rows.text(0, 0))};
    co_return found;
}

}  // namespace

asio::awaitable<ExplainAnswer> explain(
    libpq::Connection& connection,
    const pipeline::BridgeDefinition& definition,
    ExplainWish wish,
    std::chrono::year_month_day today
)
{
    const auto entity = definition.model.find_entity(wish.entity);
    if (!entity)
        co_return fault("the configuration has no entity of that name");
    const auto& defined = definition.model.entity(*entity);
    std::optional<UnitIndex> unit;
    if (wish.field) {
        unit = find_unit(defined, *wish.field);
        if (!unit)
            co_return fault("the entity has no field or group of that name");
    }
    if (!wish.record) {
        const auto* table = definition.table_of(AgencyId{wish.agency.value_or("")}, *entity);
        if (table == nullptr)
            co_return fault("the agency keeps no such entity, or there is no agency of that name");
        wish.record = co_await find_row(connection, *wish.agency, table->name(), wish.key.value_or(""));
        if (!wish.record)
            co_return fault(
                "no record is linked to a row of that key at the agency; what is parked: casebridge parked "
                "list"
            );
    }
    const auto view = co_await view_record(connection, definition, *wish.record, today);
    if (!view)
        co_return fault("the hub has no record of that number");
    if (view->record().entity != *entity)
        co_return fault("the record of that number is of another entity");
    const auto id = std::to_string(wish.record->value());
    std::vector<libpq::Statement> statements;
    statements.emplace_back(story_sql, libpq::parameters(id));
    statements.emplace_back(configurations_sql);
    statements.emplace_back(
        std::string{conflicts_sql} + " WHERE c.record = $1::bigint ORDER BY c.seq DESC, c.position DESC",
        libpq::parameters(id)
    );
    statements.emplace_back(
        std::string{decisions_sql} + " WHERE d.record = $1::bigint ORDER BY d.seq DESC", libpq::parameters(id)
    );
    statements.emplace_back(holds_sql, libpq::parameters(id));
    const auto results = co_await connection.execute_pipelined(std::move(statements));
    const auto read = [&] { return Explainer{*view, results}.run(unit); };
    ExplainAnswer answer;
    answer.explanation = value_or_throw(reading_stored("record " + id, read));
    co_return answer;
}

}  // namespace casebridge::hub
