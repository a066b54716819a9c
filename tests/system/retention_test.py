"""What is older than the retention settings goes when it is asked for, and nothing that is needed."""

import contextlib
import unittest
from concurrent.futures import ThreadPoolExecutor

from support.scenario import Scenario

PROJECTIONS = ("record", "link", "conflict", "hold", "parked", "refusal", "agency_state", "table_state")


class RetentionTest(Scenario):
    @staticmethod
    def configure(files):
        files["bridge.jsonc"]["retention"] = {"journal_values_days": 30, "conflict_values_days": 30}

    def prune(self, *options, check=True):
        return self.daemon.command("hub", "prune", *options, check=check)

    def values_in_journal(self):
        return self.hub("SELECT count(payload) FROM casebridge.journal")[0][0]

    def projections(self):
        return {table: self.hub(f"SELECT row_to_json(t)::text COLLATE \"C\" FROM casebridge.{table} t ORDER BY 1")
                for table in PROJECTIONS}

    def conflict(self, person):
        """An edit against an authority: recorded and reverted."""
        self.es("""UPDATE jobs."JobSeeker" SET born = '05.05.1995' WHERE id = %s""", (person.es,))
        self.eventually(lambda: self.conflicts(self.record(person), "birth_date"), "the conflict is recorded")
        self.silent()

    def test_old_values_go_and_the_bridge_and_its_rebuild_do_without_them(self):
        person = self.linked_person()
        self.conflict(person)
        self.assertIn("values of 0 journal entries and 0 conflicts", self.prune("--dry-run").stdout)
        self.assertIn("nothing is that old", self.prune("--reason", "too early").stdout)

        self.hub("UPDATE casebridge.journal SET recorded_at = recorded_at - interval '40 days'")
        self.assertNotIn("values of 0 journal entries", self.prune("--dry-run").stdout)
        self.assertGreater(self.values_in_journal(), 0)

        answer = self.prune("--reason", "yearly", "--as", "data protection officer").stdout
        self.assertIn("gone: values of", answer)
        pruned, = self.hub("SELECT max(seq) FROM casebridge.journal WHERE kind = 'journal_pruned'")[0]
        self.assertEqual(self.hub("SELECT count(payload) FROM casebridge.journal WHERE seq < %s", (pruned,)), [(0,)])
        (_, rule, verdict, _, versions), = self.conflicts(self.record(person), "birth_date")
        self.assertEqual((rule, verdict), ("authority:sp", "reverted"))
        self.assertNotIn("1995-05-05", str(versions))
        self.eventually(lambda: self.hub("SELECT requested_by, outcome FROM casebridge.requests WHERE reason = 'yearly'")
                        == [("data protection officer", "done")], "who asked for it is on record")

        self.sp("UPDATE sp.person SET phone = '+49 after' WHERE id = %s", (person.sp,))
        self.eventually(lambda: self.seeker(person)["phone"] == "+49 after", "changes cross as before")
        self.silent()
        self.daemon.stop()
        before = self.projections()
        self.daemon.command("hub", "rebuild")
        self.assertEqual(self.projections(), before)
        self.daemon.start()
        self.sp("UPDATE sp.person SET phone = '+49 rebuilt' WHERE id = %s", (person.sp,))
        self.eventually(lambda: self.seeker(person)["phone"] == "+49 rebuilt", "and behind a rebuild")


    def test_other_requests_are_answered_while_values_are_erased(self):
        self.hub("UPDATE casebridge.journal SET recorded_at = recorded_at - interval '40 days'")
        begun = len(self.daemon.events("journal_pruned"))
        with contextlib.closing(self.world.hub.connect("hub")) as other, other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended('casebridge.prune', 0))")
            with ThreadPoolExecutor(1) as thread:
                first = thread.submit(self.prune, "--reason", "the first")
                self.eventually(lambda: len(self.daemon.events("journal_pruned")) > begun, "it has begun")
                self.daemon.command("pause", "es", "--reason", "meanwhile")
                self.daemon.command("resume", "es", "--reason", "meanwhile")
                second = self.prune("--reason", "the second", check=False)
                self.assertEqual(second.returncode, 1)
                self.assertIn("is at it", second.stderr)
                self.assertFalse(first.done())
                cursor.execute("SELECT pg_advisory_unlock_all()")
                self.assertIn("gone: values of", first.result(60).stdout)
        self.assertEqual(self.daemon.wait_for_event("lane_ready", 30, times=2, agency="es")[-1]["agency"], "es")


class NoRetentionTest(Scenario):
    def test_without_a_setting_nothing_goes(self):
        done = self.daemon.command("hub", "prune", "--reason", "none is set", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no retention", done.stderr)
        self.assertEqual(self.hub("SELECT count(*) FROM casebridge.journal WHERE kind = 'journal_pruned'"), [(0,)])


if __name__ == "__main__":
    unittest.main()
