#include "pipeline/survey.hpp"

#include "model/assert.hpp"
#include "pipeline/row_demand.hpp"
#include "pipeline/row_merge.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace casebridge::pipeline {

namespace {

std::optional<std::uint64_t> take_number(std::string_view& text)
{
    std::uint64_t number = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{})
        return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
    return number;
}

// The row is parked because the stream did not show all of it.
bool lacks_image(const BridgeState& state, const LinkKey& row)
{
    const auto parked = state.parked.find(row);
    return parked != state.parked.end() && !parked->second.newest.image;
}

// Whether a row of the table waits for a survey to tell what the stream did not send of it.
bool some_row_is_not_told(const BridgeState& state, MappingIndex table)
{
    return std::ranges::any_of(state.parked, [&](const auto& parked) {
        return parked.first.table == table && parked.second.newest.code == "value_not_sent";
    });
}

bool take_colon(std::string_view& text)
{
    if (!text.starts_with(':'))
        return false;
    text.remove_prefix(1);
    return true;
}

}  // namespace

std::optional<Snapshot> Snapshot::parse(std::string_view text)
{
    Snapshot snapshot;
    const auto xmin = take_number(text);
    if (!xmin || !take_colon(text))
        return std::nullopt;
    const auto xmax = take_number(text);
    if (!xmax || !take_colon(text) || *xmin > *xmax)
        return std::nullopt;
    snapshot.xmin_ = *xmin;
    snapshot.xmax_ = *xmax;
    while (!text.empty()) {
        const auto xid = take_number(text);
        if (!xid)
            return std::nullopt;
        snapshot.in_progress_.insert(*xid);
        if (text.empty())
            break;
        if (!text.starts_with(',') || text.size() == 1)
            return std::nullopt;
        text.remove_prefix(1);
    }
    return snapshot;
}

bool Snapshot::sees(Xid xid) const
{
    // The distance to xmax, modulo 2^32, read as a signed number: ids in use lie within 2^31 of each other.
    const auto distance = static_cast<std::int32_t>(xid.value() - static_cast<std::uint32_t>(xmax_));
    if (distance >= 0)
        return false;
    const auto full = xmax_ - static_cast<std::uint64_t>(-static_cast<std::int64_t>(distance));
    return full < xmin_ || !in_progress_.contains(full);
}

void SurveyWindow::touched(const NetEffect& effect, Xid xid)
{
    const auto add = [&](const LinkKey& row) {
        touched_inside_.insert(row);
        last_writer_[row] = xid;
    };
    for (const auto& [mapping, ordinal] : effect.truncated) {
        truncated_inside_.insert(mapping->index);
        last_truncation_[mapping->index] = xid;
    }
    for (const auto& row : effect.rows) {
        add(row.row);
        if (row.previous_key)
            add({row.row.table, *row.previous_key});
    }
}

bool SurveyWindow::stream_knows(const LinkKey& row, const Snapshot& snapshot) const
{
    if (touched_inside_.contains(row) || truncated_inside_.contains(row.table))
        return true;
    const auto truncation = last_truncation_.find(row.table);
    if (truncation != last_truncation_.end() && !snapshot.sees(truncation->second))
        return true;
    const auto writer = last_writer_.find(row);
    return writer != last_writer_.end() && !snapshot.sees(writer->second);
}

void SurveyWindow::close(const Snapshot& snapshot)
{
    open();
    const auto seen = [&](const auto& written) { return snapshot.sees(written.second); };
    std::erase_if(last_writer_, seen);
    std::erase_if(last_truncation_, seen);
}

Demand survey_demand(const BridgeState& state, const SurveyChunk& chunk)
{
    Demand demand;
    for (const auto& row : chunk.rows)
        demand_row(state, {chunk.table, row.key}, row.image, demand);
    return demand;
}

SurveyReport merge_survey(const SurveyChunk& chunk, SurveyWindow& window, EntryLog& log)
{
    CASEBRIDGE_ASSERT(chunk.snapshot.has_value());
    auto& state = log.state();
    const auto& mapping = state.definition->table(chunk.table);
    SurveyReport report;
    auto surveyed_to = state.tables[chunk.table.value()].surveyed_to;
    bool to_the_end = true;
    for (const auto& row : chunk.rows) {
        const LinkKey key{chunk.table, row.key};
        if (window.stream_knows(key, *chunk.snapshot)) {
            // What the stream did not send of a row only a query can tell: the next chunk begins here.
            to_the_end = !lacks_image(state, key);
            if (!to_the_end)
                break;
            surveyed_to = row.key;
            ++report.left_to_stream;
            continue;
        }
        surveyed_to = row.key;
        // A parked row is the stream's, unless the stream did not show all of it: the survey does.
        const auto parked = state.parked.find(key);
        if (parked != state.parked.end() && parked->second.newest.image)
            continue;
        const auto id = parked == state.parked.end() ? state.records.linked(key) : std::nullopt;
        if (id) {
            const auto* link = state.records.find(*id)->find_link(chunk.table);
            if (state.state_of(*link) == LinkState::live) {
                report.different += link->image == row.image ? 0U : 1U;
                continue;
            }
        }
        RowInput input;
        input.source = RowSource::survey;
        input.mapping = &mapping;
        input.key = row.key;
        input.seen = state.agencies.at(mapping.agency).seen;
        input.image = row.image;
        merge_row(log, std::move(input));
        ++report.merged;
    }
    SurveyProgress progress{
        mapping.agency, chunk.table, to_the_end ? chunk.last_key : surveyed_to, SurveyState::running};
    if (to_the_end && chunk.last) {
        // One that got another key meanwhile may be where no chunk has looked: then the table is read again.
        if (some_row_is_not_told(state, chunk.table))
            progress.last_key.reset();
        else
            progress.state = SurveyState::complete;
    }
    log.write(std::move(progress));
    window.close(*chunk.snapshot);
    return report;
}

}  // namespace casebridge::pipeline
