#include "connectors/libpq/identifier.hpp"
#include "connectors/postgres/agency_objects.hpp"

#include <algorithm>
#include <utility>

// The judgement over agency_objects.hpp. Pure: the facts decide alone.

namespace casebridge::postgres {
namespace {

constexpr int server_version_min = 150000;  // Row filters and column lists of publications exist since.

class Hindrances {
public:
    Hindrances(const AgencyObjects& objects, const std::string& name) : objects_(objects), name_(name) {}

    [[nodiscard]] std::vector<Error> find()
    {
        look_at_server();
        for (const auto& table : objects_.tables)
            look_at_table(table);
        look_at_publication();
        look_at_slot();
        return std::move(found_);
    }

private:
    void add(std::string place, std::string code, std::string message, std::string remedy)
    {
        found_.push_back(
            {ErrorClass::permanent, std::move(code), std::move(place), std::move(message), std::move(remedy)}
        );
    }

    void look_at_server()
    {
        if (objects_.server_version < server_version_min)
            add("server",
                "server_too_old",
                "the server is older than PostgreSQL 15",
                "upgrade the server to PostgreSQL 15 or later");
        if (objects_.recovery == AgencyObjects::Recovery::standby)
            add("server",
                "server_is_standby",
                "the server is a standby, nothing can be made or written there",
                "connect to the primary: add target_session_attrs=read-write and all hosts to the "
                "connection");
        if (objects_.wal_level != "logical")
            add("wal_level",
                "wal_level_too_low",
                "the server does not write what logical replication needs",
                "ALTER SYSTEM SET wal_level = logical, then restart the server");
        if (!objects_.slot && objects_.slots_used >= objects_.slots_max)
            add("max_replication_slots",
                "no_free_slot",
                "all " + std::to_string(objects_.slots_max) + " replication slots of the server are taken",
                "ALTER SYSTEM SET max_replication_slots = " + std::to_string(objects_.slots_used + 2) +
                    ", then restart the server; or drop a slot that nobody needs");
    }

    void look_at_table(const PublishableTable& table)
    {
        const auto quoted = libpq::quote_qualified(table.schema, table.table);
        switch (table.kind) {
            case PublishableTable::Kind::missing:
                add(table.name(), "table_missing", "there is no such table", "correct the mapping");
                return;
            case PublishableTable::Kind::other:
                add(table.name(),
                    "not_a_table",
                    "a view, foreign or partitioned table is not supported",
                    "map ordinary tables");
                return;
            case PublishableTable::Kind::ordinary:
                break;
        }
        if (table.persistence == PublishableTable::Persistence::not_logged) {
            add(table.name(),
                "not_logged",
                "an unlogged or temporary table has no change stream",
                "ALTER TABLE " + quoted + " SET LOGGED");
            return;
        }
        if (table.children == Presence::there)
            add(table.name(),
                "inherited_table",
                "other tables inherit from this one: they would be published with it, and where they have no "
                "replica identity of their own they would refuse their own application's updates",
                "map tables that nobody inherits from");
        switch (table.identity) {
            case ReplicaIdentity::none:
            case ReplicaIdentity::without_key:
                add(table.name(),
                    "no_replica_identity",
                    "the key column is not part of a replica identity: published like this, the table would "
                    "refuse its own application's updates or hide whose row was deleted",
                    "add a primary key that is not deferrable, or ALTER TABLE " + quoted +
                        " REPLICA IDENTITY USING INDEX with a unique index on the key column");
                return;
            case ReplicaIdentity::with_key:
            case ReplicaIdentity::full:
                return;
        }
    }

    [[nodiscard]] bool is_mapped(const PublishedTable& published) const
    {
        return std::ranges::any_of(objects_.tables, [&](const PublishableTable& table) {
            return table.schema == published.schema && table.table == published.table;
        });
    }

    void look_at_publication()
    {
        if (!objects_.publication)
            return;
        const auto quoted = libpq::quote_identifier(name_);
        if (objects_.publication->extent == PublicationObject::Extent::schemas_or_all)
            add(name_,
                "publication_too_wide",
                "the publication publishes whole schemas or all tables",
                "drop the publication and the slot, then run setup again");
        for (const auto& table : objects_.publication->tables) {
            const auto place = name_ + ": " + table.name();
            const auto table_name = libpq::quote_qualified(table.schema, table.table);
            if (table.extent == PublishedTable::Extent::part)
                add(place,
                    "publication_filters",
                    "the publication has a column list or row filter for the table",
                    "ALTER PUBLICATION " + quoted + " DROP TABLE " + table_name +
                        ", then ALTER PUBLICATION " + quoted + " ADD TABLE " + table_name);
            if (table.identity == ReplicaIdentity::none && !is_mapped(table))
                add(place,
                    "no_replica_identity",
                    "a published table that no mapping names has no replica identity: it refuses its own "
                    "application's updates",
                    "ALTER PUBLICATION " + quoted + " DROP TABLE " + table_name);
        }
    }

    void look_at_slot()
    {
        if (!objects_.slot)
            return;
        if (objects_.slot->kind == SlotObject::Kind::another)
            add(name_,
                "slot_of_another_kind",
                "the slot belongs to another database or plugin, is temporary or decodes two-phase commits",
                "drop the slot if nobody uses it, then run setup again");
        else if (objects_.slot->wal == SlotObject::Wal::lost)
            add(name_,
                "slot_lost",
                "the server has removed WAL that the slot needed",
                "drop the slot, run setup again and survey the agency");
        if (!objects_.publication)
            add(name_,
                "slot_without_publication",
                "the slot is older than its publication would be and could never be read",
                "drop the slot, run setup again and survey the agency");
    }

    const AgencyObjects& objects_;
    const std::string& name_;
    std::vector<Error> found_;
};

}  // namespace

std::vector<Error> hindrances(const AgencyObjects& objects, const std::string& name)
{
    return Hindrances{objects, name}.find();
}

}  // namespace casebridge::postgres
