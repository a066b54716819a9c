#include "pipeline/survey.hpp"
#include "tests/simulation/sim_daemon.hpp"
#include "tests/simulation/violation.hpp"

#include <algorithm>
#include <utility>

// Surveys beside an agency's stream, as daemon/agency_capture.cpp leads them.

namespace casebridge::simulation {
namespace {

constexpr const char* survey_prefix = "casebridge/survey";
constexpr std::size_t survey_chunk_rows = 2;

}  // namespace

bool SimDaemon::at_watermark(const AgencyId& agency, Capture& capture)
{
    auto& survey = capture.survey;
    if (capture.watermark == survey.token + " low") {
        capture.window.open();
        capture.watermark.clear();
        capture.todo = Capture::Todo::confirm;
        return true;
    }
    if (turn_ || !survey.chunk)
        return false;
    capture.watermark.clear();
    const auto chunk = std::move(*survey.chunk);
    survey.chunk.reset();
    survey.token.clear();
    for (;;) {
        const auto demand = pipeline::survey_demand(*state_, chunk);
        if (demand.empty())
            break;
        load(demand);
    }
    if (world_.broken == BrokenCore::survey_ignores_stream) {
        capture.window = {};
        for (const auto& row : chunk.rows)
            if (const auto id = state_->records.linked({chunk.table, row.key}))
                state_->records.change(*id, [&](pipeline::Record& record) {
                    record.find_link(chunk.table)->state = pipeline::LinkState::ended;
                });
    }
    pipeline::EntryLog log{*state_};
    const auto report = pipeline::merge_survey(chunk, capture.window, log);
    pipeline::inform_lanes(*state_, lanes_, log.entries(), std::nullopt);
    world_.trace("survey", [&] {
        return agency.value() + ": " + std::to_string(report.merged) + " rows merged, " +
               std::to_string(report.left_to_stream) + " left to the stream";
    });
    if (report.merged > 0)
        world_.occurrences.count("survey row_merged");
    if (report.left_to_stream > 0)
        world_.occurrences.count("survey row_left_to_stream");
    if (report.different > 0)
        throw Violation{"survey_agrees", "a known row differs from its image although no gap is known"};
    capture.merging = true;
    decide(log, [this, agency] {
        auto& merged = captures_.at(agency);
        merged.merging = false;
        merged.todo = Capture::Todo::confirm;
        merged.survey.stage = Survey::Stage::idle;
        if (state_->surveyed(agency))
            streams_.at(agency).observe(nullptr);
    });
    return true;
}

void SimDaemon::emit(const AgencyId& agency, const std::string& content)
{
    WalTransaction watermark;
    watermark.messages.push_back({0, survey_prefix, content});
    world_.sites.at(agency).agency.commit(std::move(watermark), world_.time);
}

bool SimDaemon::survey_step(const AgencyId& agency)
{
    auto& capture = captures_.at(agency);
    if (!capture.sender || state_->surveyed(agency))
        return false;
    auto& survey = capture.survey;
    if (!std::exchange(survey.begun, true)) {
        capture.window = {};
        streams_.at(agency).observe(&capture.window);
    }
    switch (survey.stage) {
        case Survey::Stage::idle: {
            for (const auto& table : world_.definition.tables)
                if (table.agency == agency &&
                    state_->tables[table.index.value()].survey != SurveyState::complete) {
                    survey.table = table.index;
                    break;
                }
            survey.token = std::to_string(world_.dice.roll());
            emit(agency, survey.token + " low");
            survey.stage = Survey::Stage::low_sent;
            return true;
        }
        case Survey::Stage::low_sent:
            read_chunk(agency, survey);
            survey.stage = Survey::Stage::queried;
            return true;
        case Survey::Stage::queried:
            count_truncation(agency, survey);
            emit(agency, survey.token + " high");
            survey.stage = Survey::Stage::high_sent;
            return true;
        case Survey::Stage::high_sent:
            return false;  // Until the chunk is merged.
    }
    return false;
}

void SimDaemon::read_chunk(const AgencyId& agency, Survey& survey)
{
    const auto& site = world_.sites.at(agency).agency;
    const auto& progress = state_->tables[survey.table.value()];
    survey.queried_at = site.wal().size();
    auto& chunk = survey.chunk.emplace();
    chunk.table = survey.table;
    chunk.last_key = progress.surveyed_to;
    chunk.snapshot = pipeline::Snapshot::parse(site.snapshot());
    for (const auto& [row, content] : site.rows()) {
        if (row.table != survey.table || (progress.surveyed_to && row.key <= *progress.surveyed_to))
            continue;
        if (chunk.rows.size() == survey_chunk_rows)
            break;
        chunk.rows.push_back({row.key, image_of(content)});
    }
    if (!chunk.rows.empty())
        chunk.last_key = chunk.rows.back().key;
    chunk.last = chunk.rows.size() < survey_chunk_rows;
}

// Rows that the query has shown are truncated before the high watermark.
void SimDaemon::count_truncation(const AgencyId& agency, const Survey& survey)
{
    const auto& wal = world_.sites.at(agency).agency.wal();
    const auto truncates = [&](const WalChange& change) {
        return change.operation == RowOperation::truncate && change.row.table == survey.table;
    };
    for (auto i = survey.queried_at; i < wal.size(); ++i)
        if (!survey.chunk->rows.empty() && std::ranges::any_of(wal[i].changes, truncates))
            world_.occurrences.count("survey rows_truncated_behind_the_query");
}

}  // namespace casebridge::simulation
