#include "hub/split_queries.hpp"

#include "hub/case_rows.hpp"
#include "hub/entry_codec.hpp"
#include "hub/record_history.hpp"
#include "hub/records.hpp"
#include "pipeline/record_values.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace casebridge::hub {

namespace {

namespace asio = boost::asio;
using pipeline::BridgeState;

void take(BridgeState& state, HubState loaded)
{
    for (auto& [agency, known] : loaded.agencies)
        state.agencies[agency] = std::move(known);
    for (auto& [table, known] : loaded.tables) {
        if (known.truncated_at)
            state.records.truncated(table, *known.truncated_at);
        state.tables[table.value()] = std::move(known);
    }
    for (auto& parked : loaded.parked)
        state.restore_parked(std::move(parked));
    for (auto& [row, matches] : loaded.matches)
        state.matches.emplace(row, std::move(matches));
    state.last_seq = loaded.projected_seq;
}

ShownVersion shown_version(const pipeline::GivenBack& version, const std::vector<std::string>& fields)
{
    ShownVersion result;
    result.seq = version.taken.value_or(JournalSeq{0});
    result.author = version.author.value();
    result.value = shown(version.value, fields);
    result.stamp = version.stamp;
    return result;
}

// The outlook with names in place of positions.
class Shower {
public:
    Shower(const BridgeState& state, const pipeline::Record& record, const pipeline::SplitOutlook& outlook)
        : definition_(*state.definition), record_(record), plan_(outlook.plan)
    {
    }

    [[nodiscard]] std::vector<SplitField> fields() const
    {
        std::set<UnitIndex> units{plan_.foreign.begin(), plan_.foreign.end()};
        for (const auto& left : plan_.left)
            units.insert(left.unit);
        for (const auto& own : plan_.own)
            units.insert(own.unit);
        std::vector<SplitField> fields;
        for (const auto unit : units)
            fields.push_back(field(unit));
        return fields;
    }

private:
    [[nodiscard]] SplitField field(UnitIndex unit) const
    {
        const auto& entity = definition_.model.entity(record_.entity);
        std::vector<std::string> names;
        for (const auto number : entity.unit(unit).fields)
            names.push_back(entity.field(number).name);
        SplitField result;
        result.unit = entity.unit(unit).name;
        if (const auto decision = pipeline::decide(definition_, record_, unit); decision.value)
            result.now = shown(*decision.value, names);
        if (const auto left = std::ranges::find(plan_.left, unit, &pipeline::SplitPlan::Left::unit);
            left != plan_.left.end()) {
            result.then.emplace();
            for (const auto& version : left->versions)
                result.then->push_back(shown_version(version, names));
        }
        if (const auto own = std::ranges::find(plan_.own, unit, &pipeline::SplitPlan::Own::unit);
            own != plan_.own.end())
            result.row = shown(own->version.value, names);
        return result;
    }

    const pipeline::BridgeDefinition& definition_;
    const pipeline::Record& record_;
    const pipeline::SplitPlan& plan_;
};

}  // namespace

asio::awaitable<SplitAnswer> show_split(
    libpq::Connection& connection, const pipeline::BridgeDefinition& definition, pipeline::SplitLink wanted
)
{
    const EntryCodec codec{definition};
    RecordStore store{connection, codec};
    BridgeState state{definition};
    take(state, co_await store.load_state());
    if (wanted.seen == JournalSeq{0})
        wanted.seen = state.last_seq;
    std::vector<pipeline::RecordHistory> histories;
    for (;;) {
        auto demand = pipeline::split_demand(state, wanted, histories);
        if (!demand.empty()) {
            auto records = co_await store.load(demand);
            state.records.answer(demand, std::move(records));
        } else if (histories.empty() && state.records.find(wanted.record) != nullptr) {
            histories.push_back(co_await read_history(connection, codec.names(), wanted.record));
        } else {
            break;
        }
    }
    SplitAnswer answer;
    const auto foreseen = pipeline::foresee_split(state, wanted, histories);
    if (const auto* fault = std::get_if<std::string>(&foreseen)) {
        answer.fault = *fault;
        co_return answer;
    }
    const auto& outlook = std::get<pipeline::SplitOutlook>(foreseen);
    auto& split = answer.split.emplace();
    split.wanted = wanted;
    if (const auto* record = std::get_if<RecordId>(&outlook.into))
        split.into = *record;
    split.references = outlook.references;
    split.fields = Shower{state, *state.records.find(wanted.record), outlook}.fields();
    co_return answer;
}

}  // namespace casebridge::hub
