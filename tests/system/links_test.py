"""Rows of which nobody can tell which record they are: they wait, are listed and shown, and a person decides."""

import json
import unittest

from support.asking import Asking
from support.scenario import Person


class LinksTest(Asking):
    @staticmethod
    def configure(files):
        files["model.jsonc"]["entities"]["person"]["identity"] = [
            ["national_id"], [{"field": "name", "normalise": "name"}, "birth_date"]]

    def namesakes(self, at_sp, at_es):
        """Somebody at sp who is not referred yet, and at es somebody of that name and birth date with another number, who is in
        doubt; then sp refers."""
        member = self.person_at_sp(at_sp, able_bodied=False)
        self.eventually(lambda: self.record(member), "the member has a record")
        self.silent()
        given, family = at_es
        other = "O" + member.national_id
        key, = self.es("""INSERT INTO jobs."JobSeeker" (first_name, last_name, nin, gender, born, status, office, created_by)
                          VALUES (%s, %s, %s, 2, '04.03.1990', 'S', 'Mitte', 'x') RETURNING id::text""", (given, family, other))[0]
        self.eventually(lambda: self.doubt(key), "the row is in doubt")
        self.sp("UPDATE sp.person SET able_bodied = true WHERE id = %s", (member.sp,))
        self.silent()
        self.assertIsNone(self.key_at_es(member), "no second row is written while the first is in doubt")
        return Person(member.national_id, member.sp, key)

    def listed(self):
        return json.loads(self.daemon.command("links", "list", "--json").stdout)

    def doubt(self, key):
        return next((row for row in self.listed() if row["key"] == key), None)

    def decide(self, word, person, record, check=True):
        return self.ask("links", word, "es", "person", person.es, str(record), check=check)

    def test_a_row_that_is_the_record_is_linked_to_it(self):
        person = self.namesakes("Núñez-Berg, María", ("MARIA", "NUNEZ BERG"))
        record = self.record(person)
        row = self.doubt(person.es)
        self.assertEqual((row["agency"], row["entity"], row["doubt"], [c["record"] for c in row["candidates"]]),
                         ("es", "person", "identifier_contradicts", [record]))
        self.assertEqual(self.hub("SELECT record FROM casebridge.link_review WHERE local_key = %s", (person.es,)), [(record,)])
        self.assertNotIn("NUNEZ", self.daemon.command("links", "list").stdout)
        shown = self.daemon.command("links", "show", "es", "person", person.es).stdout
        for part in ("NUNEZ BERG", "Núñez-Berg", f"casebridge links confirm es person '{person.es}' {record}"):
            self.assertIn(part, shown)

        self.assertIn("from now on", self.decide("confirm", person, record).stdout)
        self.eventually(lambda: self.record_of("es", "jobs.JobSeeker", person.es) == record, "the row is the record's")
        self.silent()
        self.assertIsNone(self.doubt(person.es))
        self.assertEqual(self.decide("confirm", person, record, check=False).returncode, 1)
        for secret in ("NUNEZ", "Núñez", person.es):
            self.assertNotIn(secret, self.daemon.log_text())

    def test_a_row_that_is_not_the_record_gets_its_own_and_the_record_its_row(self):
        person = self.namesakes("Groß, Ida", ("Ida", "GROSS"))
        record = self.record(person)
        self.assertIn("never", self.decide("reject", person, record).stdout)
        self.eventually(lambda: self.key_at_es(person), "the member is referred after all")
        self.silent()
        self.assertNotIn(self.record_of("es", "jobs.JobSeeker", person.es), (None, record))
        self.assertEqual(self.hub("SELECT record, verdict FROM casebridge.match_decision WHERE local_key = %s", (person.es,)),
                         [(record, "never")])
        self.daemon.stop()
        self.daemon.start()
        self.silent()
        self.es("""UPDATE jobs."JobSeeker" SET counsellor = 'y' WHERE id = %s""", (person.es,))
        self.silent()
        self.assertNotEqual(self.record_of("es", "jobs.JobSeeker", person.es), record)

    def test_what_is_not_in_doubt_cannot_be_decided(self):
        self.assertEqual(self.daemon.command("links", "show", "es", "person", "nobody", check=False).returncode, 64)
        refused = self.ask("links", "reject", "es", "person", "nobody", "1", check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("no row under that key is in doubt", refused.stderr)


if __name__ == "__main__":
    unittest.main()
