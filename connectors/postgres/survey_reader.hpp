#pragma once

#include "connectors/libpq/connection.hpp"
#include "connectors/postgres/table_catalog.hpp"
#include "model/ids.hpp"
#include "pipeline/survey.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

// Reads an agency's tables in key order, chunk by chunk, each between two watermarks in the agency's WAL.

namespace casebridge::postgres {

// Prefix of watermark messages. Their content is the chunk's token followed by ` low` or ` high`.
inline constexpr std::string_view survey_prefix = "casebridge/survey";

// Not thread-safe; one operation at a time. Reads only, but for the messages.
class SurveyReader {
public:
    // An ordinary connection as the capture role. Throws AgencyMismatch and whatever Connection::open throws.
    [[nodiscard]] static asio::awaitable<SurveyReader> open(
        libpq::ConnectionOptions capture_role, MappedTables tables
    );

    // Returns when every transaction that was in progress at the call has ended, so that a query sees what
    // the stream showed before the call, even where commits wait for a synchronous standby. Asks the server
    // every 100 ms; bounded by nothing but cancellation.
    [[nodiscard]] asio::awaitable<void> wait_until_visible();

    // Up to `rows_max` rows behind `after`, from the first row without it. The low watermark is committed
    // before the query begins, the high one after it has ended. `token` is fresh. Throws ServerError 22P02
    // when `after` is no key of the table.
    [[nodiscard]] asio::awaitable<pipeline::SurveyChunk> read_chunk(
        MappingIndex table, std::optional<LocalKey> after, std::size_t rows_max, std::string token
    );

private:
    SurveyReader(libpq::Connection connection, AgencyCatalog catalog)
        : connection_(std::move(connection)), catalog_(std::move(catalog))
    {
    }

    asio::awaitable<void> emit_watermark(std::string content);

    libpq::Connection connection_;
    AgencyCatalog catalog_;
};

}  // namespace casebridge::postgres
