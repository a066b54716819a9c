"""The operators' inbox: pauses, answers and the status, asked of a running daemon, of none, and of one that is killed."""

import json
import signal
import subprocess
import threading
import unittest

from support.asking import Asking
from support.cluster import wait_for
from support.daemon import executable
from support.verdict import judge
from support.workload import Workload


class PauseTest(Asking):
    people = 200

    def tearDown(self):
        self.ask("resume", "es")

    def test_while_an_agency_is_paused_under_load_it_is_left_alone_and_agrees_afterwards(self):
        workload = Workload(self.world, seed=5)
        with workload.running(per_second=30):
            workload.wait_for_edits(30, 30)
            done = self.ask("pause", "es", "--as", "Anna Admin", reason="minor upgrade")
            self.assertIn("es is paused", done.stdout)
            self.assertIn("WAL", done.stdout)
            self.paused("es")
            delivered = "SELECT max(n) FROM ledger.entry WHERE who = 'casebridge_deliver'"
            confirmed = "SELECT max(confirmed_flush_lsn) FROM pg_replication_slots"
            before = self.es(delivered), self.es(confirmed)
            merged = self.daemon.journal_seq()
            edits = len(workload.committed)
            self.eventually(lambda: len(workload.committed) > edits + 40, "people go on working")
            self.eventually(lambda: self.daemon.journal_seq() > merged, "the other agency is read")
            end, = self.sp("SELECT pg_current_wal_flush_lsn()")[0]
            self.eventually(lambda: self.sp("SELECT bool_and(confirmed_flush_lsn >= %s::pg_lsn) FROM pg_replication_slots",
                                            (end,))[0][0], "the other agency's stream goes on")
            self.assertEqual((self.es(delivered), self.es(confirmed)), before)
            metrics = self.daemon.metrics()
            for half in ("stream", "lane"):
                self.assertEqual(metrics[f'casebridge_{half}_state{{agency="es",state="paused"}}'], 1)
            self.assertIn("[+]es capture paused", self.daemon.get("/readyz?verbose")[1])
            self.assertIn("[+]es delivery paused", self.daemon.get("/readyz?verbose")[1])
            self.assertRegex(self.daemon.command("status").stdout, r"es: PAUSED since .* by Anna Admin: minor upgrade")
            self.resume()
            workload.wait_for_edits(len(workload.committed) + 20, 30)
        self.silent(90)
        verdict = judge(self.ledger, self.daemon, workload)
        self.assertTrue(verdict.good, verdict)
        for event in ("agency_paused", "agency_resumed", "request_answered"):
            self.assertTrue(self.daemon.events(event), event)
        self.assertNotIn("minor upgrade", self.daemon.log_text())
        self.assertNotIn("Anna", self.daemon.log_text())

    def test_a_paused_agencys_server_may_be_restarted_and_nobody_tries_to_reach_it(self):
        tried = len(self.daemon.events("retry_scheduled"))
        self.ask("pause", "es")
        self.paused("es")
        self.world.agency("es").stop("smart")
        self.let_pass(self.world.agency("sp"), 2)
        self.world.agency("es").start()
        self.resume()
        self.assertEqual(len(self.daemon.events("retry_scheduled")), tried)

    def test_a_killed_daemon_finds_the_agency_paused(self):
        person = self.linked_person()
        self.ask("pause", "es")
        self.daemon.kill()
        self.sp("UPDATE sp.person SET phone = '+49 dark' WHERE id = %s", (person.sp,))
        self.daemon.start(ready=False)
        self.daemon.wait_for_event("lane_ready", 30, agency="sp")
        self.eventually(lambda: "[+]es delivery paused" in self.daemon.get("/readyz?verbose")[1], "it is found paused")
        self.assertEqual(self.daemon.get("/readyz")[0], 200)
        self.assertEqual(self.sessions("es"), [])
        self.assertNotEqual(self.seeker(person)["phone"], "+49 dark")
        self.resume()
        self.eventually(lambda: self.seeker(person)["phone"] == "+49 dark", "the change arrives")

    def test_a_pause_for_a_while_ends_by_itself_and_is_journalled_as_the_daemons_doing(self):
        person = self.linked_person()
        self.assertIn("until", self.ask("pause", "es", "--for", "3s").stdout)
        self.paused("es")
        self.sp("UPDATE sp.person SET phone = '+49 soon' WHERE id = %s", (person.sp,))
        self.eventually(lambda: self.seeker(person)["phone"] == "+49 soon", "the agency is written to again")
        self.assertEqual(self.hub("SELECT envelope ? 'request' FROM casebridge.journal WHERE kind = 'agency_resumed'"
                                  " ORDER BY seq DESC LIMIT 1"), [(False,)])
        self.eventually(lambda: self.daemon.status()["agencies"]["es"]["paused"] is None, "the status shows it")

    def test_a_pause_that_ends_while_nobody_runs_is_over_when_somebody_does(self):
        self.ask("pause", "es", "--for", "1s")
        self.daemon.kill()
        self.let_pass(self.world.hub, 1)
        self.daemon.start()
        self.eventually(lambda: self.daemon.status()["agencies"]["es"]["paused"] is None, "the status shows it")

    def test_pausing_twice_and_resuming_twice_is_done_both_times(self):
        self.ask("pause", "es", "--as", "Anna")
        self.assertIn("it was, by Anna", self.ask("pause", "es", "--as", "Ben").stdout)
        self.eventually(lambda: (self.daemon.status()["agencies"]["es"]["paused"] or {}).get("requested_by") == "Ben",
                        "the status shows whose it is now")
        self.resume()
        self.assertIn("was not paused", self.ask("resume", "es").stdout)

    def test_a_stopped_stream_begins_anew_when_its_agency_was_paused_and_resumed(self):
        person = self.linked_person()
        cluster = self.world.agency("es")
        cluster.query("ALTER ROLE casebridge_deliver NOLOGIN")
        try:
            cluster.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'casebridge_deliver'")
            self.daemon.wait_for_event("stream_stopped", 40, agency="es", side="delivery")
        finally:
            cluster.query("ALTER ROLE casebridge_deliver LOGIN")
        self.ask("pause", "es")
        self.paused("es")
        self.resume()
        self.sp("UPDATE sp.person SET phone = '+49 anew' WHERE id = %s", (person.sp,))
        self.eventually(lambda: self.seeker(person)["phone"] == "+49 anew", "the change arrives")

    def test_two_requests_at_once_are_both_answered_and_each_once(self):
        before = len(self.answers())
        said = []
        threads = [threading.Thread(target=lambda: said.append(self.ask("pause", "es", "--for", "1d").returncode))
                   for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(said, [0, 0, 0, 0])
        answers = self.answers()[before:]
        self.assertEqual(len({request for request, _ in answers}), 4)
        self.assertEqual(len(answers), 4)


class CrashTest(Asking):
    def test_whenever_the_daemon_is_killed_a_request_is_carried_out_and_answered_once(self):
        codes = []

        def ask(number):
            codes.append(self.ask("pause", "es", "--wait", "50", reason=f"number {number}", seconds=70).returncode)

        threads = []
        for number in range(6):
            threads.append(threading.Thread(target=ask, args=(number,)))
            threads[-1].start()
            self.eventually(lambda n=number: self.hub("SELECT 1 FROM casebridge.inbox WHERE reason = %s", (f"number {n}",)),
                            "the request stands")
            self.daemon.kill()
            self.daemon.start(ready=False)
        for thread in threads:
            thread.join()
        self.assertEqual(codes, [0] * 6)
        for kind in ("request_answered", "agency_paused"):
            counted = self.hub("SELECT count(*), count(DISTINCT envelope ->> 'request') FROM casebridge.journal WHERE kind = %s",
                               (kind,))
            self.assertEqual(counted, [(6, 6)], kind)


class AnswerTest(Asking):
    starts_daemon = False

    def test_without_a_leader_nothing_is_done_and_the_next_leader_journals_that_it_expired(self):
        done = self.ask("pause", "es", "--wait", "1", check=False)
        self.assertEqual(done.returncode, 75)
        self.assertIn("no leader has answered", done.stderr)
        with self.daemon.running():
            self.eventually(lambda: self.requests()[-1][4] == "expired", "it is journalled")
            self.assertIsNone(self.daemon.status()["agencies"]["es"]["paused"])

    def test_a_leader_that_starts_before_the_deadline_answers(self):
        said = []
        asking = threading.Thread(target=lambda: said.append(self.ask("pause", "es", "--wait", "50")))
        asking.start()
        self.eventually(lambda: self.hub("SELECT 1 FROM casebridge.inbox WHERE agency = 'es' AND deadline > now()"),
                        "the request stands")
        self.daemon.start(ready=False)
        self.addCleanup(self.daemon.kill)
        asking.join(60)
        self.assertEqual(said[0].returncode, 0)
        self.assertIn("es is paused", said[0].stdout)
        self.ask("resume", "es")

    def test_a_wrong_command_line_ends_with_64_and_asks_nobody(self):
        before = len(self.requests())
        unknown = self.ask("pause", "ess", check=False)
        self.assertEqual(unknown.returncode, 64)
        self.assertIn('did you mean "es"?', unknown.stderr)
        self.assertIn("sp", unknown.stderr)
        self.assertEqual(self.ask("pause", "es", reason="  ", check=False).returncode, 64)
        self.assertEqual(self.daemon.command("pause", "es", check=False).returncode, 64)
        self.assertEqual(self.ask("pause", "es", "--for", "2 fortnights", check=False).returncode, 64)
        self.assertEqual(len(self.requests()), before)

    def test_a_hub_that_is_away_ends_with_69(self):
        self.world.hub.stop("fast")
        try:
            self.assertEqual(self.ask("pause", "es", check=False).returncode, 69)
        finally:
            self.world.hub.start()

    def test_an_operators_role_may_ask_and_read_no_record(self):
        hub = self.world.hub
        hub.query("CREATE ROLE olga LOGIN")
        hub.query("GRANT USAGE ON SCHEMA casebridge TO olga; GRANT EXECUTE ON FUNCTION casebridge.request(text, text, jsonb,"
                  " text, text, interval), casebridge.answer(bigint) TO olga", database="hub")
        with self.daemon.running():
            self.ask("pause", "es", "--hub", hub.conninfo("hub", "olga"), "--as", "Olga")
            self.ask("resume", "es", "--hub", hub.conninfo("hub", "olga"), "--as", "Olga")
        self.assertEqual(self.hub("SELECT DISTINCT requested_by, session_role FROM casebridge.inbox"
                                  " WHERE session_role = 'olga'"), [("Olga", "olga")])


class WatchTest(Asking):
    def watching(self, *arguments):
        process = subprocess.Popen([executable(), "status", *arguments, "--config", self.daemon.configuration],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def test_a_watch_goes_on_while_the_hub_is_away_and_ends_with_0_when_interrupted(self):
        process = self.watching("--watch", "1", "--json")
        self.assertIn("agencies", json.loads(process.stdout.readline()))
        self.world.hub.stop("fast")
        try:
            seen = wait_for(lambda: json.loads(process.stdout.readline()).get("error"), 30, "the outage is told")
            self.assertIn("code", seen)
        finally:
            self.world.hub.start()
        wait_for(lambda: "agencies" in json.loads(process.stdout.readline()), 30, "the hub is back")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(20), 0)

    def test_into_a_pipe_blocks_are_appended(self):
        process = self.watching("--watch")
        lines = [process.stdout.readline() for _ in range(9)]
        self.assertEqual([number for number, line in enumerate(lines) if line.startswith("bridge ")], [0, 5], lines)
        self.assertEqual(lines[4], "\n")
        self.assertNotIn("\x1b", "".join(lines))
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(20), 0)


if __name__ == "__main__":
    unittest.main()
