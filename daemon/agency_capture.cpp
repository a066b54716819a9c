#include "daemon/agency_capture.hpp"

#include "connectors/libpq/task_scope.hpp"
#include "connectors/pgoutput/decode.hpp"
#include "model/assert.hpp"
#include "pipeline/net_rows.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <random>

namespace casebridge::daemon {

using boost::asio::awaitable;

namespace {

constexpr auto survey_prefix = "casebridge/survey";

pipeline::FlushTracker::Moment moment()
{
    return std::chrono::duration_cast<pipeline::FlushTracker::Moment>(
        std::chrono::steady_clock::now().time_since_epoch()
    );
}

// Nobody else can write a watermark that we believe: the token is fresh and secret until it is used.
std::string fresh_token()
{
    std::random_device source;
    std::string token;
    constexpr std::string_view digits = "0123456789abcdef";
    for (int i = 0; i < 32; ++i)
        token += digits[source() % digits.size()];
    return token;
}

// An error of the stream's content, as an exception of the shell.
class StreamBroken : public libpq::DatabaseError {
public:
    using DatabaseError::DatabaseError;
};

}  // namespace

AgencyCapture::AgencyCapture(
    boost::asio::any_io_executor executor,
    Conductor& conductor,
    CaptureSettings settings,
    CaptureObserver observer
)
    : executor_(executor),
      conductor_(conductor),
      settings_(std::move(settings)),
      observer_(std::move(observer)),
      assembler_({
          settings_.transaction_rows_max,
          settings_.transaction_bytes_max,
          conductor.origin_of(settings_.agency),
      }),
      flush_({}, Lsn{}, moment()),
      to_report_(executor),
      chunk_read_(executor),
      chunk_merged_(executor)
{
}

awaitable<void> AgencyCapture::run()
{
    assembler_.reset();
    batch_.clear();
    batch_rows_ = 0;
    exchange_ = {};
    merging_ = false;
    recording_ = false;
    co_await conductor_.stream_settled(settings_.agency);  // Of the stream before, which did not wait for it.
    const auto durable = conductor_.state().agencies.at(settings_.agency).end_lsn;
    flush_ = {{}, durable, moment()};

    libpq::ConnectionOptions options{settings_.connection};
    options.application_name = "casebridge:capture";
    auto stream = co_await postgres::ReplicationStream::open(options);
    if (observer_.connected)
        observer_.connected();
    const auto system = co_await stream.identify_system();
    server_end_ = system.flushed;
    const postgres::StartRequest request{settings_.slot, settings_.publication, durable};
    co_await stream.start(request);
    if (observer_.streaming)
        observer_.streaming();
    co_await libpq::run_together(receive_loop(stream), report_loop(stream), watch_for_stall(), survey_loop());
}

awaitable<void> AgencyCapture::receive_loop(postgres::ReplicationStream& stream)
{
    for (;;) {
        auto frame = co_await stream.receive();
        if (!frame)
            throw libpq::ConnectionLost{"the server has ended the stream"};
        co_await take(std::move(*frame));
        while (!batch_is_full()) {
            auto next = stream.try_receive();
            if (!next)
                break;
            co_await take(std::move(*next));
        }
        co_await merge_batch();
        to_report_.notify();
    }
}

awaitable<void> AgencyCapture::take(postgres::ReplicationFrame frame)
{
    if (const auto* keepalive = std::get_if<postgres::Keepalive>(&frame.message)) {
        server_end_ = std::max(server_end_, keepalive->wal_end);
        using Reply = pipeline::FlushTracker::Reply;
        const bool asked = keepalive->reply == postgres::Reply::requested;
        flush_.keepalive(keepalive->wal_end, asked ? Reply::requested : Reply::not_requested);
        co_return;
    }
    const auto& data = std::get<postgres::XLogData>(frame.message);
    server_end_ = std::max(server_end_, data.wal_end);
    const auto bytes = data.payload.size();
    auto message = pgoutput::decode_message(data.payload);
    if (!message)
        throw StreamBroken{message.error()};
    if (std::holds_alternative<pgoutput::Begin>(*message))
        flush_.transaction_begins();
    auto fed = assembler_.feed(std::move(*message), bytes);
    if (!fed)
        throw StreamBroken{fed.error()};
    if (!*fed)
        co_return;
    auto* transaction = std::get_if<SourceTransaction>(&**fed);
    if (transaction == nullptr)
        co_return;  // A message outside any transaction is none of ours.
    flush_.transaction_taken(*transaction);
    std::string watermark;
    for (const auto& emitted : transaction->messages)
        if (emitted.prefix == survey_prefix)
            watermark = emitted.content;
    batch_rows_ += transaction->changes.size();
    batch_.push_back(std::move(*transaction));
    if (!watermark.empty() && !exchange_.token.empty() && watermark.starts_with(exchange_.token))
        co_await at_watermark(std::move(watermark));
}

awaitable<void> AgencyCapture::at_watermark(std::string content)
{
    co_await merge_batch();
    if (content == exchange_.token + " low") {
        conductor_.low_watermark(settings_.agency);
        co_return;
    }
    if (content != exchange_.token + " high")
        co_return;
    while (!exchange_.chunk)
        co_await chunk_read_.wait();
    auto chunk = std::move(*exchange_.chunk);
    exchange_ = {};
    co_await conductor_.merge_chunk(settings_.agency, std::move(chunk));
    chunk_merged_.notify();
}

bool AgencyCapture::batch_is_full() const
{
    return batch_.size() >= settings_.batch_transactions_max || batch_rows_ >= settings_.transaction_rows_max;
}

awaitable<void> AgencyCapture::merge_batch()
{
    if (batch_.empty())
        co_return;
    if (observer_.inbox) {
        std::size_t bytes = 0;
        for (const auto& transaction : batch_)
            bytes += transaction.bytes;
        observer_.inbox(bytes);
    }
    merging_ = true;
    batch_rows_ = 0;
    auto merged = co_await conductor_.merge(settings_.agency, std::exchange(batch_, {}));
    merging_ = false;
    if (!merged)
        throw StreamBroken{merged.error()};
    if (*merged == Merged::held)
        throw StreamHeld{};  // Not confirmed: the server keeps it and sends it again.
    flush_.merged();
    if (observer_.inbox)
        observer_.inbox(0);
    if (observer_.progress)
        observer_.progress();
}

awaitable<void> AgencyCapture::report_loop(postgres::ReplicationStream& stream)
{
    for (;;) {
        co_await to_report_.wait();
        co_await record_empty_stretch();
        co_await report(stream);
    }
}

// A quiet publication next to a busy database must keep no WAL, so what the server has looked at without
// finding anything for us is confirmed too. But the hub knows it first: a slot that is further than the hub
// has then been made anew, or the hub is an older copy, and nobody reads across that gap unnoticed.
awaitable<void> AgencyCapture::record_empty_stretch()
{
    const auto end = flush_.stretch_to_record(moment());
    if (!end)
        co_return;
    recording_ = true;
    co_await conductor_.record_position(settings_.agency, *end);
    recording_ = false;
    flush_.stretch_recorded(*end, moment());
}

awaitable<void> AgencyCapture::report(postgres::ReplicationStream& stream)
{
    const auto status = flush_.status_to_send(moment());
    if (!status)
        co_return;
    const postgres::StandbyStatus told{status->written, status->flushed, status->flushed};
    co_await stream.send_status(told);
    if (observer_.positions)
        observer_.positions(server_end_, status->written, status->flushed);
}

awaitable<void> AgencyCapture::watch_for_stall()
{
    boost::asio::steady_timer timer{executor_};
    for (;;) {
        timer.expires_after(settings_.reply_stall_max / 4);
        co_await timer.async_wait(boost::asio::use_awaitable);
        to_report_.notify();
        // A server that asks for a reply may be shutting down: it waits until all is confirmed, or we are
        // gone.
        const auto limit = flush_.owes_reply() ? settings_.reply_stall_max : settings_.stall_max;
        // The hub's silence counts, not the time that a large transaction takes.
        const auto silent = conductor_.hub_silent_for();
        if ((merging_ || recording_) && silent && *silent > limit)
            throw libpq::Timeout{"making received changes durable"};
    }
}

awaitable<void> AgencyCapture::survey_loop()
{
    const auto& agency = settings_.agency;
    const auto& definition = *conductor_.state().definition;
    std::vector<const mapping::TableMapping*> tables;
    for (const auto& table : definition.tables)
        if (table.agency == agency)
            tables.push_back(&table);
    const auto ranks = pipeline::parents_first(definition);
    std::ranges::stable_sort(tables, {}, [&](const auto* table) { return ranks[table->index.value()]; });

    if (!conductor_.state().surveyed(agency)) {
        if (observer_.surveying)
            observer_.surveying(true);
        libpq::ConnectionOptions options{settings_.connection};
        options.application_name = "casebridge:survey";
        conductor_.begin_survey(agency);
        auto reader = co_await postgres::SurveyReader::open(options, tables);
        co_await reader.wait_until_visible();
        for (const auto* table : tables)
            co_await survey_table(reader, *table);
        conductor_.end_survey(agency);
        if (observer_.surveying)
            observer_.surveying(false);
    }
    if (!swept_) {
        co_await conductor_.sweep(agency);
        swept_ = true;  // Only now: a sweep that a lost connection cut off begins again with the next one.
    }
}

awaitable<void> AgencyCapture::survey_table(
    postgres::SurveyReader& reader, const mapping::TableMapping& table
)
{
    const auto& progress = conductor_.state().tables[table.index.value()];
    while (progress.survey != SurveyState::complete) {
        exchange_ = {fresh_token(), std::nullopt};
        const auto token = exchange_.token;
        auto chunk =
            co_await reader.read_chunk(table.index, progress.surveyed_to, settings_.survey_chunk_rows, token);
        exchange_.chunk = std::move(chunk);
        chunk_read_.notify();
        co_await chunk_merged_.wait();
        if (observer_.progress)
            observer_.progress();
    }
}

}  // namespace casebridge::daemon
