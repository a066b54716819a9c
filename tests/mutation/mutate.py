"""Makes small mistakes in the code that merges, plans deliveries and tracks what is confirmed, and asks who notices.

docs/mutation.md explains what is measured and what to do with a survivor.
"""

import argparse
import concurrent.futures
import json
import os
import signal
import sys
import time

from selection import Mistake, all_mutants, at, in_order_of, mutated_files, read_json, without_equivalent
from trial import ROOT, Build, BuildFailed, Outcome, Trials

CAUGHT_PERCENT_MIN = 90


class Setting:
    quick = {"mutants": 12, "histories": 300}
    full = {"mutants": 60, "histories": 2000}


def arguments_from(words):
    parser = argparse.ArgumentParser(prog="scripts/mutate", description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--quick", action="store_true", help="12 mutants and 300 histories: under 5 minutes on 2 processors")
    parser.add_argument("--seed", type=_from(0), default=1, help="chooses the sample (default 1)")
    parser.add_argument("--mutants", type=_from(1), help="how many are tried (default 60)")
    parser.add_argument("--jobs", type=_from(1), default=os.cpu_count() or 1, help="how many at once (default: one a processor)")
    parser.add_argument("--at", metavar="FILE[:LINE]", help="only mutants of this file or line")
    parser.add_argument("--list", action="store_true", help="only print the sample, one JSON object a line")
    parser.add_argument("--build", default=os.path.join(ROOT, "build", "mutate"), help="build directory (default build/mutate)")
    chosen = parser.parse_args(words)
    setting = Setting.quick if chosen.quick else Setting.full
    chosen.mutants = chosen.mutants or setting["mutants"]
    chosen.histories = setting["histories"]
    return chosen


def _from(least):
    def number(text):
        value = int(text)
        if value < least:
            raise ValueError
        return value

    return number


def described(mutant):
    return {"file": mutant.file, "line": mutant.line, "operator": mutant.operator, "before": mutant.before, "after": mutant.after}


def last_line(results):
    """What the run says in the end, of (mutant, outcome) in any order; mutants that did not compile do not count."""
    counted = [(mutant, outcome) for mutant, outcome in results if outcome is not Outcome.NOT_COMPILED]
    survivors = sorted(mutant for mutant, outcome in counted if outcome is Outcome.SURVIVED)
    return json.dumps({
        "mutants": len(counted),
        "caught": len(counted) - len(survivors),
        "survivors": [described(mutant) for mutant in survivors],
    })


def enough(results):
    counted = [outcome for _, outcome in results if outcome is not Outcome.NOT_COMPILED]
    return 100 * counted.count(Outcome.CAUGHT) >= CAUGHT_PERCENT_MIN * len(counted)


def judge_sample(candidates, wanted, jobs, judge):
    """Judges the first `wanted` candidates that compile, several at once. The answer does not depend on how long each takes."""
    waiting = iter(candidates)
    results = []
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        running = {}
        try:
            while True:
                decided = sum(outcome is not Outcome.NOT_COMPILED for _, outcome in results)
                while decided + len(running) < wanted and (mutant := next(waiting, None)) is not None:
                    running[pool.submit(judge, mutant)] = mutant
                if not running:
                    return results
                done, _ = concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED)
                for future in done:
                    results.append((running.pop(future), future.result()))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def fingerprint(root):
    """Size and age of every source that mutants are compiled from, to notice an edit meanwhile."""
    seen = []
    for directory, below, files in os.walk(root):
        below[:] = sorted(name for name in below if not name.startswith(".") and name not in ("build", "tests"))
        for name in sorted(files):
            if name.endswith((".hpp", ".cpp")):
                status = os.stat(os.path.join(directory, name))
                seen.append((directory, name, status.st_size, status.st_mtime_ns))
    return seen


def run(chosen):
    mutants = without_equivalent(all_mutants(mutated_files()), read_json("equivalent_mutants.json"))
    if chosen.at:
        mutants = at(mutants, chosen.at)
    candidates = in_order_of(chosen.seed, mutants)
    if chosen.list:
        for mutant in candidates[:chosen.mutants]:
            print(json.dumps(described(mutant)))
        return 0
    build = Build(os.path.abspath(chosen.build))
    with build.claim():
        return measure(chosen, candidates, build)


def measure(chosen, candidates, build):
    begun = time.monotonic()
    before = fingerprint(ROOT)
    say(f"building in {build.directory}")
    build.prepare(chosen.jobs)
    trials = Trials(build, chosen.histories)

    def interrupt(number, _):
        trials.stop()
        sys.exit(128 + number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, interrupt)

    def judge(mutant):
        start = time.monotonic()
        verdict = trials.judge(mutant)
        say(f"{verdict.outcome.value:12} {mutant.file}:{mutant.line} {mutant.operator}: {mutant.before} -> {mutant.after}"
            f"  [{verdict.by or '-'}, {time.monotonic() - start:.0f} s]")
        return verdict.outcome

    try:
        say("the same way with nothing changed")
        trials.measure(sorted({os.path.dirname(mutant.file): mutant.file for mutant in candidates}.values()))
        say(f"{chosen.mutants} of {len(candidates)} mutants, seed {chosen.seed}")
        results = judge_sample(candidates, chosen.mutants, chosen.jobs, judge)
    finally:
        trials.stop()
    if fingerprint(ROOT) != before:
        raise BuildFailed("sources were edited meanwhile, so mutants and tests do not fit together: run it again")
    say(f"{time.monotonic() - begun:.0f} s")
    print(last_line(results), flush=True)
    return 0 if enough(results) else 1


def say(text):
    print(f"mutate: {text}", file=sys.stderr, flush=True)


def main(words):
    chosen = arguments_from(words)
    try:
        return run(chosen)
    except (Mistake, BuildFailed) as mistake:
        say(mistake)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
