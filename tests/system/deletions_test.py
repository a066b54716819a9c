"""Rows that an agency deletes: what follows by rule, and what a person decides."""

import json
import unittest

from support.asking import Asking
from support.daemon import Daemon
from support.scenario import Scenario

DELIVER = "casebridge_deliver"


class DeletionsTest(Asking):
    @staticmethod
    def configure(files):
        rules = files["bridge.jsonc"]["rules"]
        rules["plan"]["on_delete"] = "detach"
        rules["plan_activity"]["on_delete"] = "propagate"
        tables = files["es.mapping.jsonc"]["tables"]
        for table in ("jobs.\"JobSeeker\"", "jobs.plan_step"):
            tables[table]["may_delete"] = True
        files["sp.mapping.jsonc"]["tables"]["sp.support_action"]["may_delete"] = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.world.agency("es").query(f'GRANT DELETE ON jobs."JobSeeker", jobs.plan_step TO {DELIVER}', database="es")
        cls.world.agency("sp").query(f"GRANT DELETE ON sp.support_action TO {DELIVER}", database="sp")

    def listed(self, *options):
        return json.loads(self.daemon.command("deletions", "list", "--json", *options).stdout)

    def deletion(self, record):
        return next((head for head in self.listed() if head["record"] == record), None)

    def seen(self, record):
        return str(json.loads(self.daemon.command("deletions", "show", str(record), "--json").stdout)["seen"])

    def remove(self, record, *options, check=True):
        return self.decide(record, "remove", "--seen", self.seen(record), *options, check=check)

    def decide(self, record, choice, *options, check=True):
        return self.ask("deletions", "decide", str(record), choice, *options, check=check)

    def there(self, person):
        return self.es('SELECT count(*) FROM jobs."JobSeeker" WHERE nin = %s', (person.national_id,))[0][0]

    def deleted_at_sp(self):
        """A person whom es knows and sp has deleted, and the record."""
        person = self.linked_person("Berg, Ida")
        record = self.record(person)
        self.sp("DELETE FROM sp.person WHERE id = %s", (person.sp,))
        self.eventually(lambda: self.deletion(record), "the deletion is held")
        return person, record

    def activity(self, person):
        """A plan's activity at both agencies: its keys."""
        plan, _ = self.plan(person, f"Ziel {person.national_id}")
        here, = self.sp("INSERT INTO sp.support_action (plan_id, title) VALUES (%s, %s) RETURNING id",
                        (plan, f"T {person.national_id}"))[0]
        there, = self.eventually(lambda: self.es('SELECT id::text FROM jobs.plan_step WHERE "stepTitle" = %s',
                                                 (f"T {person.national_id}",)), "the step appears")[0]
        self.silent()
        return here, there

    def test_a_held_deletion_is_listed_without_values_and_decided(self):
        confirmed = len(self.daemon.events("delete_confirmed", agency="es"))
        person, record = self.deleted_at_sp()
        self.silent()
        self.assertEqual(self.there(person), 1)
        head = self.deletion(record)
        self.assertEqual((head["entity"], head["agency"], head["key"], head["state"], head["others"]),
                         ("person", "sp", str(person.sp), "held", ["es"]))
        self.assertNotIn("Berg", self.daemon.command("deletions", "list").stdout)
        shown = self.daemon.command("deletions", "show", str(record)).stdout
        for part in ("Berg", "still at: es", f"casebridge deletions decide {record} remove --seen {self.seen(record)} --deletion {head['deletion']}"):
            self.assertIn(part, shown)

        refused = self.remove(record, "--deletion", "1", check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("are deleted", self.remove(record, "--deletion", str(head["deletion"])).stdout)
        self.eventually(lambda: self.there(person) == 0, "the jobseeker is deleted")
        self.silent()
        self.assertIsNone(self.deletion(record))
        self.assertEqual([head["state"] for head in self.listed("--all") if head["record"] == record], ["decided"])
        self.assertEqual(self.daemon.command("deletions", "show", "999999", check=False).returncode, 64)
        self.daemon.wait_for_event("deletion_decided", 10)
        self.daemon.wait_for_event("delete_confirmed", 10, times=confirmed + 1, agency="es")
        for secret in ("Berg", person.national_id):
            self.assertNotIn(secret, self.daemon.log_text())

    def test_what_is_kept_stays_and_what_is_restored_comes_back(self):
        person, record = self.deleted_at_sp()
        self.decide(record, "keep")
        self.es("""UPDATE jobs."JobSeeker" SET counsellor = 'y' WHERE id = %s""", (person.es,))
        self.silent()
        self.assertEqual(self.there(person), 1)
        self.assertIsNone(self.deletion(record))
        self.assertEqual(self.sp("SELECT count(*) FROM sp.person WHERE national_id = %s", (person.national_id,)), [(0,)])

        other = self.linked_person("Holm, Ada")
        record = self.record(other)
        self.es('DELETE FROM jobs."JobSeeker" WHERE id = %s', (other.es,))
        self.eventually(lambda: self.deletion(record), "the deletion is held")
        self.sp("UPDATE sp.person SET phone = '+49 77' WHERE id = %s", (other.sp,))
        self.silent()
        self.assertEqual(self.there(other), 0)
        self.decide(record, "restore")
        key = self.eventually(lambda: self.key_at_es(other), "the jobseeker is there again")
        self.silent()
        self.assertNotEqual(key, other.es)
        self.assertEqual(self.es("SELECT contact #>> '{phone,mobile}' FROM jobs.\"JobSeeker\" WHERE id = %s", (key,)),
                         [("+49 77",)])

    def test_a_deletion_is_propagated_in_both_directions_and_survives_a_restart(self):
        here, there = self.activity(self.linked_person())
        self.daemon.kill()
        self.sp("DELETE FROM sp.support_action WHERE id = %s", (here,))
        self.daemon.start()
        self.eventually(lambda: self.es("SELECT count(*) FROM jobs.plan_step WHERE id = %s", (there,)) == [(0,)], "the step is deleted")
        here, there = self.activity(self.linked_person())
        self.es("DELETE FROM jobs.plan_step WHERE id = %s", (there,))
        self.eventually(lambda: self.sp("SELECT count(*) FROM sp.support_action WHERE id = %s", (here,)) == [(0,)], "the action is deleted")
        self.silent()
        self.assertEqual(self.listed(), [])

    def test_a_deletion_with_a_detaching_rule_leaves_the_other_row(self):
        here, there = self.plan(self.linked_person(), "Abschluss nachholen")
        self.sp("DELETE FROM sp.support_plan WHERE id = %s", (here,))
        self.daemon.wait_for_event("delete_detached", 20, agency="sp")
        self.es("UPDATE jobs.job_plan SET review_on = '2026-05-05' WHERE id = %s", (there,))
        self.silent()
        self.assertEqual(self.es("SELECT count(*) FROM jobs.job_plan WHERE id = %s", (there,)), [(1,)])
        self.assertEqual(self.sp("SELECT count(*) FROM sp.support_plan WHERE goal = 'Abschluss nachholen'"), [(0,)])

    def test_a_row_that_another_points_at_is_refused_and_deleted_once_that_is_gone(self):
        person = self.linked_person()
        record = self.record(person)
        _, plan = self.plan(person, "Pflege klären")
        self.sp("DELETE FROM sp.support_plan WHERE person_id = %s", (person.sp,))
        self.sp("DELETE FROM sp.person WHERE id = %s", (person.sp,))
        self.eventually(lambda: self.deletion(record), "the deletion is held")
        self.remove(record)
        self.eventually(lambda: self.hub("SELECT code FROM casebridge.refusal WHERE record = %s", (record,)) == [("23503",)],
                        "the deletion is refused")
        self.assertEqual(self.there(person), 1)
        self.es("DELETE FROM jobs.job_plan WHERE id = %s", (plan,))
        self.eventually(lambda: self.there(person) == 0, "the jobseeker is deleted after all")
        self.silent()

    def test_the_doctor_names_what_a_deletion_would_take_along_and_the_right_that_is_missing(self):
        def permit(files):
            files["es.mapping.jsonc"]["tables"]["jobs.job_plan"]["may_delete"] = True

        found = Daemon(self.world, permit, directory="cascading").command("doctor", "--json", check=False)
        findings = {finding["code"]: finding for server in json.loads(found.stdout)["servers"] for finding in server["findings"]
                    if server["server"] == "es"}
        self.assertIn("jobs.plan_step", findings["delete_cascades"]["cause"])
        self.assertIn("ON DELETE RESTRICT", findings["delete_cascades"]["remedy"])
        self.assertIn('GRANT DELETE ON "jobs"."job_plan"', findings["grant_missing"]["remedy"])


class CascadingDeletionTest(Scenario):
    """A table that may be deleted from and takes rows of another one along: nothing begins at its agency."""

    starts_daemon = False

    @staticmethod
    def configure(files):
        files["es.mapping.jsonc"]["tables"]["jobs.job_plan"]["may_delete"] = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.world.agency("es").query(f"GRANT DELETE ON jobs.job_plan TO {DELIVER}", database="es")

    def test_its_agency_is_neither_read_nor_written_to(self):
        self.addCleanup(self.daemon.kill)
        self.daemon.start(ready=False)
        self.daemon.wait_for_event("lane_ready", 30, agency="sp")
        self.daemon.wait_for_event("stream_stopped", 30, agency="es", error="delete_cascades")
        self.assertFalse(self.daemon.events("lane_ready", agency="es"))


if __name__ == "__main__":
    unittest.main()
