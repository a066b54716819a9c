"""An agency proposes what a field should be of which another is the authority; a person accepts or rejects it."""

import json
import unittest

from support.asking import Asking

FIRST, SECOND, THIRD = "Ahorn", "Birke", "Cedro"


class ProposalsTest(Asking):
    @staticmethod
    def configure(files):
        files["bridge.jsonc"]["rules"]["person"]["name"] = {"authority": "sp", "propose": True}

    def setUp(self):
        super().setUp()
        self.person = self.linked_person(f"{FIRST}, Ida")
        self.number = str(self.record(self.person))

    def propose(self, family):
        """The jobseeker's family name is edited at es: the number of the proposal."""
        known = self.proposal()
        self.es("""UPDATE jobs."JobSeeker" SET last_name = %s WHERE id = %s""", (family, self.person.es))
        number = self.eventually(lambda: self.proposal() not in (None, known) and self.proposal(), "it is proposed")
        self.shows(FIRST)
        self.silent()
        return number

    def listed(self):
        return [row for row in json.loads(self.daemon.command("proposals", "list", "--json").stdout)
                if str(row["record"]) == self.number]

    def proposal(self):
        return next((row["proposal"] for row in self.listed()), None)

    def names(self):
        return (self.sp("SELECT full_name FROM sp.person WHERE id = %s", (self.person.sp,))[0][0].split(",")[0],
                self.es("""SELECT last_name FROM jobs."JobSeeker" WHERE id = %s""", (self.person.es,))[0][0])

    def shows(self, family):
        self.eventually(lambda: self.names() == (family, family), f"both have the name {family}")

    def decide(self, word, *options, check=True):
        return self.ask("proposals", word, self.number, "name", *options, check=check)

    def test_a_proposal_is_reverted_listed_without_values_shown_and_accepted(self):
        number = self.propose(SECOND)
        row, = self.listed()
        self.assertEqual((row["entity"], row["field"], row["agency"]), ("person", "name", "es"))
        self.assertNotIn(SECOND, self.daemon.command("proposals", "list").stdout)
        shown = self.daemon.command("proposals", "show", self.number, "name").stdout
        for part in (FIRST, SECOND, f"casebridge proposals accept {self.number} name --proposal {number}"):
            self.assertIn(part, shown)
        conflict, = self.hub("SELECT verdict, rule FROM casebridge.conflict WHERE record = %s AND unit = 'name'", (self.number,))
        self.assertEqual(conflict, ("proposed", "authority:sp"))
        self.assertEqual(json.loads(self.daemon.command("status", "--json").stdout)["proposals"], 1)

        self.assertIn("goes to every agency", self.decide("accept", "--proposal", str(number)).stdout)
        self.shows(SECOND)
        self.silent()
        self.assertEqual(self.listed(), [])
        decision, = self.hub("SELECT author, taken, conflict_seq FROM casebridge.decision WHERE record = %s", (self.number,))
        self.assertEqual(decision, ("es", number, number))
        self.assertEqual(self.decide("accept", "--proposal", str(number), check=False).returncode, 64)
        for secret in (SECOND, "a reason"):
            self.assertNotIn(secret, self.daemon.log_text())

    def test_a_proposal_outlives_a_restart_and_is_rejected(self):
        number = self.propose(SECOND)
        self.daemon.stop()
        self.daemon.start()
        self.silent()
        self.assertEqual(self.proposal(), number)
        self.assertIn("rejected", self.decide("reject").stdout)
        self.eventually(lambda: self.listed() == [], "nothing waits any more")
        self.silent()
        self.shows(FIRST)
        self.assertTrue(self.daemon.events("proposal_rejected", field="name"))

    def test_an_agencys_newest_word_is_what_it_proposes(self):
        older = self.propose(SECOND)
        newer = self.propose(THIRD)
        refused = self.decide("accept", "--proposal", str(older), check=False)
        self.assertEqual(refused.returncode, 64)
        self.decide("accept", "--proposal", str(newer))
        self.shows(THIRD)
        self.silent()
        self.assertEqual(self.listed(), [])


if __name__ == "__main__":
    unittest.main()
