"""The service around the flow: silence, retained WAL, shutdowns, drain, lag, rebuild, roles."""

import contextlib
import os
import time
import unittest

from support.cluster import wait_for
from support.daemon import AGENCIES, Daemon
from support.scenario import Scenario
from support.workload import Workload

# How long nothing may happen once everything has arrived.
SILENCE_SECONDS = float(os.environ.get("CASEBRIDGE_SILENCE_SECONDS", "10"))


class SilenceTest(Scenario):
    people = 200
    settings = {"autovacuum": "off"}  # its transactions would count

    @staticmethod
    def configure(files):
        # Heartbeats are transactions too; here they would hide what an echo causes.
        files["bridge.jsonc"].setdefault("limits", {})["heartbeat_seconds"] = 3600

    def written(self):
        """What each agency's rows and transactions have seen of casebridge, and the last entry that is no mere position."""
        state = {"journal": self.daemon.hub("SELECT max(seq) FROM casebridge.journal WHERE kind <> 'stream_position'")}
        for agency in AGENCIES:
            state[agency] = self.world.agency(agency).query("""
                SELECT (SELECT max(n) FROM ledger.entry),
                       (SELECT string_agg(remote_lsn::text, ' ' ORDER BY local_id) FROM pg_replication_origin_status),
                       pg_snapshot_xmax(pg_current_snapshot())::text""", database=agency)
        return state

    def test_after_the_last_change_both_directions_fall_silent(self):
        Workload(self.world, seed=1).run(200)
        self.silent(60)
        before = self.written()
        until = time.monotonic() + SILENCE_SECONDS
        wait_for(lambda: time.monotonic() > until or self.written() != before, SILENCE_SECONDS + 10, "time passes", interval=0.5)
        self.assertEqual(self.written(), before)
        self.assertEqual(self.ledger.doubled(), [])

    def test_a_delivered_value_does_not_travel_back(self):
        person = self.linked_person()
        self.sp("UPDATE sp.person SET phone = '+49 once' WHERE id = %s", (person.sp,))
        self.eventually(lambda: self.seeker(person)["phone"] == "+49 once", "the phone arrives")
        self.silent()
        deliveries = "SELECT count(*) FROM ledger.entry WHERE who = 'casebridge_deliver' AND key = %s"
        self.assertEqual(self.sp(deliveries + " AND relation = 'sp.person'", (str(person.sp),)), [(0,)])
        self.assertEqual(self.es(deliveries + """ AND relation = 'jobs.JobSeeker'""", (person.es,)), [(2,)])


class ServiceTest(Scenario):
    people = 200

    def test_an_idle_bridge_keeps_no_wal_of_a_server_that_is_busy_elsewhere(self):
        cluster = self.world.agency("sp")
        cluster.query("CREATE DATABASE elsewhere")
        cluster.query("CREATE TABLE filler AS SELECT repeat('x', 500) FROM generate_series(1, 20000)", database="elsewhere")
        end, = cluster.query("SELECT pg_current_wal_flush_lsn()")[0]
        self.eventually(lambda: cluster.query(
            "SELECT bool_and(confirmed_flush_lsn >= %s::pg_lsn) FROM pg_replication_slots", (end,))[0][0],
            "the slot follows a database that it does not read", seconds=40)

    def test_an_agency_shuts_down_within_five_seconds_while_the_daemon_streams_and_is_found_again(self):
        person = self.linked_person()
        for agency in AGENCIES:
            with self.subTest(agency=agency):
                start = time.monotonic()
                self.world.agency(agency).stop("fast")
                took = time.monotonic() - start
                self.world.agency(agency).start()
                self.assertLess(took, 5)
        self.sp("UPDATE sp.person SET phone = '+49 back' WHERE id = %s", (person.sp,))
        self.es("""UPDATE jobs."JobSeeker" SET contact = jsonb_set(contact, '{email}', '"back@example.org"') WHERE id = %s""",
                (person.es,))
        self.eventually(lambda: (self.seeker(person)["phone"], self.member(person)["email"]) == ("+49 back", "back@example.org"),
                        "both directions flow again", seconds=60)
        self.assertTrue(self.daemon.alive())

    def test_while_the_hub_is_away_an_agency_shuts_down_in_time_and_nothing_is_confirmed(self):
        person = self.linked_person()
        self.world.hub.stop("fast")
        try:
            self.sp("UPDATE sp.person SET phone = '+49 hub' WHERE id = %s", (person.sp,))
            committed, = self.sp("SELECT pg_current_wal_flush_lsn()")[0]
            self.eventually(lambda: self.daemon.events("hub_lost"), "the daemon notices")
            self.let_pass(self.world.agency("sp"), 2)
            self.assertEqual(self.sp("SELECT bool_or(confirmed_flush_lsn >= %s::pg_lsn) FROM pg_replication_slots",
                                     (committed,)), [(False,)])
            start = time.monotonic()
            self.world.agency("sp").stop("fast")
            self.assertLess(time.monotonic() - start, 5)
        finally:
            self.world.hub.start()
            if not self.world.agency("sp").running():
                self.world.agency("sp").start()
        self.eventually(lambda: self.seeker(person)["phone"] == "+49 hub", "the change arrives", seconds=60)
        self.assertTrue(self.daemon.alive())

    def test_an_agency_that_is_away_does_not_stop_reading_the_other(self):
        person = self.linked_person()
        self.world.agency("es").stop("fast")
        try:
            before = self.daemon.journal_seq()
            self.sp("UPDATE sp.person SET phone = '+49 spool' WHERE id = %s", (person.sp,))
            self.eventually(lambda: self.daemon.journal_seq() > before, "the change is in the journal")
            end, = self.sp("SELECT pg_current_wal_flush_lsn()")[0]
            self.eventually(lambda: self.sp("SELECT bool_and(confirmed_flush_lsn >= %s::pg_lsn) FROM pg_replication_slots",
                                            (end,))[0][0], "the hub is the spool: the slot moves on", seconds=40)
        finally:
            self.world.agency("es").start()
        self.eventually(lambda: self.seeker(person)["phone"] == "+49 spool", "the change arrives", seconds=60)

    def test_sigterm_under_load_drains_and_ends_with_0(self):
        workload = Workload(self.world, seed=2)
        with workload.running(per_second=40):
            workload.wait_for_edits(30, 30)
            self.assertEqual(self.daemon.stop(), 0)
            self.assertTrue(self.daemon.events("drain_finished"))
            self.daemon.start()
        self.silent(60)
        self.assertEqual(self.ledger.doubled(), [])
        recorded = {token for (token,) in self.hub("SELECT DISTINCT m[1] FROM casebridge.conflict,"
                                                   " regexp_matches(versions::text, 'tk-[0-9]+-[a-z]+-[0-9]+', 'g') m")}
        self.assertEqual(self.ledger.lost(recorded), [])

    def test_sigterm_during_an_outage_of_the_hub_or_an_agency_ends_with_0(self):
        for name in ("hub", "es"):
            with self.subTest(away=name):
                cluster = self.world.agency(name)
                cluster.stop("fast")
                try:
                    self.let_pass(self.world.agency("sp"), 1)
                    self.assertEqual(self.daemon.stop(), 0)
                finally:
                    cluster.start()
                    if not self.daemon.alive():
                        self.daemon.start()

    def test_the_daemon_works_with_roles_that_are_no_superusers(self):
        for agency in (*AGENCIES, "hub"):
            with self.subTest(server=agency):
                rows = self.world.agency(agency).query(
                    "SELECT DISTINCT a.usename, r.rolsuper FROM pg_stat_activity a JOIN pg_roles r ON r.rolname = a.usename"
                    " WHERE a.application_name LIKE 'casebridge%%' OR a.usename LIKE 'casebridge%%'")
                self.assertTrue(rows)
                self.assertEqual([name for name, superuser in rows if superuser], [])

    def test_health_and_metrics_are_served(self):
        self.silent()
        self.assertEqual(self.daemon.get("/healthz")[0], 200)
        self.assertEqual(self.daemon.get("/readyz")[0], 200)
        metrics = self.daemon.metrics()
        self.assertEqual(metrics["casebridge_leader"], 1)
        self.assertEqual(metrics["casebridge_journal_seq"], self.daemon.journal_seq())
        for agency in AGENCIES:
            self.assertEqual(metrics[f'casebridge_stream_state{{agency="{agency}",state="streaming"}}'], 1)
            self.assertEqual(metrics[f'casebridge_survey_done_ratio{{agency="{agency}"}}'], 1)
            self.assertEqual(metrics[f'casebridge_inbox_bytes{{agency="{agency}"}}'], 0)

    def ready_lines(self):
        return self.daemon.get("/readyz?verbose")[1].splitlines()

    def test_readyz_shows_both_halves_of_an_agency_and_fails_with_the_one_that_is_not_well(self):
        person = self.linked_person()
        well = ["[+]sp capture streaming", "[+]sp delivery ready", "[+]es capture streaming", "[+]es delivery ready", "ok: leading"]
        self.assertEqual(sorted(self.ready_lines()), sorted(well))
        cluster = self.world.agency("es")
        cluster.query("ALTER ROLE casebridge_deliver NOLOGIN")
        try:
            cluster.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'casebridge_deliver'")
            self.sp("UPDATE sp.person SET phone = '+49 half' WHERE id = %s", (person.sp,))
            self.eventually(lambda: "[+]es delivery ready" not in self.ready_lines(), "the lane has ended")
            lines = self.ready_lines()
            self.assertRegex("\n".join(lines), r"\[-\]es delivery (backing_off|stopped|connecting)\n")
            self.assertIn("[+]es capture streaming", lines)
            self.assertEqual(self.daemon.get("/readyz")[0], 503)
        finally:
            cluster.query("ALTER ROLE casebridge_deliver LOGIN")
            self.daemon.stop()
            self.daemon.start()
        self.eventually(lambda: self.seeker(person)["phone"] == "+49 half", "the change arrives")
        self.assertEqual(self.daemon.get("/readyz")[0], 200)

    def test_a_second_daemon_stands_by_and_takes_over(self):
        person = self.linked_person()
        second = Daemon(self.world, directory="second")
        self.addCleanup(second.kill)
        second.start(ready=False)
        second.wait_for_event("waiting_for_leader", 20)
        self.daemon.kill()
        second.wait_for_event("lane_ready", 40, times=2)
        self.sp("UPDATE sp.person SET phone = '+49 second' WHERE id = %s", (person.sp,))
        self.eventually(lambda: self.seeker(person)["phone"] == "+49 second", "the change arrives")
        self.assertEqual(second.stop(), 0)


class DrainTest(Scenario):
    people = 50

    @staticmethod
    def configure(files):
        files["bridge.jsonc"].setdefault("limits", {})["drain_timeout_seconds"] = 2

    def test_a_hub_that_does_not_answer_cannot_hold_the_daemon_beyond_the_drain(self):
        person = self.linked_person()
        with contextlib.closing(self.world.hub.connect("hub")) as blocker, blocker.cursor() as cursor:
            cursor.execute("BEGIN; SELECT FROM casebridge.leader FOR UPDATE")
            self.sp("UPDATE sp.person SET phone = '+49 held' WHERE id = %s", (person.sp,))
            self.eventually(lambda: self.hub("SELECT 1 FROM pg_stat_activity WHERE application_name = 'casebridge:journal'"
                                             " AND wait_event_type = 'Lock'"), "the append waits")
            self.assertEqual(self.daemon.stop(seconds=30), 0)
            self.assertTrue(self.daemon.events("drain_timed_out"))
            cursor.execute("ROLLBACK")
        self.daemon.start()
        self.eventually(lambda: self.seeker(person)["phone"] == "+49 held", "the change arrives")


class RebuildTest(Scenario):
    people = 200

    def projections(self):
        tables = ("record", "link", "identity", "reference", "waiting", "hold", "refusal", "conflict", "parked", "agency_state",
                  "table_state", "request")
        return {table: [text for (text,) in self.hub(
            f'SELECT row_to_json(t)::text COLLATE "C" FROM casebridge.{table} t ORDER BY 1')] for table in tables}

    def test_the_projections_rebuilt_from_the_journal_are_the_same(self):
        person = self.linked_person()
        here, _ = self.plan(person)
        self.sp("DELETE FROM sp.support_plan WHERE id = %s", (here,))
        self.person_at_sp("Ohne Komma")
        self.es("ALTER TABLE jobs.job_plan ADD CONSTRAINT refused CHECK (goal <> 'Unmöglich')")
        self.sp("INSERT INTO sp.support_plan (person_id, goal, opened_by) VALUES (%s, 'Unmöglich', 'x')", (person.sp,))
        Workload(self.world, seed=3).run(200)
        self.silent(60)
        refusals, = self.hub("SELECT count(*) FROM casebridge.refusal WHERE agency = 'es'")[0]
        self.assertEqual(self.daemon.metrics()['casebridge_parked_changes{agency="es",side="delivery"}'], refusals)
        self.assertGreater(refusals, 0)
        self.assertEqual(self.daemon.stop(), 0)
        before = self.projections()
        self.daemon.command("hub", "rebuild")
        after = self.projections()
        for table, rows in before.items():
            with self.subTest(table=table):
                self.assertEqual(len(after[table]), len(rows))
                self.assertEqual([n for n, (a, b) in enumerate(zip(after[table], rows)) if a != b], [])
        for table in ("record", "link", "conflict", "parked", "refusal", "hold"):
            self.assertTrue(before[table], table)  # there was something to compare
        self.daemon.start()
        self.sp("UPDATE sp.person SET phone = '+49 rebuilt' WHERE id = %s", (person.sp,))
        self.eventually(lambda: self.seeker(person)["phone"] == "+49 rebuilt", "it goes on from there")


class LaggingTest(Scenario):
    people = 200

    @staticmethod
    def configure(files):
        files["bridge.jsonc"].setdefault("limits", {})["unprojected_max"] = 100

    def test_reading_pauses_while_the_projections_cannot_be_written_and_says_so_once(self):
        with contextlib.closing(self.world.hub.connect("hub")) as blocker, blocker.cursor() as cursor:
            cursor.execute("BEGIN; SELECT FROM casebridge.projection FOR UPDATE")
            told = len(self.daemon.events("projection_lagging"))  # By the first survey.
            for number in range(4):  # Each makes more entries than may be behind.
                self.sp("UPDATE sp.person SET phone = %s", (f"+49 {number}",))
            self.daemon.wait_for_event("projection_lagging", 20, times=told + 1)
            self.assertEqual(self.daemon.metrics()['casebridge_stream_state{agency="sp",state="waiting"}'], 1)
            journalled = self.daemon.journal_seq()
            self.let_pass(self.world.agency("sp"), 2)  # Nothing more is read, although changes are there.
            self.assertEqual(self.daemon.journal_seq(), journalled)
            self.assertEqual(len(self.daemon.events("projection_lagging")), told + 1)
            cursor.execute("ROLLBACK")
        self.silent(60)
        self.assertEqual(self.daemon.metrics()['casebridge_stream_state{agency="sp",state="streaming"}'], 1)


if __name__ == "__main__":
    unittest.main()
