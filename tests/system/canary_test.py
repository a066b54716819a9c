"""People's values stay in the databases: a canary in every personal field, and a search for them wherever operators look.

All that can happen to a value happens: it flows, is in conflict, is held, cannot be translated, is refused by a constraint, a type
and a trigger whose messages quote it, and stops the hub. Then no log, metric, answer, argument, statement text or server log
may hold one. The control: the same search finds each of them in the hub's payloads, where they belong.
"""

import contextlib
import os
import threading
import unittest
import urllib.error
import urllib.request

import psycopg2

from support.daemon import Daemon, DaemonError
from support.scenario import Person, Scenario

KEY = 778899001122  # of the person at sp

# By what it stands for. Each occurs nowhere else.
CANARIES = {
    "key": str(KEY),
    "household": "ZQ-HOUSEHOLD-1",
    "family": "Zqfamily",
    "given": "Zqgiven",
    "national_id": "ZQNIN77001",
    "birth_date": "1967-07-19",
    "phone": "+49 0771 777001",
    "email": "zq.canary@example.org",
    "street": "Zqstreet 7",
    "city": "Zqcity",
    "postal_code": "ZQPC77",
    "case_worker": "Zqworker",
    "goal": "Zqgoal of a plan",
    "title": "Zqtitle of a step",
    "note": "Zqnote, very long " + "zq" * 3000,
    "phone behind a lock": "+49 0770 777000",
    "phone changed at sp": "+49 0772 777002",
    "phone changed at es": "+49 0773 777003",
    "death date at sp": "1999-11-23",
    "death date at es": "1999-11-24",
    "name without a comma": "Zqunreadable",
    "unreadable date at es": "31.02.1968",
    "goal refused by a constraint": "Zqrefused by a constraint",
    "goal refused by a trigger": "Zqrefused by a trigger",
    "phone too long for sp": "+49 0774 777004 " + "7" * 60,
    "goal refused by the hub": "Zqrefused by the hub",
}
UNMAPPED = "Zqremark that no mapping names"
SECRET = "Zqsecret-of-a-connection"


def found_in(text):
    """What of a person's is in the text, by name; notes are found by any long part of them."""
    values = {**CANARIES, "note": "zq" * 20, "remark": UNMAPPED, "secret": SECRET}
    return sorted(name for name, value in values.items() if value in text)


class StatementSampler:
    """Everything that pg_stat_activity shows of our sessions while the block runs."""

    def __init__(self, clusters):
        self.clusters = clusters
        self.texts = set()
        self.errors = []
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self._sample, args=(cluster,), daemon=True) for cluster in clusters]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def _sample(self, cluster):
        try:
            with contextlib.closing(cluster.connect()) as connection, connection.cursor() as cursor:
                while not self.stop.wait(0.005):
                    cursor.execute("SELECT application_name, query FROM pg_stat_activity WHERE usename LIKE 'casebridge%'")
                    self.texts.update(" ".join(row) for row in cursor.fetchall())
        except psycopg2.Error as error:
            self.errors.append(error)


class Canaries(Scenario):
    """The story, told once for each format of the log. Not a test by itself."""

    log_format = None

    @classmethod
    def configure(cls, files):
        files["bridge.jsonc"]["log"] = {"format": cls.log_format, "level": "debug"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        teller = cls("eventually")
        with StatementSampler(list(cls.world.clusters.values())) as sampler:
            sampler.texts.update(teller.tell())
        cls.texts = sampler.texts
        cls.sampling_errors = sampler.errors

    def tell(self):
        """Tells the story; returns statements that were certainly seen while they ran."""
        person = self.normal_flow()
        seen = self.statement_that_waits(person)
        self.conflict_and_hold(person)
        self.parked(person)
        self.refused(person)
        self.refused_by_the_hub()
        return seen

    def normal_flow(self):
        c = CANARIES
        household, = self.sp("INSERT INTO sp.household (reference_no, street, city, registered_on) VALUES (%s, %s, %s, '2025-01-01')"
                             " RETURNING id", (c["household"], c["street"], c["city"]))[0]
        self.sp("""INSERT INTO sp.person (id, household_id, full_name, sex, birth_date, national_id, phone, email, street, city,
                       postal_code, able_bodied, employment_status, case_worker, internal_remark)
                   VALUES (%s, %s, %s, 'F', %s, %s, %s, %s, %s, %s, %s, true, 'JS', %s, %s)""",
                (KEY, household, f"{c['family']}, {c['given']}", c["birth_date"], c["national_id"], c["phone"], c["email"], c["street"],
                 c["city"], c["postal_code"], c["case_worker"], UNMAPPED))
        self.sp("INSERT INTO sp.case_note (person_id, author, body) VALUES (%s, %s, %s)", (KEY, c["case_worker"], c["note"]))
        self.sp("""WITH plan AS (INSERT INTO sp.support_plan (person_id, goal, opened_by) VALUES (%s, %s, %s) RETURNING id)
                   INSERT INTO sp.support_action (plan_id, title, owner) SELECT id, %s, %s FROM plan""",
                (KEY, c["goal"], c["case_worker"], c["title"], c["case_worker"]))
        person = Person(c["national_id"], KEY)
        key = self.eventually(lambda: self.key_at_es(person), "the jobseeker appears")
        self.eventually(lambda: self.es('SELECT 1 FROM jobs.plan_step WHERE "stepTitle" = %s', (c["title"],)), "the step appears")
        return Person(person.national_id, KEY, key)

    def statement_that_waits(self, person):
        """The texts of a delivery that stands before a row that somebody has locked."""
        with contextlib.closing(self.world.agency("es").connect("es", "application")) as session, session.cursor() as cursor:
            session.autocommit = False
            cursor.execute('SELECT FROM jobs."JobSeeker" WHERE id = %s FOR UPDATE', (person.es,))
            self.sp("UPDATE sp.person SET phone = %s WHERE id = %s", (CANARIES["phone behind a lock"], KEY))
            return self.eventually(lambda: {text for (text,) in self.es(
                "SELECT application_name || ' ' || query FROM pg_stat_activity"
                " WHERE usename = 'casebridge_deliver' AND wait_event_type = 'Lock'")}, "the delivery waits for the row")

    def set_phone_at_es(self, person, phone):
        self.es("""UPDATE jobs."JobSeeker" SET contact = jsonb_set(contact, '{phone,mobile}', to_jsonb(%s::text)) WHERE id = %s""",
                (phone, person.es))

    def conflict_and_hold(self, person):
        self.silent()
        with self.daemon.frozen():
            self.sp("UPDATE sp.person SET phone = %s, death_date = %s WHERE id = %s",
                    (CANARIES["phone changed at sp"], CANARIES["death date at sp"], KEY))
            self.let_pass(self.world.agency("es"), 1.5)
            self.set_phone_at_es(person, CANARIES["phone changed at es"])
            self.es("""UPDATE jobs."JobSeeker" SET "deceasedOn" = %s WHERE id = %s""", (CANARIES["death date at es"], person.es))
        self.daemon.wait_for_event("conflict_recorded", 20)
        self.daemon.wait_for_event("hold_opened", 20)

    def parked(self, person):
        self.es("""UPDATE jobs."JobSeeker" SET born = %s WHERE id = %s""", (CANARIES["unreadable date at es"], person.es))
        self.daemon.wait_for_event("change_parked", 20, agency="es")
        self.es("""UPDATE jobs."JobSeeker" SET born = '19.07.1967' WHERE id = %s""", (person.es,))
        self.daemon.wait_for_event("parked_released", 20)
        self.sp("UPDATE sp.person SET full_name = %s WHERE id = %s", (CANARIES["name without a comma"], KEY))
        self.daemon.wait_for_event("change_parked", 20, agency="sp")
        self.sp("UPDATE sp.person SET full_name = %s WHERE id = %s", (f"{CANARIES['family']}, {CANARIES['given']}", KEY))
        self.daemon.wait_for_event("parked_released", 20, times=2)

    def refused(self, person):
        self.es("ALTER TABLE jobs.job_plan ADD CONSTRAINT no_such_goal CHECK (goal <> '%s')" % CANARIES["goal refused by a constraint"])
        self.es("""CREATE FUNCTION jobs.refuse() RETURNS trigger LANGUAGE plpgsql AS
                   $$ BEGIN RAISE EXCEPTION 'no plan may be called %%', NEW.goal USING DETAIL = NEW::text; END $$""", ())
        self.es("CREATE TRIGGER refuse BEFORE INSERT ON jobs.job_plan FOR EACH ROW WHEN (NEW.goal = '%s') EXECUTE FUNCTION jobs.refuse()"
                % CANARIES["goal refused by a trigger"])
        for name in ("goal refused by a constraint", "goal refused by a trigger"):
            self.sp("INSERT INTO sp.support_plan (person_id, goal, opened_by) VALUES (%s, %s, 'x')", (KEY, CANARIES[name]))
        self.set_phone_at_es(person, CANARIES["phone too long for sp"])
        for agency, code in (("es", "23514"), ("es", "P0001"), ("sp", "22001")):
            self.daemon.wait_for_event("delivery_refused", 20, agency=agency, code=code)

    def refused_by_the_hub(self):
        # The server's DETAIL quotes the whole entry.
        self.silent()
        lost = len(self.daemon.events("hub_lost"))
        self.hub("ALTER TABLE casebridge.journal ADD CONSTRAINT canary CHECK (payload::text NOT LIKE '%%%s%%') NOT VALID"
                 % CANARIES["goal refused by the hub"])
        self.sp("UPDATE sp.support_plan SET goal = %s WHERE goal = %s", (CANARIES["goal refused by the hub"], CANARIES["goal"]))
        self.daemon.wait_for_event("hub_lost", 20, times=lost + 1)
        self.hub("ALTER TABLE casebridge.journal DROP CONSTRAINT canary")
        self.eventually(lambda: self.es("SELECT 1 FROM jobs.job_plan WHERE goal = %s", (CANARIES["goal refused by the hub"],)),
                        "it arrives once the hub takes it", 60)

    # ---- control -----------------------------------------------------------------------------------------------------------

    def test_control_every_canary_is_in_the_payloads_of_the_hub_and_what_is_not_mapped_is_not(self):
        payloads = "\n".join(text for (text,) in self.hub("SELECT payload::text FROM casebridge.journal WHERE payload IS NOT NULL"))
        self.assertEqual(found_in(payloads), sorted(CANARIES))

    def test_control_what_arrived_is_at_the_other_agency(self):
        rows = "\n".join(text for (text,) in self.es("""SELECT row_to_json(p)::text FROM jobs."JobSeeker" p UNION ALL
            SELECT row_to_json(j)::text FROM jobs.job_plan j UNION ALL SELECT row_to_json(s)::text FROM jobs.plan_step s"""))
        arrived = {"family", "given", "national_id", "email", "street", "city", "postal_code", "title", "goal refused by the hub"}
        self.assertLessEqual(arrived, set(found_in(rows)))

    def test_control_the_statements_of_our_sessions_were_seen(self):
        self.assertEqual(self.sampling_errors, [])
        for words in (("casebridge:deliver", "UPDATE"), ("casebridge:journal",), ("START_REPLICATION",)):
            self.assertTrue([text for text in self.texts if all(word in text for word in words)], words)

    # ---- where nothing may be ------------------------------------------------------------------------------------------------

    def assert_clean(self, text, where):
        self.assertTrue(text.strip(), f"{where}: nothing to look at")
        self.assertEqual(found_in(text), [], where)

    def test_the_log_has_none(self):
        self.assertIn("survey_chunk", self.daemon.log_text())  # It is the whole log, debug lines too.
        self.assert_clean(self.daemon.log_text(), "log")
        uuids = [key for (key,) in self.es('SELECT id::text FROM jobs."JobSeeker"')]
        self.assertEqual([key for key in uuids if key in self.daemon.log_text()], [])

    def test_metrics_and_health_have_none(self):
        for path in ("/metrics", "/readyz?verbose", "/readyz", "/livez", "/healthz"):
            self.assert_clean(self.daemon.get(path)[1], path)

    def test_an_answer_does_not_repeat_what_was_asked(self):
        for path, headers in ((f"/{CANARIES['family']}", {}), ("/metrics", {"Host": CANARIES["family"]})):
            request = urllib.request.Request(f"http://{self.daemon.address()}{path}", headers=headers)
            with self.subTest(path=path, headers=headers), self.assertRaises(urllib.error.HTTPError) as raised:
                urllib.request.urlopen(request, timeout=10)
            self.assertEqual(found_in(raised.exception.read().decode() + str(raised.exception.headers)), [])
            raised.exception.close()

    def test_commands_print_none(self):
        for arguments in (("status",), ("status", "--json"), ("check",), ("setup",), ("setup", "--print")):
            done = self.daemon.command(*arguments)
            self.assert_clean(done.stdout + done.stderr, " ".join(arguments))

    def test_mistakes_in_the_configuration_do_not_quote_a_connection(self):
        for number, connection in enumerate((f"host=/tmp dbname=x password={SECRET}", f"postgresql://u:{SECRET}@localhost/x",
                                             f"host=/tmp '{SECRET}", f"host=/tmp {SECRET}=1")):
            def change(files, connection=connection):
                files["bridge.jsonc"]["agencies"]["sp"]["capture"] = connection

            with self.subTest(connection=number), self.assertRaises(DaemonError) as raised:
                Daemon(self.world, change, directory=f"mistake-{number}").command("check")
            self.assertIn("ended with 78", str(raised.exception))
            self.assertEqual(found_in(str(raised.exception)), [])

    def test_the_process_shows_none(self):
        for what in ("cmdline", "environ", "comm", "status"):
            with open(f"/proc/{self.daemon.process.pid}/{what}", encoding="utf-8", errors="replace") as file:
                self.assert_clean(file.read(), what)

    def test_the_texts_of_our_statements_have_none(self):
        self.assert_clean("\n".join(self.texts), "pg_stat_activity")

    def test_the_logs_of_the_servers_have_none(self):
        for name, refusal in (("sp", "value too long"), ("es", 'violates check constraint "no_such_goal"'),
                              ("hub", 'violates check constraint "canary"')):
            with open(self.world.clusters[name].log, encoding="utf-8", errors="replace") as file:
                text = file.read()
            self.assertIn(refusal, text)
            # The trigger's own message is the agency's doing; the DETAIL that it sets is not logged.
            lines = [line for line in text.splitlines() if "ERROR:  no plan may be called " not in line]
            self.assert_clean("\n".join(lines), f"log of {name}")

    def test_the_envelopes_of_the_journal_have_none(self):
        envelopes = "\n".join(text for (text,) in self.hub("SELECT envelope::text FROM casebridge.journal"))
        self.assert_clean(envelopes, "envelopes")


class LogfmtCanaryTest(Canaries):
    log_format = "logfmt"


class JsonCanaryTest(Canaries):
    log_format = "json"


def load_tests(loader, _tests, _pattern):
    """Without the class that only tells the story."""
    return unittest.TestSuite(loader.loadTestsFromTestCase(case) for case in (LogfmtCanaryTest, JsonCanaryTest))


if __name__ == "__main__":
    unittest.main()
