#include "pipeline/parked_requests.hpp"

#include "pipeline/parked_rows.hpp"
#include "pipeline/row_demand.hpp"
#include "pipeline/row_merge.hpp"

#include <utility>

namespace casebridge::pipeline {

namespace {

const ParkedRow* find_parked(const BridgeState& state, JournalSeq since)
{
    for (const auto& [row, parked] : state.parked)
        if (parked.since == since)
            return &parked;
    return nullptr;
}

// One line for each thing asked for, and whether anything came of any.
class Report {
public:
    void done(const std::string& name, const std::string& what)
    {
        done_ = true;
        add(name, what);
    }
    void failed(const std::string& name, const std::string& what) { add(name, what); }

    [[nodiscard]] ParkedAnswer answer() &&
    {
        return {done_ ? RequestOutcome::done : RequestOutcome::refused, std::move(text_)};
    }

private:
    void add(const std::string& name, const std::string& what)
    {
        text_ += (text_.empty() ? "" : "; ") + name + ": " + what;
    }

    bool done_ = false;
    std::string text_;
};

struct FoundRefusal {
    MappingIndex table;
    Refusal refusal;
};

std::optional<FoundRefusal> find_refusal(const BridgeState& state, const DeliveryName& delivery)
{
    const auto* record = state.records.find(delivery.record);
    const auto* table =
        record == nullptr ? nullptr : state.definition->table_of(delivery.agency, record->entity);
    const auto* refusal = table == nullptr ? nullptr : record->find_refusal(table->index);
    if (refusal == nullptr)
        return std::nullopt;
    return FoundRefusal{table->index, *refusal};
}

constexpr auto no_such_row = "no row is parked under that number; it was read meanwhile, or never was";
constexpr auto no_such_refusal = "no such delivery is refused; it is not any more, or never was";

void retry_row(JournalSeq since, EntryLog& log, Report& report)
{
    const auto& state = std::as_const(log).state();
    const auto name = std::to_string(since.value());
    const auto* parked = find_parked(state, since);
    if (parked == nullptr) {
        report.failed(name, no_such_row);
        return;
    }
    // The row has been dealt with as far as its agency's stream is: what it may lack of that is marked.
    RowInput cause;
    cause.position = parked->newest.position;
    cause.seen = state.agencies.at(parked->newest.agency).seen;
    const auto row = parked->row;
    auto again = read_again(state, row, cause);
    if (!again) {
        report.failed(name, "its row could not even be read; the agency's next change of it, whole, is read");
        return;
    }
    merge_row(log, std::move(*again));
    const auto left = state.parked.find(row);
    if (left == state.parked.end())
        report.done(name, "read");
    else
        report.failed(name, "parked again: " + left->second.newest.code + " at " + left->second.newest.place);
}

void retry_delivery(const DeliveryName& delivery, EntryLog& log, Report& report)
{
    const auto name = to_text(delivery);
    const auto found = find_refusal(std::as_const(log).state(), delivery);
    if (!found) {
        report.failed(name, no_such_refusal);
        return;
    }
    if (found->refusal.code == hop_guard) {
        report.failed(
            name, "the agency answers every delivery with another value: a decision ends that, not a retry"
        );
        return;
    }
    log.write(DeliveryReleased{delivery.agency, found->table, delivery.record});
    report.done(name, "queued again");
}

void skip_row(JournalSeq since, RequestId request, EntryLog& log, Report& report)
{
    const auto name = std::to_string(since.value());
    const auto* parked = find_parked(std::as_const(log).state(), since);
    if (parked == nullptr) {
        report.failed(name, no_such_row);
        return;
    }
    log.write(ParkedSkipped{parked->newest.agency, parked->row.table, parked->row.key, request});
    report.done(name, "set aside until the row changes");
}

void skip_delivery(const DeliveryName& delivery, RequestId request, EntryLog& log, Report& report)
{
    const auto found = find_refusal(std::as_const(log).state(), delivery);
    if (!found) {
        report.failed(to_text(delivery), no_such_refusal);
        return;
    }
    log.write(DeliverySkipped{delivery.agency, found->table, delivery.record, request});
    report.done(to_text(delivery), "set aside until the record changes");
}

}  // namespace

std::string to_text(const DeliveryName& delivery)
{
    return std::to_string(delivery.record.value()) + "@" + delivery.agency.value();
}

Demand parked_demand(const BridgeState& state, const ParkedNames& names)
{
    Demand demand;
    for (const auto since : names.rows)
        if (const auto* parked = find_parked(state, since); parked != nullptr && parked->newest.image)
            demand_row(state, parked->row, *parked->newest.image, demand);
    for (const auto& delivery : names.deliveries)
        if (!state.records.knows(delivery.record))
            demand.records.push_back(delivery.record);
    return demand;
}

ParkedAnswer retry_parked(const RetryParked& wanted, EntryLog& log)
{
    Report report;
    for (const auto row : wanted.names.rows)
        retry_row(row, log, report);
    for (const auto& delivery : wanted.names.deliveries)
        retry_delivery(delivery, log, report);
    return std::move(report).answer();
}

ParkedAnswer skip_parked(const SkipParked& wanted, RequestId request, EntryLog& log)
{
    Report report;
    for (const auto row : wanted.names.rows)
        skip_row(row, request, log, report);
    for (const auto& delivery : wanted.names.deliveries)
        skip_delivery(delivery, request, log, report);
    return std::move(report).answer();
}

}  // namespace casebridge::pipeline
