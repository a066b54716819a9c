"""The independent ledger: does what both databases hold agree, was an edit lost, was a row doubled?

It knows the two sample schemas by hand-written SQL (ledger_sp.sql, ledger_es.sql) and nothing of the daemon, its hub, its
configuration or its code. Results name tables, fields and local keys, never values, so they may stand in a test's output.

    ledger = Ledger(world)                     # installs the triggers; call it before the workload, after the population
    ledger.compare()                           # -> Comparison: fields that differ, rows that are missing on one side
    ledger.doubled()                           # -> rows that casebridge wrote a second time
    ledger.lost(recorded=...)                  # -> tokens of committed edits that are nowhere
    ledger.stray_writes()                      # -> changes by casebridge outside the columns it may write
    ledger.latencies()                         # -> seconds from the edit to the arrival on the other side

People are paired by national id; people without one by name and birth date. Plans of a pair are paired by their goal, activities
of paired plans by their title; what cannot be paired is missing on the other side.
"""

import os
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from .cluster import wait_for

HERE = os.path.dirname(os.path.abspath(__file__))
DELIVERY_ROLE = "casebridge_deliver"
PERSON_FIELDS = ("family", "given", "sex", "birth_date", "death_date", "phone", "email", "street", "city", "postal_code",
                 "employment_status")
PLAN_FIELDS = ("status", "start_date", "next_review")
ACTIVITY_FIELDS = ("responsible", "due_date", "status")
# Meanings that one agency cannot write down, by (field, the other agency's meaning): no difference.
INEXPRESSIBLE = {("sex", "unknown")}


@dataclass(frozen=True, order=True)
class Difference:
    what: str           # person, plan, activity
    field: str          # a field, or `missing_at_sp`, `missing_at_es`, `row` for doubled rows
    sp_key: str = ""
    es_key: str = ""


@dataclass
class Comparison:
    linked: int = 0                 # pairs of people
    plans: int = 0                  # pairs of plans
    activities: int = 0
    unshareable: int = 0            # people at sp whose name cannot be split
    differences: list = field(default_factory=list)

    def counts(self):
        return Counter((d.what, d.field) for d in self.differences)

    @property
    def agree(self):
        return not self.differences

    def without(self, others):
        """The differences that are not in another comparison, such as the one from before the workload."""
        known = set(others.differences)
        return [d for d in self.differences if d not in known]


class Ledger:
    def __init__(self, world):
        self.world = world
        for agency in ("sp", "es"):
            cluster = world.agency(agency)
            cluster.psql(os.path.join(HERE, "ledger.sql"), agency)
            cluster.psql(os.path.join(HERE, f"ledger_{agency}.sql"), agency)

    def query(self, agency, sql, parameters=None):
        return self.world.agency(agency).query(sql, parameters, database=agency)

    # ---- agreement -------------------------------------------------------------------------------------------------------

    def compare(self):
        """Looks at the rows as they are now, the two sides one after the other: for a still world."""
        result = Comparison()
        sp, es = self._people("sp"), self._people("es")
        es_by_identity = {identity: person for person in es.values() if (identity := _identity(person))}
        pairs = []
        for person in sp.values():
            if not person["expressible"]:
                result.unshareable += 1
                continue
            other = es_by_identity.get(_identity(person))
            if other is not None:
                pairs.append((person, other))
            elif person["to_be_referred"]:
                result.differences.append(Difference("person", "missing_at_es", sp_key=person["key"]))
        result.linked = len(pairs)
        for one, other in pairs:
            _compare_fields(result, "person", PERSON_FIELDS, one, other)
        result.plans, plan_pairs = self._compare_children(result, "plan", "goal", PLAN_FIELDS, pairs)
        result.activities, _ = self._compare_children(result, "activity", "title", ACTIVITY_FIELDS, plan_pairs)
        result.differences.sort()
        return result

    def _people(self, agency):
        columns = ("key", "national_id", "expressible", "to_be_referred", *PERSON_FIELDS)
        return {row[0]: dict(zip(columns, row))
                for row in self.query(agency, f"SELECT {', '.join(columns)} FROM ledger.person ORDER BY key")}

    def _compare_children(self, result, what, name, fields, parents):
        parent_column = {"plan": "person_key", "activity": "plan_key"}[what]
        columns = ("key", parent_column, name, *fields)
        children = {}
        for agency in ("sp", "es"):
            by_parent = children[agency] = defaultdict(list)
            for row in self.query(agency, f"SELECT {', '.join(columns)} FROM ledger.{what} ORDER BY key"):
                child = dict(zip(columns, row))
                by_parent[child[parent_column]].append(child)
        pairs = []
        for sp_parent, es_parent in parents:
            rest = list(children["es"].get(es_parent["key"], ()))
            for one in children["sp"].get(sp_parent["key"], ()):
                # Of several with the same name the one that differs least: order says nothing, the keys are foreign.
                same = [c for c in rest if c[name] == one[name]]
                if not same:
                    result.differences.append(Difference(what, "missing_at_es", sp_key=one["key"]))
                    continue
                other = min(same, key=lambda c, one=one: sum(c[f] != one[f] for f in fields))
                rest.remove(other)
                pairs.append((one, other))
                _compare_fields(result, what, fields, one, other)
            result.differences += [Difference(what, "missing_at_sp", es_key=c["key"]) for c in rest]
        return len(pairs), pairs

    def wait_until_agree(self, seconds, ignoring=None):
        """Polls until the databases agree, apart from the differences of the Comparison `ignoring`; returns the last Comparison.

        Raises TimeoutError that names what still differs, by counts.
        """
        last = Comparison()

        def settled():
            nonlocal last
            last = self.compare()
            return last.agree if ignoring is None else not last.without(ignoring)

        try:
            wait_for(settled, seconds, "both agencies agree", interval=0.25)
        except TimeoutError as error:
            raise TimeoutError(f"{error}; still different: {dict(last.counts())}") from None
        return last

    # ---- doubling --------------------------------------------------------------------------------------------------------

    def doubled(self):
        """Rows that say the same as another row of the same parent, at least one of them inserted by casebridge."""
        return self._doubled(
            "person", "national_id, family, given, birth_date", "expressible"
        ) + self._doubled("plan", "person_key, goal", "true") + self._doubled("activity", "plan_key, title", "true")

    def _doubled(self, what, same, condition):
        relations = {"person": ("sp.person", "jobs.JobSeeker"), "plan": ("sp.support_plan", "jobs.job_plan"),
                     "activity": ("sp.support_action", "jobs.plan_step")}[what]
        found = []
        for agency, relation in zip(("sp", "es"), relations):
            # A person with the national id and the same person without it are the same person twice.
            columns = "family, given, birth_date" if what == "person" else same
            ids = "AND count(DISTINCT v.national_id) < 2" if what == "person" else ""
            rows = self.query(agency, f"""
                WITH ours AS (SELECT DISTINCT key FROM ledger.entry
                               WHERE relation = %s AND op = 'INSERT' AND who = %s)
                SELECT max(v.key) FILTER (WHERE ours.key IS NOT NULL)
                  FROM ledger.{what} v LEFT JOIN ours USING (key)
                 WHERE {condition}
                 GROUP BY {columns}
                HAVING count(*) > 1 AND count(ours.key) > 0 {ids}""", (relation, DELIVERY_ROLE))
            found += [Difference(what, "row", **{f"{agency}_key": key}) for (key,) in rows]
        return sorted(found)

    # ---- loss ------------------------------------------------------------------------------------------------------------

    def lost(self, recorded=frozenset()):
        """Tokens of committed edits that no row holds, no user's later edit replaced and nothing has recorded.

        A token is safe if a row of either agency holds it, or if a person (not casebridge) wrote over it in a database that had
        it. If only casebridge wrote over it, it must be in `recorded`: the tokens that the hub's conflict records name.
        """
        movements = self._movements()
        present = self.present("sp") | self.present("es")
        born = {token for m in movements.values() for token, movement, who, *_ in m
                if movement == "arrived" and who != DELIVERY_ROLE}
        replaced_by_people = {token for m in movements.values() for token, movement, who, *_ in m
                              if movement == "departed" and who != DELIVERY_ROLE}
        return sorted(born - present - replaced_by_people - set(recorded))

    def committed(self):
        """Tokens of all edits by people that this ledger has seen committed, whatever the writer was told."""
        return {token for m in self._movements().values() for token, movement, who, *_ in m
                if movement == "arrived" and who != DELIVERY_ROLE}

    def present(self, agency):
        """Tokens that stand in that agency's rows now."""
        rows = self.query(agency, "SELECT DISTINCT m[1] FROM ledger.current_text,"
                                  " regexp_matches(text, 'tk-[0-9]+-[a-z]+-[0-9]+', 'g') m")
        return {token for (token,) in rows}

    def _movements(self):
        return {agency: self.query(agency, "SELECT token, movement, who, relation, at FROM ledger.token_movement ORDER BY n")
                for agency in ("sp", "es")}

    # ---- side effects and speed ------------------------------------------------------------------------------------------

    def stray_writes(self):
        """(agency, table, column) of everything casebridge changed in existing rows outside the columns it may write."""
        found = set()
        for agency in ("sp", "es"):
            rows = self.query(agency, """
                SELECT DISTINCT e.relation, c.key
                  FROM ledger.entry e CROSS JOIN jsonb_each(e.after) c LEFT JOIN ledger.writable w USING (relation)
                 WHERE e.who = %s AND e.op = 'UPDATE' AND c.value IS DISTINCT FROM e.before -> c.key
                   AND c.key <> ALL (coalesce(w.columns, '{}'))""", (DELIVERY_ROLE,))
            found |= {(agency, relation, column) for relation, column in rows}
        return sorted(found)

    def latencies(self):
        """Seconds from a person's edit to the first arrival of its token on the other side; arrived edits only.

        Both times are taken inside the transactions; the clusters of a World share one clock.
        """
        movements = self._movements()
        seconds = []
        for here, there in (("sp", "es"), ("es", "sp")):
            arrivals = {}
            for token, movement, who, _, at in movements[there]:
                if movement == "arrived" and who == DELIVERY_ROLE:
                    arrivals.setdefault(token, at)
            for token, movement, who, _, at in movements[here]:
                if movement == "arrived" and who != DELIVERY_ROLE and token in arrivals:
                    seconds.append((arrivals[token] - at).total_seconds())
        return sorted(seconds)


def _identity(person):
    if person["national_id"]:
        return ("id", person["national_id"])
    if person["family"] is None:
        return None
    return ("name", person["family"], person["given"], person["birth_date"])


def _compare_fields(result, what, fields, one, other):
    for name in fields:
        if one[name] == other[name] or (name, other[name]) in INEXPRESSIBLE:
            continue
        result.differences.append(Difference(what, name, one["key"], other["key"]))
