"""Kills the daemon and crashes the three servers, again and again, under load; then asks the independent ledger.

    kill_loop.py [--kills 20] [--seconds 0] [--seed 1] [--rate 30] [--people 300]

Each of the four victims falls `--kills` times, in an order and at moments that follow from the seed; `--seconds` ends the loop
earlier. The servers run with fsync on and are stopped in the `immediate` mode; the daemon gets SIGKILL. A daemon that ends by
itself with 69 is started again, as systemd does; any other end of its own is a failure. Afterwards the load ends, everything
must become silent, and then nothing may be lost, doubled, written astray, or different without the hub naming that very field.

The last line of output is one JSON object. Exit code 0: all well; 1: not.
"""

import argparse
import json
import random
import sys
import threading
import time
from collections import Counter

from support.cluster import close_on_signals
from support.daemon import Daemon, DaemonError
from support.ledger import Ledger
from support.verdict import judge
from support.workload import Workload
from support.world import World

UNAVAILABLE = 69


class Loop:
    def __init__(self, world, daemon, rng):
        self.world = world
        self.daemon = daemon
        self.rng = rng
        self.falls = Counter()
        self.own_ends = Counter()      # exit codes of daemons that ended by themselves
        self.pause = threading.Event()

    def run(self, kills, seconds):
        victims = ["daemon", "sp", "es", "hub"] * kills
        self.rng.shuffle(victims)
        deadline = time.monotonic() + seconds if seconds else None
        for victim in victims:
            # Short pauses too, so that the next blow meets a recovery from the one before.
            self.wait(self.rng.choice([0.1, 0.5, 1.0, 2.0]) * self.rng.random())
            if deadline and time.monotonic() > deadline:
                break
            self.fell(victim)
            self.falls[victim] += 1

    def fell(self, victim):
        away = self.rng.choice([0, 0.2, 1.0]) * self.rng.random()
        if victim == "daemon":
            if self.daemon.alive():
                self.daemon.kill()
                self.pause.wait(away)
                self.daemon.start(ready=False)
            return
        cluster = self.world.agency(victim)
        cluster.crash()
        self.wait(away)
        cluster.start()

    def wait(self, seconds):
        """Lets time pass and keeps a daemon running, as a service manager would."""
        end = time.monotonic() + seconds
        while True:
            self.keep_running()
            rest = end - time.monotonic()
            if rest <= 0:
                return
            self.pause.wait(min(rest, 0.1))

    def keep_running(self):
        if self.daemon.alive():
            return
        code = self.daemon.process.poll()
        self.own_ends[code] += 1
        if code != UNAVAILABLE:
            print(f"the daemon ended by itself with {code}; its log ends:\n{self.daemon.log_text()[-3000:]}", flush=True)
        self.daemon.kill()
        self.daemon.start(ready=False)


def settle(loop, seconds):
    """Waits for silence while keeping the daemon running; returns the seconds it took."""
    start = time.monotonic()
    while True:
        loop.keep_running()
        try:
            loop.daemon.wait_until_silent(5)
            return time.monotonic() - start
        except TimeoutError as error:
            if time.monotonic() - start > seconds:
                raise TimeoutError(f"not silent within {seconds} s: {error}") from None


def report(arguments, loop, workload, verdict, settled):
    result = {
        "seed": arguments.seed,
        "falls": dict(loop.falls),
        "own_ends": {str(code): n for code, n in loop.own_ends.items()},
        "edits_committed": len(workload.committed),
        "edits_in_doubt": len(workload.in_doubt),
        "settled_seconds": None if settled is None else round(settled, 1),
        **(verdict.counts() if verdict else {}),
        "explained_by": dict(Counter(why for _, why in verdict.explained)) if verdict else {},
    }
    result["good"] = bool(verdict and verdict.good and settled is not None and set(loop.own_ends) <= {UNAVAILABLE})
    return result


def details(verdict, limit=20):
    for name in ("unexplained", "doubled", "lost", "vanished", "orphans", "stray_writes"):
        for item in getattr(verdict, name)[:limit]:
            print(f"{name}: {item}")


def run(arguments):
    rng = random.Random(f"kill loop {arguments.seed}")
    with World(people=arguments.people, seed=arguments.seed, fsync=True) as world:
        ledger = Ledger(world)
        daemon = Daemon(world)
        daemon.setup()
        daemon.start()
        try:
            daemon.wait_until_silent(60)
            workload = Workload(world, seed=arguments.seed)
            loop = Loop(world, daemon, rng)
            verdict = settled = None
            try:
                with workload.running(per_second=arguments.rate):
                    workload.wait_for_edits(10, 30)
                    loop.run(arguments.kills, arguments.seconds)
                settled = settle(loop, arguments.settle)
            except (TimeoutError, DaemonError) as error:
                print(error)
            verdict = judge(ledger, daemon, workload)
            details(verdict)
            if settled is None or not verdict.good:
                inspect(arguments, world, daemon)
        finally:
            daemon.kill()
    return report(arguments, loop, workload, verdict, settled)


def inspect(arguments, world, daemon):
    print(f"the daemon's log ends:\n{daemon.log_text()[-4000:]}", flush=True)
    if arguments.keep:
        print(f"kept for inspection: {world.directory}, servers at "
              f"{ {name: cluster.directory for name, cluster in world.clusters.items()} }; end by Ctrl-C", flush=True)
        threading.Event().wait()


def main():
    parser = argparse.ArgumentParser(description="Kills everything under load and asks the ledger what became of the edits.")
    parser.add_argument("--kills", type=int, default=20, help="how often each of the four victims falls")
    parser.add_argument("--seconds", type=float, default=0, help="ends the killing earlier; 0: when all have fallen")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=30, help="edits a second, both agencies together")
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--settle", type=float, default=120, help="seconds allowed to become silent afterwards")
    parser.add_argument("--keep", action="store_true", help="leave everything running after a failure, for inspection")
    arguments = parser.parse_args()
    close_on_signals()
    result = run(arguments)
    print(json.dumps(result))
    return 0 if result["good"] else 1


if __name__ == "__main__":
    sys.exit(main())
