"""The ledger finds what was seeded: differences, missing rows, doubled rows, lost edits, stray writes. And it finds nothing else."""

import unittest

from support.ledger import Difference, Ledger
from support.world import World

SP_PERSON = """INSERT INTO sp.household (id, reference_no, registered_on) VALUES (1, 'H1', '2025-01-01');
    INSERT INTO sp.person (id, household_id, full_name, sex, birth_date, national_id, phone, street, city, postal_code, able_bodied,
                           employment_status)
    VALUES (1, 1, 'Müller, Zoë', 'F', '1990-03-04', 'N1', '+491', 'Weg 1', 'Köln', '50667', true, 'JS')"""
ES_PERSON = """INSERT INTO jobs."JobSeeker" (id, first_name, last_name, nin, gender, born, contact, status, office, created_by)
    VALUES ('00000000-0000-4000-8000-000000000001', 'Zoë', 'Müller', 'N1', 2, '04.03.1990',
            '{"phone": {"mobile": "+491"}, "address": {"street": "Weg 1", "city": "Köln", "zip": "50667"}}', 'S2', 'HQ', 'x')"""
SEEKER = "00000000-0000-4000-8000-000000000001"
SP_PLAN = "INSERT INTO sp.support_plan (id, person_id, goal, start_date, opened_by) VALUES (1, 1, %s, '2026-01-02', 'x')"
ES_PLAN = """INSERT INTO jobs.job_plan (id, seeker_id, goal, "start", created_by)
    VALUES ('00000000-0000-4000-8000-0000000000a1', '00000000-0000-4000-8000-000000000001', %s, '02.01.2026', 'x')"""
PLAN = "00000000-0000-4000-8000-0000000000a1"


class LedgerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World()
        cls.addClassCleanup(cls.world.close)
        cls.world.__enter__()
        cls.ledger = Ledger(cls.world)
        cls.connections = {(agency, user): cls.world.agency(agency).connect(agency, user)
                           for agency in ("sp", "es") for user in ("application", "casebridge_deliver", "postgres")}
        for connection in cls.connections.values():
            cls.addClassCleanup(connection.close)

    def setUp(self):
        self.run_as("postgres", "sp", "TRUNCATE sp.household, sp.person CASCADE; TRUNCATE ledger.entry")
        self.run_as("postgres", "es", 'TRUNCATE jobs."JobSeeker" CASCADE; TRUNCATE ledger.entry')

    def run_as(self, user, agency, sql, parameters=None):
        with self.connections[agency, user].cursor() as cursor:
            cursor.execute(sql, parameters)

    def people(self, agency, sql, parameters=None):
        self.run_as("application", agency, sql, parameters)

    def daemon(self, agency, sql, parameters=None):
        self.run_as("casebridge_deliver", agency, sql, parameters)

    def one_linked_person_with_a_plan(self, goal="work"):
        self.people("sp", SP_PERSON)
        self.people("es", ES_PERSON)
        self.people("sp", SP_PLAN, (goal,))
        self.daemon("es", ES_PLAN, (goal,))

    # ---- agreement

    def test_the_same_person_in_two_shapes_agrees(self):
        self.one_linked_person_with_a_plan()
        comparison = self.ledger.compare()
        self.assertEqual(comparison.differences, [])
        self.assertEqual((comparison.linked, comparison.plans, comparison.unshareable), (1, 1, 0))

    def test_every_shared_field_of_a_person_is_compared(self):
        changes = {"family": "full_name = 'Meier, Zoë'", "given": "full_name = 'Müller, Zoé'", "sex": "sex = 'X'",
                   "birth_date": "birth_date = '1990-04-03'", "death_date": "death_date = '2026-01-01'", "phone": "phone = NULL",
                   "email": "email = 'a@example.org'", "street": "street = 'Weg 2'", "city": "city = 'Koeln'",
                   "postal_code": "postal_code = '50668'", "employment_status": "employment_status = 'UE'"}
        for name, change in changes.items():
            with self.subTest(field=name):
                self.setUp()
                self.one_linked_person_with_a_plan()
                self.people("sp", f"UPDATE sp.person SET {change}")
                self.assertEqual(self.ledger.compare().differences, [Difference("person", name, "1", SEEKER)])

    def test_every_shared_field_of_a_plan_and_its_steps_is_compared(self):
        changes = {("plan", "status"): "UPDATE jobs.job_plan SET state = 'closed'",
                   ("plan", "start_date"): """UPDATE jobs.job_plan SET "start" = '01.02.2026'""",
                   ("plan", "next_review"): "UPDATE jobs.job_plan SET review_on = '2026-05-05'",
                   ("activity", "responsible"): "UPDATE jobs.plan_step SET responsible = 'somebody'",
                   ("activity", "due_date"): "UPDATE jobs.plan_step SET due = '2026-05-05'",
                   ("activity", "status"): "UPDATE jobs.plan_step SET state = 'done'"}
        for (what, name), change in changes.items():
            with self.subTest(what=what, field=name):
                self.setUp()
                self.one_linked_person_with_a_plan()
                self.people("sp", "INSERT INTO sp.support_action (id, plan_id, title) VALUES (1, 1, 'step')")
                self.people("es", f"""INSERT INTO jobs.plan_step (plan_id, "stepTitle") VALUES ('{PLAN}', 'step')""")
                self.assertTrue(self.ledger.compare().agree)
                self.people("es", change)
                self.assertEqual([(d.what, d.field) for d in self.ledger.compare().differences], [(what, name)])

    def test_many_codes_of_one_meaning_agree(self):
        self.one_linked_person_with_a_plan()
        self.people("es", """UPDATE jobs."JobSeeker" SET status = 'S'; UPDATE jobs.job_plan SET state = 'reopened'""")
        self.assertTrue(self.ledger.compare().agree)

    def test_a_plan_that_did_not_arrive_is_missing(self):
        self.people("sp", SP_PERSON)
        self.people("es", ES_PERSON)
        self.people("sp", SP_PLAN, ("work",))
        self.assertEqual(self.ledger.compare().differences, [Difference("plan", "missing_at_es", "1")])

    def test_a_step_that_did_not_arrive_is_missing(self):
        self.one_linked_person_with_a_plan()
        self.people("es", f"""INSERT INTO jobs.plan_step (id, plan_id, "stepTitle") VALUES ('{SEEKER}', '{PLAN}', 'step')""")
        self.assertEqual(self.ledger.compare().differences, [Difference("activity", "missing_at_sp", es_key=SEEKER)])

    def test_a_referral_that_did_not_happen_is_missing(self):
        self.people("sp", SP_PERSON)
        self.assertEqual(self.ledger.compare().differences, [Difference("person", "missing_at_es", "1")])
        self.people("sp", "UPDATE sp.person SET able_bodied = false")
        self.assertTrue(self.ledger.compare().agree)

    def test_people_without_a_national_id_are_paired_by_name_and_birth(self):
        self.one_linked_person_with_a_plan()
        self.people("sp", "UPDATE sp.person SET national_id = NULL, phone = 'other'")
        self.people("es", """UPDATE jobs."JobSeeker" SET nin = NULL""")
        self.assertEqual(self.ledger.compare().differences, [Difference("person", "phone", "1", SEEKER)])

    def test_a_name_that_cannot_be_split_is_counted_and_not_compared(self):
        self.one_linked_person_with_a_plan()
        self.people("sp", "UPDATE sp.person SET full_name = 'Zoë Müller'")
        comparison = self.ledger.compare()
        self.assertEqual((comparison.unshareable, comparison.linked, comparison.differences), (1, 0, []))

    def test_known_differences_can_be_set_aside(self):
        self.one_linked_person_with_a_plan()
        self.people("sp", "UPDATE sp.person SET phone = 'other'")
        before = self.ledger.compare()
        self.people("sp", "UPDATE sp.person SET email = 'other'")
        self.assertEqual(self.ledger.compare().without(before), [Difference("person", "email", "1", SEEKER)])
        self.people("sp", "UPDATE sp.person SET email = NULL")
        self.ledger.wait_until_agree(1, ignoring=before)

    def test_waiting_says_what_still_differs_and_no_value(self):
        self.one_linked_person_with_a_plan()
        self.people("sp", "UPDATE sp.person SET phone = 'secret'")
        with self.assertRaises(TimeoutError) as raised:
            self.ledger.wait_until_agree(0.01)
        self.assertIn("'phone'", str(raised.exception))
        self.assertNotIn("secret", str(raised.exception))

    # ---- doubling

    def test_a_row_delivered_twice_is_doubled(self):
        self.one_linked_person_with_a_plan()
        self.assertEqual(self.ledger.doubled(), [])
        other = PLAN.replace("a1", "a2")
        self.daemon("es", ES_PLAN.replace(PLAN, other), ("work",))
        self.assertEqual(self.ledger.doubled(), [Difference("plan", "row", es_key=other)])

    def test_a_person_created_beside_the_known_one_is_doubled(self):
        self.people("sp", SP_PERSON)
        self.people("es", ES_PERSON)
        other = SEEKER.replace("0001", "0002")
        self.daemon("es", ES_PERSON.replace(SEEKER, other).replace("'N1'", "NULL"))
        self.assertEqual(self.ledger.doubled(), [Difference("person", "row", es_key=other)])

    def test_two_equal_rows_that_people_made_are_their_own_affair(self):
        self.one_linked_person_with_a_plan()
        for _ in range(2):
            self.people("sp", "INSERT INTO sp.support_action (plan_id, title) VALUES (1, 'call again')")
        self.assertEqual(self.ledger.doubled(), [])

    # ---- loss

    def test_an_edit_that_stands_somewhere_is_not_lost(self):
        self.one_linked_person_with_a_plan("tk-1-sp-000001")
        self.assertEqual(self.ledger.lost(), [])
        self.assertEqual(self.ledger.present("es"), {"tk-1-sp-000001"})

    def test_an_edit_that_only_the_daemon_overwrote_is_lost_unless_recorded(self):
        self.one_linked_person_with_a_plan("tk-1-sp-000001")
        self.people("es", "UPDATE jobs.job_plan SET goal = 'tk-1-es-000001'")
        self.daemon("sp", "UPDATE sp.support_plan SET goal = 'tk-1-es-000001'")
        self.assertEqual(self.ledger.lost(), [])             # es had it and wrote over it
        self.people("sp", "UPDATE sp.support_plan SET goal = 'tk-1-sp-000002'")
        self.daemon("sp", "UPDATE sp.support_plan SET goal = 'tk-1-es-000001'")
        self.assertEqual(self.ledger.lost(), ["tk-1-sp-000002"])
        self.assertEqual(self.ledger.lost(recorded={"tk-1-sp-000002"}), [])

    def test_an_edit_in_a_document_is_followed_too(self):
        self.one_linked_person_with_a_plan()
        self.people("es", """UPDATE jobs."JobSeeker" SET contact = jsonb_set(contact, '{email}', '"tk-1-es-000001"')""")
        self.daemon("es", """UPDATE jobs."JobSeeker" SET contact = jsonb_set(contact, '{email}', '"other"')""")
        self.assertEqual(self.ledger.lost(), ["tk-1-es-000001"])

    def test_an_edit_that_a_delivered_delete_took_away_is_lost(self):
        self.one_linked_person_with_a_plan()
        self.people("es", f"""INSERT INTO jobs.plan_step (plan_id, "stepTitle") VALUES ('{PLAN}', 'tk-1-es-000001')""")
        self.world.agency("es").query("GRANT DELETE ON jobs.job_plan TO casebridge_deliver", database="es")
        self.daemon("es", "DELETE FROM jobs.job_plan")
        self.assertEqual(self.ledger.lost(), ["tk-1-es-000001"])

    def test_an_edit_that_a_truncate_took_away_is_lost(self):
        self.one_linked_person_with_a_plan()
        self.people("sp", "INSERT INTO sp.support_action (plan_id, title) VALUES (1, 'tk-1-sp-000001')")
        self.run_as("postgres", "sp", "TRUNCATE sp.support_action")
        self.assertEqual(self.ledger.lost(), ["tk-1-sp-000001"])

    def test_the_triggers_fire_for_replicated_sessions_as_well(self):
        self.one_linked_person_with_a_plan()
        self.run_as("postgres", "sp", "SET session_replication_role = replica;"
                                      "UPDATE sp.support_plan SET goal = 'tk-1-sp-000001'; RESET session_replication_role")
        self.assertEqual(self.ledger.committed(), {"tk-1-sp-000001"})

    def test_rolled_back_edits_are_not_in_the_ledger(self):
        self.one_linked_person_with_a_plan()
        self.people("sp", "BEGIN; UPDATE sp.support_plan SET goal = 'tk-1-sp-000001'; ROLLBACK")
        self.assertEqual(self.ledger.committed(), set())

    # ---- side effects and speed

    def test_a_write_outside_the_shared_columns_is_found(self):
        self.one_linked_person_with_a_plan()
        self.people("es", """UPDATE jobs."JobSeeker" SET office = 'North'""")
        self.daemon("es", """UPDATE jobs."JobSeeker" SET first_name = 'Chloé'""")
        self.assertEqual(self.ledger.stray_writes(), [])
        self.daemon("es", """UPDATE jobs."JobSeeker" SET office = 'South'""")
        self.daemon("sp", "UPDATE sp.household SET status = 'CL'")
        self.assertEqual(self.ledger.stray_writes(),
                         [("es", "jobs.JobSeeker", "office"), ("sp", "sp.household", "status")])

    def test_the_time_to_the_other_side_is_measured(self):
        self.one_linked_person_with_a_plan("tk-1-sp-000001")
        self.people("sp", "UPDATE sp.support_plan SET goal = 'tk-1-sp-000002'")   # has not arrived: not counted
        seconds = self.ledger.latencies()
        self.assertEqual(len(seconds), 1)
        self.assertGreater(seconds[0], 0)


if __name__ == "__main__":
    unittest.main()
