"""A third agency that keeps a few fields of a person: what crosses to both others, what waits for three, who is away."""

import json
import unittest

from support.asking import Asking
from support.world import THREE

DELIVER = "casebridge_deliver"


class ThreeAgenciesTest(Asking):
    agencies = THREE

    @staticmethod
    def configure(files):
        rules = files["bridge.jsonc"]["rules"]["person"]
        rules["address"] = "hold"
        rules["on_delete"] = "propagate"
        files["es.mapping.jsonc"]["tables"]["jobs.\"JobSeeker\""]["may_delete"] = True
        files["hs.mapping.jsonc"]["tables"]["health.patient"]["may_delete"] = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.world.agency("es").query(f'GRANT DELETE ON jobs."JobSeeker" TO {DELIVER}', database="es")
        cls.world.agency("hs").query(f"GRANT DELETE ON health.patient TO {DELIVER}", database="hs")

    # ---- the third agency ------------------------------------------------------------------------------------------------

    def hs(self, sql, parameters=None):
        return self.world.agency("hs").query(sql, parameters, database="hs")

    def patient(self, person):
        """The person's row at hs as it is, with the transaction that wrote it last; nothing without one."""
        rows = self.hs("SELECT to_jsonb(p) || jsonb_build_object('xmin', p.xmin::text) FROM health.patient p WHERE national_no = %s",
                       (person.national_id,))
        return rows[0][0] if rows else None

    def known_to_all(self, name="Muster, Kim"):
        """A person that all three know, everything about it settled."""
        person = self.linked_person(name)
        family, given = name.split(", ")
        self.hs("INSERT INTO health.patient (national_no, surname, forename, born_on, blood_group) VALUES (%s, %s, %s, '1990-03-04', 'A+')",
                (person.national_id, family, given))
        self.eventually(lambda: self.patient(person)["telephone"] == "+49 1", "the patient's phone arrives")
        self.silent()
        self.assertEqual(self.record_of("hs", "health.patient", self.patient(person)["patient_no"]), self.record(person))
        return person

    def phone_at_sp(self, person, phone):
        self.sp("UPDATE sp.person SET phone = %s WHERE id = %s", (phone, person.sp))

    def phone_at_es(self, person, phone):
        self.es("""UPDATE jobs."JobSeeker" SET contact = jsonb_set(contact, '{phone,mobile}', to_jsonb(%s::text)) WHERE id = %s""",
                (phone, person.es))

    def phone_at_hs(self, person, phone):
        self.hs("UPDATE health.patient SET telephone = %s WHERE national_no = %s", (phone, person.national_id))

    def phones(self, person):
        return self.member(person)["phone"], self.seeker(person)["phone"], self.patient(person)["telephone"]

    def all_have(self, person, phone):
        self.eventually(lambda: self.phones(person) == (phone,) * 3, f"all three have {phone}")

    # ---- what crosses ----------------------------------------------------------------------------------------------------

    def test_a_change_at_each_of_them_arrives_at_both_others_without_a_conflict(self):
        person = self.known_to_all()
        for phone, change in (("+49 10", self.phone_at_hs), ("+49 20", self.phone_at_es), ("+49 30", self.phone_at_sp)):
            change(person, phone)
            self.all_have(person, phone)
            self.silent()
        self.assertEqual(self.conflicts(self.record(person), "phone"), [])
        self.assertEqual(self.patient(person)["blood_group"], "A+")

    def test_what_the_third_does_not_keep_crosses_between_the_others_and_leaves_its_row_untouched(self):
        person = self.known_to_all()
        before = self.patient(person)
        self.sp("UPDATE sp.person SET email = 'neu@example.org' WHERE id = %s", (person.sp,))
        self.eventually(lambda: self.seeker(person)["email"] == "neu@example.org", "the e-mail address arrives at es")
        self.es("""UPDATE jobs."JobSeeker" SET status = 'A' WHERE id = %s""", (person.es,))
        self.eventually(lambda: self.member(person)["employment_status"] == "employed", "the status arrives at sp")
        self.silent()
        self.assertEqual(self.patient(person), before)
        self.assertEqual(self.hub("SELECT count(*) FROM casebridge.refusal WHERE record = %s", (self.record(person),)), [(0,)])

    def test_somebody_whom_the_third_does_not_know_is_not_entered_there(self):
        person = self.linked_person()
        self.phone_at_sp(person, "+49 40")
        self.eventually(lambda: self.seeker(person)["phone"] == "+49 40", "the phone arrives at es")
        self.silent()
        self.assertIsNone(self.patient(person))

    # ---- conflicts -------------------------------------------------------------------------------------------------------

    def test_the_loser_of_a_conflict_may_be_at_the_third_and_everybody_gets_the_winner(self):
        person = self.known_to_all()
        with self.daemon.frozen():
            self.phone_at_hs(person, "+49 early")
            self.let_pass(self.world.agency("sp"), 1.5)
            self.phone_at_sp(person, "+49 late")
        self.all_have(person, "+49 late")
        self.silent()
        conflicts = self.conflicts(self.record(person), "phone")
        self.assertEqual([c[1:3] for c in conflicts], [("latest", "stands")])
        self.assertEqual({v["author"]: v["value"]["phone"] for v in conflicts[0][4]["versions"]},
                         {"hs": "+49 early", "sp": "+49 late"})

    def test_of_three_concurrent_edits_the_latest_stands_everywhere_and_all_are_recorded(self):
        person = self.known_to_all()
        with self.daemon.frozen():
            self.phone_at_es(person, "+49 first")
            self.let_pass(self.world.agency("hs"), 1.5)
            self.phone_at_hs(person, "+49 second")
            self.let_pass(self.world.agency("sp"), 1.5)
            self.phone_at_sp(person, "+49 third")
        self.all_have(person, "+49 third")
        self.silent()
        recorded = {v["value"]["phone"] for c in self.conflicts(self.record(person), "phone") for v in c[4]["versions"]}
        self.assertEqual(recorded, {"+49 first", "+49 second", "+49 third"})
        self.assertEqual(self.held(self.record(person)), set())

    def streets(self, person):
        return self.member(person)["street"], self.seeker(person)["street"], self.patient(person)["street"]

    def test_a_hold_between_two_leaves_the_third_as_it_was_and_the_decision_reaches_all(self):
        person = self.known_to_all()
        record = str(self.record(person))
        with self.daemon.frozen():
            self.sp("UPDATE sp.person SET street = 'Weg 2' WHERE id = %s", (person.sp,))
            self.hs("UPDATE health.patient SET street = 'Weg 3' WHERE national_no = %s", (person.national_id,))
        self.eventually(lambda: self.held(record) == {"address"}, "the address is held")
        self.silent()
        self.assertEqual(self.streets(person), ("Weg 2", "Weg 1", "Weg 3"))

        self.daemon.kill()
        self.daemon.start()
        self.phone_at_es(person, "+49 50")  # everything else flows
        self.all_have(person, "+49 50")

        shown = json.loads(self.daemon.command("holds", "show", record, "address", "--json").stdout)
        versions = {version["author"]: version["seq"] for version in shown["versions"]}
        self.assertEqual(set(versions), {"sp", "hs"})
        self.ask("holds", "decide", record, "address", "--take", str(versions["hs"]),
                 "--seen", ",".join(str(seq) for seq in versions.values()), "--as", "Anna Admin")
        self.eventually(lambda: self.streets(person) == ("Weg 3",) * 3, "all three have the address that was taken")
        self.silent()
        self.assertEqual(self.held(record), set())
        row = self.patient(person)
        self.assertEqual((row["town"], row["postcode"]), ("Köln", "50667"))

    # ---- deletions -------------------------------------------------------------------------------------------------------

    def test_a_deletion_reaches_both_others_and_an_edit_that_it_took_along_is_recorded(self):
        person = self.known_to_all()
        record = self.record(person)
        with self.daemon.frozen():
            self.phone_at_hs(person, "+49 unread")
            self.sp("DELETE FROM sp.person WHERE id = %s", (person.sp,))
        self.eventually(lambda: self.key_at_es(person) is None, "the jobseeker is deleted")
        self.eventually(lambda: self.patient(person) is None, "the patient is deleted")
        self.silent()
        taken_along = {v["value"]["phone"] for c in self.conflicts(record, "phone") if c[2] == "deleted" for v in c[4]["versions"]}
        self.assertIn("+49 unread", taken_along)

    # ---- absence ---------------------------------------------------------------------------------------------------------

    def test_while_the_third_is_down_the_others_go_on_and_it_catches_up_behind_a_restart(self):
        person = self.known_to_all()
        self.phone_at_hs(person, "+49 60")
        self.all_have(person, "+49 60")
        self.silent()
        self.world.agency("hs").stop()
        try:
            self.phone_at_sp(person, "+49 61")
            self.eventually(lambda: self.seeker(person)["phone"] == "+49 61", "sp's phone arrives at es")
            self.daemon.kill()
            self.daemon.start(ready=False)
            for agency in ("sp", "es"):
                self.daemon.wait_for_event("lane_ready", 30, agency=agency)
            self.phone_at_es(person, "+49 62")
            self.eventually(lambda: self.member(person)["phone"] == "+49 62", "es's phone arrives at sp")
        finally:
            self.world.agency("hs").start()
        self.eventually(lambda: self.patient(person)["telephone"] == "+49 62", "hs catches up", seconds=60)
        self.silent()
        self.assertEqual(self.conflicts(self.record(person), "phone"), [])
        self.phone_at_hs(person, "+49 63")
        self.all_have(person, "+49 63")


if __name__ == "__main__":
    unittest.main()
