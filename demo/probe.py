"""Measures from outside how long an edit takes to the other agency.

A trigger at each agency sends a NOTIFY with the new e-mail address of a person, in the transaction that changes it; so the
notification is heard when that transaction has committed. The clock runs from before the UPDATE is sent to one agency
until the notification of the same address is heard from the other. One clock, one process; the daemon is not asked.
"""

import math
import select
import time

TRIGGERS = {
    "sp": """
        CREATE SCHEMA probe;
        CREATE FUNCTION probe.tell() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_notify('probe', NEW.email); RETURN NULL; END $$;
        CREATE TRIGGER zz_probe AFTER UPDATE ON sp.person FOR EACH ROW
            WHEN (NEW.email IS DISTINCT FROM OLD.email) EXECUTE FUNCTION probe.tell()""",
    "es": """
        CREATE SCHEMA probe;
        CREATE FUNCTION probe.tell() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_notify('probe', NEW.contact ->> 'email'); RETURN NULL; END $$;
        CREATE TRIGGER zz_probe AFTER UPDATE ON jobs."JobSeeker" FOR EACH ROW
            WHEN (NEW.contact ->> 'email' IS DISTINCT FROM OLD.contact ->> 'email') EXECUTE FUNCTION probe.tell()""",
}
EDITS = {
    "sp": "UPDATE sp.person SET email = %s, updated_at = now() WHERE national_id = %s",
    "es": """UPDATE jobs."JobSeeker" SET contact = jsonb_set(contact, '{email}', to_jsonb(%s::text)) WHERE nin = %s""",
}
OTHER = {"sp": "es", "es": "sp"}


def measure(world, people, edits, seconds):
    """Edits the e-mail addresses of `people` (national ids) at the agencies in turn, one after the other.

    Returns the milliseconds of each edit, sorted. Raises TimeoutError if one has not arrived after `seconds`.
    """
    writers, listeners = {}, {}
    try:
        for agency in ("sp", "es"):
            world.agency(agency).query(TRIGGERS[agency], database=agency)
            writers[agency] = world.agency(agency).connect(agency, "application", "probe")
            listeners[agency] = world.agency(agency).connect(agency, "application", "probe")
            with listeners[agency].cursor() as cursor:
                cursor.execute("LISTEN probe")
        return sorted(_one(n, people[n // 2 % len(people)], writers, listeners, seconds) for n in range(edits))
    finally:
        for connection in [*writers.values(), *listeners.values()]:
            connection.close()


def _one(number, person, writers, listeners, seconds):
    agency = ("sp", "es")[number % 2]
    address = f"probe{number}@example.org"
    with writers[agency].cursor() as cursor:
        begin = time.monotonic()
        cursor.execute(EDITS[agency], (address, person))
        if cursor.rowcount != 1:
            raise RuntimeError(f"the probe found {cursor.rowcount} rows to edit at {agency}")
    _hear(listeners[OTHER[agency]], address, begin + seconds)
    return (time.monotonic() - begin) * 1000


def _hear(connection, address, deadline):
    while True:
        connection.poll()
        while connection.notifies:
            if connection.notifies.pop(0).payload == address:
                return
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("an edit of the probe has not reached the other agency")
        select.select([connection], [], [], left)


def percentile(ordered, share):
    """The smallest value that at least `share` of the values do not exceed."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
