"""The proof, by SQL at the two agencies: where do they differ, and is each difference a field that waits for a person?

The comparison is the system tests' ledger, which shares no code and no configuration with the daemon. The hub is asked only
for the list of fields on hold.
"""

from dataclasses import dataclass, field

# The ledger pairs plans and steps by these: while they are on hold, it sees one row without a partner at each agency.
NAMES = {"plan": "goal", "activity": "title"}

# The ledger's words -> the bridge's words.
ENTITIES = {"person": "person", "plan": "plan", "activity": "plan_activity"}
UNITS = {"family": "name", "given": "name", "street": "address", "city": "address", "postal_code": "address"}


@dataclass
class Proof:
    comparison: object
    held: list = field(default_factory=list)       # differences that a hold names
    divergent: list = field(default_factory=list)  # differences that nothing explains


def prove(stage):
    proof = Proof(stage.ledger.compare())
    holds = set(stage.hub("""
        SELECT r.entity, h.unit, l.agency, l.local_key FROM casebridge.hold h
          JOIN casebridge.record r ON r.id = h.record
          JOIN casebridge.link l ON l.record = h.record AND l.state = 'live'"""))
    for difference in proof.comparison.differences:
        (proof.held if _waits(difference, holds) else proof.divergent).append(difference)
    return proof


def _waits(difference, holds):
    entity = ENTITIES[difference.what]
    unit = UNITS.get(difference.field, difference.field)
    if difference.field.startswith("missing"):
        unit = NAMES.get(difference.what)
    return ((entity, unit, "sp", difference.sp_key) in holds or (entity, unit, "es", difference.es_key) in holds)


def recorded_tokens(stage):
    """Tokens of edits that a conflict record of the hub keeps: the versions that were not chosen among them."""
    return {token for (token,) in stage.hub(
        "SELECT DISTINCT m[1] FROM casebridge.conflict c,"
        " regexp_matches(c.versions::text, 'tk-[0-9]+-[a-z]+-[0-9]+', 'g') m")}


def wait_until_quiet(stage, when, seconds):
    """Returns once all that the daemon has read is decided, and shown by the hub, and both sides agree.

    Raises TimeoutError that names what still differs by table, field and key, never by value.
    """
    last = None

    def quiet():
        nonlocal last
        last = prove(stage).divergent
        if last:
            return False
        status = stage.bridge.status()
        return status["journal_seq"] == status["projected_seq"]

    try:
        stage.until(f"both agencies agree {when}", quiet, seconds, interval=0.5)
    except TimeoutError as error:
        raise TimeoutError("\n  ".join([str(error), *map(str, last[:20])])) from None
