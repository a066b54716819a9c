"""A transaction that is too large to be held whole crosses in parts, once, whatever falls meanwhile."""

import unittest

from support.scenario import Scenario


class LargeTransactionTest(Scenario):
    people = 50
    rows = 3000

    @staticmethod
    def configure(files):
        files["bridge.jsonc"].setdefault("limits", {}).update(transaction_rows_atomic_max=200, records_cached_max=1000)

    def arrived(self):
        return self.es("""SELECT count(*) FROM jobs."JobSeeker" WHERE nin LIKE 'LARGE-%%'""")[0][0]

    def test_its_parts_arrive_once_although_the_daemon_is_killed_between_them(self):
        self.sp("""INSERT INTO sp.person (full_name, sex, birth_date, able_bodied, employment_status, national_id, phone, household_id)
                   SELECT 'Batch-' || n || ', Kim', 'F', '1990-01-01'::date + n, true, 'JS', 'LARGE-' || n, '+49 ' || n,
                          (SELECT min(id) FROM sp.household)
                     FROM generate_series(1, %s) n""", (self.rows,))
        self.eventually(lambda: self.arrived() > 0, "the first part arrives")
        self.daemon.kill()
        self.daemon.start()
        self.eventually(lambda: self.arrived() == self.rows, "all parts arrive", 120)
        self.silent(60)
        self.assertEqual(self.arrived(), self.rows)
        self.assertTrue(self.daemon.events("transaction_in_parts", agency="sp"))
        self.assertEqual(self.hub("""SELECT count(*), count(DISTINCT record) FROM casebridge.journal
                                      WHERE kind = 'row_read' AND agency = 'sp' AND envelope ->> 'link' = 'created'
                                        AND record IN (SELECT id FROM casebridge.record WHERE golden ->> 'national_id' LIKE 'LARGE-%%')"""),
                         [(self.rows, self.rows)])
        self.assertEqual(self.ledger.doubled(), [])
        self.assertEqual(self.ledger.stray_writes(), [])

    def test_a_small_one_is_never_shown_in_parts(self):
        self.assertFalse(self.daemon.events("transaction_in_parts", agency="es"))


if __name__ == "__main__":
    unittest.main()
