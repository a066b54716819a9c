"""A row that was linked to another person: the link is taken apart, and each side has its own again."""

import json
import unittest

from support.asking import Asking
from support.scenario import Person


class SplitTest(Asking):
    @staticmethod
    def configure(files):
        files["model.jsonc"]["entities"]["person"]["identity"] = [
            ["national_id"], [{"field": "name", "normalise": "name"}, "birth_date"]]

    def namesake(self, family):
        """Somebody at sp, and at es somebody else of that name and birth date, whose number nobody has asked for: one record."""
        member = self.person_at_sp(f"{family}, Ida", able_bodied=False)
        record = self.eventually(lambda: self.record(member), "the member has a record")
        self.silent()
        key, = self.es("""INSERT INTO jobs."JobSeeker" (first_name, last_name, gender, born, contact, status, office, created_by)
                          VALUES ('Ida', %s, 2, '04.03.1990', '{"phone": {"mobile": "+49 900"}}', 'S', 'Mitte', 'x')
                          RETURNING id::text""", (family.upper(),))[0]
        self.eventually(lambda: self.record_of("es", "jobs.JobSeeker", key) == record, "the row is taken for the member")
        self.silent()
        return Person(member.national_id, member.sp, key), record

    def seeker_row(self, key):
        row = self.es("""SELECT nin, contact #>> '{phone,mobile}', contact ->> 'email', status FROM jobs."JobSeeker" WHERE id = %s""",
                      (key,))
        return row[0] if row else None

    def foreseen(self, person, record):
        return json.loads(self.daemon.command("links", "split", "es", "person", person.es, str(record), "--json").stdout)

    def split(self, person, record, *options, check=True):
        return self.ask("links", "split", "es", "person", person.es, str(record), *options, "--yes", check=check)

    def points_at(self, agency, table, key):
        """The person that the record of a plan's row means."""
        rows = self.hub("SELECT golden ->> 'person' FROM casebridge.record WHERE id = %s", (self.record_of(agency, table, key),))
        return int(rows[0][0])

    def test_a_false_match_is_taken_apart_after_both_have_edited(self):
        person, record = self.namesake("Berg")
        self.assertEqual(self.seeker_row(person.es)[0], person.national_id, "the number of another person")
        self.sp("UPDATE sp.person SET phone = '+49 22' WHERE id = %s", (person.sp,))
        self.silent()
        self.es("""UPDATE jobs."JobSeeker" SET status = 'A', counsellor = 'y' WHERE id = %s""", (person.es,))
        self.silent()
        theirs, copied = self.plan(person, "Ziel der einen")
        own, = self.es("INSERT INTO jobs.job_plan (seeker_id, goal, created_by) VALUES (%s, 'Ziel der anderen', 'x') RETURNING id::text",
                       (person.es,))[0]
        self.eventually(lambda: self.record_of("es", "jobs.job_plan", own), "the plan has a record")
        self.silent()
        self.assertEqual(self.seeker_row(person.es), (person.national_id, "+49 22", "kim@example.org", "A"))

        before = len(self.requests())
        foreseen = self.foreseen(person, record)
        fields = {field["field"]: field for field in foreseen["fields"]}
        self.assertEqual((foreseen["record"], foreseen["into"], foreseen["references"]), (record, "new", 1))
        self.assertIsNone(fields["national_id"]["row"])
        self.assertEqual(fields["phone"]["row"], {"phone": "+49 900"})
        self.assertEqual(fields["employment_status"]["then"][0]["author"], "sp")
        shown = self.daemon.command("links", "split", "es", "person", person.es, str(record)).stdout
        self.assertIn(f"--seen {foreseen['seen']} --yes", shown)
        self.assertEqual(self.split(person, record, check=False).returncode, 64)
        self.assertEqual(len(self.requests()), before, "looking asks nobody")

        self.assertIn("from now on", self.split(person, record, "--seen", str(foreseen["seen"])).stdout)
        self.eventually(lambda: self.seeker_row(person.es) == (None, "+49 900", None, "A"), "the jobseeker shows her own again")
        self.silent()
        other = self.record_of("es", "jobs.JobSeeker", person.es)
        self.assertNotIn(other, (None, record))
        self.assertEqual(self.sp("SELECT phone, email, national_id, employment_status FROM sp.person WHERE id = %s", (person.sp,)),
                         [("+49 22", "kim@example.org", person.national_id, "JS")])
        self.assertEqual(self.points_at("es", "jobs.job_plan", own), other)
        self.assertEqual(self.points_at("sp", "sp.support_plan", theirs), record)

        told = json.loads(self.daemon.command("explain", "person", str(record), "employment_status", "--json").stdout)
        self.assertIn("a reason", json.dumps(told))
        self.assertEqual(self.hub("SELECT record, verdict FROM casebridge.match_decision WHERE local_key = %s", (person.es,)),
                         [(record, "never")])

        self.sp("UPDATE sp.person SET able_bodied = true WHERE id = %s", (person.sp,))
        key = self.eventually(lambda: self.key_at_es(person), "the member is referred after all")
        self.assertNotEqual(key, person.es)
        self.eventually(lambda: self.es("SELECT seeker_id::text FROM jobs.job_plan WHERE id = %s", (copied,)) == [(key,)],
                        "the member's plan is hers there, too")
        self.silent()

        self.daemon.stop()
        self.daemon.start()
        self.silent()
        self.es("""UPDATE jobs."JobSeeker" SET counsellor = 'z' WHERE id = %s""", (person.es,))
        self.silent()
        self.assertEqual(self.record_of("es", "jobs.JobSeeker", person.es), other)
        for secret in ("Berg", person.es, person.national_id):
            self.assertNotIn(secret, self.daemon.log_text())

    def test_what_was_edited_since_somebody_looked_is_not_taken_apart(self):
        person, record = self.namesake("Holm")
        seen = str(self.foreseen(person, record)["seen"])
        self.sp("UPDATE sp.person SET email = 'ida@example.org' WHERE id = %s", (person.sp,))
        self.silent()
        refused = self.split(person, record, "--seen", seen, check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("since you looked", refused.stderr)
        self.assertEqual(self.record_of("es", "jobs.JobSeeker", person.es), record)
        nobody = self.daemon.command("links", "split", "es", "person", "nobody", str(record), check=False)
        self.assertEqual(nobody.returncode, 64)
        self.assertIn("no row under that key", nobody.stderr)


if __name__ == "__main__":
    unittest.main()
