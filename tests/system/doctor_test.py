"""What `casebridge doctor` says about a bridge without and with set-up, that it changes nothing, and that its grants suffice."""

import contextlib
import unittest

from support.cluster import wait_for
from support.daemon import AGENCIES, Daemon
from support.examined import Examined


class BeforeSetupTest(Examined):
    def test_a_good_agency_only_lacks_the_set_up_and_a_bad_one_is_foreseen_and_refused(self):
        code, report = self.doctor("--strict")
        self.assertEqual(self.findings(report, "error", "warning"), [])
        self.assertEqual(code, 0)
        self.assertLessEqual({"not_set_up", "hub_empty"}, self.codes(report))

        # The agency's own UPDATE works now and would fail once the table is published.
        self.sp("INSERT INTO sp.household (reference_no, registered_on) VALUES ('D1', '2020-01-01')")
        self.sp("ALTER TABLE sp.household DROP CONSTRAINT household_pkey CASCADE")
        code, report = self.doctor()
        self.assertEqual(code, 78)
        self.assertIn(("sp", "error", "no_replica_identity", "sp.household"), [f[:4] for f in self.findings(report)])
        before = self.sp("SELECT pubname FROM pg_publication")
        done = self.daemon.command("setup", "--agency", "sp", check=False)
        self.assertEqual(done.returncode, 78)
        self.assertIn("no_replica_identity", done.stderr)
        self.assertEqual(self.sp("SELECT pubname FROM pg_publication"), before)
        self.sp("UPDATE sp.household SET city = 'Neu'")
        self.sp("ALTER TABLE sp.household ADD PRIMARY KEY (id)")
        self.daemon.setup()
        self.sp("UPDATE sp.household SET city = 'Alt'")

    def test_the_same_without_any_connection_but_the_daemons_own(self):
        def change(files):
            for agency in AGENCIES:
                del files["bridge.jsonc"]["agencies"][agency]["setup"]

        code, report = self.doctor(daemon=Daemon(self.world, change, directory="without"))
        self.assertEqual(code, 0)
        self.assertIn("not_visible", self.codes(report))


class HealthyTest(Examined):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.daemon.setup()

    def test_a_bridge_as_set_up_has_neither_errors_nor_warnings_at_rest_and_at_work(self):
        code, report = self.doctor("--strict")
        self.assertEqual((code, self.findings(report, "error", "warning")), (0, []))
        with self.daemon.running():
            code, report = self.doctor("--strict")
            self.assertEqual((code, self.findings(report, "error", "warning")), (0, []))
        for server in report["servers"]:
            self.assertRegex(server["version"], r"^\d+\.\d+$")
            self.assertLessEqual(abs(server["clock"]["offset_ms"]), server["clock"]["uncertainty_ms"] + 1)
            self.assertTrue(server["passed"])

    def test_nothing_is_written_and_no_transaction_gets_an_id(self):
        def state(name, database):
            return self.world.clusters[name].query("""
                SELECT pg_snapshot_xmax(pg_current_snapshot())::text,
                    (SELECT string_agg(slot_name || confirmed_flush_lsn, ',') FROM pg_replication_slots),
                    (SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_all_tables)""", database=database)

        before = {name: state(name, name) for name in self.world.clusters}
        self.doctor()
        self.assertEqual({name: state(name, name) for name in self.world.clusters}, before)

    def test_text_is_short_and_verbose_text_names_what_was_examined(self):
        short = self.daemon.command("doctor").stdout
        self.assertRegex(short, r"(?m)^sp, PostgreSQL .*: 0 errors, 0 warnings, ")
        self.assertNotIn("  ok: ", short)
        self.assertIn("  ok: sp.person: none of table_missing, ", self.daemon.command("doctor", "--verbose").stdout)

    def test_a_server_that_is_down_ends_with_69_and_the_others_are_examined(self):
        es = self.world.agency("es")
        es.stop()
        try:
            code, report = self.doctor()
        finally:
            es.start()
        self.assertEqual(code, 69)
        self.assertEqual({f[0] for f in self.findings(report, "error")}, {"es"})
        self.assertEqual({f[2] for f in self.findings(report, "error")}, {"unreachable"})
        self.assertTrue(all(server["passed"] for server in report["servers"]))


class NarrowGrantsTest(Examined):
    """What doctor calls enough is enough: the daemon works with exactly that."""

    def test_the_daemon_works_with_the_grants_that_are_left_when_every_remedy_is_taken(self):
        self.daemon.setup()
        taken = 0
        for server in self.doctor()[1]["servers"]:
            for finding in server["findings"]:
                if finding["code"] == "grant_wide":
                    for statement in finding["remedy"].split("; "):
                        self.world.clusters[server["server"]].query(statement, database=server["server"])
                        taken += 1
        self.assertGreater(taken, 10)
        self.assertEqual({code for code in self.codes() if code.startswith("grant_")}, set())
        with self.daemon.running():
            self.silent()
            person = self.linked_person()  # Inserted at es, after both surveys.
            self.es("""UPDATE jobs."JobSeeker" SET contact = jsonb_set(contact, '{phone,mobile}', '"+49 2"') WHERE id = %s""",
                    (person.es,))
            self.eventually(lambda: self.sp("SELECT phone FROM sp.person WHERE id = %s", (person.sp,)) == [("+49 2",)],
                            "the phone arrives at sp")
            self.plan(person)
            desk = self.world.agency("es").connect("es", "application")
            with contextlib.closing(desk), desk.cursor() as cursor:
                cursor.execute("BEGIN")
                cursor.execute('SELECT FROM jobs."JobSeeker" WHERE id = %s FOR UPDATE', (person.es,))
                self.sp("UPDATE sp.person SET phone = '+49 3' WHERE id = %s", (person.sp,))
                wait_for(lambda: self.es("SELECT 1 FROM pg_locks WHERE NOT granted"), 20, "the delivery waits for the lock")
                wait_for(lambda: not self.es("SELECT 1 FROM pg_locks WHERE NOT granted"), 20, "the delivery leaves the row out")
                cursor.execute("ROLLBACK")
            self.eventually(lambda: self.es("""SELECT contact #>> '{phone,mobile}' FROM jobs."JobSeeker" WHERE id = %s""",
                                            (person.es,)) == [("+49 3",)], "the phone arrives at es")
            for event in ("stream_stopped", "delivery_refused", "change_parked"):
                self.assertEqual(self.daemon.events(event), [])


if __name__ == "__main__":
    unittest.main()
