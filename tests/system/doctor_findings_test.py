"""Each finding of `casebridge doctor`, provoked at real servers and undone again."""

import contextlib
import os
import re
import unittest

import psycopg2
import psycopg2.extras

from support.cluster import wait_for
from support.daemon import Daemon
from support.examined import CAPTURE, DELIVER, Examined
from support.world import ROOT, World

# What no SQL on this machine provokes, and why. The judgement of each is a unit test.
NOT_PROVOKED = {
    "server_too_old": "needs an older server",
    "server_outdated": "needs an older server",
    "tls_off": "needs a server that is not reached by loopback",
    "tls_unverified": "needs a server that is not reached by loopback",
    "slots_time_out": "a setting of PostgreSQL 18",
    "clock_apart": "needs a second clock",
    "clock_unsure": "needs a slow network",
    "old_transaction": "needs a transaction of a minute",
    "delete_cascades": "needs a mapping that permits deletions: deletions_test.py",
    "not_an_array": "needs a mapping with a set",
    "overlapping_paths": "the configuration refuses it first, except where the mapping is made in code",
}

NAME_SP, NAME_ES = "casebridge_city_sp", "casebridge_city_es"
ALL_SP = "sp.household, sp.person, sp.benefit_award, sp.support_plan, sp.support_action, sp.case_note"
FUNCTION = "CREATE FUNCTION sp.nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"

# Codes, where, what provokes them, what undoes it.
BY_SQL = [
    ("login_refused", "sp", [f"ALTER ROLE {DELIVER} NOLOGIN"], [f"ALTER ROLE {DELIVER} LOGIN"]),
    ("replication_refused role_not_for_replication", "sp", [f"ALTER ROLE {CAPTURE} NOREPLICATION"],
     [f"ALTER ROLE {CAPTURE} REPLICATION"]),
    ("read_only_by_default", "sp", [f"ALTER ROLE {DELIVER} SET default_transaction_read_only = on"],
     [f"ALTER ROLE {DELIVER} RESET default_transaction_read_only"]),
    ("output_plugins_open", "sp", ["ALTER SYSTEM SET output_plugin_libraries = pgoutput, test_decoding", "SELECT pg_reload_conf()"],
     ["ALTER SYSTEM RESET output_plugin_libraries", "SELECT pg_reload_conf()"]),
    ("inactive_slot", "sp", ["SELECT pg_create_physical_replication_slot('theirs', true)"],
     ["SELECT pg_drop_replication_slot('theirs')"]),
    ("values_logged", "sp", [f"ALTER ROLE {DELIVER} RESET log_parameter_max_length", f"ALTER ROLE {DELIVER} SET log_statement = 'mod'"],
     [f"ALTER ROLE {DELIVER} RESET log_statement", f"ALTER ROLE {DELIVER} SET log_parameter_max_length = 0"]),
    ("isolation_raised", "sp", [f"ALTER ROLE {DELIVER} SET default_transaction_isolation = 'serializable'"],
     [f"ALTER ROLE {DELIVER} RESET default_transaction_isolation"]),
    ("replication_role_changed", "sp", [f"ALTER ROLE {DELIVER} SET session_replication_role = replica"],
     [f"ALTER ROLE {DELIVER} RESET session_replication_role"]),
    ("role_too_powerful", "sp", [f"ALTER ROLE {DELIVER} CREATEDB"], [f"ALTER ROLE {DELIVER} NOCREATEDB"]),
    ("role_owns", "sp", ["CREATE TABLE sp.own (a int)", f"ALTER TABLE sp.own OWNER TO {DELIVER}"], ["DROP TABLE sp.own"]),
    ("role_membership", "sp", [f"GRANT pg_write_all_data TO {DELIVER}"], [f"REVOKE pg_write_all_data FROM {DELIVER}"]),
    ("connection_limit_low", "sp", [f"ALTER ROLE {DELIVER} CONNECTION LIMIT 1"], [f"ALTER ROLE {DELIVER} CONNECTION LIMIT -1"]),
    ("password_expires", "sp", [f"ALTER ROLE {DELIVER} VALID UNTIL 'tomorrow'"], [f"ALTER ROLE {DELIVER} VALID UNTIL 'infinity'"]),
    ("grant_missing", "sp", [f"REVOKE UPDATE ON sp.person FROM {DELIVER}"], [f"GRANT UPDATE ON sp.person TO {DELIVER}"]),
    ("grant_missing", "sp", [f"REVOKE USAGE ON SCHEMA sp FROM {CAPTURE}"], [f"GRANT USAGE ON SCHEMA sp TO {CAPTURE}"]),
    ("grant_missing", "sp", ["REVOKE EXECUTE ON FUNCTION pg_logical_emit_message(boolean, text, text) FROM PUBLIC"],
     ["GRANT EXECUTE ON FUNCTION pg_logical_emit_message(boolean, text, text) TO PUBLIC"]),
    ("grant_excess", "sp", [f"GRANT TRUNCATE ON sp.person TO {DELIVER}"], [f"REVOKE TRUNCATE ON sp.person FROM {DELIVER}"]),
    ("grant_excess", "sp", [f"GRANT SET ON PARAMETER session_replication_role TO {DELIVER}"],
     [f"REVOKE SET ON PARAMETER session_replication_role FROM {DELIVER}"]),
    ("grant_excess", "sp", [f"GRANT EXECUTE ON FUNCTION pg_replication_origin_advance(text, pg_lsn) TO {DELIVER}"],
     [f"REVOKE EXECUTE ON FUNCTION pg_replication_origin_advance(text, pg_lsn) FROM {DELIVER}"]),
    ("grant_public", "sp", ["CREATE TABLE sp.list (a int)", "GRANT SELECT ON sp.list TO PUBLIC"], ["DROP TABLE sp.list"]),
    ("slot_without_publication", "sp", [f"DROP PUBLICATION {NAME_SP}"], [f"CREATE PUBLICATION {NAME_SP} FOR TABLE {ALL_SP}"]),
    ("publication_too_wide", "sp", [f"DROP PUBLICATION {NAME_SP}", f"CREATE PUBLICATION {NAME_SP} FOR ALL TABLES"],
     [f"DROP PUBLICATION {NAME_SP}", f"CREATE PUBLICATION {NAME_SP} FOR TABLE {ALL_SP}"]),
    ("publication_filters", "sp", [f"ALTER PUBLICATION {NAME_SP} SET TABLE sp.person (id)"],
     [f"ALTER PUBLICATION {NAME_SP} SET TABLE {ALL_SP}"]),
    ("publication_operations", "sp", [f"ALTER PUBLICATION {NAME_SP} SET (publish = 'insert, update')"],
     [f"ALTER PUBLICATION {NAME_SP} SET (publish = 'insert, update, delete, truncate')"]),
    ("table_not_published", "sp", [f"ALTER PUBLICATION {NAME_SP} DROP TABLE sp.case_note"],
     [f"ALTER PUBLICATION {NAME_SP} ADD TABLE sp.case_note"]),
    ("published_without_mapping no_replica_identity", "sp",
     ["CREATE TABLE sp.more (a int)", f"ALTER PUBLICATION {NAME_SP} ADD TABLE sp.more"], ["DROP TABLE sp.more"]),
    ("published_by_others others_publication_uncovered", "sp",
     ["CREATE PUBLICATION theirs FOR TABLE sp.household WHERE (city = 'x')"], ["DROP PUBLICATION theirs"]),
    ("others_publication_uncovered", "sp",
     ["CREATE PUBLICATION theirs FOR TABLE sp.household (city)"], ["DROP PUBLICATION theirs"]),
    ("slot_missing", "sp", [f"SELECT pg_drop_replication_slot('{NAME_SP}')"], "setup"),
    ("slot_of_another_kind", "sp",
     [f"SELECT pg_drop_replication_slot('{NAME_SP}')",
      f"SELECT pg_create_logical_replication_slot('{NAME_SP}', 'pgoutput', false, true)"],
     [f"SELECT pg_drop_replication_slot('{NAME_SP}')", f"SELECT pg_create_logical_replication_slot('{NAME_SP}', 'pgoutput')"]),
    ("origin_missing", "sp", ["SELECT pg_replication_origin_drop(roname) FROM pg_replication_origin"], "setup"),
    ("table_missing", "sp", ["ALTER TABLE sp.case_note RENAME TO gone"], ["ALTER TABLE sp.gone RENAME TO case_note"]),
    ("not_a_table", "sp", ["ALTER TABLE sp.case_note RENAME TO gone", "CREATE VIEW sp.case_note AS SELECT 1 AS id"],
     ["DROP VIEW sp.case_note", "ALTER TABLE sp.gone RENAME TO case_note"]),
    ("not_logged", "sp", ["ALTER TABLE sp.case_note RENAME TO gone", "CREATE UNLOGGED TABLE sp.case_note (id bigint PRIMARY KEY)"],
     ["DROP TABLE sp.case_note", "ALTER TABLE sp.gone RENAME TO case_note"]),
    ("inherited_table", "sp", ["CREATE TABLE sp.kid () INHERITS (sp.case_note)"], ["DROP TABLE sp.kid"]),
    ("no_replica_identity key_not_unique", "sp", ["ALTER TABLE sp.case_note DROP CONSTRAINT case_note_pkey"],
     ["ALTER TABLE sp.case_note ADD PRIMARY KEY (id)"]),
    ("no_replica_identity", "sp", ["ALTER TABLE sp.case_note DROP CONSTRAINT case_note_pkey",
                                   "ALTER TABLE sp.case_note ADD PRIMARY KEY (id) DEFERRABLE"],
     ["ALTER TABLE sp.case_note DROP CONSTRAINT case_note_pkey", "ALTER TABLE sp.case_note ADD PRIMARY KEY (id)"]),
    ("replica_identity_full", "sp", ["ALTER TABLE sp.person REPLICA IDENTITY FULL"], ["ALTER TABLE sp.person REPLICA IDENTITY DEFAULT"]),
    ("column_missing", "sp", ["ALTER TABLE sp.case_note RENAME body TO gone"], ["ALTER TABLE sp.case_note RENAME gone TO body"]),
    ("column_generated", "sp", ["ALTER TABLE sp.case_note RENAME body TO gone",
                                "ALTER TABLE sp.case_note ADD body text GENERATED ALWAYS AS ('x') STORED"],
     ["ALTER TABLE sp.case_note DROP body", "ALTER TABLE sp.case_note RENAME gone TO body"]),
    ("key_without_sequence survey_without_index", "sp",
     ["ALTER TABLE sp.case_note ALTER id DROP IDENTITY", "ALTER TABLE sp.case_note ALTER id TYPE text"],
     ["ALTER TABLE sp.case_note ALTER id TYPE bigint USING id::bigint",
      "ALTER TABLE sp.case_note ALTER id ADD GENERATED BY DEFAULT AS IDENTITY"]),
    ("row_security", "sp", ["ALTER TABLE sp.person ENABLE ROW LEVEL SECURITY"], ["ALTER TABLE sp.person DISABLE ROW LEVEL SECURITY"]),
    ("trigger_on_delivery", "sp", [FUNCTION, "CREATE TRIGGER t BEFORE UPDATE ON sp.person FOR EACH ROW EXECUTE FUNCTION sp.nothing()"],
     ["DROP FUNCTION sp.nothing CASCADE"]),
    ("trigger_left_out", "sp", [FUNCTION, "CREATE TRIGGER t BEFORE UPDATE ON sp.person FOR EACH ROW EXECUTE FUNCTION sp.nothing()",
                                "ALTER TABLE sp.person ENABLE REPLICA TRIGGER t"], ["DROP FUNCTION sp.nothing CASCADE"]),
    ("rule_on_written_table", "sp", ["CREATE RULE r AS ON UPDATE TO sp.person DO ALSO NOTHING"], ["DROP RULE r ON sp.person"]),
    ("constraint_deferrable", "sp", ["ALTER TABLE sp.person ADD CONSTRAINT late UNIQUE (phone) DEFERRABLE"],
     ["ALTER TABLE sp.person DROP CONSTRAINT late"]),
    ("identity_always_updated", "es", ['ALTER TABLE jobs."JobSeeker" ALTER gender SET NOT NULL',
                                       'ALTER TABLE jobs."JobSeeker" ALTER gender ADD GENERATED ALWAYS AS IDENTITY'],
     ['ALTER TABLE jobs."JobSeeker" ALTER gender DROP IDENTITY', 'ALTER TABLE jobs."JobSeeker" ALTER gender DROP NOT NULL']),
    ("column_never_filled", "sp", ["ALTER TABLE sp.support_plan ADD needed int NOT NULL"], ["ALTER TABLE sp.support_plan DROP needed"]),
    ("foreign_key_not_mapped", "sp", ["CREATE TABLE sp.town (name varchar(80) PRIMARY KEY)",
                                      "ALTER TABLE sp.person ADD CONSTRAINT to_town FOREIGN KEY (city) REFERENCES sp.town"],
     ["DROP TABLE sp.town CASCADE"]),
    ("hub_schema_newer", "hub", ["INSERT INTO casebridge.schema_version (version, name) VALUES (99, 'later')"],
     ["DELETE FROM casebridge.schema_version WHERE version = 99"]),
    ("hub_schema_old", "hub", ["CREATE TABLE public.kept AS SELECT * FROM casebridge.schema_version",
                               "DELETE FROM casebridge.schema_version WHERE version > 1",
                               "UPDATE casebridge.schema_version SET version = version - 1 WHERE (SELECT count(*) FROM public.kept) = 1"],
     ["DELETE FROM casebridge.schema_version", "INSERT INTO casebridge.schema_version SELECT * FROM public.kept", "DROP TABLE public.kept"]),
    ("hub_role_lacks", "hub", ["ALTER SCHEMA casebridge OWNER TO postgres", "GRANT USAGE ON SCHEMA casebridge TO casebridge_hub"],
     ["ALTER SCHEMA casebridge OWNER TO casebridge_hub"]),
    ("server_behind_hub", "hub", ["INSERT INTO casebridge.agency_state (agency, end_lsn, seen, swept) VALUES ('sp', 'FF/0', 0, false)"],
     ["DELETE FROM casebridge.agency_state"]),
    ("server_behind_hub", "hub", ["CREATE TABLE casebridge.tail PARTITION OF casebridge.journal FOR VALUES FROM (900000000000) TO (900000000001)",
                                  "INSERT INTO casebridge.journal (seq, kind, agency, envelope)"
                                  " VALUES (900000000000, 'stream_position', 'sp', '{\"end_lsn\": \"FF/0\"}')"],
     ["DROP TABLE casebridge.tail"]),  # The journal is further than the projections.
    ("slot_ahead_of_hub", "hub", ["INSERT INTO casebridge.agency_state (agency, end_lsn, seen, swept) VALUES ('sp', '0/1', 0, false)"],
     ["DELETE FROM casebridge.agency_state"]),
]


def documented_codes():
    with open(os.path.join(ROOT, "docs", "doctor.md"), encoding="utf-8") as page:
        return set(re.findall(r"^\| `([a-z0-9_]+)`(?: \*)? \| (?:error|warning|note) ", page.read(), re.MULTILINE))


class ProvokedTest(Examined):
    """Everything that can be undone, on one bridge; what stands in `besides` of other tests is left to them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.daemon.setup()

    def run_sql(self, where, statements):
        for statement in statements:
            self.world.clusters[where].query(statement, database=where)

    def wait_for_codes(self, wanted):
        """A reloaded setting takes a moment."""
        found = set()

        def there():
            found.clear()
            found.update(self.codes())
            return wanted <= found

        with contextlib.suppress(TimeoutError):
            wait_for(there, 10, f"{wanted} found")
        return set(found)

    def test_each_finding_shows_when_it_is_provoked_and_goes_when_it_is_undone(self):
        healthy = self.codes()
        self.assertLessEqual({"grant_wide", "constraint_unique"}, healthy)
        for names, where, provoke, undo in BY_SQL:
            wanted = set(names.split())
            with self.subTest(provoke=provoke[-1]):
                self.assertFalse(wanted & healthy)
                self.run_sql(where, provoke)
                try:
                    self.assertLessEqual(wanted, self.wait_for_codes(wanted))
                finally:
                    if undo == "setup":
                        self.daemon.setup()
                    else:
                        self.run_sql(where, undo)
        wait_for(lambda: self.codes() == healthy, 10, "all is as it was")

    def test_configurations_that_cross_databases_are_found(self):
        def differ(files):
            files["bridge.jsonc"]["agencies"]["sp"]["capture"] = self.world.agency("sp").conninfo("postgres", CAPTURE)
            files["bridge.jsonc"]["hub"]["connection"] = self.world.agency("es").conninfo("postgres")

        _, report = self.doctor(daemon=Daemon(self.world, differ, directory="crossed"))
        self.assertLessEqual({"connections_differ", "database_shared", "role_too_powerful"}, self.codes(report))

    def test_a_path_into_a_column_that_is_no_document_is_found(self):
        def path(files):
            files["sp.mapping.jsonc"]["tables"]["sp.person"]["fields"]["phone"] = {"column": "phone", "path": "mobile"}

        self.assertIn("not_a_document", self.codes(self.doctor(daemon=Daemon(self.world, path, directory="path"))[1]))

    def test_somebody_else_who_reads_the_slot_is_found(self):
        connection = psycopg2.connect(self.world.agency("sp").conninfo("sp"),
                                      connection_factory=psycopg2.extras.LogicalReplicationConnection)
        with contextlib.closing(connection):
            connection.cursor().start_replication(
                slot_name=NAME_SP, options={"proto_version": "1", "publication_names": NAME_SP})
            self.assertIn("slot_read_by_others", self.wait_for_codes({"slot_read_by_others"}))


class NeglectedTest(Examined):
    """A bridge that worked once and was then left alone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.daemon.setup()
        with cls.daemon.running():
            cls.daemon.wait_until_silent(60)

    def test_a_slot_runs_out_of_budget_and_is_lost(self):
        self.sp("ALTER SYSTEM SET max_slot_wal_keep_size = '64MB'")
        self.sp("SELECT pg_reload_conf()")
        self.sp("CREATE TABLE public.filler (a int)")

        def step(code):
            self.sp("INSERT INTO public.filler VALUES (1)")
            self.sp("SELECT pg_switch_wal()")
            if code == "slot_lost":
                self.sp("CHECKPOINT")
            return code in self.codes()

        for code in ("wal_budget_low", "slot_lost"):
            wait_for(lambda: step(code), 60, code)

    def test_an_old_catalog_xmin_and_a_bridge_that_is_gone_are_found(self):
        self.es("CREATE TABLE public.filler (a int)")
        self.es("""DO $$ BEGIN FOR i IN 1..51000 LOOP
                       BEGIN INSERT INTO public.filler VALUES (1); EXCEPTION WHEN OTHERS THEN NULL; END; END LOOP; END $$""")
        self.assertIn("catalog_xmin_old", self.codes())
        self.es(f"SELECT pg_drop_replication_slot('{NAME_ES}')")
        self.es(f"DROP PUBLICATION {NAME_ES}")
        self.assertLessEqual({"slot_missing", "publication_missing"}, self.codes())


class PoorServersTest(Examined):
    """Servers as they must not be."""

    @classmethod
    def setUpClass(cls):
        cls.world = World(settings={"wal_level": "replica", "max_wal_senders": 0, "max_replication_slots": 0, "archive_mode": "off",
                                    "wal_sender_timeout": 0, "output_plugin_libraries": "test_decoding"})
        cls.addClassCleanup(cls.world.close)
        cls.world.__enter__()
        cls.daemon = Daemon(cls.world, cls.configure)

    def test_each_shortcoming_is_named_and_set_up_refuses_without_a_change(self):
        self.assertLessEqual(
            {"wal_level_too_low", "no_free_slot", "no_free_wal_sender", "no_free_origin", "wal_sender_timeout_unsuited",
             "wal_unbounded", "durability_off", "output_plugin_refused", "replication_refused", "hub_unarchived"}, self.codes())
        done = self.daemon.command("setup", "--agency", "sp", check=False)
        self.assertEqual(done.returncode, 78)
        for code in ("wal_level_too_low", "no_free_slot"):
            self.assertIn(code, done.stderr)
        self.assertEqual(self.sp("SELECT FROM pg_publication"), [])

    def test_encodings_that_cannot_hold_the_others_characters_are_found(self):
        for name, encoding in (("sp", "SQL_ASCII"), ("es", "LATIN1"), ("hub", "LATIN1")):
            self.world.clusters[name].query(
                f"CREATE DATABASE narrow TEMPLATE template0 ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'")

        def narrow(files):
            bridge = files["bridge.jsonc"]
            for entry in (bridge["hub"], *bridge["agencies"].values()):
                for key, value in entry.items():
                    entry[key] = re.sub(r"\bdbname=\S+", "dbname=narrow", value)

        self.assertLessEqual({"encoding_unknown", "encoding_narrow", "hub_not_utf8", "table_missing"},
                             self.codes(self.doctor(daemon=Daemon(self.world, narrow, directory="narrow"))[1]))

    def test_a_standby_is_found(self):
        es = self.world.agency("es")
        es.stop()
        with open(os.path.join(es.data, "standby.signal"), "w", encoding="utf-8"):
            pass
        es.start()
        try:
            self.assertIn("server_is_standby", self.codes())
        finally:
            es.stop()
            os.remove(os.path.join(es.data, "standby.signal"))
            es.start()


class CompletenessTest(unittest.TestCase):
    def test_every_documented_code_is_provoked_or_has_a_reason(self):
        text = ""
        for name in ("doctor_test.py", "doctor_findings_test.py"):
            with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), encoding="utf-8") as source:
                text += source.read()
        codes = documented_codes()
        self.assertGreater(len(codes), 70)
        named = {code for code in codes if re.search(rf"\b{code}\b", text)}
        self.assertEqual(named, codes)
        self.assertLessEqual(set(NOT_PROVOKED), codes)


if __name__ == "__main__":
    unittest.main()
