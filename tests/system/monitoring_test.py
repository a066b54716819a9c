"""Metrics, alert rules, dashboard and runbook against a running daemon: what they name is there, and moves when it should."""

import math
import os
import re
import sys
import unittest

from support.daemon import AGENCIES
from support.scenario import Scenario
from support.world import ROOT

sys.path.insert(0, os.path.join(ROOT, "tests", "monitoring"))
import operator_files  # noqa: E402

WATCH_SECONDS = 90  # servers are asked every 30 s


class Watched(Scenario):
    people = 30

    def slot(self, agency, what):
        return self.daemon.metrics()[f'casebridge_slot_{what}_bytes{{agency="{agency}"}}']


class MonitoringTest(Watched):
    def test_prometheus_finds_nothing_to_complain_about_in_the_metrics(self):
        status, text = self.daemon.get("/metrics")
        self.assertEqual(status, 200)
        done = operator_files.promtool("check", "metrics", stdin=text)
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_everything_that_alerts_and_dashboard_select_is_exported(self):
        samples = [(name, dict(re.findall(r'(\w+)="([^"]*)"', labels or ""))) for name, labels in
                   (re.fullmatch(r"(\w+)(?:\{(.*)\})?", sample).groups() for sample in self.daemon.metrics())]
        expressions = [rule["expr"] for rule in operator_files.alerts().values()]
        expressions += [query["expr"] for panel in operator_files.panels(operator_files.dashboard()) for query in panel["targets"]]
        for expression in expressions:
            for name, matchers in operator_files.selectors(expression):
                # Every word of an alternative has to match something, and all matchers together.
                words = [(label, word) for label, (_, text) in matchers.items() if "$" not in text for word in text.split("|")]
                for label, word in words or [(None, None)]:
                    with self.subTest(metric=name, label=label, word=word):
                        self.assertTrue([1 for sample, labels in samples
                                         if sample == name and (label is None or labels.get(label) == word)])

    def test_the_sql_of_the_runbook_can_be_run(self):
        blocks = re.findall(r"```sql\n-- on (the hub|the agency's server)\n(.*?)```", operator_files.read("docs", "runbook.md"), re.DOTALL)
        self.assertEqual(len(blocks), operator_files.read("docs", "runbook.md").count("```sql"))
        for place, text in blocks:
            for statement in filter(None, map(str.strip, text.split(";\n"))):
                with self.subTest(statement=statement[:60]):
                    self.assertTrue(statement.startswith("SELECT "))
                    statement = statement.rstrip(";").replace("%", "%%")
                    for run in (self.hub,) if place == "the hub" else (self.sp, self.es):
                        run("EXPLAIN " + statement, ())
                        run(statement, ())

    def test_the_age_of_the_oldest_hold_and_the_size_of_the_hub_are_known_and_unknown_while_the_hub_is_away(self):
        person = self.linked_person()
        self.assertEqual(self.daemon.metrics()["casebridge_holds"], 0)
        with self.daemon.frozen():
            self.sp("UPDATE sp.person SET death_date = '2026-01-01' WHERE id = %s", (person.sp,))
            self.es("""UPDATE jobs."JobSeeker" SET "deceasedOn" = '2026-01-02' WHERE id = %s""", (person.es,))
        self.eventually(lambda: self.daemon.metrics()["casebridge_oldest_hold_age_seconds"] > 0, "the hold has an age", WATCH_SECONDS)
        size, = self.hub("SELECT pg_database_size('hub')")[0]
        self.assertAlmostEqual(self.daemon.metrics()["casebridge_hub_size_bytes"], size, delta=size / 2)
        self.world.hub.stop("fast")
        try:
            self.eventually(lambda: self.daemon.events("hub_lost"), "the daemon notices")
            metrics = self.daemon.metrics()
            self.assertEqual(metrics["casebridge_leader"], 0)
            self.assertTrue(math.isnan(metrics["casebridge_hub_size_bytes"]))
            self.assertTrue(math.isnan(metrics["casebridge_oldest_hold_age_seconds"]))
            self.assertTrue(math.isnan(metrics['casebridge_slot_retained_bytes{agency="sp"}']))
        finally:
            self.world.hub.start()
        self.eventually(lambda: self.daemon.metrics()["casebridge_hub_size_bytes"] > 0, "the hub is known again", 60)

    def test_the_wal_that_a_slot_keeps_is_known_although_the_stream_has_stopped(self):
        cluster = self.world.agency("es")
        self.eventually(lambda: self.slot("es", "retained") >= 0, "the server was asked", WATCH_SECONDS)
        self.assertEqual(self.slot("es", "safe"), math.inf)
        cluster.query("ALTER ROLE casebridge_capture NOREPLICATION")
        cluster.query("ALTER SYSTEM SET max_slot_wal_keep_size = '1GB'")
        try:
            cluster.query("SELECT pg_reload_conf(), (SELECT bool_and(pg_terminate_backend(pid)) FROM pg_stat_replication)")
            self.daemon.wait_for_event("stream_stopped", 30, agency="es", side="capture")
            before = self.slot("es", "retained")
            cluster.query("CREATE TABLE filler AS SELECT repeat(md5(n::text), 30) FROM generate_series(1, 20000) n")
            self.eventually(lambda: self.slot("es", "retained") > before + 10e6, "what is kept grows", WATCH_SECONDS)
            self.assertLess(self.slot("es", "safe"), 1.1e9)
        finally:
            cluster.query("ALTER ROLE casebridge_capture REPLICATION")
            cluster.query("ALTER SYSTEM RESET max_slot_wal_keep_size")
            cluster.query("SELECT pg_reload_conf()")
            self.daemon.stop()
            self.daemon.start()
        self.silent(60)

    def test_the_time_of_the_last_confirmation_moves_and_the_start_does_not(self):
        started = self.daemon.metrics()["casebridge_start_timestamp_seconds"]
        confirmed = {agency: self.daemon.metrics()[f'casebridge_confirmed_timestamp_seconds{{agency="{agency}"}}'] for agency in AGENCIES}
        self.linked_person()
        metrics = self.daemon.metrics()
        self.assertEqual(metrics["casebridge_start_timestamp_seconds"], started)
        self.assertGreater(metrics["casebridge_resident_memory_bytes"], 5e6)
        for agency in AGENCIES:
            self.assertGreater(metrics[f'casebridge_confirmed_timestamp_seconds{{agency="{agency}"}}'], confirmed[agency])
            self.assertGreater(confirmed[agency], started)


class GapTest(Watched):
    def test_a_missing_slot_is_told_as_a_gap_and_the_runbooks_way_out_of_it_works(self):
        person, other = self.linked_person(), self.linked_person()
        self.silent()
        slot, = (name for name, _, _ in self.daemon.slots("sp"))

        def dropped():
            self.sp("SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots WHERE active")
            return self.sp("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
                           " WHERE slot_name = %s AND NOT active", (slot,))

        self.eventually(dropped, "the slot is dropped while nobody reads it")
        self.daemon.wait_for_event("stream_stopped", 40, agency="sp", side="capture", error="slot_missing")
        self.assertEqual(self.daemon.metrics()['casebridge_stream_state{agency="sp",state="gap"}'], 1)
        self.eventually(lambda: self.slot("sp", "safe") == 0, "the alert's metric says so", WATCH_SECONDS)
        self.sp("UPDATE sp.person SET phone = '+49 in the gap' WHERE id = %s", (person.sp,))
        self.daemon.stop()
        self.daemon.teardown()
        self.hub("DROP SCHEMA casebridge, casebridge_view, casebridge_snapshot CASCADE")
        self.daemon.setup()
        self.daemon.start()
        self.silent(60)  # both agencies are read again
        self.sp("UPDATE sp.person SET phone = '+49 behind the gap' WHERE id = %s", (other.sp,))
        self.eventually(lambda: self.seeker(other)["phone"] == "+49 behind the gap", "changes flow again")
        # Both rows were read; whose number is the later one, nobody can tell any more.
        self.assertIn("phone", self.held(self.record(person)))
        self.assertEqual(self.seeker(person)["phone"], "+49 1")


if __name__ == "__main__":
    unittest.main()
