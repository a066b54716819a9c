#!/usr/bin/python3
"""How long an edit takes to the other agency while both are edited steadily.

    tests/system/latency_probe.py [--rate 20] [--seconds 30] [--people 3000]

Edits go to the agencies in turn at the given rate, each to another person that both know, so that none replaces another on
its way. A trigger at each agency notifies in the transaction that changes the row. The clock runs from before the UPDATE is
sent until the notification is heard at the other agency: one clock, one process, the daemon is not asked. Prints p50, p99
and the maximum; servers write with fsync. Ends with 1 when an edit did not arrive. CASEBRIDGE_EXE names the program.
"""

import argparse
import contextlib
import select
import sys
import threading
import time

from support.cluster import close_on_signals
from support.daemon import Daemon
from support.world import World

OTHER = {"sp": "es", "es": "sp"}
ROWS = {"sp": ("sp.person", "national_id", "{}.email"), "es": ('jobs."JobSeeker"', "nin", "{}.contact ->> 'email'")}
EDITS = {
    "sp": "UPDATE sp.person SET email = %s, updated_at = now() WHERE national_id = %s",
    "es": """UPDATE jobs."JobSeeker" SET contact = jsonb_set(contact, '{email}', to_jsonb(%s::text)) WHERE nin = %s""",
}


def install(world):
    for agency, (table, _, email) in ROWS.items():
        world.agency(agency).query(
            "CREATE SCHEMA probe; CREATE FUNCTION probe.tell() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN PERFORM pg_notify('probe', {email.format('NEW')}); RETURN NULL; END $$;"
            f"CREATE TRIGGER zz_probe AFTER UPDATE ON {table} FOR EACH ROW"
            f" WHEN ({email.format('NEW')} IS DISTINCT FROM {email.format('OLD')}) EXECUTE FUNCTION probe.tell();"
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER zz_probe", database=agency)


def known_to_both(world):
    """National ids of people with exactly one row at each agency."""
    sides = []
    for agency, (table, key, _) in ROWS.items():
        rows = world.agency(agency).query(f"SELECT {key} FROM {table} WHERE {key} IS NOT NULL GROUP BY 1 HAVING count(*) = 1",
                                          database=agency)
        sides.append({national_id for (national_id,) in rows})
    return sorted(sides[0] & sides[1])


def _edit(connections, people, rate, sent):
    begin = time.monotonic()
    pause = threading.Event()
    for number, person in enumerate(people):
        pause.wait(max(0.0, begin + number / rate - time.monotonic()))
        agency = ("sp", "es")[number % 2]
        address = f"steady{number}@example.org"
        sent[OTHER[agency], address] = time.monotonic()
        with connections[agency].cursor() as cursor:
            cursor.execute(EDITS[agency], (address, person))


def _listen(connections, expected, seconds):
    """(agency, address) → time of each notification, until `expected` were heard at the other side or time is over."""
    heard = {}
    agencies = {connection: agency for agency, connection in connections.items()}
    deadline = time.monotonic() + seconds
    while not expected <= heard.keys() and time.monotonic() < deadline:
        for connection in select.select(list(agencies), [], [], 0.5)[0]:
            connection.poll()
            now = time.monotonic()
            for notify in connection.notifies:
                heard.setdefault((agencies[connection], notify.payload), now)
            connection.notifies.clear()
    return heard


def measure(world, people, rate, patience_seconds=60):
    """One edit of each of `people`. Returns the milliseconds of those that arrived, sorted, and the number of the others."""
    install(world)
    with contextlib.ExitStack() as stack:
        def connect(agency):
            return stack.enter_context(contextlib.closing(world.agency(agency).connect(agency, "application", "probe")))

        writers = {agency: connect(agency) for agency in OTHER}
        listeners = {agency: connect(agency) for agency in OTHER}
        for listener in listeners.values():
            with listener.cursor() as cursor:
                cursor.execute("LISTEN probe")
        sent = {}
        expected = {(("es", "sp")[number % 2], f"steady{number}@example.org") for number in range(len(people))}
        editor = threading.Thread(target=_edit, args=(writers, people, rate, sent))
        editor.start()
        heard = _listen(listeners, expected, len(people) / rate + patience_seconds)
        editor.join()
    times = sorted((heard[key] - at) * 1000 for key, at in sent.items() if key in heard)
    return times, len(expected - heard.keys())


def percentile(ordered, share):
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def main():
    close_on_signals()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=20, help="edits a second, half of them at each agency")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--people", type=int, default=3000)
    options = parser.parse_args()
    with World(people=options.people, seed=5, fsync=True) as world:
        daemon = Daemon(world)
        daemon.setup()
        with daemon.running():
            daemon.wait_until_silent(120)
            people = known_to_both(world)[:int(options.rate * options.seconds)]
            times, missing = measure(world, people, options.rate)
    if not times:
        print(f"none of {len(people)} edits arrived")
        return 1
    print(f"{len(people)} edits at {options.rate:g}/s: p50 {percentile(times, 0.5):.1f} ms, p99 {percentile(times, 0.99):.1f} ms,"
          f" max {times[-1]:.1f} ms, missing {missing}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
