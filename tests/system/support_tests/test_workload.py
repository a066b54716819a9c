"""The workload: every confirmed edit is in the ledger, also when a server crashes under it."""

import unittest
from collections import Counter

import psycopg2

from support import workload as workload_module
from support.ledger import Ledger
from support.workload import ES_EDITS, SP_EDITS, Workload
from support.world import World


class WorkloadTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World(people=400, seed=5)
        cls.addClassCleanup(cls.world.close)
        cls.world.__enter__()
        cls.ledger = Ledger(cls.world)

    def committed(self, workload):
        """What the ledger has of this workload: every test has a seed of its own."""
        return {token for token in self.ledger.committed() if token.startswith(f"tk-{workload.seed}-")}

    def test_every_kind_of_edit_happens_and_is_in_the_ledger(self):
        workload = Workload(self.world, seed=1)
        workload.run(600)
        self.assertEqual({e.kind for e in workload.committed if e.agency == "sp"}, set(SP_EDITS))
        self.assertEqual({e.kind for e in workload.committed if e.agency == "es"}, set(ES_EDITS))
        notes = {e.token for e in workload.committed if e.kind == "note"}  # the ledger leaves the long texts out
        self.assertEqual(self.committed(workload), set(workload.tokens()) - notes)
        self.assertEqual(max(Counter(workload.tokens()).values()), 1)
        self.assertEqual(self.ledger.lost(), [])
        self.assertGreater(len(self.ledger.compare().differences), 0)   # nobody carries them over here

    def test_kinds_can_be_chosen(self):
        workload = Workload(self.world, seed=2, kinds={"email"})
        workload.run(10)
        self.assertEqual({e.kind for e in workload.committed}, {"email"})
        self.assertEqual(len(workload.committed), 10)

    def test_a_crash_under_load_loses_nothing_that_was_confirmed(self):
        workload = Workload(self.world, seed=3, kinds={"email", "new_plan"})
        with workload.running(per_second=200):
            workload.wait_for_edits(20, 30)
            self.world.agency("sp").crash()
            self.world.agency("sp").start()
            workload.wait_for_edits(len(workload.committed) + 20, 30)
        committed = self.committed(workload)
        self.assertEqual(set(workload.tokens()) - committed, set())
        self.assertEqual(committed - set(workload.tokens()) - {e.token for e in workload.in_doubt}, set())
        self.assertEqual({e.agency for e in workload.committed}, {"sp", "es"})

    def test_a_mistake_in_an_edit_is_raised(self):
        original = workload_module.SP_EDITS["email"]
        workload_module.SP_EDITS["email"] = "UPDATE sp.person SET no_such_column = %(token)s"
        self.addCleanup(workload_module.SP_EDITS.__setitem__, "email", original)
        workload = Workload(self.world, seed=4, kinds={"email"})
        with self.assertRaises(psycopg2.errors.UndefinedColumn):
            with workload.running(per_second=100):
                workload.wait_for_edits(10 ** 9, 30)


if __name__ == "__main__":
    unittest.main()
