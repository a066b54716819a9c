"""Both agencies edit the same: what the rules decide, what waits for a person, and that everything is recorded."""

import unittest

from support.scenario import Scenario


class ConflictTest(Scenario):
    def concurrently(self, at_sp, at_es, seconds_between=1.5):
        """Both edits while the daemon is stopped in its tracks: neither database has the other's. sp is first."""
        with self.daemon.frozen():
            self.sp(*at_sp)
            self.let_pass(self.world.agency("es"), seconds_between)
            self.es(*at_es)
        self.silent()

    def phones(self, person, at_sp, at_es, **options):
        self.concurrently(("UPDATE sp.person SET phone = %s WHERE id = %s", (at_sp, person.sp)),
                          ("""UPDATE jobs."JobSeeker" SET contact = jsonb_set(contact, '{phone,mobile}', to_jsonb(%s::text))
                               WHERE id = %s""", (at_es, person.es)), **options)

    def test_of_two_concurrent_edits_the_later_stands_on_both_sides_and_both_are_recorded(self):
        person = self.linked_person()
        self.phones(person, "+49 early", "+49 late")
        self.assertEqual((self.member(person)["phone"], self.seeker(person)["phone"]), ("+49 late", "+49 late"))
        conflicts = self.conflicts(self.record(person), "phone")
        self.assertEqual([c[:3] for c in conflicts], [("update_origin_differs", "latest", "stands")])
        winner, versions = conflicts[0][3:]
        self.assertEqual(versions["base"], {"phone": "+49 1"})
        self.assertEqual({v["author"]: v["value"]["phone"] for v in versions["versions"]}, {"sp": "+49 early", "es": "+49 late"})
        self.assertEqual([v["author"] for v in versions["versions"] if v["seq"] == winner], ["es"])
        self.assertEqual(self.held(self.record(person)), set())

    def test_concurrent_edits_too_close_for_the_clocks_are_left_to_a_person(self):
        person = self.linked_person()
        self.phones(person, "+49 one", "+49 two", seconds_between=0)
        self.assertEqual((self.member(person)["phone"], self.seeker(person)["phone"]), ("+49 one", "+49 two"))
        self.assertEqual(self.held(self.record(person)), {"phone"})
        self.assertEqual([c[1:3] for c in self.conflicts(self.record(person), "phone")], [("latest", "held")])

    def test_concurrent_edits_to_the_same_value_are_no_conflict(self):
        person = self.linked_person()
        self.phones(person, "+49 same", "+49 same")
        self.assertEqual((self.member(person)["phone"], self.seeker(person)["phone"]), ("+49 same", "+49 same"))
        self.assertEqual(self.conflicts(self.record(person), "phone"), [])

    def test_concurrent_edits_of_different_fields_of_one_row_both_arrive(self):
        person = self.linked_person()
        self.concurrently(("UPDATE sp.person SET phone = '+49 sp' WHERE id = %s", (person.sp,)),
                          ("""UPDATE jobs."JobSeeker" SET contact = jsonb_set(contact, '{email}', '"es@example.org"')
                               WHERE id = %s""", (person.es,)))
        for row in (self.member(person), self.seeker(person)):
            self.assertEqual((row["phone"], row["email"]), ("+49 sp", "es@example.org"))
        self.assertEqual(self.hub("SELECT unit FROM casebridge.conflict WHERE record = %s", (self.record(person),)), [])

    def test_parts_of_one_address_edited_concurrently_are_never_mixed(self):
        person = self.linked_person()
        self.concurrently(("UPDATE sp.person SET street = 'Weg 9' WHERE id = %s", (person.sp,)),
                          ("""UPDATE jobs."JobSeeker" SET contact = jsonb_set(contact, '{address,city}', '"Łódź"')
                               WHERE id = %s""", (person.es,)))
        for row in (self.member(person), self.seeker(person)):
            self.assertEqual((row["street"], row["city"], row["postal_code"]), ("Weg 1", "Łódź", "50667"))
        self.assertEqual([c[1:3] for c in self.conflicts(self.record(person), "address")], [("latest", "stands")])

    def test_an_edit_made_after_the_other_one_had_arrived_is_no_conflict(self):
        person = self.linked_person()
        self.sp("UPDATE sp.person SET phone = '+49 first' WHERE id = %s", (person.sp,))
        self.eventually(lambda: self.seeker(person)["phone"] == "+49 first", "the first arrives")
        self.es("""UPDATE jobs."JobSeeker" SET contact = jsonb_set(contact, '{phone,mobile}', '"+49 second"') WHERE id = %s""",
                (person.es,))
        self.eventually(lambda: self.member(person)["phone"] == "+49 second", "the second arrives")
        self.silent()
        self.assertEqual(self.conflicts(self.record(person), "phone"), [])

    def test_a_held_field_keeps_both_values_and_everything_else_of_the_row_flows(self):
        person = self.linked_person()
        self.concurrently(("UPDATE sp.person SET death_date = '2026-02-01' WHERE id = %s", (person.sp,)),
                          ("""UPDATE jobs."JobSeeker" SET "deceasedOn" = '2026-02-02' WHERE id = %s""", (person.es,)))
        record = self.record(person)
        self.assertEqual((self.member(person)["death_date"], self.seeker(person)["death_date"]), ("2026-02-01", "2026-02-02"))
        self.assertEqual(self.held(record), {"death_date"})
        self.assertEqual([c[1:3] for c in self.conflicts(record, "death_date")], [("hold", "held")])
        self.sp("UPDATE sp.person SET phone = '+49 flows' WHERE id = %s", (person.sp,))
        self.eventually(lambda: self.seeker(person)["phone"] == "+49 flows", "another field of the row flows")
        self.silent()
        self.assertEqual((self.member(person)["death_date"], self.seeker(person)["death_date"]), ("2026-02-01", "2026-02-02"))
        self.assertEqual(self.daemon.status()["holds"], self.hub("SELECT count(*) FROM casebridge.hold")[0][0])

    def test_a_hold_ends_when_an_agency_takes_over_the_others_value(self):
        person = self.linked_person()
        self.concurrently(("UPDATE sp.person SET death_date = '2026-02-01' WHERE id = %s", (person.sp,)),
                          ("""UPDATE jobs."JobSeeker" SET "deceasedOn" = '2026-02-02' WHERE id = %s""", (person.es,)))
        self.sp("UPDATE sp.person SET death_date = '2026-02-02' WHERE id = %s", (person.sp,))
        self.silent()
        self.assertEqual(self.held(self.record(person)), set())
        self.assertEqual((self.member(person)["death_date"], self.seeker(person)["death_date"]), ("2026-02-02", "2026-02-02"))

    def test_an_edit_against_an_authority_is_reverted_and_recorded(self):
        person = self.linked_person()
        self.es("""UPDATE jobs."JobSeeker" SET born = '05.05.1995' WHERE id = %s""", (person.es,))
        record = self.record(person)
        self.eventually(lambda: self.conflicts(record, "birth_date"), "the edit is recorded")
        self.eventually(lambda: self.seeker(person)["birth_date"] == "1990-03-04", "the edit is reverted")
        self.silent()
        self.assertEqual(self.member(person)["birth_date"], "1990-03-04")
        conflicts = self.conflicts(record, "birth_date")
        self.assertEqual([c[1:3] for c in conflicts], [("authority:sp", "reverted")])
        self.assertIn("1995-05-05", [v["value"]["birth_date"] for v in conflicts[0][4]["versions"]])

    def test_the_authoritys_own_edit_crosses(self):
        person = self.linked_person()
        self.es("""UPDATE jobs."JobSeeker" SET status = 'A' WHERE id = %s""", (person.es,))
        self.eventually(lambda: self.member(person)["employment_status"] == "employed", "the authority's value arrives")
        self.sp("UPDATE sp.person SET employment_status = 'OL' WHERE id = %s", (person.sp,))
        self.eventually(lambda: self.conflicts(self.record(person), "employment_status"), "the other's edit is recorded")
        self.eventually(lambda: self.member(person)["employment_status"] == "employed", "the other's edit is reverted")
        self.silent()
        self.assertEqual(self.seeker(person)["employment_status"], "employed")

    def test_a_value_that_alternates_on_one_side_ends_equal_on_both(self):
        person = self.linked_person()
        for phone in ("+49 a", "+49 1", "+49 a", "+49 1"):  # an edge-triggered lane would lose the last change
            self.sp("UPDATE sp.person SET phone = %s WHERE id = %s", (phone, person.sp))
        self.silent()
        self.assertEqual((self.member(person)["phone"], self.seeker(person)["phone"]), ("+49 1", "+49 1"))


if __name__ == "__main__":
    unittest.main()
