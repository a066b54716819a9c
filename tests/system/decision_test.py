"""Persons decide: what waits is listed and shown, decided, reaches both agencies, is explained by the journal, and can be undone."""

import json
import unittest

from support.asking import Asking

AT_SP, AT_ES, OWN = "2026-02-01", "2026-02-02", "2026-02-03"


class DecisionTest(Asking):
    def setUp(self):
        super().setUp()
        self.person = self.linked_person()
        self.number = str(self.record(self.person))

    def hold(self):
        """Both agencies report a death on another day while one of them is paused, and nobody may choose: the open versions by
        author."""
        self.ask("pause", "es")
        self.paused("es")
        self.sp("UPDATE sp.person SET death_date = %s WHERE id = %s", (AT_SP, self.person.sp))
        self.es("""UPDATE jobs."JobSeeker" SET "deceasedOn" = %s WHERE id = %s""", (AT_ES, self.person.es))
        self.resume("es")
        self.eventually(lambda: self.held(self.number) == {"death_date"}, "the field is held")
        return self.versions()

    def shown(self, *arguments):
        return json.loads(self.daemon.command(*arguments, "--json").stdout)

    def versions(self):
        return {version["author"]: version["seq"] for version in self.shown("holds", "show", self.number, "death_date")["versions"]}

    def decide(self, *choice, seen, check=True, reason="asked the registry"):
        return self.ask("holds", "decide", self.number, "death_date", *choice, "--seen", ",".join(str(seq) for seq in seen),
                        "--as", "Anna Admin", reason=reason, check=check)

    def dates(self):
        return self.member(self.person)["death_date"], self.seeker(self.person)["death_date"]

    def arrives(self, date):
        self.eventually(lambda: self.dates() == (date, date), f"both have {date}")

    def test_a_hold_is_listed_shown_and_decided_and_the_journal_says_who_and_why(self):
        open_versions = self.hold()
        listed = [hold for hold in self.shown("holds", "list") if str(hold["record"]) == self.number]
        self.assertEqual([(h["entity"], h["unit"], h["versions"], sorted(h["agencies"]), h["rule"]) for h in listed],
                         [("person", "death_date", 2, ["es", "sp"], "hold")])
        text = self.daemon.command("holds", "list").stdout
        self.assertNotIn(AT_SP, text)
        shown = self.daemon.command("holds", "show", self.number, "death_date").stdout
        for part in (AT_SP, AT_ES, f"--take {open_versions['es']} --seen ", "casebridge holds decide"):
            self.assertIn(part, shown)

        done = self.decide("--take", str(open_versions["es"]), seen=open_versions.values())
        self.assertIn("goes to every agency", done.stdout)
        self.arrives(AT_ES)
        self.silent()
        self.assertEqual(self.held(self.number), set())
        decision, = self.hub("""SELECT d.author, d.taken, d.rule, d.versions #>> '{value,death_date}', r.requested_by, r.reason, r.outcome
                                  FROM casebridge.decision d JOIN casebridge.request r ON r.id = d.request
                                 WHERE d.record = %s""", (self.number,))
        self.assertEqual(decision, ("es", open_versions["es"], "hold", AT_ES, "Anna Admin", "asked the registry", "done"))
        self.assertTrue(self.daemon.events("value_decided", field="death_date"))
        for secret in (AT_SP, AT_ES, "registry", "Anna"):
            self.assertNotIn(secret, self.daemon.log_text())

    def test_a_value_of_the_persons_own_goes_to_both_and_the_field_goes_on(self):
        self.decide("--value", OWN, seen=self.hold().values())
        self.arrives(OWN)
        self.silent()
        self.es("""UPDATE jobs."JobSeeker" SET "deceasedOn" = %s WHERE id = %s""", (AT_ES, self.person.es))
        self.arrives(AT_ES)
        self.silent()
        self.assertEqual(self.held(self.number), set())

    def test_who_saw_what_is_no_longer_there_is_refused(self):
        seen = self.hold().values()
        self.decide("--value", OWN, seen=seen)
        refused = self.decide("--value", AT_SP, seen=seen, check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("no longer there; look again", refused.stderr)
        again = self.decide("--value", OWN, seen=seen)
        self.assertIn("stands already", again.stdout)
        wrong = self.decide("--value", "yesterday", seen=seen, check=False)
        self.assertEqual(wrong.returncode, 1)
        self.assertNotIn("yesterday", wrong.stderr)

    def test_a_conflict_is_resolved_and_reverted_and_a_decision_is_undone(self):
        open_versions = self.hold()
        self.eventually(lambda: self.shown("conflicts", "list", "--record", self.number, "--open"), "the conflict is listed")
        conflict, = self.shown("conflicts", "list", "--record", self.number)
        self.assertEqual((conflict["unit"], conflict["verdict"], conflict["on_hold"]), ("death_date", "held", True))
        self.ask("conflicts", "resolve", conflict["conflict"], "--take", str(open_versions["sp"]),
                 "--seen", ",".join(str(seq) for seq in open_versions.values()))
        self.arrives(AT_SP)
        self.silent()
        self.assertEqual(self.shown("conflicts", "list", "--record", self.number, "--open"), [])

        several = self.ask("conflicts", "revert", conflict["conflict"], check=False)
        self.assertEqual(several.returncode, 64)
        self.ask("conflicts", "revert", conflict["conflict"], "--take", str(open_versions["es"]))
        self.arrives(AT_ES)
        self.silent()

        shown = self.shown("conflicts", "show", conflict["conflict"])
        decisions = shown["now"]["decisions"]
        self.assertEqual([d["conflict"] for d in decisions], [conflict["conflict"]] * 2)
        self.decide("--take", str(decisions[0]["before"][0]["seq"]), seen=[v["seq"] for v in shown["now"]["versions"]])
        self.arrives(AT_SP)

    def test_an_edit_that_an_authority_had_reverted_is_given_back(self):
        self.es("""UPDATE jobs."JobSeeker" SET born = '05.05.1995' WHERE id = %s""", (self.person.es,))
        self.eventually(lambda: self.conflicts(self.number, "birth_date"), "the edit is recorded")
        self.eventually(lambda: self.seeker(self.person)["birth_date"] == "1990-03-04", "the edit is reverted")
        conflict, = self.shown("conflicts", "list", "--record", self.number)
        self.ask("conflicts", "revert", conflict["conflict"])
        self.eventually(lambda: self.member(self.person)["birth_date"] == "1995-05-05", "the other agency's value is taken")
        self.eventually(lambda: self.seeker(self.person)["birth_date"] == "1995-05-05", "and given back")
        self.silent()
        self.sp("UPDATE sp.person SET birth_date = '1991-01-01' WHERE id = %s", (self.person.sp,))
        self.eventually(lambda: self.seeker(self.person)["birth_date"] == "1991-01-01", "the authority's next edit stands")

    def test_a_group_is_decided_as_a_whole(self):
        seen = self.shown("holds", "show", self.number, "address")
        fields = seen["fields"]
        part = self.ask("holds", "decide", self.number, "address", "--value", f"{fields[0]}=Weg 7", "--seen",
                        str(seen["versions"][0]["seq"]), check=False)
        self.assertEqual(part.returncode, 64)
        values = [word for field in fields for word in ("--value", f"{field}=Weg 7" if field.endswith("street") else f"{field}=50668")]
        self.ask("holds", "decide", self.number, "address", *values, "--seen", str(seen["versions"][0]["seq"]))
        for row in (lambda: self.member(self.person), lambda: self.seeker(self.person)):
            self.eventually(lambda row=row: (row()["street"], row()["postal_code"]) == ("Weg 7", "50668"), "the address is there")

    def test_what_is_wrong_is_told_before_anybody_is_asked(self):
        requests = len(self.requests())
        for arguments in (("holds", "show", "999999999", "phone"), ("holds", "show", self.number, "fax"), ("conflicts", "show", "1.0"),
                          ("conflicts", "show", "one")):
            self.assertEqual(self.daemon.command(*arguments, check=False).returncode, 64, arguments)
        both = self.ask("holds", "decide", self.number, "phone", "--take", "1", "--value", "x", "--seen", "1", check=False)
        self.assertEqual(both.returncode, 64)
        self.assertEqual(len(self.requests()), requests)


if __name__ == "__main__":
    unittest.main()
