"""Two agencies, one bridge, one household: shows casebridge at work and proves the result. Run it by scripts/demo."""

import argparse
import datetime
import json
import os
import signal
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests", "system"))

import psycopg2  # noqa: E402
from support.cluster import ClusterError  # noqa: E402
from support.ledger import DELIVERY_ROLE, Ledger  # noqa: E402
from support.world import World  # noqa: E402

import story  # noqa: E402
from bridge import Bridge, BridgeError  # noqa: E402
from interruption import end_on_signals, ignore_signals, uninterrupted  # noqa: E402
from probe import percentile  # noqa: E402
from proof import prove  # noqa: E402
from stage import Stage  # noqa: E402
from terminal import Terminal  # noqa: E402


def options():
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__, epilog=(
        "Exit status: 0 both agencies agree, 1 something does not agree or did not work, 130 and 143 interrupted; with --keep an interruption is the end."))
    parser.add_argument("--people", type=int, default=5000, metavar="N", help="people at social protection (default 5000)")
    parser.add_argument("--seed", type=int, default=1, help="another made-up population (default 1)")
    parser.add_argument("--json", action="store_true", help="make the last line one JSON object")
    parser.add_argument("--keep", action="store_true", help="leave everything running to look around until Ctrl-C")
    chosen = parser.parse_args()
    if chosen.people < 0:
        parser.error("--people takes a number from 0 up")
    return chosen


def valid_today(files):
    """The sample's agreements with days around today, so that the demo works on any date."""
    today = datetime.date.today()
    for agreement in files["bridge.jsonc"]["agreements"]:
        agreement["valid"] = [str(today - datetime.timedelta(days=30)), str(today + datetime.timedelta(days=365))]


def tell(stage, people):
    """The whole story; returns what --json prints."""
    story.first_contact(stage, people)
    story.registration(stage)
    plans = story.joint_plan(stage)
    story.concurrent_edit(stage)
    story.disputed_edit(stage, *plans)
    story.killed_daemon(stage)
    milliseconds = story.latency(stage)
    return conclude(stage, people, milliseconds)


def conclude(stage, people, milliseconds):
    terminal = stage.terminal
    terminal.step("The proof, by SQL at both agencies: do they agree?")
    proof = prove(stage)
    status = stage.bridge.status()
    changes = sum(stage.rows(agency, "SELECT count(*) FROM ledger.entry WHERE who <> %s", (DELIVERY_ROLE,))[0][0]
                  for agency in ("sp", "es"))
    found = proof.comparison
    terminal.table(("pairs of", "number"), [
        ("people", found.linked), ("plans", found.plans), ("steps", found.activities),
        ("columns that differ and wait for a person", len(proof.held)),
        ("columns that differ for no known reason", len(proof.divergent))])
    for (what, field), number in sorted(_counted(proof.divergent).items()):
        stage.expect(False, f"{number} {what}.{field} differ")
    strays = stage.ledger.stray_writes()
    stage.expect(not strays, f"casebridge wrote outside its columns: {strays}")
    parked = sum(agency["parked_keys"] + agency["refusals"] for agency in status["agencies"].values())
    terminal.say(f"""{changes} changes by people, {status['conflicts']} conflicts recorded, {status['holds']} fields on hold.
        {found.unshareable} people at sp have a name that cannot be taken apart; {parked} rows are parked for that or wait for
        such a row, and nothing is guessed.""")
    return {
        "people": people, "changes": changes, "conflicts": status["conflicts"], "held": status["holds"],
        "parked": parked, "divergent": len(proof.divergent), "linked": found.linked, "plans": found.plans,
        "latency_ms": {"p50": round(percentile(milliseconds, 0.5), 2), "p99": round(percentile(milliseconds, 0.99), 2),
                       "edits": len(milliseconds)},
    }


def _counted(differences):
    counts = {}
    for difference in differences:
        name = (difference.what, difference.field)
        counts[name] = counts.get(name, 0) + 1
    return counts


def look_around(stage):
    terminal = stage.terminal
    terminal.step("Look around; Ctrl-C ends it and removes everything")
    for agency in ("sp", "es"):
        terminal.command(f"psql '{stage.world.agency(agency).conninfo(agency, 'application')}'")
    terminal.command(f"psql '{stage.world.hub.conninfo('hub')}'")
    terminal.command(f"{stage.bridge.executable} status --config {stage.bridge.configuration}")
    terminal.command(f"curl http://{stage.bridge.address}/metrics")
    terminal.command(f"less {stage.bridge.log}")
    terminal.say(f"""Edit either side and look at the other: sp.person with national_id '{story.MOTHER}' is jobs."JobSeeker" with
        that nin. The hub's schema casebridge holds the tables journal, record, link, conflict and hold.""")


def take_down(stage):
    terminal = stage.terminal
    terminal.step("The end: the daemon stops in order, and nothing stays at the agencies")
    terminal.command("kill -TERM", str(stage.bridge.pid))
    code = stage.bridge.stop()
    stage.expect(code == 0, f"the daemon ended with {code}")
    terminal.command("casebridge teardown")
    for line in stage.bridge.command("teardown").splitlines():
        terminal.say(line)
    for agency in ("sp", "es"):
        left = stage.rows(agency, """SELECT (SELECT count(*) FROM pg_replication_slots) + (SELECT count(*) FROM pg_publication)
                                          + (SELECT count(*) FROM pg_replication_origin)""")[0][0]
        stage.expect(left == 0, f"{left} slots, publications or origins are left at {agency}")


def run(chosen):
    """Returns the exit status."""
    terminal = Terminal()
    terminal.say(f"Three PostgreSQL servers are started, with {chosen.people} made-up people.")
    world = None
    try:
        with uninterrupted():
            world = World(people=chosen.people, seed=chosen.seed)
        with world:
            return _run_in(world, terminal, chosen)
    except (BridgeError, ClusterError, TimeoutError, RuntimeError, OSError, psycopg2.Error) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    finally:
        ignore_signals()
        if world is not None:
            world.close()


def _run_in(world, terminal, chosen):
    bridge = Bridge(os.environ["CASEBRIDGE_EXE"], world.write_configuration(valid_today),
                    os.path.join(world.directory, "casebridge.log"))
    stage = Stage(world, bridge, Ledger(world), terminal)
    try:
        facts = tell(stage, chosen.people)
        if chosen.keep:
            look_around(stage)
        else:
            take_down(stage)
        status = finish(stage, facts, chosen)
        if chosen.keep:
            _wait_for_the_end()
        return status
    except Exception:
        print(f"The end of the daemon's log:\n{bridge.log_tail()}", file=sys.stderr)
        raise
    finally:
        ignore_signals()
        bridge.close()
        stage.close()


def _wait_for_the_end():
    try:
        while True:
            signal.pause()
    except SystemExit:  # asked for, so it is no failure
        return


def finish(stage, facts, chosen):
    terminal = stage.terminal
    terminal.line()
    if stage.differences:
        terminal.say("It does not agree: " + "; ".join(stage.differences) + ".")
    else:
        latency = facts["latency_ms"]
        terminal.say(f"""Both agencies agree. p50 {latency['p50']} ms, p99 {latency['p99']} ms from an edit to the other
            agency.""")
    if chosen.json:
        terminal.line(json.dumps(facts))
    return 1 if stage.differences else 0


if __name__ == "__main__":
    end_on_signals()
    sys.exit(run(options()))
