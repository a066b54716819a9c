#pragma once

#include "model/assert.hpp"
#include "telemetry/metric_catalogue.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// Inside of the room: the border to prometheus-cpp, which only metrics.cpp and agency_probe.cpp cross.

namespace casebridge::telemetry {

template <class T>
[[nodiscard]] std::string text_of(T word)
{
    return std::string{std::string_view{to_string(word)}};
}

template <class T>
[[nodiscard]] constexpr std::size_t index_of(T word)
{
    return static_cast<std::size_t>(word);
}

// Exact up to 2^53, which neither a counter nor a WAL position reaches.
[[nodiscard]] inline double number(std::uint64_t value)
{
    return static_cast<double>(value);
}

// Of a gauge whose value nobody knows: it compares with nothing, so no alert takes it for a small number.
inline constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

// As Prometheus counts time.
[[nodiscard]] inline double unix_seconds(std::chrono::system_clock::time_point time)
{
    return std::chrono::duration<double>(time.time_since_epoch()).count();
}

// The families of the catalogue. Asking for a series under another type or with other labels than the
// catalogue says is an assertion, so the catalogue cannot differ from what is exported.
class MetricFamilies {
public:
    MetricFamilies()
    {
        for (const auto& entry : metric_catalogue)
            families_.push_back(make_family(entry));
    }

    prometheus::Counter& counter(Metric metric, const prometheus::Labels& labels = {})
    {
        return family<prometheus::Counter>(metric, labels).Add(labels);
    }
    prometheus::Gauge& gauge(Metric metric, const prometheus::Labels& labels = {})
    {
        return family<prometheus::Gauge>(metric, labels).Add(labels);
    }
    prometheus::Histogram& histogram(
        Metric metric,
        const prometheus::Histogram::BucketBoundaries& buckets,
        const prometheus::Labels& labels = {}
    )
    {
        return family<prometheus::Histogram>(metric, labels).Add(labels, buckets);
    }

    [[nodiscard]] std::string exposition() const
    {
        return prometheus::TextSerializer{}.Serialize(registry_.Collect());
    }

private:
    using AnyFamily = std::variant<
        prometheus::Family<prometheus::Counter>*,
        prometheus::Family<prometheus::Gauge>*,
        prometheus::Family<prometheus::Histogram>*>;

    template <class Builder>
    auto* build(Builder builder, const MetricEntry& entry)
    {
        return &builder.Name(std::string{entry.name}).Help(std::string{entry.help}).Register(registry_);
    }

    AnyFamily make_family(const MetricEntry& entry)
    {
        switch (entry.kind) {
            case MetricKind::counter:
                return build(prometheus::BuildCounter(), entry);
            case MetricKind::gauge:
                return build(prometheus::BuildGauge(), entry);
            case MetricKind::histogram:
                return build(prometheus::BuildHistogram(), entry);
        }
        CASEBRIDGE_ASSERT(false);
        return {};
    }

    template <class T>
    prometheus::Family<T>& family(Metric metric, const prometheus::Labels& labels)
    {
        std::size_t expected = 0;
        for (const auto name : entry_of(metric).labels.both()) {
            expected += name.empty() ? 0U : 1U;
            CASEBRIDGE_ASSERT(name.empty() || labels.contains(std::string{name}));
        }
        CASEBRIDGE_ASSERT(labels.size() == expected);
        auto** found = std::get_if<prometheus::Family<T>*>(&families_[index_of(metric)]);
        CASEBRIDGE_ASSERT(found != nullptr);
        return **found;
    }

    prometheus::Registry registry_;
    std::vector<AnyFamily> families_;
};

}  // namespace casebridge::telemetry
