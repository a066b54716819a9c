"""W1 and W3: a backlog is written while nothing copies; then the time from the start of the copying until the other side
is equal."""

import time

from support.cluster import wait_for

PEOPLE = 20_000
SMALL_TRANSACTIONS = 100_000
COPIED_ROWS = 500_000
DRAIN_SECONDS_MAX = 1_800
LOOK_EVERY_SECONDS = 0.02


class NotEqual(RuntimeError):
    """The sides did not become equal in time; the text says how far the copying came."""


def write_small_transactions(contestant, round_no, size):
    """100,000 transactions of one row each. The source does not wait for its disk while the backlog is made."""
    count = int(SMALL_TRANSACTIONS * size)
    last = f"L{round_no}"
    connection = contestant.connect("a")
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        cursor.execute(f"CALL bench.small_transactions({round_no}, 1, {count - 1}, {contestant.people})")
        cursor.execute("SET synchronous_commit = on")
        cursor.execute("INSERT INTO bench.service_event (event_no, person_id, kind, happened_on) "
                       "VALUES (%s, 1, 'last', '2026-12-31')", (last,))
    connection.close()
    return count, last


def write_copy(contestant, round_no, size):
    """One COPY of 500,000 new events."""
    count = int(COPIED_ROWS * size)
    connection = contestant.connect("a")
    with connection.cursor() as cursor:
        cursor.copy_expert("COPY bench.service_event (event_no, person_id, kind, happened_on, note) FROM STDIN",
                           _Rows(round_no, count, contestant.people))
    connection.close()
    return count, f"C{round_no}-{count}"


class _Rows:
    """The rows of the COPY as a file that is made while it is read."""

    def __init__(self, round_no, count, people):
        self._lines = (f"C{round_no}-{n}\t{1 + n * 7919 % people}\tvisit\t2026-01-{1 + n % 28:02}\tevent {n}\n"
                       for n in range(1, count + 1))

    def read(self, _size=-1):
        return "".join(line for line, _ in zip(self._lines, range(2_000)))


WRITERS = {"W1": write_small_transactions, "W3": write_copy}


def _digest(contestant, side):
    return contestant.query(side, "SELECT bench.digest()")[0][0]


def _wait_for_equality(contestant, last, wanted):
    """Returns the time and the CPU seconds at which the other side was equal."""
    connection = contestant.connect("b")
    try:
        with connection.cursor() as cursor:
            def last_is_there():
                contestant.check_alive()
                cursor.execute("SELECT 1 FROM bench.service_event WHERE event_no = %s", (last,))
                return cursor.fetchone() is not None

            wait_for(last_is_there, DRAIN_SECONDS_MAX, "the last row", LOOK_EVERY_SECONDS)
            seen = []

            def equal():
                contestant.check_alive()
                seen[:] = [time.monotonic(), contestant.cpu_seconds()]
                return _digest(contestant, "b") == wanted

            wait_for(equal, DRAIN_SECONDS_MAX, "equality", 0.5)
            return seen
    except TimeoutError as late:
        raise NotEqual(f"{late}; at the source {wanted}, at the target {_digest(contestant, 'b')}") from late
    finally:
        connection.close()


def drain(contestant, workload, round_no, size):
    changes, last = WRITERS[workload](contestant, round_no, size)
    wanted = _digest(contestant, "a")
    contestant.rest()
    cpu_before = contestant.cpu_seconds()
    begin = time.monotonic()
    contestant.resume()
    end, cpu_after = _wait_for_equality(contestant, last, wanted)
    memory = contestant.peak_memory_bytes()
    contestant.pause()
    if _digest(contestant, "a") != wanted:
        raise NotEqual("the source is not what it was before: something was written back")
    return {
        "changes": changes,
        "seconds": end - begin,
        "changes_per_second": changes / (end - begin),
        "cpu_seconds_per_100000_changes": (cpu_after - cpu_before) * 100_000 / changes,
        "daemon_peak_bytes": memory,
    }
