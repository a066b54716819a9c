"""What crosses the bridge: the initial load, changes both ways, referrals, plans with their steps."""

import unittest

from support.scenario import Scenario


class InitialLoadTest(Scenario):
    people = 300

    def test_the_agencies_agree_but_for_what_waits_for_a_person(self):
        self.assertGreater(len(self.before.differences), 20)  # there was something to do
        after = self.ledger.compare()
        self.assertEqual(after.linked, self.before.linked + self.before.counts()["person", "missing_at_es"])
        unexplained = [d for d in after.differences if not self._declared(d)]
        self.assertEqual(unexplained, [], self.daemon.log_text()[-1500:])
        self.assertEqual(self.ledger.doubled(), [])
        self.assertEqual(self.ledger.stray_writes(), [])

    def _declared(self, difference):
        """The hub names this very field of this very row as waiting for a person."""
        if difference.what != "person" or not difference.sp_key:
            return False
        record = self.record_of("sp", "sp.person", difference.sp_key)
        unit = "address" if difference.field in ("street", "city", "postal_code") else difference.field
        return unit in self.held(record)

    def test_whoever_the_agencies_knew_by_national_id_is_one_record(self):
        shared = {n for (n,) in self.sp("SELECT national_id FROM sp.person WHERE national_id IS NOT NULL")}
        shared &= {n for (n,) in self.es('SELECT nin FROM jobs."JobSeeker" WHERE nin IS NOT NULL')}
        self.assertGreater(len(shared), 20)
        rows = self.hub("""SELECT count(DISTINCT r.id), count(*) FROM casebridge.record r JOIN casebridge.link l ON l.record = r.id
                            WHERE r.entity = 'person' AND l.state = 'live' AND r.golden ->> 'national_id' = ANY (%s)""",
                        (sorted(shared),))
        self.assertEqual(rows, [(len(shared), 2 * len(shared))])

    def test_a_surveyed_difference_under_an_authority_is_settled_by_it_and_recorded(self):
        # Which of the two rows is read second depends on the servers, and with it whether the authority's value
        # replaces the other or the other is reverted. Who wins does not.
        rows = self.hub("""SELECT DISTINCT c.type, c.rule, version ->> 'author'
                             FROM casebridge.conflict c, jsonb_array_elements(c.versions -> 'versions') version
                            WHERE c.unit = 'name' AND (version ->> 'seq')::bigint = c.winner""")
        self.assertEqual(rows, [("insert_exists", "authority:sp", "sp")])
        undecided = self.hub("SELECT count(*) FROM casebridge.conflict WHERE unit = 'name' AND verdict NOT IN ('stands', 'reverted')")
        self.assertEqual(undecided, [(0,)])

    def test_what_has_no_agreement_stays_where_it_is(self):
        self.assertEqual(self.es("SELECT count(*) FROM jobs.counselling_session s, ledger.entry e"
                                 " WHERE e.who = 'casebridge_deliver' AND e.relation IN ('jobs.counselling_session',"
                                 " 'jobs.barrier', 'jobs.employment')"), [(0,)])
        self.assertEqual(self.sp("SELECT count(*) FROM ledger.entry WHERE who = 'casebridge_deliver' AND relation IN"
                                 " ('sp.household', 'sp.benefit_award', 'sp.case_note')"), [(0,)])


class FlowTest(Scenario):
    def test_a_change_at_sp_arrives_at_es_in_a_document_without_disturbing_its_other_keys(self):
        person = self.linked_person()
        self.es("""UPDATE jobs."JobSeeker" SET contact = contact || '{"fax": "7", "phone": {"mobile": "+49 1", "desk": "9"}}'
                    WHERE id = %s""", (person.es,))
        self.silent()
        self.sp("UPDATE sp.person SET phone = '+49 222' WHERE id = %s", (person.sp,))
        self.eventually(lambda: self.seeker(person)["phone"] == "+49 222", "the phone arrives")
        contact, = self.es('SELECT contact FROM jobs."JobSeeker" WHERE id = %s', (person.es,))[0]
        self.assertEqual(contact, {"fax": "7", "phone": {"mobile": "+49 222", "desk": "9"}, "email": "kim@example.org",
                                   "address": {"street": "Weg 1", "city": "Köln", "zip": "50667"}})

    def test_a_change_at_es_arrives_at_sp_in_one_group(self):
        person = self.linked_person()
        self.es("""UPDATE jobs."JobSeeker" SET contact = jsonb_set(contact, '{address}',
                       '{"street": "Neuer Weg 2", "city": "Łódź", "zip": "90-001"}') WHERE id = %s""", (person.es,))
        self.eventually(lambda: self.member(person)["street"] == "Neuer Weg 2", "the address arrives")
        member = self.member(person)
        self.assertEqual((member["city"], member["postal_code"]), ("Łódź", "90-001"))

    def test_a_value_that_is_emptied_is_emptied_on_the_other_side(self):
        person = self.linked_person()
        self.sp("UPDATE sp.person SET email = NULL WHERE id = %s", (person.sp,))
        self.eventually(lambda: self.seeker(person)["email"] is None, "the address of e-mail goes")

    def test_an_own_spelling_of_the_same_meaning_is_left_alone(self):
        person = self.linked_person()
        self.es("""UPDATE jobs."JobSeeker" SET status = 'S2' WHERE id = %s""", (person.es,))
        self.sp("UPDATE sp.person SET phone = '+49 333' WHERE id = %s", (person.sp,))
        self.eventually(lambda: self.seeker(person)["phone"] == "+49 333", "the phone arrives")
        self.assertEqual(self.es('SELECT status FROM jobs."JobSeeker" WHERE id = %s', (person.es,)), [("S2",)])

    def test_an_able_bodied_member_out_of_work_is_referred_and_others_are_not(self):
        not_able = self.person_at_sp(able_bodied=False)
        at_work = self.person_at_sp(status="EF")
        referred = self.person_at_sp()
        self.eventually(lambda: self.key_at_es(referred), "the jobseeker appears")
        self.silent()
        self.assertIsNone(self.key_at_es(not_able))
        self.assertIsNone(self.key_at_es(at_work))
        self.assertEqual(self.es('SELECT office, created_by FROM jobs."JobSeeker" WHERE nin = %s', (referred.national_id,)),
                         [("HQ", "casebridge")])

    def test_a_member_who_becomes_able_to_work_is_referred_then(self):
        person = self.person_at_sp(able_bodied=False)
        self.silent()
        self.assertIsNone(self.key_at_es(person))
        self.sp("UPDATE sp.person SET able_bodied = true WHERE id = %s", (person.sp,))
        self.eventually(lambda: self.key_at_es(person), "the jobseeker appears")

    def test_a_jobseeker_does_not_become_a_client_of_social_protection(self):
        self.es("""INSERT INTO jobs."JobSeeker" (first_name, last_name, nin, status, office, created_by)
                   VALUES ('Alex', 'Fremd', 'T-stranger', 'S', 'HQ', 'x')""")
        self.silent()
        self.assertEqual(self.sp("SELECT count(*) FROM sp.person WHERE national_id = 'T-stranger'"), [(0,)])

    def test_a_plan_with_steps_made_in_one_transaction_appears_at_es_under_its_own_keys(self):
        person = self.linked_person()
        self.sp("""WITH plan AS (INSERT INTO sp.support_plan (person_id, goal, start_date, opened_by)
                                 VALUES (%s, 'Arbeit finden', '2026-01-02', 'x') RETURNING id)
                   INSERT INTO sp.support_action (plan_id, title, owner)
                   SELECT id, t, 'b' FROM plan, unnest(ARRAY['Lebenslauf', 'Gespräch']) t""", (person.sp,))
        rows = self.eventually(lambda: self.es(
            """SELECT j.created_by, j."start", array_agg(s."stepTitle" ORDER BY s."stepTitle")
                 FROM jobs.job_plan j JOIN jobs.plan_step s ON s.plan_id = j.id
                WHERE j.seeker_id = %s GROUP BY j.id HAVING count(*) = 2""", (person.es,)), "plan and steps appear")
        self.assertEqual(rows, [("casebridge", "02.01.2026", ["Gespräch", "Lebenslauf"])])
        arrived = self.es("SELECT relation FROM ledger.entry WHERE who = 'casebridge_deliver' AND (after ->> 'goal' ="
                          " 'Arbeit finden' OR after ->> 'stepTitle' IN ('Lebenslauf', 'Gespräch')) ORDER BY n")
        self.assertEqual(arrived, [("jobs.job_plan",), ("jobs.plan_step",), ("jobs.plan_step",)])

    def test_a_plan_with_a_step_made_at_es_appears_at_sp(self):
        person = self.linked_person()
        self.es("""WITH plan AS (INSERT INTO jobs.job_plan (seeker_id, goal, "start", created_by)
                                 VALUES (%s, 'Sprachkurs', '05.02.2026', 'x') RETURNING id)
                   INSERT INTO jobs.plan_step (plan_id, "stepTitle") SELECT id, 'Anmeldung' FROM plan""", (person.es,))
        rows = self.eventually(lambda: self.sp(
            """SELECT s.opened_by, s.start_date::text, a.title FROM sp.support_plan s JOIN sp.support_action a ON a.plan_id = s.id
                WHERE s.person_id = %s AND s.goal = 'Sprachkurs'""", (person.sp,)), "plan and step appear")
        self.assertEqual(rows, [("casebridge", "2026-02-05", "Anmeldung")])

    def test_a_plan_of_somebody_the_other_side_does_not_know_waits_until_it_does(self):
        person = self.person_at_sp(able_bodied=False)
        self.sp("INSERT INTO sp.support_plan (person_id, goal, opened_by) VALUES (%s, 'Warten', 'x')", (person.sp,))
        self.silent()
        self.assertEqual(self.es("SELECT count(*) FROM jobs.job_plan WHERE goal = 'Warten'"), [(0,)])
        self.sp("UPDATE sp.person SET able_bodied = true WHERE id = %s", (person.sp,))
        self.eventually(lambda: self.es("SELECT id FROM jobs.job_plan WHERE goal = 'Warten'"), "the plan follows its person")

    def test_changes_of_plans_and_steps_cross_both_ways(self):
        person = self.linked_person()
        here, there = self.plan(person, "Erstes Ziel")
        self.es("UPDATE jobs.job_plan SET goal = 'Zweites Ziel' WHERE id = %s", (there,))
        self.eventually(lambda: self.sp("SELECT goal FROM sp.support_plan WHERE id = %s", (here,)) == [("Zweites Ziel",)],
                        "the goal arrives at sp")
        self.sp("UPDATE sp.support_plan SET next_review = '2026-05-06' WHERE id = %s", (here,))
        self.eventually(lambda: self.es("SELECT review_on::text FROM jobs.job_plan WHERE id = %s", (there,)) == [("2026-05-06",)],
                        "the review date arrives at es")


if __name__ == "__main__":
    unittest.main()
