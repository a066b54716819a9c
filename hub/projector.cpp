#include "hub/projector.hpp"

#include "hub/projection_rows.hpp"
#include "hub/projection_tables.hpp"
#include "hub/row_texts.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace casebridge::hub {
namespace {

namespace asio = boost::asio;
using libpq::Statement;

Statement advance(std::int64_t epoch, JournalSeq from, JournalSeq to)
{
    return Statement{
        "SELECT casebridge.advance_projection($1::bigint, $2::bigint, $3::bigint)",
        libpq::parameters(std::to_string(epoch), std::to_string(from.value()), std::to_string(to.value()))};
}

}  // namespace

Projector::Projector(
    libpq::Connection& connection,
    const EntryCodec& codec,
    const pipeline::BridgeDefinition& definition,
    const Leadership& leadership
)
    : connection_(&connection), codec_(&codec), definition_(&definition), epoch_(leadership.epoch)
{
}

asio::awaitable<void> Projector::write(ProjectionBatch batch)
{
    std::vector<Statement> statements;
    statements.push_back(advance(epoch_, batch.from, batch.to));
    ProjectionRows rows{*codec_, *definition_};
    for (const auto& record : batch.records)
        rows.add(record);
    for (const auto& entry : batch.entries)
        rows.add(entry);
    for (const auto& parked : batch.parked)
        rows.add(parked);
    for (const auto& released : batch.released)
        rows.add_released(released);
    for (const auto& [row, matches] : batch.matches)
        rows.add(row, matches);
    for (const auto& [agency, state] : batch.agencies)
        rows.add(agency, state);
    for (const auto& [table, state] : batch.tables)
        rows.add(table, state);
    std::ranges::move(rows.statements(), std::back_inserter(statements));
    co_await run(std::move(statements), "projection");
}

asio::awaitable<void> Projector::reset_projections()
{
    const auto projected = co_await connection_->execute("SELECT projected_seq FROM casebridge.projection");
    const auto copied =
        co_await connection_->execute("SELECT projected_seq FROM casebridge_snapshot.projection");
    const JournalSeq from{to_int64(projected.text(0, 0))};
    const JournalSeq to{copied.rows() == 0 ? 0 : to_int64(copied.text(0, 0))};
    std::vector<Statement> statements;
    statements.push_back(advance(epoch_, from, to));
    for (const std::string table : projection_tables) {
        statements.emplace_back("TRUNCATE casebridge." + table);
        if (copied.rows() != 0)
            statements.emplace_back(
                "INSERT INTO casebridge." + table + " SELECT * FROM casebridge_snapshot." + table
            );
    }
    co_await run(std::move(statements), "resetting the projections");
}

asio::awaitable<std::string> Projector::dump_projections()
{
    std::string dump;
    for (const std::string table : projection_tables) {
        const auto rows = co_await connection_->execute(
            "SELECT row_to_json(t)::text COLLATE \"C\" FROM casebridge." + table + " t ORDER BY 1"
        );
        for (std::size_t i = 0; i < rows.rows(); ++i)
            dump.append(table).append(" ").append(rows.text(i, 0)).append("\n");
    }
    co_return dump;
}

asio::awaitable<void> Projector::run(std::vector<Statement> statements, const char* place)
{
    try {
        co_await connection_->execute_pipelined(std::move(statements));
    } catch (const libpq::ServerError& error) {
        throw_as_leadership(error, place);
    }
}

}  // namespace casebridge::hub
