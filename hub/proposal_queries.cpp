#include "hub/proposal_queries.hpp"

#include "hub/row_texts.hpp"

namespace casebridge::hub {

namespace asio = boost::asio;

namespace {

constexpr auto proposals_sql =
    "SELECT p.record, r.entity, p.unit, p.agency, p.seq, j.recorded_at FROM casebridge.proposal p"
    " JOIN casebridge.record r ON r.id = p.record LEFT JOIN casebridge.journal j ON j.seq = p.seq"
    " ORDER BY p.seq, p.record, p.unit LIMIT $1::bigint";

}  // namespace

asio::awaitable<std::vector<ProposalHead>> list_proposals(libpq::Connection& connection, std::size_t limit)
{
    const auto rows = co_await connection.execute(proposals_sql, libpq::parameters(std::to_string(limit)));
    std::vector<ProposalHead> heads;
    for (std::size_t row = 0; row < rows.rows(); ++row)
        heads.push_back({
            .record = RecordId{to_int64(rows.text(row, 0))},
            .entity = std::string{rows.text(row, 1)},
            .unit = std::string{rows.text(row, 2)},
            .agency = std::string{rows.text(row, 3)},
            .proposal = JournalSeq{to_int64(rows.text(row, 4))},
            .since = to_string(rows.value(row, 5)),
        });
    co_return heads;
}

}  // namespace casebridge::hub
