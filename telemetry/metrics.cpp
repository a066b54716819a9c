#include "telemetry/metrics.hpp"

#include "model/assert.hpp"
#include "telemetry/metric_families.hpp"

#include <map>

namespace casebridge::telemetry {

namespace {

using prometheus::Counter;
using prometheus::Gauge;
using prometheus::Histogram;

// An append is one small write and a flush; anything above a second is a sick disk.
const Histogram::BucketBoundaries append_buckets{
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5};

bool is_agency_id(const std::string& id)
{
    if (id.empty() || id.size() > 15 || id.front() < 'a' || id.front() > 'z')
        return false;
    return id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
}

}  // namespace

struct Metrics::Handles {
    explicit Handles(MetricFamilies& families)
        : start_timestamp_seconds(&families.gauge(Metric::start_timestamp_seconds)),
          resident_memory_bytes(&families.gauge(Metric::resident_memory_bytes)),
          leader(&families.gauge(Metric::leader)),
          log_lines_lost(&families.counter(Metric::log_lines_lost)),
          config_reload_successful(&families.gauge(Metric::config_reload_successful)),
          config_reload_time(&families.gauge(Metric::config_reload_time)),
          holds(&families.gauge(Metric::holds)),
          proposals(&families.gauge(Metric::proposals)),
          oldest_hold_age_seconds(&families.gauge(Metric::oldest_hold_age_seconds)),
          journal_seq(&families.gauge(Metric::journal_seq)),
          append_seconds(&families.histogram(Metric::append_seconds, append_buckets)),
          projection_lag_entries(&families.gauge(Metric::projection_lag_entries)),
          hub_size_bytes(&families.gauge(Metric::hub_size_bytes))
    {
        for (const auto& meaning : event_meanings)
            events[index_of(meaning.code)] = &families.counter(
                Metric::events,
                {
                    {"type", std::string{meaning.name}}
            }
            );
        for (const auto type : conflict_types)
            for (const auto rule : rules)
                conflicts[index_of(type)][index_of(rule)] = &families.counter(
                    Metric::conflicts,
                    {
                        {"type", text_of(type)},
                        {"rule", text_of(rule)}
                }
                );
    }

    Gauge* start_timestamp_seconds;
    Gauge* resident_memory_bytes;
    Gauge* leader;
    Counter* log_lines_lost;
    Gauge* config_reload_successful;
    Gauge* config_reload_time;
    Gauge* holds;
    Gauge* proposals;
    Gauge* oldest_hold_age_seconds;
    Gauge* journal_seq;
    Histogram* append_seconds;
    Gauge* projection_lag_entries;
    Gauge* hub_size_bytes;
    std::array<Counter*, event_code_count> events{};
    std::array<std::array<Counter*, rules.size()>, conflict_types.size()> conflicts{};
    std::map<AgencyId, AgencyProbe> agencies;
};

Metrics::Metrics(std::string_view version)
    : families_(std::make_unique<MetricFamilies>()), handles_(std::make_unique<Handles>(*families_))
{
    families_
        ->gauge(
            Metric::build_info,
            {
                {"version", std::string{version}}
    }
        )
        .Set(1.0);
    hub_unknown();
}

Metrics::~Metrics() = default;

AgencyProbe& Metrics::agency(const AgencyId& agency)
{
    CASEBRIDGE_ASSERT(is_agency_id(agency.value()));
    auto& agencies = handles_->agencies;
    const auto [found, added] = agencies.try_emplace(agency, *families_, agency);
    CASEBRIDGE_ASSERT(agencies.size() <= agencies_max);
    return found->second;
}

void Metrics::started_at(UnixTime time) noexcept
{
    handles_->start_timestamp_seconds->Set(unix_seconds(time));
}

void Metrics::resident_memory(std::uint64_t bytes) noexcept
{
    handles_->resident_memory_bytes->Set(number(bytes));
}

void Metrics::leading() noexcept
{
    handles_->leader->Set(1.0);
}

void Metrics::standing_by() noexcept
{
    handles_->leader->Set(0.0);
}

void Metrics::event_seen(EventCode code) noexcept
{
    handles_->events[index_of(code)]->Increment();
}

void Metrics::log_line_lost() noexcept
{
    handles_->log_lines_lost->Increment();
}

void Metrics::configuration_applied(Seconds since_1970) noexcept
{
    handles_->config_reload_successful->Set(1.0);
    handles_->config_reload_time->Set(since_1970.count());
}

void Metrics::configuration_refused() noexcept
{
    handles_->config_reload_successful->Set(0.0);
}

void Metrics::conflict(ConflictType type, Rule rule) noexcept
{
    handles_->conflicts[index_of(type)][index_of(rule)]->Increment();
}

void Metrics::hold_count(std::uint64_t holds) noexcept
{
    handles_->holds->Set(number(holds));
}

void Metrics::proposal_count(std::uint64_t proposals) noexcept
{
    handles_->proposals->Set(number(proposals));
}

void Metrics::hub(std::uint64_t size_bytes, Seconds oldest_hold_age) noexcept
{
    handles_->hub_size_bytes->Set(number(size_bytes));
    handles_->oldest_hold_age_seconds->Set(oldest_hold_age.count());
}

void Metrics::hub_unknown() noexcept
{
    handles_->hub_size_bytes->Set(unknown);
    handles_->oldest_hold_age_seconds->Set(unknown);
}

void Metrics::appended(JournalSeq last, Seconds duration)
{
    journal_seq(last);
    handles_->append_seconds->Observe(duration.count());
}

void Metrics::journal_seq(JournalSeq last) noexcept
{
    handles_->journal_seq->Set(static_cast<double>(last.value()));
}

void Metrics::projection_lag(std::uint64_t entries) noexcept
{
    handles_->projection_lag_entries->Set(number(entries));
}

std::string Metrics::exposition() const
{
    return families_->exposition();
}

}  // namespace casebridge::telemetry
