#pragma once

#include "model/ids.hpp"
#include "pipeline/bridge_definition.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace casebridge::config {

// How to reach an agency. libpq connection strings without passwords: those come from a service or password
// file.
struct AgencyConnections {
    AgencyId agency;
    std::string capture;               // Reads the replication stream and surveys.
    std::string deliver;               // Writes mapped columns.
    std::optional<std::string> setup;  // Creates publication and slot; only used when asked to.
};

struct ListenAddress {
    std::string host = "127.0.0.1";
    std::uint16_t port = 9464;  // 0: the system chooses one.

    friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

enum class LogFormat { logfmt, json };
enum class LogLevel { debug, info, warning, error };

struct LogSettings {
    LogFormat format = LogFormat::logfmt;
    LogLevel level = LogLevel::info;
};

// Bounds of memory, of the work done at once, and of waiting. Every one has a safe default
// (docs/configuration.md).
struct Limits {
    std::int64_t batch_transactions_max = 100;  // Source transactions journalled in one hub transaction.
    // What is held of one source transaction; a larger one is processed in parts.
    std::int64_t transaction_rows_atomic_max = 10'000;
    std::int64_t transaction_bytes_max = 67'108'864;
    std::int64_t unprojected_max =
        10'000;  // Journal entries that projections may lag behind before reading pauses.
    std::int64_t records_cached_max = 20'000;  // Kept in memory beyond those that projections lack.
    std::int64_t delivery_rows_max = 500;      // Rows written in one delivery transaction.
    std::int64_t survey_chunk_rows = 1'000;
    std::chrono::milliseconds lock_timeout{2'000};
    std::chrono::milliseconds statement_timeout{30'000};
    std::chrono::seconds heartbeat{30};      // Between two markers on an idle lane.
    std::chrono::seconds drain_timeout{20};  // For finishing the transaction in hand on stop.
};

// A whole configuration: checked, compiled and complete.
struct Settings {
    pipeline::BridgeDefinition definition;
    std::string hub_connection;
    std::vector<AgencyConnections> agencies;  // In the order of definition.agencies.
    ListenAddress web;
    LogSettings log;
    Limits limits;
    // All files as they were read, one behind the other, each under a line `# <name> <bytes>`: what the
    // journal keeps.
    std::string source;
    // FNV-1a (64 bit) of `source` in 16 hexadecimal digits. Tells configurations apart, proves nothing.
    std::string source_hash;
};

}  // namespace casebridge::config
