"""L200: from the return of COMMIT on one side to a notification on the other, at 200 transactions per second.

Senders and listener are processes of their own and outside the contestant; all read the same monotonic clock. The
listener learns of a row by NOTIFY from a trigger that fires for replicated rows too.
"""

import multiprocessing
import os
import select
import threading
import time

from support.cluster import wait_for

RATE_PER_SECOND = 200
SECONDS = 30
PATIENCE_SECONDS = 120
SENDERS = 8  # A COMMIT may take longer than the pause between two transactions.
HERE = os.path.dirname(os.path.abspath(__file__))


def _send(connect, numbers, begin, round_no, people, sent):
    """Every second transaction inserts an event, the others update one person. Does not wait for what is late: the next
    one starts at its own time."""
    connection = connect("a")
    pause = threading.Event()
    times = {}
    with connection.cursor() as cursor:
        for n in numbers:
            pause.wait(max(0.0, begin + n / RATE_PER_SECOND - time.monotonic()))
            mark = f"P{round_no}-{n}"
            who = 1 + n * 7919 % people
            if n % 2:
                cursor.execute("UPDATE bench.person SET phone = %s WHERE id = %s", (mark, who))
            else:
                cursor.execute("INSERT INTO bench.service_event (event_no, person_id, kind, happened_on) "
                               "VALUES (%s, %s, 'visit', '2026-06-01')", (mark, who))
            times[mark] = time.monotonic()
    sent.put(times)


def _listen(connect, ready, marks, seen):
    """Puts mark → time once all `marks` were seen, or whatever was seen when nothing new came for too long."""
    connection = connect("b")
    times = {}
    with connection.cursor() as cursor:
        cursor.execute("LISTEN visible")
        ready.set()
        while not marks <= times.keys():
            if not select.select([connection], [], [], PATIENCE_SECONDS)[0]:
                break
            connection.poll()
            now = time.monotonic()
            for notify in connection.notifies:
                times.setdefault(notify.payload, now)
            connection.notifies.clear()
    seen.put(times)


def percentile(ordered, share):
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _digests_equal(contestant):
    contestant.check_alive()
    return contestant.query("a", "SELECT bench.digest()") == contestant.query("b", "SELECT bench.digest()")


def measure_latency(contestant, round_no, size):
    if round_no == 1:
        contestant.side("b").psql(os.path.join(HERE, "announce.sql"), "bench")
    count = int(RATE_PER_SECOND * SECONDS * size)
    contestant.rest()
    contestant.resume()
    _warm_up(contestant, round_no)
    cpu_before = contestant.cpu_seconds()
    context = multiprocessing.get_context("fork")
    sent, seen, ready = context.Queue(), context.Queue(), context.Event()
    marks = {f"P{round_no}-{n}" for n in range(count)}
    listener = context.Process(target=_listen, args=(contestant.connect, ready, marks, seen), daemon=True)
    listener.start()
    ready.wait(30)
    begin = time.monotonic() + 0.5
    senders = [context.Process(target=_send, daemon=True, args=(contestant.connect, range(which, count, SENDERS), begin,
                                                                round_no, contestant.people, sent))
               for which in range(SENDERS)]
    for sender in senders:
        sender.start()
    sent_at = {}
    for _ in senders:
        sent_at.update(sent.get(timeout=SECONDS * 10))
    seen_at = seen.get(timeout=PATIENCE_SECONDS * 2)
    for process in (*senders, listener):
        process.join()
    cpu_after = contestant.cpu_seconds()
    memory = contestant.peak_memory_bytes()
    wait_for(lambda: _digests_equal(contestant), PATIENCE_SECONDS, "both sides are equal", 0.5)
    contestant.pause()
    ordered = sorted((seen_at[mark] - at) * 1000 for mark, at in sent_at.items() if mark in seen_at)
    return {
        "transactions": count,
        "never_seen": count - len(ordered),
        "sent_per_second": count / (max(sent_at.values()) - begin),
        "p50_ms": percentile(ordered, 0.50),
        "p90_ms": percentile(ordered, 0.90),
        "p99_ms": percentile(ordered, 0.99),
        "max_ms": ordered[-1],
        "cpu_seconds_per_100000_changes": (cpu_after - cpu_before) * 100_000 / count,
        "daemon_peak_bytes": memory,
    }


def _warm_up(contestant, round_no):
    """One change has to arrive before the clock starts."""
    mark = f"W{round_no}"
    contestant.query("a", f"UPDATE bench.person SET phone = '{mark}' WHERE id = 1")

    def arrived():
        contestant.check_alive()
        return contestant.query("b", f"SELECT 1 FROM bench.person WHERE national_id = 'N1' AND phone = '{mark}'")

    wait_for(arrived, PATIENCE_SECONDS, "the first change arrives")
