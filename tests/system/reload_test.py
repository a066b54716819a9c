"""Reading the configuration again: by request and by SIGHUP, with mistakes and without, and what systemd is told."""

import re
import signal
import unittest

from support.asking import Asking
from support.daemon import AGENCIES, Daemon
from support.notify import NotifySocket
from support.verdict import judge
from support.workload import Workload


class ReloadTest(Asking):
    people = 50

    def write(self, change=None):
        self.world.write_configuration(change, "bridge")

    def applied(self):
        return self.hub("SELECT envelope ->> 'hash' FROM casebridge.journal WHERE kind = 'configuration_applied' ORDER BY seq")

    def setUp(self):
        super().setUp()
        self.write()

    def test_a_configuration_with_mistakes_is_refused_with_all_of_them_and_everything_goes_on(self):
        def change(files):
            files["bridge.jsonc"]["rules"]["person"]["phone"] = "newest"
            files["model.jsonc"]["entities"]["plan"]["fields"]["person"]["to"] = "persn"

        person = self.linked_person()
        before = self.applied()
        self.write(change)
        done = self.ask("reload", check=False)
        self.assertEqual(done.returncode, 1)
        for word in ("newest", "persn", "bridge.jsonc:", "model.jsonc:"):
            self.assertIn(word, done.stderr)
        told = self.daemon.events("configuration_refused")[-1]
        self.assertGreaterEqual(int(told["mistakes"]), 2)
        self.assertRegex(told["first"], r"^bridge\.jsonc:[0-9]+:[0-9]+$")
        self.assertEqual(self.daemon.metrics()["casebridge_config_last_reload_successful"], 0)
        self.sp("UPDATE sp.person SET phone = '+49 goes on' WHERE id = %s", (person.sp,))
        self.eventually(lambda: self.seeker(person)["phone"] == "+49 goes on", "the change arrives")
        self.assertEqual(self.applied(), before)
        self.write()
        self.assertIn("has not changed", self.ask("reload").stdout)
        self.assertEqual(self.daemon.metrics()["casebridge_config_last_reload_successful"], 1)

    def test_a_changed_configuration_applies_under_load_without_a_restart(self):
        def change(files):
            files["bridge.jsonc"]["rules"]["person"]["phone"] = "hold"
            files["bridge.jsonc"]["web"]["listen"] = "127.0.0.1:1"

        person = self.linked_person()
        before, pid = len(self.applied()), self.daemon.process.pid
        workload = Workload(self.world, seed=6)
        with workload.running(per_second=20):
            workload.wait_for_edits(20, 30)
            self.write(change)
            done = self.ask("reload")
            self.assertIn("applies now", done.stdout)
            self.assertIn("web/listen takes effect with the next restart", done.stdout)
            workload.wait_for_edits(len(workload.committed) + 20, 30)
        self.assertEqual(len(self.applied()), before + 1)
        self.assertEqual(self.daemon.process.pid, pid)
        self.assertEqual(self.hub("SELECT count(*) FROM casebridge.journal WHERE kind = 'request_answered' AND seq = 1 +"
                                  " (SELECT max(seq) FROM casebridge.journal WHERE kind = 'configuration_applied')"), [(1,)])
        self.silent(60)
        with self.daemon.frozen():
            self.sp("UPDATE sp.person SET phone = '+49 here' WHERE id = %s", (person.sp,))
            self.es('UPDATE jobs."JobSeeker" SET contact = jsonb_set(contact, \'{phone,mobile}\', \'"+49 there"\') WHERE id = %s',
                    (person.es,))
        self.eventually(lambda: "phone" in self.held(self.record(person)), "the new rule holds the conflict")
        self.assertTrue(self.daemon.get("/readyz")[0])
        verdict = judge(self.ledger, self.daemon, workload)
        self.assertTrue(verdict.good, verdict)
        self.write()
        self.ask("reload")

    def test_a_changed_mapping_applies(self):
        def change(files):
            files["es.mapping.jsonc"]["tables"]['jobs."JobSeeker"']["create_when"].pop("able_bodied")

        person = self.person_at_sp(able_bodied=False)
        self.silent()
        self.assertIsNone(self.key_at_es(person))
        self.write(change)
        self.ask("reload")
        self.eventually(lambda: self.key_at_es(person), "what was no referral is one now", seconds=40)
        self.write()
        self.ask("reload")

    def test_a_configuration_that_the_hub_cannot_be_started_with_is_taken_back(self):
        def change(files):
            files["model.jsonc"]["entities"]["visit"] = {"fields": {"day": "date"}}

        person = self.linked_person()
        self.hub("CREATE TABLE casebridge_view.visit ()")  # Where the view would be.
        try:
            self.write(change)
            done = self.ask("reload", check=False)
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertIn("the configuration before applies again", done.stderr)
        finally:
            self.hub("DROP TABLE casebridge_view.visit")
        self.assertTrue(self.daemon.events("configuration_refused"))
        self.sp("UPDATE sp.person SET phone = '+49 as before' WHERE id = %s", (person.sp,))
        self.eventually(lambda: self.seeker(person)["phone"] == "+49 as before", "the change arrives", seconds=40)

    def test_what_only_a_restart_or_an_empty_hub_could_apply_is_refused_and_named(self):
        def another_hub(files):
            files["bridge.jsonc"]["hub"]["connection"] += " connect_timeout=9"

        def another_form(files):
            files["es.mapping.jsonc"]["tables"]['jobs."JobSeeker"']["fields"].pop("counsellor")

        for change, said in ((another_hub, "hub/connection"), (another_form, "layout_changed")):
            with self.subTest(said=said):
                self.write(change)
                done = self.ask("reload", check=False)
                self.assertEqual(done.returncode, 1)
                self.assertIn(said, done.stderr)
        self.assertTrue(self.daemon.alive())

    def test_a_table_that_is_not_published_is_refused_and_names_the_setup(self):
        publication, = self.es("SELECT pubname FROM pg_publication")[0]
        self.es(f"ALTER PUBLICATION {publication} DROP TABLE jobs.plan_step")
        try:
            self.write(lambda files: files["bridge.jsonc"].setdefault("limits", {}).update(drain_timeout_seconds=21))
            done = self.ask("reload", check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn("jobs.plan_step", done.stderr)
            self.assertIn("run casebridge setup", done.stderr)
        finally:
            self.es(f"ALTER PUBLICATION {publication} ADD TABLE jobs.plan_step")


class HangupTest(Asking):
    def test_sighup_reloads_and_tells_systemd(self):
        self.daemon.stop()
        systemd = NotifySocket()
        self.addCleanup(systemd.__exit__)
        daemon = Daemon(self.world, directory="supervised", environment=systemd.environment)
        self.addCleanup(daemon.kill)
        daemon.start()
        before = len(self.hub("SELECT 1 FROM casebridge.journal WHERE kind = 'configuration_applied'"))
        self.world.write_configuration(
            lambda files: files["bridge.jsonc"].setdefault("limits", {}).update(drain_timeout_seconds=22), "supervised")
        daemon.process.send_signal(signal.SIGHUP)
        systemd.wait_for("READY=1", 30, times=2)  # The first is of the start.
        told = systemd.read()
        since = told[told.index("RELOADING=1"):]
        self.assertTrue([line for line in since if re.match("MONOTONIC_USEC=[0-9]+$", line)], told)
        self.assertIn("READY=1", since)
        daemon.wait_for_event("lane_ready", 30, times=2 * len(AGENCIES))
        self.assertEqual(len(self.hub("SELECT 1 FROM casebridge.journal WHERE kind = 'configuration_applied'")), before + 1)
        daemon.process.send_signal(signal.SIGHUP)  # Nothing has changed.
        systemd.wait_for("READY=1", 30, times=3)
        self.assertEqual(systemd.read().count("RELOADING=1"), 2)
        daemon.wait_for_event("configuration_unchanged", 10)
        self.assertEqual(daemon.stop(), 0)
        systemd.wait_for("STOPPING=1", 1)
        self.daemon.start()

    def test_a_stop_in_the_middle_of_a_reload_ends_with_0(self):
        for number in range(24, 30):
            self.world.write_configuration(
                lambda files, n=number: files["bridge.jsonc"].setdefault("limits", {}).update(drain_timeout_seconds=n), "bridge")
            self.daemon.process.send_signal(signal.SIGHUP)
            self.let_pass(self.world.hub, (number - 24) * 0.02)
            self.assertEqual(self.daemon.stop(), 0)
            self.daemon.start()

    def test_a_standby_reads_its_files_again_too(self):
        second = Daemon(self.world, directory="second")
        self.addCleanup(second.kill)
        second.start(ready=False)
        second.wait_for_event("waiting_for_leader", 20)
        self.world.write_configuration(
            lambda files: files["bridge.jsonc"].setdefault("limits", {}).update(drain_timeout_seconds=23), "second")
        second.process.send_signal(signal.SIGHUP)
        second.wait_for_event("waiting_for_leader", 20, times=2)
        self.assertTrue(second.alive())


if __name__ == "__main__":
    unittest.main()
