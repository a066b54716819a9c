#include "connectors/libpq/identifier.hpp"
#include "doctor/examination.hpp"
#include "model/assert.hpp"

#include <array>

namespace casebridge::doctor {
namespace {

constexpr std::int64_t sender_timeout_min_ms = 5'000;
constexpr std::int64_t sender_timeout_max_ms = 300'000;
// How long set-up waits for transactions that run.
constexpr std::int64_t old_transaction_seconds = 60;
constexpr int first_without_old_bugs = 180000;
constexpr int origins_counted_apart = 180000;

class ServerExamination {
public:
    explicit ServerExamination(const AgencyFacts& facts) : facts_(facts), session_(session()) {}

    [[nodiscard]] Subject run()
    {
        look_at_hindrances();
        if (facts_.server && session_ != nullptr) {
            look_at_versions();
            look_at_room();
            look_at_wal();
            examine_durability(*session_, subject_);
            if (facts_.server->encoding == "SQL_ASCII")
                subject_.found(
                    "encoding_unknown",
                    "the database's encoding is SQL_ASCII",
                    "find out what the application stores; dump the database and restore it into one with "
                    "that encoding"
                );
        } else
            subject_.withdraw(
                {"server_outdated",
                 "no_free_wal_sender",
                 "no_free_origin",
                 "wal_sender_timeout_unsuited",
                 "wal_unbounded",
                 "slots_time_out",
                 "durability_off",
                 "encoding_unknown",
                 "inactive_slot"}
            );
        if (facts_.transactions)
            look_at_transactions(*facts_.transactions);
        else
            subject_.withdraw({"old_transaction", "output_plugin_refused", "output_plugins_open"});
        return std::move(subject_);
    }

private:
    [[nodiscard]] const SessionFacts* session() const
    {
        if (facts_.deliver)
            return &*facts_.deliver;
        return facts_.capture ? &*facts_.capture : nullptr;
    }

    [[nodiscard]] std::int64_t setting(std::string_view name, std::int64_t otherwise) const
    {
        return session_->number(name).value_or(otherwise);
    }

    void look_at_hindrances()
    {
        if (!facts_.objects)
            return subject_.withdraw(
                {"server_too_old", "server_is_standby", "wal_level_too_low", "no_free_slot"}
            );
        for (const auto& error : postgres::hindrances(*facts_.objects, facts_.name))
            for (const std::string_view code :
                 {"server_too_old", "server_is_standby", "wal_level_too_low", "no_free_slot"})
                if (error.code == code)
                    subject_.found(code, error.message, error.remedy);
    }

    void look_at_versions()
    {
        if (is_outdated(facts_.server->version))
            subject_.found(
                "server_outdated",
                "the server is " + std::to_string(facts_.server->version / 10000) + "." +
                    std::to_string(facts_.server->version % 10000),
                "install the newest minor release: 15.14, 16.10 or 17.6 at least"
            );
    }

    void look_at_room()
    {
        const bool streaming = facts_.server->slot && facts_.server->slot->active_pid;
        const auto senders = setting("max_wal_senders", 0);
        if (!streaming && facts_.server->wal_senders_used >= senders)
            subject_.found(
                "no_free_wal_sender",
                "all " + std::to_string(senders) + " places of max_wal_senders are taken",
                "ALTER SYSTEM SET max_wal_senders = " + std::to_string(facts_.server->wal_senders_used + 2) +
                    ", then restart the server"
            );
        const auto* name = facts_.server->version >= origins_counted_apart ? "max_active_replication_origins"
                                                                           : "max_replication_slots";
        const auto origins = setting(name, 0);
        if (!facts_.server->origin && facts_.server->origins >= origins)
            subject_.found(
                "no_free_origin",
                "the server has " + std::to_string(facts_.server->origins) + " replication origins and " +
                    name + " = " + std::to_string(origins),
                std::string{"ALTER SYSTEM SET "} + name + " = " + std::to_string(facts_.server->origins + 2) +
                    ", then restart the server; or drop an origin that nobody needs"
            );
    }

    void look_at_wal()
    {
        // The walsender is a session of the capturing role, which may have a setting of its own.
        const auto& reader = facts_.capture ? *facts_.capture : *session_;
        const auto timeout = reader.number("wal_sender_timeout").value_or(sender_timeout_min_ms);
        if (timeout < sender_timeout_min_ms || timeout > sender_timeout_max_ms)
            subject_.found(
                "wal_sender_timeout_unsuited",
                timeout == 0 ? "wal_sender_timeout is off"
                             : "wal_sender_timeout is " + std::to_string(timeout) + " ms",
                "ALTER SYSTEM SET wal_sender_timeout = '60s'; SELECT pg_reload_conf()"
            );
        if (setting("max_slot_wal_keep_size", 0) < 0)
            subject_.found(
                "wal_unbounded",
                "max_slot_wal_keep_size is -1: slots may keep WAL without limit",
                "ALTER SYSTEM SET max_slot_wal_keep_size = '…GB', as much as the disk can spare; SELECT "
                "pg_reload_conf()"
            );
        if (setting("idle_replication_slot_timeout", 0) > 0)
            subject_.found(
                "slots_time_out",
                "idle_replication_slot_timeout is set",
                "ALTER SYSTEM SET idle_replication_slot_timeout = 0; SELECT pg_reload_conf(); bound the WAL "
                "by "
                "max_slot_wal_keep_size instead"
            );
        for (const auto& slot : facts_.server->inactive_slots)
            subject_.found(
                "inactive_slot",
                "slot " + slot.name + " is read by nobody and keeps " + std::to_string(slot.held_bytes) +
                    " bytes of WAL",
                "if nobody needs it: SELECT pg_drop_replication_slot(" + libpq::quote_literal(slot.name) + ")"
            );
    }

    void look_at_transactions(const TransactionFacts& transactions)
    {
        if (transactions.oldest_seconds && *transactions.oldest_seconds >= old_transaction_seconds)
            subject_.found(
                "old_transaction",
                (transactions.oldest_pid
                     ? "a transaction of process " + std::to_string(*transactions.oldest_pid)
                     : std::string{"a prepared transaction"}) +
                    " is " + std::to_string(*transactions.oldest_seconds) + " s old",
                transactions.oldest_pid
                    ? "find out whose it is; SELECT pg_terminate_backend(" +
                          std::to_string(*transactions.oldest_pid) + ") ends it"
                    : "see pg_prepared_xacts; COMMIT PREPARED or ROLLBACK PREPARED, as its owner says"
            );
        if (transactions.view == TransactionFacts::View::own_sessions_only)
            subject_.withdraw({"old_transaction"});
        if (!transactions.output_plugins)
            return subject_.withdraw({"output_plugin_refused", "output_plugins_open"});
        const auto& plugins = *transactions.output_plugins;
        if (plugins.find("pgoutput") == std::string::npos)
            subject_.found(
                "output_plugin_refused",
                "output_plugin_libraries is " + plugins,
                "ALTER SYSTEM SET output_plugin_libraries = 'pgoutput'; SELECT pg_reload_conf()"
            );
        else if (plugins != "pgoutput")
            subject_.found(
                "output_plugins_open",
                "output_plugin_libraries is " + plugins,
                "if nobody else needs them: ALTER SYSTEM SET output_plugin_libraries = 'pgoutput'; SELECT "
                "pg_reload_conf()"
            );
    }

    const AgencyFacts& facts_;
    const SessionFacts* session_;
    Subject subject_{
        "server",
        {"server_too_old",
          "server_outdated", "server_is_standby",
          "wal_level_too_low", "no_free_slot",
          "no_free_wal_sender", "no_free_origin",
          "wal_sender_timeout_unsuited", "wal_unbounded",
          "slots_time_out", "durability_off",
          "encoding_unknown", "output_plugin_refused",
          "output_plugins_open", "old_transaction",
          "inactive_slot"}
    };
};

}  // namespace

Subject examine_server(const AgencyFacts& facts)
{
    return ServerExamination{facts}.run();
}

bool is_outdated(int server_version)
{
    struct Fixed {
        int major;
        int minor;
    };
    static constexpr std::array fixed{
        Fixed{15, 14},
        Fixed{16, 10},
        Fixed{17, 6 }
    };
    if (server_version >= first_without_old_bugs)
        return false;
    for (const auto& [major, minor] : fixed)
        if (server_version / 10000 == major)
            return server_version % 10000 < minor;
    return true;
}

void examine_durability(const SessionFacts& session, Subject& subject)
{
    for (const auto* name : {"fsync", "full_page_writes"})
        if (session.setting(name) == "off")
            subject.found(
                "durability_off",
                std::string{name} + " is off",
                std::string{"ALTER SYSTEM SET "} + name + " = on; SELECT pg_reload_conf()"
            );
}

}  // namespace casebridge::doctor
