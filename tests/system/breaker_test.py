"""A mass change at one agency: stopped before anything of it reaches the other, and followed once a person approves."""

import json
import time
import unittest

from support.asking import Asking

DELIVER = "casebridge_deliver"
ROWS = 2000


class Guarded(Asking):
    @staticmethod
    def configure(files):
        files["bridge.jsonc"]["rules"]["plan_activity"]["on_delete"] = "propagate"
        files["es.mapping.jsonc"]["tables"]["jobs.plan_step"]["may_delete"] = True
        files["sp.mapping.jsonc"]["tables"]["sp.support_action"]["may_delete"] = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.world.agency("es").query(f"GRANT DELETE ON jobs.plan_step TO {DELIVER}", database="es")
        cls.world.agency("sp").query(f"GRANT DELETE ON sp.support_action TO {DELIVER}", database="sp")

    def steps(self, title):
        return self.es('SELECT count(*) FROM jobs.plan_step WHERE "stepTitle" LIKE %s', (title + "-%",))[0][0]

    def listed(self):
        return json.loads(self.daemon.command("breakers", "list", "--json").stdout)

    def count(self, kind):
        return self.hub("SELECT count(*) FROM casebridge.journal WHERE kind = %s", (kind,))[0][0]

    def actions(self, title):
        """Many activities of one person's plan, at both agencies; returns the person and the plan at sp."""
        person = self.linked_person()
        plan, _ = self.plan(person, f"Ziel {title}")
        self.sp("INSERT INTO sp.support_action (plan_id, title) SELECT %s, %s || '-' || n FROM generate_series(1, %s) n",
                (plan, title, ROWS))
        self.eventually(lambda: self.steps(title) == ROWS, "the steps appear", 120)
        self.silent(60)
        return person, plan

    def delete_all(self, title):
        """Returns what is stopped."""
        tripped = self.count("breaker_tripped")
        self.sp("DELETE FROM sp.support_action WHERE title LIKE %s", (title + "-%",))
        self.eventually(lambda: self.count("breaker_tripped") == tripped + 1, "the breaker trips", 60)
        return self.eventually(self.listed, "it is listed")[0]

    def phone_of(self, person):
        return self.sp("SELECT phone FROM sp.person WHERE id = %s", (person.sp,))[0][0]

    def call(self, person, phone):
        self.es("""UPDATE jobs."JobSeeker" SET contact = jsonb_set(contact, '{phone,mobile}', to_jsonb(%s::text)) WHERE id = %s""",
                (phone, person.es))


class BreakerTest(Guarded):
    def test_thousands_of_deletions_wait_for_a_person_and_all_follow_then(self):
        person, plan = self.actions("Alle")
        deleted = self.count("row_deleted")
        stopped = self.delete_all("Alle")
        self.assertEqual([(f["entity"], f["reason"], f["records"]) for f in stopped["findings"]],
                         [("plan_activity", "deleted", ROWS)])
        shown = self.daemon.command("breakers", "show", "sp").stdout
        for part in (f"sp.support_action: 0 changed, {ROWS} deleted", "--deletions hold"):
            self.assertIn(part, shown)
        self.assertIn("STOPPED", self.daemon.command("status").stdout)
        self.assertIn("[-]sp capture held", self.daemon.get("/readyz?verbose")[1])
        self.assertIn('casebridge_breaker_tripped{agency="sp",reason="deleted"} 1', self.daemon.get("/metrics")[1])
        self.assertTrue(self.daemon.events("breaker_tripped", agency="sp", reason="deleted"))

        self.call(person, "+49 other way")
        self.eventually(lambda: self.phone_of(person) == "+49 other way", "the other direction flows")
        self.sp("UPDATE sp.support_plan SET goal = 'Dahinter' WHERE id = %s", (plan,))
        self.assertEqual((self.steps("Alle"), self.count("row_deleted")), (ROWS, deleted))

        self.daemon.kill()
        self.daemon.start(ready=False)
        self.eventually(lambda: self.daemon.events("lane_ready", agency="es"), "it works again", 60)
        self.assertEqual([one["breaker"] for one in self.listed()], [stopped["breaker"]])
        self.assertEqual((self.steps("Alle"), self.count("row_deleted"), self.count("breaker_tripped")), (ROWS, deleted, 1))

        wrong = self.ask("breakers", "approve", "sp", "--breaker", "1", check=False)
        self.assertEqual(wrong.returncode, 1)
        self.ask("breakers", "approve", "sp", "--breaker", str(stopped["breaker"]))
        self.eventually(lambda: self.steps("Alle") == 0, "all deletions follow", 120)
        self.silent(60)
        self.assertEqual(self.hub("SELECT count(*), count(DISTINCT record) FROM casebridge.journal WHERE kind = 'row_deleted'"
                                  " AND agency = 'sp' AND envelope ->> 'effect' = 'propagated'"), [(ROWS, ROWS)])
        self.assertEqual(self.es("SELECT count(*) FROM jobs.job_plan WHERE goal = 'Dahinter'"), [(1,)])
        self.assertEqual(self.listed(), [])
        self.assertEqual(self.daemon.command("breakers", "show", "sp", check=False).returncode, 64)
        self.assertTrue(self.daemon.events("breaker_approved", agency="sp"))

    def test_what_was_a_mistake_is_deleted_nowhere_else(self):
        _, plan = self.actions("Versehen")
        self.delete_all("Versehen")
        self.sp("INSERT INTO sp.support_action (plan_id, title) VALUES (%s, 'Versehen-neu')", (plan,))
        self.ask("breakers", "approve", "sp", "--deletions", "hold")
        self.eventually(lambda: self.steps("Versehen") == ROWS + 1, "what came behind is there, and nothing is deleted", 120)
        self.silent(60)
        self.assertEqual(self.steps("Versehen"), ROWS + 1)
        held = json.loads(self.daemon.command("deletions", "list", "--json", "--limit", "9999").stdout)
        self.assertEqual(len(held), ROWS)


class HeldStreamTest(Guarded):
    def test_the_agencys_server_stops_while_its_stream_is_held(self):
        self.actions("Wartung")
        stopped = self.delete_all("Wartung")
        began = time.monotonic()
        self.world.agency("sp").stop("fast")
        self.assertLess(time.monotonic() - began, 25)
        self.world.agency("sp").start()
        self.assertEqual([one["breaker"] for one in self.listed()], [stopped["breaker"]])
        self.ask("breakers", "approve", "sp")
        self.eventually(lambda: self.steps("Wartung") == 0, "all deletions follow", 120)


if __name__ == "__main__":
    unittest.main()
