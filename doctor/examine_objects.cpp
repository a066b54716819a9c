#include "connectors/libpq/identifier.hpp"
#include "doctor/examination.hpp"

#include <algorithm>
#include <array>

namespace casebridge::doctor {
namespace {

constexpr std::int64_t bytes_per_megabyte = 1024 * 1024;
constexpr std::int64_t budget_warning_percent = 20;
constexpr std::array<std::string_view, 6> shared_codes{
    "publication_too_wide",
    "publication_filters",
    "slot_of_another_kind",
    "slot_lost",
    "slot_without_publication",
    "no_replica_identity"};

class ObjectExamination {
public:
    explicit ObjectExamination(const AgencyFacts& facts) : facts_(facts) {}

    [[nodiscard]] Subject run()
    {
        if (facts_.objects) {
            look_at_hindrances();
            look_at_presence();
            look_at_publication();
        } else {
            subject_.withdraw(
                {"not_set_up",
                 "publication_missing",
                 "publication_too_wide",
                 "publication_filters",
                 "publication_operations",
                 "table_not_published",
                 "published_without_mapping",
                 "no_replica_identity",
                 "slot_missing",
                 "slot_of_another_kind",
                 "slot_lost",
                 "slot_without_publication"}
            );
        }
        if (!facts_.objects || !facts_.objects->slot || !facts_.server || !facts_.origin)
            subject_.withdraw({"origin_missing"});
        if (facts_.server && facts_.server->slot)
            look_at_slot(*facts_.server->slot);
        else
            subject_.withdraw({"slot_read_by_others", "wal_budget_low", "catalog_xmin_old"});
        look_at_position();
        return std::move(subject_);
    }

private:
    [[nodiscard]] bool is_table(const std::string& place) const
    {
        return std::ranges::any_of(facts_.objects->tables, [&](const postgres::PublishableTable& table) {
            return table.name() == place;
        });
    }

    void look_at_hindrances()
    {
        for (const auto& error : postgres::hindrances(*facts_.objects, facts_.name))
            if (!is_table(error.place) && std::ranges::count(shared_codes, error.code) > 0)
                subject_.found(error.code, error.place + ": " + error.message, error.remedy);
    }

    void look_at_presence()
    {
        const bool published = facts_.objects->publication.has_value();
        const bool slot = facts_.objects->slot.has_value();
        if (!published && !slot && !facts_.hub_position) {
            subject_.found(
                "not_set_up",
                "there is neither the publication nor the slot " + facts_.name,
                "casebridge setup --agency " + facts_.agency
            );
            return;
        }
        if (!published && !slot)
            subject_.found(
                "publication_missing",
                "there is no publication " + facts_.name + ", though the agency was read",
                "casebridge setup, then survey the agency"
            );
        if (!slot)
            subject_.found(
                "slot_missing",
                "there is no slot " + facts_.name + ", though the " +
                    (published ? "publication exists" : "agency was read"),
                facts_.hub_position ? "find out who dropped it; casebridge setup makes it again, then survey "
                                      "the agency: what happened meanwhile is not in the stream"
                                    : "casebridge setup --agency " + facts_.agency
            );
        if (slot && facts_.origin && facts_.server && !facts_.server->origin)
            subject_.found(
                "origin_missing",
                "there is no replication origin " + *facts_.origin,
                "casebridge setup --agency " + facts_.agency
            );
    }

    void look_at_publication()
    {
        if (!facts_.objects->publication)
            return;
        const auto& publication = *facts_.objects->publication;
        const auto alter = "ALTER PUBLICATION " + libpq::quote_identifier(facts_.name);
        if (publication.operations == postgres::PublicationObject::Operations::some)
            subject_.found(
                "publication_operations",
                "the publication leaves out insert, update, delete or truncate",
                alter + " SET (publish = 'insert, update, delete, truncate')"
            );
        if (publication.extent == postgres::PublicationObject::Extent::schemas_or_all)
            return;
        for (const auto& table : facts_.objects->tables)
            if (table.kind == postgres::PublishableTable::Kind::ordinary &&
                !publication.publishes(table.schema, table.table))
                subject_.found(
                    "table_not_published",
                    table.name() + " is mapped and not published",
                    alter + " ADD TABLE " + libpq::quote_qualified(table.schema, table.table)
                );
        for (const auto& published : publication.tables)
            if (!is_table(published.name()))
                subject_.found(
                    "published_without_mapping",
                    published.name() + " is published and no mapping names it",
                    alter + " DROP TABLE " + libpq::quote_qualified(published.schema, published.table)
                );
    }

    void look_at_slot(const SlotUse& slot)
    {
        if (slot.active_pid && facts_.capture && slot.reader != facts_.capture->role.name)
            subject_.found(
                "slot_read_by_others",
                "process " + std::to_string(*slot.active_pid) + " of role " + slot.reader + " reads the slot",
                "find out who it is; SELECT pg_terminate_backend(" + std::to_string(*slot.active_pid) +
                    "), and survey the agency"
            );
        const auto* session = facts_.deliver ? &*facts_.deliver : facts_.capture ? &*facts_.capture : nullptr;
        const auto budget = session == nullptr ? std::nullopt : session->number("max_slot_wal_keep_size");
        const bool little = budget && *budget > 0 && slot.safe_wal_size &&
                            *slot.safe_wal_size * 100 < *budget * bytes_per_megabyte * budget_warning_percent;
        if (slot.wal_status == "unreserved" || little)
            subject_.found(
                "wal_budget_low",
                "wal_status is " + slot.wal_status +
                    (slot.safe_wal_size
                         ? ", " + std::to_string(*slot.safe_wal_size) + " bytes may still be written"
                         : std::string{}),
                "start the daemon, or find out why it does not read; raise max_slot_wal_keep_size if the "
                "disk "
                "can spare it"
            );
        const auto freeze = session == nullptr ? std::nullopt : session->number("autovacuum_freeze_max_age");
        if (freeze && slot.catalog_xmin_age > *freeze / 2)
            subject_.found(
                "catalog_xmin_old",
                "age(catalog_xmin) of the slot is " + std::to_string(slot.catalog_xmin_age),
                "start the daemon; if the bridge is given up, casebridge teardown"
            );
    }

    void look_at_position()
    {
        if (!facts_.hub_position || !facts_.server) {
            subject_.withdraw({"server_behind_hub", "slot_ahead_of_hub"});
            return;
        }
        // While a daemon reads, the slot moves on between the two looks.
        const auto& slot = facts_.server->slot;
        if (slot && !slot->active_pid && slot->confirmed && *slot->confirmed > *facts_.hub_position)
            subject_.found(
                "slot_ahead_of_hub",
                "the slot is confirmed up to " + to_string(*slot->confirmed) + ", the hub has read up to " +
                    to_string(*facts_.hub_position),
                "find out whether the slot was made anew, somebody else reads it, or the hub is an older "
                "copy; "
                "docs/runbook.md, \"A new hub\", is the way on"
            );
        if (*facts_.hub_position > facts_.server->flushed)
            subject_.found(
                "server_behind_hub",
                "the server's WAL ends at " + to_string(facts_.server->flushed) +
                    ", the hub has read up to " + to_string(*facts_.hub_position),
                "find out what was restored; declare the gap and survey the agency"
            );
    }

    const AgencyFacts& facts_;
    Subject subject_{
        "publication, slot and origin",
        {"not_set_up",
          "publication_missing", "publication_too_wide",
          "publication_filters", "publication_operations",
          "table_not_published", "published_without_mapping",
          "no_replica_identity", "slot_missing",
          "slot_of_another_kind", "slot_lost",
          "slot_without_publication", "slot_read_by_others",
          "wal_budget_low", "catalog_xmin_old",
          "server_behind_hub", "slot_ahead_of_hub",
          "origin_missing"}
    };
};

}  // namespace

Subject examine_objects(const AgencyFacts& facts)
{
    return ObjectExamination{facts}.run();
}

}  // namespace casebridge::doctor
