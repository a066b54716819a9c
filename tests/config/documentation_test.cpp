#include "tests/config/files.hpp"

#include <gtest/gtest.h>

// docs/configuration.md promises to name every key and to show configurations that load.

namespace casebridge::config {
namespace {

std::string documentation()
{
    std::ifstream file{CASEBRIDGE_SOURCE_DIR "/docs/configuration.md"};
    return {std::istreambuf_iterator<char>{file}, {}};
}

TEST(Documentation, NamesEveryKey)
{
    const auto page = documentation();
    for (const std::string key :
         {"$schema",
          "bridge",
          "hub",
          "connection",
          "model",
          "agencies",
          "capture",
          "deliver",
          "setup",
          "mapping",
          "rules",
          "default",
          "authority",
          "latest",
          "hold",
          "skew_ms",
          "filled",
          "max",
          "sum",
          "union",
          "set",
          "separator",
          "breaker",
          "window_minutes",
          "changed",
          "deleted",
          "at_least",
          "stale_forms",
          "stale_form_window_seconds",
          "restored",
          "agreements",
          "id",
          "from",
          "to",
          "purpose",
          "legal_basis",
          "valid",
          "share",
          "web",
          "listen",
          "allow_remote",
          "log",
          "format",
          "level",
          "limits",
          "batch_transactions_max",
          "transaction_rows_atomic_max",
          "transaction_bytes_max",
          "unprojected_max",
          "records_cached_max",
          "delivery_rows_max",
          "survey_chunk_rows",
          "lock_timeout_ms",
          "statement_timeout_ms",
          "heartbeat_seconds",
          "drain_timeout_seconds",
          "retention",
          "journal_values_days",
          "conflict_values_days",
          "journal_days",
          "code_lists",
          "entities",
          "fields",
          "groups",
          "identity",
          "exact",
          "type",
          "list",
          "agency",
          "tables",
          "entity",
          "key",
          "column",
          "new",
          "create_when",
          "age",
          "path",
          "codes",
          "ref",
          "required",
          "split",
          "pattern",
          "on_insert",
          "may_delete",
          "on_delete"})
        EXPECT_NE(page.find("`" + key + "`"), std::string::npos) << key;
}

TEST(Documentation, StatesTheDefaultsThatHold)
{
    const auto page = documentation();
    const Limits limits;
    const auto row = [&](const std::string& key, std::int64_t standard) {
        EXPECT_NE(page.find("| `" + key + "` | " + std::to_string(standard) + " |"), std::string::npos)
            << key;
    };
    row("batch_transactions_max", limits.batch_transactions_max);
    row("transaction_rows_atomic_max", limits.transaction_rows_atomic_max);
    row("transaction_bytes_max", limits.transaction_bytes_max);
    row("unprojected_max", limits.unprojected_max);
    row("records_cached_max", limits.records_cached_max);
    row("delivery_rows_max", limits.delivery_rows_max);
    row("survey_chunk_rows", limits.survey_chunk_rows);
    row("lock_timeout_ms", limits.lock_timeout.count());
    row("statement_timeout_ms", limits.statement_timeout.count());
    row("heartbeat_seconds", limits.heartbeat.count());
    row("drain_timeout_seconds", limits.drain_timeout.count());
}

// The four examples of the page, in its order, are one configuration.
TEST(Documentation, ShowsAConfigurationThatLoads)
{
    const auto page = documentation();
    const std::string fence = "```jsonc\n";
    Files files;
    std::size_t at = 0;
    for (const auto* name : {bridge, model, sp, es}) {
        const auto begin = page.find(fence, at);
        ASSERT_NE(begin, std::string::npos) << name;
        at = page.find("```", begin + fence.size());
        files.text(name) = page.substr(begin + fence.size(), at - begin - fence.size());
    }
    EXPECT_EQ(files.mistakes(), "");
}

}  // namespace
}  // namespace casebridge::config
