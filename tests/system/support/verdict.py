"""Judges a still world: is every difference between the agencies one that the hub names, row by row and field by field?

The differences come from the ledger, which knows nothing of the hub. The hub is only asked what it says about exactly that
row: a hold of that field, a parked key, a refused delivery. What it does not name is `unexplained`.
"""

from dataclasses import asdict, dataclass, field

from .ledger import ACTIVITY_FIELDS, DELIVERY_ROLE, INEXPRESSIBLE, PERSON_FIELDS, PLAN_FIELDS, Difference

TABLES = {
    "person": {"sp": "sp.person", "es": "jobs.JobSeeker"},
    "plan": {"sp": "sp.support_plan", "es": "jobs.job_plan"},
    "activity": {"sp": "sp.support_action", "es": "jobs.plan_step"},
}
FIELDS = {"person": PERSON_FIELDS, "plan": ("goal", *PLAN_FIELDS), "activity": ("title", *ACTIVITY_FIELDS)}
NAME = {"plan": "goal", "activity": "title"}
UNITS = {"family": "name", "given": "name", "street": "address", "city": "address", "postal_code": "address"}


@dataclass
class Verdict:
    compared: int = 0                                 # pairs of rows
    explained: list = field(default_factory=list)     # (difference, why)
    unexplained: list = field(default_factory=list)
    doubled: list = field(default_factory=list)
    lost: list = field(default_factory=list)
    vanished: list = field(default_factory=list)      # confirmed to the writer, but not in the database
    orphans: list = field(default_factory=list)       # rows that casebridge inserted and that no record knows
    stray_writes: list = field(default_factory=list)

    @property
    def good(self):
        return not (self.unexplained or self.doubled or self.lost or self.vanished or self.orphans or self.stray_writes)

    def counts(self):
        return {name: value if isinstance(value, int) else len(value) for name, value in asdict(self).items()}


def judge(ledger, daemon, workload=None):
    hub = _Hub(daemon)
    verdict = Verdict()
    comparison = ledger.compare()
    verdict.compared = comparison.linked + comparison.plans + comparison.activities
    found = list(comparison.differences)
    # The ledger pairs plans and steps by their text; where that differs it cannot look further, the hub's links can.
    found += [d for d in _differences_of_links(ledger, hub) if d not in found]
    for difference in found:
        why = hub.names(difference)
        (verdict.explained if why else verdict.unexplained).append((difference, why) if why else difference)
    verdict.doubled = ledger.doubled() + hub.doubled()
    verdict.lost = ledger.lost(recorded=hub.recorded_tokens())
    if workload is not None:
        # Case notes are too long for the ledger.
        expected = {edit.token for edit in workload.committed if edit.kind != "note"}
        verdict.vanished = sorted(expected - ledger.committed())
    verdict.orphans = _orphans(ledger, hub)
    verdict.stray_writes = ledger.stray_writes()
    return verdict


class _Hub:
    def __init__(self, daemon):
        self.query = daemon.hub
        self.holds = set(self.query("SELECT record, unit FROM casebridge.hold"))
        self.refusals = {(record, agency): code for record, agency, code in
                         self.query("SELECT record, agency, code FROM casebridge.refusal")}
        self.parked = {(agency, table, key): code for agency, table, key, code in
                       self.query("SELECT agency, table_name, local_key, code FROM casebridge.parked")}
        self.links = {(agency, _plain(table), key): (record, state) for agency, table, key, record, state in
                      self.query("SELECT agency, table_name, local_key, record, state FROM casebridge.link")}

    def names(self, difference):
        """Why the hub lets the difference be, or None."""
        keys = [(agency, TABLES[difference.what][agency], key)
                for agency, key in (("sp", difference.sp_key), ("es", difference.es_key)) if key]
        unit = UNITS.get(difference.field, difference.field)
        if unit.startswith("missing_at_"):
            unit = NAME.get(difference.what, "")
        for key in keys:
            if key in self.parked:
                return f"parked {self.parked[key]}"
            record, _ = self.links.get(key, (None, None))
            if (record, unit) in self.holds:
                return f"hold {unit}"
            for agency in ("sp", "es"):
                if (record, agency) in self.refusals:
                    return f"refused by {agency}: {self.refusals[record, agency]}"
        return None

    def doubled(self):
        """Records with two live rows in one table."""
        return self.query("SELECT agency, table_name, record FROM casebridge.link WHERE state = 'live'"
                          " GROUP BY agency, table_name, record HAVING count(*) > 1")

    def recorded_tokens(self):
        return {token for (token,) in self.query(
            "SELECT DISTINCT m[1] FROM casebridge.conflict,"
            " regexp_matches(versions::text, 'tk-[0-9]+-[a-z]+-[0-9]+', 'g') m")}

    def pairs(self, what):
        """(key at sp, key at es) of the records that have a live row at both."""
        rows = {agency: {record: key for (a, table, key), (record, state) in self.links.items()
                         if a == agency and table == TABLES[what][agency] and state == "live"} for agency in ("sp", "es")}
        return [(rows["sp"][record], rows["es"][record]) for record in sorted(rows["sp"].keys() & rows["es"].keys())]


def _plain(table):
    return table.replace('"', "")


def _differences_of_links(ledger, hub):
    found = []
    for what in ("plan", "activity"):
        fields = FIELDS[what]
        rows = {agency: {key: values for key, *values in
                         ledger.query(agency, f"SELECT key, {', '.join(fields)} FROM ledger.{what}")} for agency in ("sp", "es")}
        for sp_key, es_key in hub.pairs(what):
            one, other = rows["sp"].get(sp_key), rows["es"].get(es_key)
            if one is None or other is None:
                found.append(Difference(what, "missing_at_sp" if one is None else "missing_at_es", sp_key, es_key))
                continue
            found += [Difference(what, name, sp_key, es_key) for name, a, b in zip(fields, one, other)
                      if a != b and (name, b) not in INEXPRESSIBLE]
    return found


def _orphans(ledger, hub):
    found = []
    for agency in ("sp", "es"):
        rows = ledger.query(agency, "SELECT DISTINCT relation, key FROM ledger.entry WHERE op = 'INSERT' AND who = %s",
                            (DELIVERY_ROLE,))
        found += [(agency, relation, key) for relation, key in rows
                  if hub.links.get((agency, relation, key), (None, ""))[1] != "live"]
    return sorted(found)
