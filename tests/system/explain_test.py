"""Why a field says what it says: every value with where it came from, what became of it, and who shows it."""

import json
import unittest

from support.asking import Asking

FIRST, SECOND = "+49 30 1111", "+49 30 2222"


class ExplainTest(Asking):
    def setUp(self):
        super().setUp()
        self.person = self.linked_person()
        self.silent()
        self.number = str(self.record(self.person))

    def explained(self, *arguments):
        return json.loads(self.daemon.command("explain", "person", *arguments, "--json").stdout)

    def phone(self):
        told, = self.explained(self.number, "phone")["units"]
        return told

    def test_every_value_of_a_field_is_told_from_its_source_to_its_receipt(self):
        self.sp("UPDATE sp.person SET phone = %s WHERE id = %s", (FIRST, self.person.sp))
        self.eventually(lambda: self.seeker(self.person)["phone"] == FIRST, "the phone arrives")
        self.silent()
        self.es("""UPDATE jobs."JobSeeker" SET contact = jsonb_set(contact, '{phone,mobile}', to_jsonb(%s::text)) WHERE id = %s""",
                (SECOND, self.person.es))
        self.eventually(lambda: self.member(self.person)["phone"] == SECOND, "and goes back")
        self.silent()
        self.eventually(lambda: self.phone()["value"] == {"phone": SECOND}, "the projections follow")
        unit = self.phone()
        newest, older = unit["versions"][:2]
        self.assertEqual((newest["author"], newest["place"], unit["stands"]), ("es", "open", newest["seq"]))
        self.assertEqual((older["author"], older["value"], older["superseded_by"]), ("sp", {"phone": FIRST}, newest["seq"]))
        entry = older["entry"]
        self.assertEqual((entry["agency"], entry["table"], entry["source"], older["slots"]), ("sp", "sp.person", "stream", ["phone"]))
        lsn, = self.hub("SELECT commit_lsn::text FROM casebridge.journal WHERE seq = %s", (older["seq"],))[0]
        self.assertEqual(entry["commit_lsn"], lsn)
        for present in (entry["recorded"], entry["committed"], entry["configuration"]["hash"]):
            self.assertTrue(present)
        for version, agency in ((older, "es"), (newest, "sp")):
            receipt, = version["shown_at"]
            self.assertEqual((receipt["agency"], receipt["answer"], receipt["entry"]["source"]), (agency, "shown", "echo"))
            self.assertTrue(receipt["entry"]["committed"])
        self.assertEqual({at["agency"]: at["state"] for at in unit["agencies"]}, {"sp": "shown", "es": "shown"})

    def test_the_record_is_found_by_an_agencys_key_and_the_story_told_without_values(self):
        self.assertEqual(str(self.explained("--agency", "es", "--key", self.person.es)["record"]), self.number)
        shown = self.daemon.command("explain", "person", "--agency", "sp", "--key", str(self.person.sp), "phone").stdout
        self.assertIn('"+49 1"', shown)
        for format in ((), ("--json",)):
            text = self.daemon.command("explain", "person", self.number, "--no-values", *format).stdout
            for secret in ("+49 1", self.person.national_id, self.person.es, "Muster"):
                self.assertNotIn(secret, text)
        self.assertNotIn(self.person.es, self.daemon.log_text())

    def test_a_decision_is_told_with_who_and_why(self):
        seen = str(self.phone()["versions"][0]["seq"])
        self.ask("holds", "decide", self.number, "phone", "--value", FIRST, "--seen", seen, "--as", "Anna Admin", reason="by letter")
        self.eventually(lambda: self.phone()["decisions"], "the decision is told")
        unit = self.phone()
        decision, = unit["decisions"]
        self.assertEqual((decision["requested_by"], decision["reason"]), ("Anna Admin", "by letter"))
        newest = unit["versions"][0]
        self.assertEqual((newest["seq"], newest["decided"], newest["author"], newest["entry"]["source"]),
                         (decision["seq"], True, None, "decision"))
        self.eventually(lambda: {at["answer"] for at in self.phone()["versions"][0]["shown_at"]} == {"shown"}, "both have it")

    def test_what_is_on_hold_refused_or_waits_for_a_paused_agency_is_told(self):
        self.ask("pause", "es")
        self.paused("es")
        self.sp("UPDATE sp.person SET phone = %s WHERE id = %s", (FIRST, self.person.sp))
        state = lambda: {at["agency"]: at["state"] for at in self.phone()["agencies"]}
        self.eventually(lambda: state() == {"sp": "shown", "es": "due"}, "it is to be written")
        row = next(row for row in self.explained(self.number)["rows"] if row["agency"] == "es")
        self.assertTrue(row["paused"])
        self.assertEqual(self.phone()["versions"][0]["shown_at"][0]["answer"], "not_shown")
        self.resume("es")
        self.eventually(lambda: state() == {"sp": "shown", "es": "shown"}, "it is written")

    def test_what_does_not_exist_is_wrong_usage(self):
        for wrong in (("persn", self.number), ("person", self.number, "fax"), ("person", "999999999"), ("person", "x"), ("person",),
                      ("plan", self.number), ("person", "--agency", "es", "--key", "a secret key"), ("person", "--agency", "xx", "--key", "1"),
                      ("person", "--agency", "es"), ("person", "--key", "1")):
            done = self.daemon.command("explain", *wrong, check=False)
            self.assertEqual(done.returncode, 64, wrong)
            self.assertNotIn("a secret key", done.stderr)


if __name__ == "__main__":
    unittest.main()
