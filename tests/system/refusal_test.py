"""What does not cross: deletes, truncations, rows that cannot be translated, rows that the other server refuses, what no
agreement covers. Everything else keeps flowing."""

import unittest

from support.asking import Asking
from support.scenario import Scenario


class DeleteTest(Scenario):
    def test_a_deleted_row_is_journalled_and_the_other_side_keeps_its_own(self):
        person = self.linked_person()
        here, there = self.plan(person, "Bleibt bestehen")
        record = self.record_of("sp", "sp.support_plan", here)
        self.sp("DELETE FROM sp.support_plan WHERE id = %s", (here,))
        self.eventually(lambda: self.hub("SELECT 1 FROM casebridge.journal WHERE kind = 'row_deleted' AND record = %s", (record,)),
                        "the delete is journalled")
        self.silent()
        self.assertEqual(self.es("SELECT goal FROM jobs.job_plan WHERE id = %s", (there,)), [("Bleibt bestehen",)])
        self.assertEqual(self.sp("SELECT count(*) FROM sp.support_plan WHERE person_id = %s", (person.sp,)), [(0,)])
        self.assertTrue(self.daemon.events("delete_held", agency="sp"))

    def test_a_later_edit_of_the_kept_row_does_not_bring_the_deleted_one_back(self):
        person = self.linked_person()
        here, there = self.plan(person, "Ein Ziel")
        self.sp("DELETE FROM sp.support_plan WHERE id = %s", (here,))
        self.silent()
        self.es("UPDATE jobs.job_plan SET goal = 'Ein anderes Ziel' WHERE id = %s", (there,))
        self.silent()
        self.assertEqual(self.sp("SELECT count(*) FROM sp.support_plan WHERE person_id = %s", (person.sp,)), [(0,)])

    def test_a_jobseeker_deleted_by_es_is_not_referred_again(self):
        person = self.linked_person()
        self.es('DELETE FROM jobs."JobSeeker" WHERE id = %s', (person.es,))
        self.sp("UPDATE sp.person SET phone = '+49 again' WHERE id = %s", (person.sp,))
        self.silent()
        self.assertIsNone(self.key_at_es(person))
        self.assertEqual(self.member(person)["phone"], "+49 again")


class TruncateTest(Asking):
    def test_a_truncated_table_is_reported_and_the_other_side_keeps_its_rows(self):
        person = self.linked_person()
        _, there = self.plan(person, "Überlebt")
        self.sp("TRUNCATE sp.support_plan CASCADE")
        self.daemon.wait_for_event("breaker_tripped", 30, agency="sp")
        self.assertFalse(self.daemon.events("truncate_held", agency="sp"))
        self.eventually(lambda: "sp" in self.daemon.command("breakers", "list").stdout, "it is listed")
        self.ask("breakers", "approve", "sp")
        self.eventually(lambda: self.daemon.events("truncate_held", agency="sp"), "the truncation is reported")
        self.silent()
        self.assertEqual(self.es("SELECT goal FROM jobs.job_plan WHERE id = %s", (there,)), [("Überlebt",)])
        self.assertEqual(self.sp("SELECT count(*) FROM sp.support_plan"), [(0,)])
        self.assertTrue(self.hub("SELECT 1 FROM casebridge.journal WHERE kind = 'table_truncated' AND agency = 'sp'"))
        new, other = self.plan(person, "Danach")  # the table goes on as before
        self.assertTrue(new and other)


class ParkedTest(Scenario):
    def parked(self, key):
        return self.hub("SELECT rows, code FROM casebridge.parked WHERE agency = 'sp' AND table_name = 'sp.person'"
                        " AND local_key = %s", (str(key),))

    def test_a_row_that_cannot_be_translated_waits_with_those_after_it_until_a_correct_one_releases_them(self):
        person = self.linked_person("Vorher, Kim")
        self.sp("UPDATE sp.person SET full_name = 'Kim ohne Komma' WHERE id = %s", (person.sp,))
        self.eventually(lambda: self.parked(person.sp), "the row is parked")
        self.sp("UPDATE sp.person SET phone = '+49 behind' WHERE id = %s", (person.sp,))
        self.eventually(lambda: self.parked(person.sp)[0][0] == 2, "the next change of the row queues behind it")
        self.silent()
        self.assertEqual(self.parked(person.sp), [(2, "unmappable_value")])
        self.assertEqual(self.seeker(person)["phone"], "+49 1")
        other = self.linked_person()  # everything else flows
        self.assertTrue(other.es)
        self.sp("UPDATE sp.person SET full_name = 'Nachher, Kim' WHERE id = %s", (person.sp,))
        self.eventually(lambda: (self.seeker(person)["family"], self.seeker(person)["phone"]) == ("Nachher", "+49 behind"),
                        "what was parked arrives")
        self.silent()
        self.assertEqual(self.parked(person.sp), [])

    def test_a_new_person_with_an_unreadable_name_is_referred_once_the_name_is_corrected(self):
        person = self.person_at_sp("Ohne Komma")
        self.eventually(lambda: self.parked(person.sp), "the row is parked")
        self.sp("INSERT INTO sp.support_plan (person_id, goal, opened_by) VALUES (%s, 'Geduld', 'x')", (person.sp,))
        self.silent()
        self.assertIsNone(self.key_at_es(person))
        self.sp("UPDATE sp.person SET full_name = 'Mit, Komma' WHERE id = %s", (person.sp,))
        self.eventually(lambda: self.key_at_es(person), "the jobseeker appears")
        self.eventually(lambda: self.es("SELECT id FROM jobs.job_plan WHERE goal = 'Geduld'"), "the plan follows")

    def test_a_parked_row_that_is_deleted_is_forgotten(self):
        person = self.person_at_sp("Auch ohne Komma")
        self.eventually(lambda: self.parked(person.sp), "the row is parked")
        self.sp("DELETE FROM sp.person WHERE id = %s", (person.sp,))
        self.eventually(lambda: not self.parked(person.sp), "the parked row is released")

    def test_no_value_of_a_parked_row_is_in_the_log(self):
        person = self.person_at_sp("Geheimnisvoll")
        self.eventually(lambda: self.parked(person.sp), "the row is parked")
        self.silent()
        self.assertNotIn("Geheimnisvoll", self.daemon.log_text())
        self.assertNotIn(person.national_id, self.daemon.log_text())

    def test_a_row_renamed_while_it_waits_keeps_its_record_across_a_restart(self):
        person = self.linked_person()
        record = self.record(person)
        self.es("""UPDATE jobs."JobSeeker" SET born = '31.02.1990' WHERE id = %s""", (person.es,))
        self.silent()
        renamed, = self.es('UPDATE jobs."JobSeeker" SET id = gen_random_uuid() WHERE id = %s RETURNING id::text', (person.es,))[0]
        self.silent()
        self.daemon.kill()
        self.daemon.start()
        self.silent()
        waiting = self.hub("SELECT local_key, rows FROM casebridge.parked WHERE agency = 'es' AND local_key IN (%s, %s)",
                           (person.es, renamed))
        self.assertEqual(waiting, [(renamed, 2)])
        self.es("""UPDATE jobs."JobSeeker" SET born = '01.02.1990' WHERE id = %s""", (renamed,))
        self.eventually(lambda: self.record_of("es", 'jobs.JobSeeker', renamed) == record, "the row is its record's again")
        self.silent()
        self.assertEqual(self.hub("SELECT count(*) FROM casebridge.parked WHERE agency = 'es'"), [(0,)])
        self.assertIsNone(self.record_of("es", 'jobs.JobSeeker', person.es))
        self.assertEqual(self.key_at_es(person), renamed)

class RefusedTest(Scenario):
    def refusals(self, record):
        return self.hub("SELECT agency, table_name, code FROM casebridge.refusal WHERE record = %s", (record,))

    def test_a_row_that_the_target_refuses_is_parked_and_everything_else_flows(self):
        refused, other = self.linked_person(), self.linked_person()
        self.es("""ALTER TABLE jobs."JobSeeker" ADD CONSTRAINT no_such_phone CHECK (contact #>> '{phone,mobile}' <> '+49 0')""")
        self.sp("UPDATE sp.person SET phone = CASE id WHEN %s THEN '+49 0' ELSE '+49 7' END WHERE id IN (%s, %s)",
                (refused.sp, refused.sp, other.sp))
        record = self.record(refused)
        self.eventually(lambda: self.refusals(record), "the refusal is recorded")
        self.assertEqual(self.refusals(record), [("es", "jobs.JobSeeker", "23514")])
        self.eventually(lambda: self.seeker(other)["phone"] == "+49 7", "the other row of the same transaction arrives")
        self.assertEqual(self.seeker(refused)["phone"], "+49 1")
        self.assertTrue(self.daemon.events("delivery_refused", agency="es"))
        self.sp("UPDATE sp.person SET phone = '+49 8' WHERE id = %s", (refused.sp,))
        self.eventually(lambda: self.seeker(refused)["phone"] == "+49 8", "a value that is not refused arrives")
        self.silent()
        self.assertEqual(self.refusals(record), [])

    def test_people_who_take_each_others_number_have_it_at_the_other_agency_too(self):
        first, second = self.linked_person(), self.linked_person()
        self.sp("UPDATE sp.person SET national_id = NULL WHERE id = %s; UPDATE sp.person SET national_id = %s WHERE id = %s;"
                " UPDATE sp.person SET national_id = %s WHERE id = %s",
                (first.sp, first.national_id, second.sp, second.national_id, first.sp))
        self.eventually(lambda: self.seeker(first)["national_id"] == second.national_id, "the first has the second's")
        self.silent()
        self.assertEqual(self.seeker(second)["national_id"], first.national_id)
        for person in (first, second):
            record = self.record_of("sp", "sp.person", person.sp)
            self.assertEqual(self.hub("SELECT kind FROM casebridge.journal WHERE record = %s AND kind = 'delivery_refused'", (record,)), [])

    def test_an_insert_that_the_target_refuses_keeps_what_depends_on_it_back(self):
        person = self.linked_person()
        self.es("ALTER TABLE jobs.job_plan ADD CONSTRAINT no_such_goal CHECK (goal <> 'Unmöglich')")
        plan, = self.sp("""WITH plan AS (INSERT INTO sp.support_plan (person_id, goal, opened_by) VALUES (%s, 'Unmöglich', 'x')
                                         RETURNING id)
                           INSERT INTO sp.support_action (plan_id, title) SELECT id, 'Hängt daran' FROM plan RETURNING plan_id""",
                        (person.sp,))[0]
        self.eventually(lambda: self.refusals(self.record_of("sp", "sp.support_plan", plan)), "the refusal is recorded")
        self.silent()
        self.assertEqual(self.es("SELECT count(*) FROM jobs.job_plan WHERE seeker_id = %s", (person.es,)), [(0,)])
        self.sp("UPDATE sp.support_plan SET goal = 'Möglich' WHERE id = %s", (plan,))
        self.eventually(lambda: self.es("""SELECT 1 FROM jobs.plan_step s JOIN jobs.job_plan j ON j.id = s.plan_id
                                            WHERE s."stepTitle" = 'Hängt daran' AND j.goal = 'Möglich'"""),
                        "plan and step arrive")

    def test_a_row_that_somebody_keeps_locked_does_not_stop_the_others(self):
        locked, other = self.linked_person(), self.linked_person()
        session = self.world.agency("es").connect("es", "application")
        self.addCleanup(session.close)
        session.autocommit = False
        with session.cursor() as cursor:
            cursor.execute('SELECT FROM jobs."JobSeeker" WHERE id = %s FOR UPDATE', (locked.es,))
            self.sp("UPDATE sp.person SET phone = '+49 locked' WHERE id = %s", (locked.sp,))
            self.sp("UPDATE sp.person SET phone = '+49 free' WHERE id = %s", (other.sp,))
            self.eventually(lambda: self.seeker(other)["phone"] == "+49 free", "the other row arrives")
            self.assertEqual(self.seeker(locked)["phone"], "+49 1")
        session.rollback()
        self.eventually(lambda: self.seeker(locked)["phone"] == "+49 locked", "the row arrives once the lock is gone")

    def test_an_edit_committed_under_a_waiting_delivery_is_not_overwritten_unseen(self):
        person = self.linked_person()
        session = self.world.agency("es").connect("es", "application")
        self.addCleanup(session.close)
        session.autocommit = False
        with session.cursor() as cursor:
            cursor.execute("""UPDATE jobs."JobSeeker" SET contact = jsonb_set(contact, '{phone,mobile}', '"+49 local"')
                               WHERE id = %s""", (person.es,))
            self.sp("UPDATE sp.person SET phone = '+49 remote' WHERE id = %s", (person.sp,))
            self.eventually(lambda: self.es("SELECT 1 FROM pg_stat_activity WHERE usename = 'casebridge_deliver'"
                                            " AND wait_event_type = 'Lock'"), "the delivery waits for the row")
        session.commit()
        record = self.record(person)
        self.eventually(lambda: self.conflicts(record, "phone"), "the conflict is recorded")
        self.silent()
        known = {v["value"]["phone"] for v in self.conflicts(record, "phone")[0][4]["versions"]}
        self.assertEqual(known, {"+49 local", "+49 remote"})


class NoAgreementTest(Scenario):
    people = 100

    @staticmethod
    def configure(files):
        files["bridge.jsonc"]["agreements"] = []

    def test_without_an_agreement_nothing_is_written_anywhere(self):
        self.person_at_sp()
        self.es("""INSERT INTO jobs."JobSeeker" (first_name, last_name, nin, status, office, created_by)
                   VALUES ('Alex', 'Fremd', 'T-alone', 'S', 'HQ', 'x')""")
        self.silent()
        for query in (self.sp, self.es):
            self.assertEqual(query("SELECT count(*) FROM ledger.entry WHERE who = 'casebridge_deliver'"), [(0,)])


class ExpiredAgreementTest(Scenario):
    @staticmethod
    def configure(files):
        files["bridge.jsonc"]["agreements"][0]["valid"] = ["2020-01-01", "2020-12-31"]

    def test_an_expired_agreement_stops_its_direction_only(self):
        person = self.person_at_sp()
        seeker, = self.es("""INSERT INTO jobs."JobSeeker" (first_name, last_name, nin, status, office, created_by, contact)
                             VALUES ('Kim', 'Muster', %s, 'S', 'HQ', 'x', '{"phone": {"mobile": "+48 5"}}') RETURNING id::text""",
                          (person.national_id,))[0]
        self.silent()
        self.sp("UPDATE sp.person SET email = 'sp@example.org' WHERE id = %s", (person.sp,))
        self.es("""UPDATE jobs."JobSeeker" SET contact = jsonb_set(contact, '{phone,mobile}', '"+48 6"') WHERE id = %s""", (seeker,))
        self.eventually(lambda: self.member(person)["phone"] == "+48 6", "the other direction flows")
        self.silent()
        self.assertEqual(self.es("SELECT count(*) FROM ledger.entry WHERE who = 'casebridge_deliver'"), [(0,)])


if __name__ == "__main__":
    unittest.main()
