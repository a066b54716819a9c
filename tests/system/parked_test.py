"""What is parked, on the way in and on the way out: listed and shown, tried again and set aside by command."""

import json
import unittest

from support.asking import Asking

SECRET = "+49 30 4711"


class ParkedCommands(Asking):
    def shown(self, *arguments):
        return json.loads(self.daemon.command("parked", *arguments, "--json").stdout)

    def listed(self, *flags):
        return {one["parked"]: one for one in self.shown("list", *flags)}

    def new(self, known):
        """The name of the one thing that is parked and was not before, and what the list says of it."""
        self.eventually(lambda: len(self.listed().keys() - known) == 1, "one more thing is parked")
        return next((name, head) for name, head in self.listed().items() if name not in known)

    def gone(self, name):
        """Nothing of that name is parked any more, set aside or not."""
        return name not in self.listed("--all")


class ParkedRowTest(ParkedCommands):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The agency's application knows a new status.
        cls.world.agency("sp").query("ALTER TABLE sp.person DROP CONSTRAINT person_employment_status_check", database="sp")

    def write(self, change=None):
        self.world.write_configuration(change, "bridge")

    def parked_person(self, status="ZZ"):
        """A person whose row at sp has another phone and a status that no mapping knows, and the name of what is parked."""
        person = self.linked_person()
        self.silent()
        known = set(self.listed("--all"))
        self.sp("UPDATE sp.person SET phone = %s, employment_status = %s WHERE id = %s", (SECRET, status, person.sp))
        name, head = self.new(known)
        self.addCleanup(self.correct, person, name)
        return person, name, head

    def correct(self, person, name):
        self.sp("UPDATE sp.person SET employment_status = 'JS' WHERE id = %s", (person.sp,))
        self.eventually(lambda: self.gone(name), "it is not parked any more")

    def test_a_row_is_listed_without_values_and_shown_with_them(self):
        person, name, head = self.parked_person()
        self.assertEqual((head["side"], head["agency"], head["table"], head["code"], head["changes"], head["record"]),
                         ("reading", "sp", "sp.person", "unmappable_value", 1, self.record(person)))
        self.assertTrue(head["since"])
        text = self.daemon.command("parked", "list").stdout
        self.assertNotIn(SECRET, text)
        shown = self.shown("show", name)
        self.assertEqual(shown["key"], str(person.sp))
        self.assertIn({"slot": "phone", "from": "+49 1", "to": SECRET}, shown["changes_shown"])
        self.assertIn({"slot": "employment_status", "from": "JS", "to": "ZZ"}, shown["changes_shown"])
        self.assertEqual(sorted(shown["units"]), ["employment_status", "phone"])

    def test_a_mended_mapping_lets_a_retry_through(self):
        def change(files):
            files["sp.mapping.jsonc"]["tables"]["sp.person"]["fields"]["employment_status"]["codes"]["YY"] = "seeking"

        person, name, _ = self.parked_person("YY")
        self.addCleanup(self.write)
        again = self.ask("parked", "retry", name, check=False)
        self.assertEqual(again.returncode, 1)
        self.assertIn("parked again: unmappable_value", again.stderr)
        self.write(change)
        self.ask("reload")
        self.silent()
        self.assertIn(name, self.listed())  # a mended mapping alone moves nothing
        done = self.ask("parked", "retry", "--all", "--agency", "sp")
        self.assertIn(f"{name}: read", done.stdout)
        self.eventually(lambda: self.seeker(person)["phone"] == SECRET, "what was parked arrives")
        self.silent()
        self.assertTrue(self.gone(name))
        for secret in (SECRET, person.national_id):
            self.assertNotIn(secret, self.daemon.log_text())

    def test_a_row_set_aside_is_left_as_it_is_and_taken_up_with_its_next_change(self):
        alarmed = self.alarmed()
        person, name, _ = self.parked_person()
        before = self.daemon.journal_seq()
        only_shown = self.daemon.command("parked", "skip", name).stdout
        for word in ("not taken from the agency: ", "phone", "stays different at sp", "--yes --reason"):
            self.assertIn(word, only_shown)
        self.assertNotIn(SECRET, only_shown)
        self.assertEqual(self.requests_of("skip"), [])
        self.ask("parked", "skip", name, "--yes", "--as", "Anna Admin", reason="sp corrects it next week")
        self.eventually(lambda: name not in self.listed(), "it is not listed any more")
        head = self.listed("--skipped")[name]
        request, by, why = self.requests_of("skip")[0]
        self.assertEqual((by, why, head["set_aside_by_request"]), ("Anna Admin", "sp corrects it next week", request))
        self.assertEqual(self.hub("SELECT count(*) FROM casebridge.journal WHERE kind = 'parked_skipped' AND seq > %s",
                                  (before,)), [(1,)])
        self.eventually(lambda: self.alarmed() == alarmed, "nobody is alarmed about it any more")
        self.assertEqual(self.shown("show", name)["key"], str(person.sp))  # its values are still there
        self.daemon.kill()
        self.daemon.start()
        self.silent()
        self.assertIn(name, self.listed("--skipped"))
        self.correct(person, name)
        self.eventually(lambda: self.seeker(person)["phone"] == SECRET, "the whole row arrives, what was set aside with it")

    def alarmed(self):
        return self.daemon.metrics().get('casebridge_parked_changes{agency="sp",side="capture"}', 0)

    def requests_of(self, kind):
        return self.hub("SELECT id, requested_by, reason FROM casebridge.request WHERE kind = %s ORDER BY id DESC", (kind,))

    def test_wrong_names_are_refused(self):
        for name in ("x", "0", "99999999", "1@", "1@es"):
            self.assertEqual(self.daemon.command("parked", "show", name, check=False).returncode, 64, name)
        for names in (("x",), ("0",), ("1@",), (), ("7", "--all")):
            self.assertEqual(self.ask("parked", "retry", *names, check=False).returncode, 64, names)
        gone = self.ask("parked", "retry", "99999999", check=False)
        self.assertEqual(gone.returncode, 1)
        self.assertIn("no row is parked under that number", gone.stderr)
        self.assertEqual(self.ask("parked", "skip", "99999999", "--yes", check=False).returncode, 64)


class RefusedDeliveryTest(ParkedCommands):
    def setUp(self):
        super().setUp()
        self.person = self.linked_person()
        self.silent()
        self.es("""ALTER TABLE jobs."JobSeeker" ADD CONSTRAINT no_such_phone CHECK (contact #>> '{phone,mobile}' <> '""" + SECRET
                + "') NOT VALID")
        self.addCleanup(self.es, 'ALTER TABLE jobs."JobSeeker" DROP CONSTRAINT IF EXISTS no_such_phone')
        self.sp("UPDATE sp.person SET phone = %s WHERE id = %s", (SECRET, self.person.sp))
        self.name = f"{self.record(self.person)}@es"
        self.eventually(lambda: self.name in self.listed(), "the refusal is listed")

    def drop(self):
        self.es('ALTER TABLE jobs."JobSeeker" DROP CONSTRAINT no_such_phone')

    def test_a_delivery_is_shown_with_what_would_be_written_and_goes_once_its_cause_is_gone_and_it_is_asked_for(self):
        head = self.listed()[self.name]
        self.assertEqual((head["side"], head["code"], head["place"]), ("delivery", "23514", "no_such_phone"))
        shown = self.shown("show", self.name)
        self.assertEqual([(one["from"], one["to"]) for one in shown["changes_shown"]], [("+49 1", SECRET)])
        self.assertEqual(shown["units"], ["phone"])
        self.ask("parked", "retry", self.name)
        self.eventually(lambda: len(self.daemon.events("delivery_refused", agency="es")) >= 2, "it is refused again")
        self.eventually(lambda: self.name in self.listed(), "and listed again")
        self.drop()
        self.silent()
        self.assertEqual(self.seeker(self.person)["phone"], "+49 1")  # nothing goes by itself
        self.assertIn("queued again", self.ask("parked", "retry", self.name).stdout)
        self.eventually(lambda: self.seeker(self.person)["phone"] == SECRET, "the delivery goes through")
        self.silent()
        self.assertTrue(self.gone(self.name))

    def test_a_delivery_set_aside_goes_when_the_record_changes(self):
        self.ask("parked", "skip", self.name, "--yes")
        self.eventually(lambda: self.name not in self.listed(), "it is not listed any more")
        self.assertIn(self.name, self.listed("--skipped"))
        self.drop()
        self.silent()
        self.assertEqual(self.seeker(self.person)["phone"], "+49 1")
        self.sp("UPDATE sp.person SET email = 'new@example.org' WHERE id = %s", (self.person.sp,))
        self.eventually(lambda: self.seeker(self.person)["phone"] == SECRET, "everything of the record goes")
        self.silent()
        self.assertTrue(self.gone(self.name))


if __name__ == "__main__":
    unittest.main()
