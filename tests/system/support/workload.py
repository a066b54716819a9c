"""People at work: small transactions at both agencies, each with a token of its own in a text that the other side should see.

    workload = Workload(world, seed=7)
    workload.run(edits=200)                        # one after the other, in this thread
    with workload.running(per_second=50): ...      # both agencies at once, in threads, until the block ends

A token reads `tk-<seed>-<agency>-<number>` and is never used twice. `committed` holds what the server confirmed; `in_doubt` what was
sent for commit without an answer (the server was stopped); the ledger knows what became of those. With a seed and `run` the
edits are the same each time, as long as the databases answer the same.

Half of the edits go to `hot` people, so that both agencies edit the same rows at the same time.
"""

import contextlib
import random
import threading
from dataclasses import dataclass

import psycopg2

from .cluster import wait_for


@dataclass(frozen=True)
class Edit:
    token: str
    agency: str
    kind: str


class Workload:
    def __init__(self, world, seed=1, hot=5, kinds=None):
        """`kinds` limits the edits to those names of SP_EDITS and ES_EDITS."""
        self.seed = seed
        self.hot = hot
        self.committed = []
        self.in_doubt = []
        self.errors = []
        self._desks = {
            "sp": _Desk(world.agency("sp"), "sp", random.Random(f"{seed} sp"), _chosen(SP_EDITS, kinds), self),
            "es": _Desk(world.agency("es"), "es", random.Random(f"{seed} es"), _chosen(ES_EDITS, kinds), self),
        }
        self._choose_hot_people(world)

    def _choose_hot_people(self, world):
        """The same people on both sides, by national id, lowest first."""
        ids = {n for (n,) in world.agency("sp").query(
            "SELECT national_id FROM sp.person WHERE national_id IS NOT NULL AND full_name LIKE '%, %'", database="sp")}
        ids &= {n for (n,) in world.agency("es").query(
            'SELECT nin FROM jobs."JobSeeker" WHERE nin IS NOT NULL', database="es")}
        for desk in self._desks.values():
            desk.linked = sorted(ids)
            desk.hot = desk.linked[:self.hot]

    def run(self, edits):
        """Makes that many edits, the agencies in turn; raises what the database raises."""
        try:
            for n in range(edits):
                self._desks[("sp", "es")[n % 2]].edit()
        finally:
            self.close()
        return self

    @contextlib.contextmanager
    def running(self, per_second=20.0):
        """Edits in both agencies at about that rate together until the block ends.

        A desk whose server is away tries again until the server is back; any other error ends it and is raised at the end.
        """
        stop = threading.Event()
        threads = [threading.Thread(target=self._work, args=(desk, stop, 2.0 / per_second), daemon=True)
                   for desk in self._desks.values()]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            stop.set()
            for thread in threads:
                thread.join()
            self.close()
        if self.errors:
            raise self.errors[0]

    def _work(self, desk, stop, pause):
        while not stop.is_set():
            try:
                desk.edit()
            except Exception as error:
                # A session that ended, however libpq names it, and a deadlock are weather. Anything else is a mistake in
                # the edits and must fail the test, not silently end the load.
                if not desk.ended(error):
                    self.errors.append(error)
                    return
                desk.close()
            stop.wait(desk.rng.uniform(0.5, 1.5) * pause)

    def wait_for_edits(self, count, seconds):
        """Returns once `count` edits are committed; for use inside running()."""
        return wait_for(lambda: self.errors or len(self.committed) >= count, seconds, f"{count} edits committed")

    def tokens(self):
        return [edit.token for edit in self.committed]

    def close(self):
        for desk in self._desks.values():
            desk.close()


def _chosen(edits, kinds):
    return {name: sql for name, sql in edits.items() if kinds is None or name in kinds}


class _Desk:
    """One agency's clerk: one session of the agency's own application."""

    def __init__(self, cluster, agency, rng, edits, workload):
        self.cluster = cluster
        self.agency = agency
        self.rng = rng
        self.edits = edits
        self.workload = workload
        self.linked = []
        self.hot = []
        self.number = 0
        self.connection = None

    def edit(self):
        """One transaction; nothing is recorded when it found no row to change."""
        if not self.edits or not self.linked:
            return
        if self.connection is None or self.connection.closed:
            self.connection = self.cluster.connect(self.agency, "application", "workload")
            self.connection.autocommit = False
        self.number += 1
        edit = Edit(f"tk-{self.workload.seed}-{self.agency}-{self.number:06d}", self.agency, self.rng.choice(sorted(self.edits)))
        person = self.rng.choice(self.hot if self.rng.random() < 0.5 else self.linked)
        parameters = {"token": edit.token, "person": person, "choice": self.rng.random(), "days": self.rng.randrange(200)}
        with self.connection.cursor() as cursor:
            cursor.execute(self.edits[edit.kind], parameters)
            changed = cursor.rowcount
        try:
            self.connection.commit()
        except psycopg2.Error:
            self.workload.in_doubt.append(edit)
            raise
        if changed:
            self.workload.committed.append(edit)

    @staticmethod
    def ended(error):
        """Whether the error means that the session, not the edit, is at fault."""
        if isinstance(error, (psycopg2.OperationalError, psycopg2.InterfaceError)):
            return True
        # libpq's own "server closed the connection" has no SQLSTATE, and psycopg2 no better class for it.
        return type(error) is psycopg2.DatabaseError and error.pgcode is None

    def close(self):
        if self.connection is not None:
            with contextlib.suppress(psycopg2.Error):
                self.connection.close()
            self.connection = None


# Each edit changes one row, or adds one, of the person named by national id; `choice` picks among several plans or steps.
_SP_PLAN = """(SELECT s.id FROM sp.support_plan s JOIN sp.person p ON p.id = s.person_id
               WHERE p.national_id = %(person)s ORDER BY md5(s.goal || %(choice)s) LIMIT 1)"""
_SP_ACTION = """(SELECT a.id FROM sp.support_action a JOIN sp.support_plan s ON s.id = a.plan_id
                 JOIN sp.person p ON p.id = s.person_id
                 WHERE p.national_id = %(person)s ORDER BY md5(s.goal || a.title || %(choice)s) LIMIT 1)"""
SP_EDITS = {
    "new_plan": """INSERT INTO sp.support_plan (person_id, goal, start_date, next_review, opened_by)
        SELECT id, 'agreed ' || %(token)s, current_date - %(days)s, current_date + 90, 'a.keller'
          FROM sp.person WHERE national_id = %(person)s""",
    "goal": f"""UPDATE sp.support_plan SET goal = 'revised ' || %(token)s, next_review = current_date + %(days)s
        WHERE id = {_SP_PLAN}""",
    "new_action": f"""INSERT INTO sp.support_action (plan_id, title, owner, due_date)
        SELECT id, 'visit ' || %(token)s, 'b.özdemir', current_date + %(days)s FROM sp.support_plan WHERE id = {_SP_PLAN}""",
    "action": f"""UPDATE sp.support_action SET title = 'visit ' || %(token)s,
        status = (ARRAY['P', 'I', 'D', 'X'])[1 + floor(%(choice)s * 4)::int] WHERE id = {_SP_ACTION}""",
    "move": """UPDATE sp.person SET street = 'Neue Straße ' || %(token)s, city = 'Köln', postal_code = '50667',
        updated_at = now() WHERE national_id = %(person)s""",
    "email": """UPDATE sp.person SET email = %(token)s || '@example.org', updated_at = now()
        WHERE national_id = %(person)s""",
    "note": """INSERT INTO sp.case_note (person_id, author, body)
        SELECT id, 'a.keller', repeat(md5(%(token)s), 100) || ' ' || %(token)s FROM sp.person WHERE national_id = %(person)s""",
}

_ES_PLAN = """(SELECT j.id FROM jobs.job_plan j JOIN jobs."JobSeeker" p ON p.id = j.seeker_id
               WHERE p.nin = %(person)s ORDER BY md5(j.goal || %(choice)s) LIMIT 1)"""
_ES_STEP = """(SELECT s.id FROM jobs.plan_step s JOIN jobs.job_plan j ON j.id = s.plan_id
               JOIN jobs."JobSeeker" p ON p.id = j.seeker_id
               WHERE p.nin = %(person)s ORDER BY md5(j.goal || s."stepTitle" || %(choice)s) LIMIT 1)"""
ES_EDITS = {
    "new_plan": """INSERT INTO jobs.job_plan (seeker_id, goal, "start", review_on, created_by)
        SELECT id, 'vereinbart ' || %(token)s, to_char(current_date - %(days)s, 'DD.MM.YYYY'), current_date + 60, 'd.weiß'
          FROM jobs."JobSeeker" WHERE nin = %(person)s""",
    "goal": f"""UPDATE jobs.job_plan SET goal = 'geändert ' || %(token)s, review_on = current_date + %(days)s
        WHERE id = {_ES_PLAN}""",
    "new_step": f"""INSERT INTO jobs.plan_step (plan_id, "stepTitle", responsible, due)
        SELECT id, 'Schritt ' || %(token)s, 'd.weiß', current_date + %(days)s FROM jobs.job_plan WHERE id = {_ES_PLAN}""",
    "step": f"""UPDATE jobs.plan_step SET "stepTitle" = 'Schritt ' || %(token)s,
        state = (ARRAY['todo', 'doing', 'done', 'void'])[1 + floor(%(choice)s * 4)::int] WHERE id = {_ES_STEP}""",
    "move": """UPDATE jobs."JobSeeker" SET contact = jsonb_set(contact, '{address}',
        jsonb_build_object('street', 'Neuer Weg ' || %(token)s, 'city', 'Łódź', 'zip', '90-001')) WHERE nin = %(person)s""",
    "email": """UPDATE jobs."JobSeeker" SET contact = jsonb_set(contact, '{email}', to_jsonb(%(token)s || '@example.net'))
        WHERE nin = %(person)s""",
}
