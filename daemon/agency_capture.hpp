#pragma once

#include "connectors/pgoutput/transaction_assembler.hpp"
#include "connectors/postgres/replication_stream.hpp"
#include "connectors/postgres/survey_reader.hpp"
#include "daemon/conductor.hpp"
#include "pipeline/flush_tracker.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

// Reads one agency: its stream of changes, and while its tables are not known yet a survey beside it.

namespace casebridge::daemon {

struct CaptureSettings {
    AgencyId agency;
    std::string connection;
    std::string slot;
    std::string publication;
    std::size_t batch_transactions_max = 100;
    std::size_t transaction_rows_max = 10'000;  // Also of a batch.
    std::size_t transaction_bytes_max = 64U * 1024U * 1024U;
    std::size_t survey_chunk_rows = 1'000;
    // A stream that cannot be confirmed for so long is given up: a reader that stays connected and confirms
    // nothing keeps the agency's server from shutting down.
    std::chrono::milliseconds stall_max{10'000};
    // The same once the server has asked for a reply, as one does that is shutting down.
    std::chrono::milliseconds reply_stall_max{3'000};
};

struct CaptureObserver {
    std::function<void()> connected = {};
    std::function<void()> streaming = {};
    // Server's end of WAL, what we have received, what we have confirmed.
    std::function<void(Lsn server, Lsn received, Lsn confirmed)> positions = {};
    std::function<void(std::size_t bytes)> inbox = {};  // Received of whole transactions, not merged yet.
    std::function<void()> progress = {};
    std::function<void(bool surveying)> surveying = {};
};

// The breaker has stopped a transaction of the stream. It is read again when a person has approved it.
struct StreamHeld {};

class AgencyCapture {
public:
    AgencyCapture(
        boost::asio::any_io_executor executor,
        Conductor& conductor,
        CaptureSettings settings,
        CaptureObserver observer
    );

    // One connection's life. Returns when the server ended the stream in good order; throws libpq's
    // DatabaseError, also for input that the stream must not contain (its Error says which), and StreamHeld.
    [[nodiscard]] boost::asio::awaitable<void> run();

private:
    // The chunk that the survey is reading, handed over at its high watermark.
    struct Exchange {
        std::string token;
        std::optional<pipeline::SurveyChunk> chunk;
    };

    boost::asio::awaitable<void> receive_loop(postgres::ReplicationStream& stream);
    boost::asio::awaitable<void> take(postgres::ReplicationFrame frame);
    [[nodiscard]] bool batch_is_full() const;
    boost::asio::awaitable<void> merge_batch();
    boost::asio::awaitable<void> at_watermark(std::string content);
    boost::asio::awaitable<void> report_loop(postgres::ReplicationStream& stream);
    boost::asio::awaitable<void> report(postgres::ReplicationStream& stream);
    boost::asio::awaitable<void> record_empty_stretch();
    boost::asio::awaitable<void> watch_for_stall();
    boost::asio::awaitable<void> survey_loop();
    boost::asio::awaitable<void> survey_table(
        postgres::SurveyReader& reader, const mapping::TableMapping& table
    );

    boost::asio::any_io_executor executor_;
    Conductor& conductor_;
    CaptureSettings settings_;
    CaptureObserver observer_;

    pgoutput::TransactionAssembler assembler_;
    std::vector<SourceTransaction> batch_;
    std::size_t batch_rows_ = 0;
    pipeline::FlushTracker flush_;
    Lsn server_end_;
    Wakeup to_report_;
    bool merging_ = false;    // A batch is being made durable.
    bool recording_ = false;  // A stretch without anything for us is.

    bool swept_ = false;  // A sweep has ended in the life of this process.

    Exchange exchange_;
    Wakeup chunk_read_;
    Wakeup chunk_merged_;
};

}  // namespace casebridge::daemon
