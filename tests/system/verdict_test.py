"""The verdict of the kill loop finds what is wrong: it is shown a bridge that was tampered with."""

import unittest

from support.scenario import Scenario
from support.verdict import judge

AS_CASEBRIDGE = "SET SESSION AUTHORIZATION casebridge_deliver; "


class Tampered(Scenario):
    """The daemon is stopped, so that what is done by hand under its name stays as it is."""

    def setUp(self):
        super().setUp()
        self.person = self.linked_person()
        self.here, self.there = self.plan(self.person)
        self.assertTrue(judge(self.ledger, self.daemon).good)
        self.daemon.kill()

    def verdict(self):
        return judge(self.ledger, self.daemon)


class VerdictTest(Tampered):
    def tearDown(self):
        # The next test starts with a bridge that agrees again.
        self.es("DELETE FROM jobs.job_plan WHERE seeker_id = %s; TRUNCATE ledger.entry", (self.person.es,))
        self.sp("DELETE FROM sp.support_plan WHERE person_id = %s; TRUNCATE ledger.entry", (self.person.sp,))
        self.sp("UPDATE sp.person SET phone = NULL WHERE id = %s; TRUNCATE ledger.entry", (self.person.sp,))
        self.es("""UPDATE jobs."JobSeeker" SET contact = contact - 'phone' WHERE id = %s; TRUNCATE ledger.entry""",
                (self.person.es,))
        self.daemon.start()
        self.silent()

    def test_a_difference_that_the_hub_does_not_name_is_found(self):
        self.sp("UPDATE sp.person SET phone = '+49 9' WHERE id = %s", (self.person.sp,))
        self.assertEqual([(d.what, d.field) for d in self.verdict().unexplained], [("person", "phone")])

    def test_a_difference_that_the_hub_holds_is_explained_and_another_field_of_the_row_is_not(self):
        record = self.record(self.person)
        self.hub("INSERT INTO casebridge.hold VALUES (%s, 'phone', 1)", (record,))
        self.sp("UPDATE sp.person SET phone = '+49 9', email = 'x@example.org' WHERE id = %s", (self.person.sp,))
        verdict = self.verdict()
        self.hub("DELETE FROM casebridge.hold WHERE record = %s", (record,))
        self.assertEqual([why for _, why in verdict.explained], ["hold phone"])
        self.assertEqual([d.field for d in verdict.unexplained], ["email"])

    def test_a_difference_behind_a_held_goal_is_still_seen(self):
        record = self.record_of("sp", "sp.support_plan", self.here)
        self.hub("INSERT INTO casebridge.hold VALUES (%s, 'goal', 1)", (record,))
        self.sp("UPDATE sp.support_plan SET goal = 'anderes', next_review = '2026-09-09' WHERE id = %s", (self.here,))
        verdict = self.verdict()
        self.hub("DELETE FROM casebridge.hold WHERE record = %s", (record,))
        self.assertEqual([(d.what, d.field) for d in verdict.unexplained], [("plan", "next_review")])

    def test_an_edit_that_only_casebridge_overwrote_is_lost(self):
        self.sp("UPDATE sp.person SET phone = 'tk-9-sp-000001' WHERE id = %s", (self.person.sp,))
        self.sp(AS_CASEBRIDGE + "UPDATE sp.person SET phone = '+49 1' WHERE id = %s", (self.person.sp,))
        self.assertEqual(self.verdict().lost, ["tk-9-sp-000001"])

    def test_a_write_outside_the_shared_columns_is_found(self):
        self.sp(AS_CASEBRIDGE + "UPDATE sp.person SET case_worker = 'x' WHERE id = %s", (self.person.sp,))
        self.assertEqual(self.verdict().stray_writes, [("sp", "sp.person", "case_worker")])


class DoubledRowTest(Tampered):
    def test_a_row_inserted_twice_is_found(self):
        self.es(AS_CASEBRIDGE + """INSERT INTO jobs.job_plan (seeker_id, goal, "start", created_by)
                                   SELECT seeker_id, goal, "start", created_by FROM jobs.job_plan WHERE id = %s""", (self.there,))
        verdict = self.verdict()
        self.assertEqual(len(verdict.doubled), 1)
        self.assertEqual(len(verdict.orphans), 1)


if __name__ == "__main__":
    unittest.main()
