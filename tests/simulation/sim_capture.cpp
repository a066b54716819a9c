#include "connectors/pgoutput/decode.hpp"
#include "connectors/pgoutput/frame.hpp"
#include "pipeline/net_rows.hpp"
#include "tests/simulation/sim_daemon.hpp"
#include "tests/simulation/violation.hpp"

#include <algorithm>
#include <utility>

// The life of one agency's stream, as daemon/agency_capture.cpp leads it.

namespace casebridge::simulation {
namespace {

constexpr const char* survey_prefix = "casebridge/survey";

[[noreturn]] void unreadable(const Error& error)
{
    throw Violation{"stream_stays_readable", error.code + " at " + error.place};
}

}  // namespace

bool SimDaemon::capture_step(const AgencyId& agency)
{
    auto& capture = captures_.at(agency);
    if (!capture.sender) {
        // What the stream before has handed over comes first: only then it is known from where to read on.
        if (world_.time.now_us < capture.retry_at_us || capture.merging || capture.recording ||
            state_->agencies.at(agency).held())
            return false;
        connect(agency, capture);
        return true;
    }
    if (capture.merging)
        return false;
    switch (capture.todo) {
        case Capture::Todo::receive:
            return receive(agency, capture);
        case Capture::Todo::merge:
            return merge_batch(agency, capture);
        case Capture::Todo::watermark:
            return at_watermark(agency, capture);
        case Capture::Todo::confirm:
            capture.todo = Capture::Todo::receive;
            record_empty_stretch(agency, capture);
            if (!capture.recording)
                confirm(agency, capture);
            return true;
    }
    return false;
}

void SimDaemon::connect(const AgencyId& agency, Capture& capture)
{
    capture.assembler->reset();
    capture.batch.clear();
    capture.inside_transaction = false;
    capture.todo = Capture::Todo::receive;
    capture.watermark.clear();
    capture.survey = {};
    capture.sweeps_from.reset();
    streams_.at(agency).observe(nullptr);
    const auto durable = state_->agencies.at(agency).end_lsn;
    capture.flush.emplace(capture.flush_limits, durable, moment());

    const auto& site = world_.sites.at(agency).agency;
    auto from = std::max(durable, site.confirmed);
    if (world_.dice.one_in(3) && site.confirmed < from) {
        from = site.confirmed;
        world_.occurrences.count("fault resend_from_confirmed");
    } else if (world_.dice.one_in(8) && from.value() > 2'000) {
        from = Lsn{1'000};
        world_.occurrences.count("fault slot_rewound");
    }
    capture.sender =
        std::make_unique<WalSender>(site, origin_of(agency), from, world_.dice, world_.occurrences);
    world_.trace("capture", [&] {
        return agency.value() + " connects at " + to_string(durable) + ", the server sends from " +
               to_string(from);
    });
}

bool SimDaemon::receive(const AgencyId& agency, Capture& capture)
{
    auto frames = 1 + world_.dice.below(world_.dice.one_in(3) ? 30 : 6);
    bool any = false;
    while (frames-- > 0 && capture.watermark.empty() && !batch_is_full(capture)) {
        const auto frame = capture.sender->next_frame();
        if (!frame)
            break;
        take(agency, capture, *frame);
        any = true;
    }
    if (any)
        capture.todo = Capture::Todo::merge;
    return any;
}

void SimDaemon::take(const AgencyId& agency, Capture& capture, const std::vector<std::byte>& bytes)
{
    const auto frame = pgoutput::decode_frame(bytes);
    if (!frame)
        unreadable(frame.error());
    if (const auto* keepalive = std::get_if<pgoutput::Keepalive>(&*frame)) {
        using Reply = pipeline::FlushTracker::Reply;
        const bool asked = keepalive->reply == pgoutput::Reply::requested;
        capture.flush->keepalive(keepalive->wal_end, asked ? Reply::requested : Reply::not_requested);
        return;
    }
    const auto& data = std::get<pgoutput::XLogData>(*frame);
    auto message = pgoutput::decode_message(data.payload);
    if (!message)
        unreadable(message.error());
    if (std::holds_alternative<pgoutput::Begin>(*message)) {
        capture.inside_transaction = true;
        capture.flush->transaction_begins();
    }
    auto fed = capture.assembler->feed(std::move(*message), data.payload.size());
    if (!fed)
        unreadable(fed.error());
    if (!*fed)
        return;
    auto* transaction = std::get_if<SourceTransaction>(&**fed);
    if (transaction == nullptr)
        return;
    capture.inside_transaction = transaction->portion == Portion::more_follows;
    capture.flush->transaction_taken(*transaction);
    if (capture.inside_transaction)
        world_.occurrences.count("stream transaction_in_parts");
    for (const auto& emitted : transaction->messages)
        if (emitted.prefix == survey_prefix && !capture.survey.token.empty() &&
            emitted.content.starts_with(capture.survey.token))
            capture.watermark = emitted.content;
    world_.trace("capture", [&] {
        return agency.value() +
               (capture.inside_transaction ? " assembles a part of the transaction that commits at "
                                           : " assembles the transaction that commits at ") +
               to_string(transaction->commit_lsn);
    });
    capture.batch.push_back(std::move(*transaction));
}

bool SimDaemon::batch_is_full(const Capture& capture)
{
    std::size_t rows = 0;
    for (const auto& transaction : capture.batch)
        rows += transaction.changes.size();
    return rows >= capture.rows_max;
}

bool SimDaemon::merge_batch(const AgencyId& agency, Capture& capture)
{
    capture.todo = capture.watermark.empty() ? Capture::Todo::confirm : Capture::Todo::watermark;
    if (capture.batch.empty())
        return true;
    if (turn_) {
        capture.todo = Capture::Todo::merge;
        return false;
    }
    spoil(agency, capture);
    auto batch = std::exchange(capture.batch, {});
    auto& stream = streams_.at(agency);
    for (int round = 0;; ++round) {
        const auto demand = stream.demand(batch);
        if (!demand)
            unreadable(demand.error());
        if (demand->empty())
            break;
        if (round > 20)
            throw Violation{"falls_silent", "demands without end"};
        load(*demand);
    }
    if (world_.broken == BrokenCore::keeps_rows_parked)
        parked_before_ = state_->parked;
    pipeline::EntryLog log{*state_};
    const auto report = stream.merge(batch, log);
    if (!report)
        unreadable(report.error());
    if (world_.broken == BrokenCore::tells_one_other)
        for (const auto& further : further_agencies(agency))
            (void)lanes_.at(further).take(lanes_.at(further).queue().size());
    if (report->repeated > 0)
        world_.occurrences.count("stream repeated_transaction_dropped");
    world_.trace("merge", [&] {
        return agency.value() + ": " + std::to_string(report->transactions) + " transactions, " +
               std::to_string(report->echoes) + " echoes, " + std::to_string(report->repeated) +
               " repeated, " + std::to_string(log.entries().size()) + " entries";
    });
    capture.merging = true;
    decide(log, [this, agency, held = report->held] {
        auto& merged = captures_.at(agency);
        merged.merging = false;
        if (held)
            return hold(agency, merged);
        if (merged.flush)
            merged.flush->merged();
        merged.life.progress_made();
    });
    return true;
}

// Nothing of the stream is confirmed; it begins anew before the transaction when that is approved.
void SimDaemon::hold(const AgencyId& agency, Capture& capture)
{
    capture.sender.reset();
    capture.flush.reset();
    streams_.at(agency).observe(nullptr);
    world_.trace("capture", [&] { return agency.value() + " waits for an approval"; });
}

void SimDaemon::spoil(const AgencyId& agency, Capture& capture)
{
    auto& batch = capture.batch;
    const auto merged = state_->agencies.at(agency).end_lsn;
    switch (world_.broken) {
        case BrokenCore::skips_transactions:
            // Not the last one: the position of the batch would stand still.
            if (batch.size() > 1 && world_.dice.one_in(4))
                batch.erase(batch.begin());
            return;
        case BrokenCore::merges_repeated_transactions:
            for (auto& transaction : batch)
                if (transaction.end_lsn <= merged && transaction.commit_lsn < transaction.end_lsn)
                    transaction.end_lsn = Lsn{merged.value() + 1};
            return;
        case BrokenCore::merges_parts_again:
            state_->agencies.at(agency).inside.reset();
            return;
        case BrokenCore::reads_echoes_as_edits:
            for (auto& transaction : batch)
                if (!transaction.changes.empty())
                    transaction.origin.reset();
            return;
        default:
            return;
    }
}

// Beside the stream, which goes on meanwhile; only merging waits.
void SimDaemon::record_empty_stretch(const AgencyId& agency, Capture& capture)
{
    if (turn_ || capture.recording)
        return;
    const auto end = capture.flush->stretch_to_record(moment());
    const auto& known = state_->agencies.at(agency);
    if (!end || *end <= known.end_lsn)
        return;
    pipeline::EntryLog log{*state_};
    log.write(StreamPosition{agency, *end, known.seen, known.inside});
    world_.occurrences.count("stream empty_stretch_recorded");
    capture.recording = true;
    decide(log, [this, agency, end = *end] {
        auto& recorded = captures_.at(agency);
        recorded.recording = false;
        if (recorded.flush)
            recorded.flush->stretch_recorded(end, moment());
    });
}

void SimDaemon::confirm(const AgencyId& agency, Capture& capture)
{
    auto told = capture.flush->status_to_send(moment());
    if (world_.broken == BrokenCore::acknowledges_before_append && turn_)
        told.emplace().flushed = world_.sites.at(agency).agency.wal_end();
    if (world_.broken == BrokenCore::acknowledges_inside_transactions && capture.inside_transaction && told)
        told->flushed = Lsn{told->flushed.value() + 32};
    if (!told)
        return;
    const auto bytes = pgoutput::encode_status_update(
        {std::max(told->written, told->flushed), told->flushed, told->flushed, PgTime{0}}
    );
    const auto status = pgoutput::decode_status_update(bytes);
    if (!status)
        unreadable(status.error());
    world_.trace("capture", [&] { return agency.value() + " acknowledges " + to_string(status->flushed); });
    world_.ledger.acknowledged(world_, agency, status->flushed);
    auto& confirmed = world_.sites.at(agency).agency.confirmed;
    confirmed = std::max(confirmed, status->flushed);
}

pipeline::FlushTracker::Moment SimDaemon::moment() const
{
    return pipeline::FlushTracker::Moment{world_.time.now_us};
}

bool SimDaemon::lose_stream(const AgencyId& agency)
{
    auto& capture = captures_.at(agency);
    if (!capture.sender)
        return false;
    // A turn that has begun runs to its end all the same.
    if (capture.merging || capture.recording)
        world_.occurrences.count("fault stream_lost_during_append");
    capture.sender.reset();
    capture.flush.reset();
    streams_.at(agency).observe(nullptr);
    if (state_->agencies.at(agency).inside)
        world_.occurrences.count("fault stream_lost_between_parts");
    world_.occurrences.count(
        capture.inside_transaction ? "fault stream_lost_inside_transaction" : "fault stream_lost"
    );
    world_.trace("fault", [&] { return "the stream of " + agency.value() + " is lost"; });
    retry_later(capture.life, capture.retry_at_us, "connection_lost");
    return true;
}

}  // namespace casebridge::simulation
