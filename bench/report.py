"""Rounds → summary → text or JSON. `ratio` is casebridge ÷ contestant in changes per second; no other key holds that word."""

import json
import statistics

_NOT_SUMMARISED = ("changes", "transactions", "failure")


def summary(rounds):
    """Median, minimum and maximum of every figure of the rounds that were finished."""
    result = {}
    good = [entry for entry in rounds if "failure" not in entry]
    for key in good[0] if good else ():
        values = [entry[key] for entry in good if entry[key] is not None]
        if key in _NOT_SUMMARISED:
            result[key] = good[0][key]
        elif values:
            result[key] = {"median": statistics.median(values), "minimum": min(values), "maximum": max(values)}
    return result


def compare(results):
    """Adds `ratio` to every contestant but casebridge, where both have a rate."""
    for contestants in results.values():
        ours = contestants.get("casebridge", {}).get("summary", {}).get("changes_per_second")
        for name, entry in contestants.items():
            theirs = entry["summary"].get("changes_per_second")
            if name != "casebridge" and ours and theirs:
                entry["ratio"] = ours["median"] / theirs["median"]
    return results


def as_json(facts, results):
    return json.dumps({**facts, "workloads": results}, indent=2)


def _figure(value):
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.2f}"


def _line(name, key, spread):
    scale, unit = (1024 * 1024, " MiB") if key.endswith("_bytes") else (1, "")
    words = [_figure(spread[which] / scale) + unit for which in ("median", "minimum", "maximum")]
    return f"  {name:<11} {key:<31} {words[0]:>14} {words[1]:>14} {words[2]:>14}"


def as_text(facts, results):
    lines = [", ".join(f"{key} {value}" for key, value in facts.items())]
    for workload, contestants in results.items():
        lines += ["", f"{workload}  {'':<9} {'':<31} {'median':>14} {'minimum':>14} {'maximum':>14}"]
        for name, entry in contestants.items():
            for key, value in entry["summary"].items():
                lines.append(_line(name, key, value) if isinstance(value, dict) else f"  {name:<11} {key:<31} {value:>14,}")
            if "ratio" in entry:
                lines.append(f"  {name:<11} {'casebridge ÷ this':<31} {entry['ratio']:>14.3f}")
            lines += [f"  {name:<11} failed: {failed['failure']}" for failed in entry["rounds"] if "failure" in failed]
    return "\n".join(lines)
