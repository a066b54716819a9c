"""What scenarios share: a world with a running daemon per class, people to edit, and questions to the three databases.

    class Something(Scenario):
        people = 200                     # population before the daemon starts
        def test_…(self):
            person = self.linked_person()
            self.sp("UPDATE sp.person SET phone = %s WHERE id = %s", ("+49", person.sp))
            self.eventually(lambda: self.seeker(person)["phone"] == "+49", "the phone arrives")
"""

import itertools
import unittest
from dataclasses import dataclass

from .cluster import wait_for
from .daemon import Daemon
from .ledger import Ledger
from .world import TWO, World

ARRIVAL_SECONDS = 20  # generous: shared machines are slow, and a test ends as soon as the condition holds
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Person:
    national_id: str
    sp: int
    es: str = ""


class Scenario(unittest.TestCase):
    people = 0
    agencies = TWO
    settings = None  # of all three servers
    starts_daemon = True

    @staticmethod
    def configure(files):
        """Override to edit the configuration."""

    @classmethod
    def setUpClass(cls):
        cls.world = World(people=cls.people, seed=11, settings=cls.settings, agencies=cls.agencies)
        cls.addClassCleanup(cls.world.close)
        cls.world.__enter__()
        cls.ledger = Ledger(cls.world)
        cls.before = cls.ledger.compare()
        cls.daemon = Daemon(cls.world, cls.configure)
        cls.daemon.setup()
        if cls.starts_daemon:
            cls.daemon.start()
            cls.addClassCleanup(cls.daemon.kill)
            cls.daemon.wait_until_silent(60)

    def setUp(self):
        if self.starts_daemon and not self.daemon.alive():
            # An earlier test found the daemon's end; this one still gets a daemon of its own.
            self.daemon.kill()
            self.daemon.start()

    # ---- the databases ---------------------------------------------------------------------------------------------------

    def sp(self, sql, parameters=None):
        return self.world.agency("sp").query(sql, parameters, database="sp")

    def es(self, sql, parameters=None):
        return self.world.agency("es").query(sql, parameters, database="es")

    def hub(self, sql, parameters=None):
        return self.daemon.hub(sql, parameters)

    def eventually(self, condition, what, seconds=ARRIVAL_SECONDS):
        try:
            return wait_for(condition, seconds, what)
        except TimeoutError as error:
            self.fail(f"{error}; alive: {self.daemon.alive()}; log ends:\n{self.daemon.log_text()[-2500:]}")

    def silent(self, seconds=40):
        return self.daemon.wait_until_silent(seconds)

    def let_pass(self, cluster, seconds):
        """Returns when that server's clock is that much further: for edits that must not be simultaneous."""
        start, = cluster.query("SELECT extract(epoch FROM clock_timestamp())")[0]
        wait_for(lambda: float(cluster.query("SELECT extract(epoch FROM clock_timestamp())")[0][0] - start) > seconds,
                 seconds + 10, "the clock moves on", interval=0.1)

    # ---- people ----------------------------------------------------------------------------------------------------------

    def person_at_sp(self, name="Muster, Kim", able_bodied=True, status="JS", national_id=None):
        """A new member of a new household; returns its Person without a row at es."""
        number = next(_numbers)
        national_id = national_id or f"T{number:08d}"
        household, = self.sp("INSERT INTO sp.household (reference_no, registered_on) VALUES (%s, '2025-01-01') RETURNING id",
                             (f"T{number:09d}",))[0]
        key, = self.sp("""INSERT INTO sp.person (household_id, full_name, sex, birth_date, national_id, phone, email, street, city,
                              postal_code, able_bodied, employment_status)
                          VALUES (%s, %s, 'F', '1990-03-04', %s, '+49 1', 'kim@example.org', 'Weg 1', 'Köln', '50667', %s, %s)
                          RETURNING id""", (household, name, national_id, able_bodied, status))[0]
        return Person(national_id, key)

    def linked_person(self, name="Muster, Kim"):
        """A person that both agencies know, everything about it settled."""
        person = self.person_at_sp(name)
        key = self.eventually(lambda: self.key_at_es(person), "the jobseeker appears")
        self.silent()
        return Person(person.national_id, person.sp, key)

    def key_at_es(self, person):
        rows = self.es('SELECT id::text FROM jobs."JobSeeker" WHERE nin = %s', (person.national_id,))
        return rows[0][0] if rows else None

    def member(self, person):
        """The person at sp in the ledger's words, or None."""
        return self._in_ledger(self.sp, person.sp)

    def seeker(self, person):
        """The person at es in the ledger's words, or None."""
        return self._in_ledger(self.es, person.es)

    @staticmethod
    def _in_ledger(query, key):
        rows = query("SELECT to_jsonb(p) FROM ledger.person p WHERE key = %s", (str(key),))
        return rows[0][0] if rows else None

    def plan(self, person, goal="Wohnung finden"):
        """A plan at sp and its row at es, both keys."""
        here, = self.sp("INSERT INTO sp.support_plan (person_id, goal, start_date, opened_by) VALUES (%s, %s, '2026-01-02', 'x')"
                        " RETURNING id", (person.sp, goal))[0]
        there = self.eventually(lambda: self.es("SELECT id::text FROM jobs.job_plan WHERE seeker_id = %s AND goal = %s",
                                                (person.es, goal)), "the plan appears")[0][0]
        self.silent()
        return here, there

    # ---- the hub's records -----------------------------------------------------------------------------------------------

    def record_of(self, agency, table, key):
        rows = self.hub("SELECT record FROM casebridge.link WHERE agency = %s AND table_name = %s AND local_key = %s",
                        (agency, table, str(key)))
        return rows[0][0] if rows else None

    def record(self, person):
        return self.record_of("sp", "sp.person", person.sp)

    def conflicts(self, record, unit):
        """The conflicts of one unit, oldest first: (type, rule, verdict, winner, versions)."""
        return self.hub("SELECT type, rule, verdict, winner, versions FROM casebridge.conflict WHERE record = %s AND unit = %s"
                        " ORDER BY seq, position", (record, unit))

    def held(self, record):
        return {unit for (unit,) in self.hub("SELECT unit FROM casebridge.hold WHERE record = %s", (record,))}
