#include "doctor/finding.hpp"

namespace casebridge::doctor {
namespace {

constexpr auto note = Severity::note;
constexpr auto warning = Severity::warning;
constexpr auto error = Severity::error;

}  // namespace

// The order is that of docs/doctor.md; a test compares codes and severities.
const std::vector<FindingKind>& catalogue()
{
    // clang-format 14 ends with a segmentation fault on this list.
    // clang-format off
    static const std::vector<FindingKind> kinds{
        // Connections
        {"unreachable", error, "the daemon waits and tries again; nothing was examined that lies behind the connection"},
        {"login_refused", error, "the daemon stops with this agency, or does not start if it is the hub; nothing was examined that lies behind the connection"},
        {"replication_refused", error, "no change of the agency can be read"},
        {"not_visible", note, "what was not seen was not judged"},
        {"connections_differ", error, "changes would be read from one database and written to another"},
        {"database_shared", warning, "a failure, a restore or a base backup of the one takes the other with it"},
        {"tls_off", warning, "personal data crosses the network unencrypted"},
        {"tls_unverified", warning, "somebody in between can pose as the server and read everything"},
        // Server
        {"server_too_old", error, "the publication's catalogs and protocol are not those that casebridge knows"},
        {"server_outdated", warning, "a publication or table that is altered while a transaction runs can lose changes of that transaction, or exhaust the server's memory"},
        {"server_is_standby", error, "nothing can be made or written there"},
        {"read_only_by_default", error, "every delivery is refused with 25006"},
        {"wal_level_too_low", error, "the slot cannot be made, and an existing one cannot be read"},
        {"no_free_slot", error, "set-up cannot make the slot"},
        {"no_free_wal_sender", error, "the stream cannot be started until another client leaves"},
        {"no_free_origin", warning, "the delivering session may not get its origin's place in memory (53400), and nothing is delivered then"},
        {"wal_sender_timeout_unsuited", warning, "too long or off: a vanished daemon keeps the slot busy and a standby daemon waits; too short: a slow moment of the daemon cuts the stream"},
        {"wal_unbounded", warning, "while the bridge is stopped its slot keeps WAL until the agency's disk is full and the agency stands still"},
        {"slots_time_out", warning, "a bridge that is stopped for longer loses its slot: set-up and survey anew"},
        {"durability_off", warning, "after a crash the server has forgotten or garbled what it confirmed"},
        {"encoding_unknown", warning, "the first text that is not UTF-8 stops the stream, because the server does not know what to convert"},
        {"encoding_narrow", warning, "a value with a character that the encoding does not have cannot be delivered and is refused with 22P05"},
        {"output_plugin_refused", error, "the slot can neither be made nor read"},
        {"output_plugins_open", note, "a role with REPLICATION may also use the other plugins"},
        {"old_transaction", warning, "set-up waits for it when it makes the slot, a survey waits for it too, and the slot keeps all WAL since"},
        {"inactive_slot", note, "the server keeps WAL for it until somebody reads or drops it; its disk is also ours"},
        {"clock_apart", warning, "where the rule is `latest`, the value of the agency whose clock is ahead wins, although it is older"},
        {"clock_unsure", note, "whether clocks are close enough for the rule `latest` was not decided"},
        // Sessions and roles
        {"values_logged", warning, "values and keys of people that casebridge sends as parameters stand in the server's log"},
        {"isolation_raised", warning, "a delivery that meets a concurrent edit fails as a whole and is tried again, instead of looking at the row once more"},
        {"replication_role_changed", error, "foreign keys are not checked and the agency's triggers do not fire for deliveries: orphans stay for ever"},
        {"role_too_powerful", error, "grants do not bind the role: a mistake or a stolen password reaches far beyond the mapped columns"},
        {"role_owns", error, "grants do not bind an owner: it can read, empty and drop the table"},
        {"role_membership", warning, "the role may do what the other role may, inherited or by SET ROLE"},
        {"role_not_for_replication", error, "the stream cannot be read"},
        {"connection_limit_low", warning, "the daemon's sessions do not fit: one of them is refused with 53300"},
        {"password_expires", warning, "from then on every login is refused"},
        {"grant_missing", error, "a statement that casebridge needs is refused with 42501 and the stream or lane stops"},
        {"grant_excess", warning, "casebridge never uses it; a mistake or a stolen password could"},
        {"grant_public", note, "everybody has it, so the role has it too"},
        {"grant_wide", note, "the grant covers more than what the mapping and the agreements need"},
        // Publication, slot and origin
        {"not_set_up", note, "the bridge cannot work with this agency yet; what set-up would meet was examined"},
        {"publication_missing", error, "the stream ends with 42704, and goes on doing so when only the publication is made again"},
        {"publication_too_wide", error, "tables that nobody maps leave the database, and each without a replica identity refuses its application's updates"},
        {"publication_filters", error, "rows or columns are missing in the stream; an UPDATE across a row filter looks like a deletion"},
        {"publication_operations", error, "changes of these kinds are never seen and the other agencies keep what is out of date"},
        {"table_not_published", error, "changes of the table are never seen"},
        {"published_without_mapping", warning, "the table's rows leave the database and are thrown away; without a replica identity its application's updates would fail"},
        {"published_by_others", note, "whoever subscribes there receives our deliveries as well"},
        {"others_publication_uncovered", error, "the agency's own UPDATE or DELETE of the table fails, and so does ours"},
        {"slot_missing", error, "the stream stops; what was changed since the slot vanished is in no stream"},
        {"slot_of_another_kind", error, "the slot cannot be read"},
        {"slot_lost", error, "the stream stops; changes are missing that no stream has any more"},
        {"slot_without_publication", error, "the slot can never be read: its catalogs are older than the publication"},
        {"slot_read_by_others", warning, "who reads the slot takes changes away that casebridge then never sees"},
        {"wal_budget_low", warning, "when the rest is used up the server invalidates the slot: set-up and survey anew"},
        {"catalog_xmin_old", warning, "the slot keeps VACUUM from cleaning the catalogs and brings the server nearer to transaction id wraparound"},
        {"server_behind_hub", error, "the server was restored or replaced by an older copy; started like this, new changes would be skipped"},
        {"slot_ahead_of_hub", error, "the stream stops; what was committed between the two positions is not in it"},
        {"origin_missing", error, "nothing can be delivered"},
        // Tables
        {"table_missing", error, "the agency's stream and lane stop"},
        {"not_a_table", error, "it has no changes of its own that could be read"},
        {"not_logged", error, "its changes are in no stream, and the publication refuses it"},
        {"inherited_table", error, "publishing it publishes its children, whose own application's UPDATE and DELETE then fail without a replica identity"},
        {"no_replica_identity", error, "once published, UPDATE and DELETE of the agency's own application fail with 55000"},
        {"replica_identity_full", note, "each UPDATE and DELETE writes the whole old row to the WAL, which casebridge does not need"},
        {"column_missing", error, "the agency's stream and lane stop"},
        {"column_generated", error, "the column is in no stream and cannot be written"},
        {"key_not_unique", error, "one delivery could write several rows"},
        {"key_without_sequence", error, "no new row can be given a key"},
        {"not_a_document", error, "no statement can be made for the mapping"},
        {"not_an_array", error, "what is written there would be no set, or none of its elements"},
        {"overlapping_paths", error, "one delivery would write the same place twice"},
        {"delete_cascades", error, "one deletion of ours would delete or change rows that nobody has looked at, so the agency's stream and lane stop"},
        {"row_security", error, "surveys and deliveries are refused with 42501, because a hidden row must be an error"},
        {"trigger_on_delivery", note, "it fires on each delivered row; what it changes of the row itself comes back as the agency's own change, what it writes to other mapped tables in the same transaction counts as ours and is compared only"},
        {"trigger_left_out", note, "it fires only in sessions with session_replication_role = replica, hence neither for deliveries nor for the agency's application"},
        {"rule_on_written_table", error, "the server refuses INSERT … ON CONFLICT on the table, or writes something else than the delivery says"},
        {"constraint_deferrable", note, "a violation shows at the end of the delivery; casebridge forces it before COMMIT and refuses the row"},
        {"constraint_unique", note, "a value that another row has at this moment is refused and waits until that row gives it up; rows that swap theirs are written together if the column may be empty"},
        {"identity_always_updated", error, "an UPDATE of the column is refused with 428C9"},
        {"column_never_filled", error, "each row that casebridge inserts is refused with 23502"},
        {"foreign_key_not_mapped", warning, "a value that the referenced table does not have is refused with 23503, and casebridge waits for a parent that never comes"},
        {"survey_without_index", warning, "each chunk of a survey sorts the whole table"},
        // Hub
        {"hub_empty", note, "set-up, or the first daemon, makes the schema"},
        {"hub_schema_old", note, "the next daemon that leads migrates it; older daemons refuse it from then on"},
        {"hub_schema_newer", error, "this program refuses to work with it"},
        {"hub_not_utf8", error, "values with characters that the encoding does not have cannot be kept"},
        {"hub_role_lacks", error, "the schema cannot be made or migrated"},
        {"hub_unarchived", note, "the hub is the only state: with its disk all decisions, links and the journal are lost"},
    };
    // clang-format on
    return kinds;
}

}  // namespace casebridge::doctor
