"""The files that operators get, and what the program says about itself, for the tests beside this file and tests/system.

Nothing here needs a server. `promtool` comes from `scripts/setup test`; CASEBRIDGE_PROMTOOL names another one.
"""

import json
import os
import re
import shutil
import subprocess

import yaml

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
MONITORING = os.path.join(ROOT, "monitoring")
RULES = os.path.join(MONITORING, "alerts.yml")
RULE_TESTS = os.path.join(MONITORING, "alerts_test.yml")
DASHBOARD = os.path.join(MONITORING, "grafana_dashboard.json")


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


def promtool(*arguments, stdin=None):
    """The finished process of `promtool <arguments>`."""
    named = os.environ.get("CASEBRIDGE_PROMTOOL")
    unpacked = os.path.join(ROOT, "build", "tools", "promtool")
    program = named or (unpacked if os.access(unpacked, os.X_OK) else shutil.which("promtool"))
    if program is None:
        raise FileNotFoundError("promtool is not there: run `scripts/setup test`")
    return subprocess.run([program, *arguments], input=stdin, stdin=None if stdin else subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def alerts():
    """The alert rules by name."""
    rules = [rule for group in yaml.safe_load(read("monitoring", "alerts.yml"))["groups"] for rule in group["rules"]]
    return {rule["alert"]: rule for rule in rules}


def dashboard():
    return json.loads(read("monitoring", "grafana_dashboard.json"))


def panels(board):
    """All panels that show something, rows left out."""
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def without_variables(expr):
    """An expression of the dashboard as Prometheus reads it."""
    expr = expr.replace("$__rate_interval", "5m")
    return re.sub(r"\$(job|agency)\b", ".*", expr)


# ---- what the program says about itself ----------------------------------------------------------------------------------


def metric_types():
    """Type by name of every metric, as the golden file of the telemetry tests has them."""
    return {words[0]: words[1] for words in map(str.split, read("tests", "telemetry", "golden", "metrics.txt").splitlines())}


def event_codes():
    return re.findall(r"EventMeaning\{EventCode::(\w+), \"", read("telemetry", "event_codes.hpp"))


def selectors(expr):
    """(metric, {label: (operator, text)}) of everything that an expression selects."""
    found = []
    for name, labels in re.findall(r"\b(casebridge_\w+)(?:\{([^}]*)\})?", expr):
        matchers = {label: (operator, text) for label, operator, text in re.findall(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"', labels)}
        found.append((name, matchers))
    return found


def series_names():
    """Every name that a sample can have: that of its metric, with suffixes for histograms."""
    names = set()
    for name, kind in metric_types().items():
        names |= {name + suffix for suffix in ("_bucket", "_sum", "_count")} if kind == "histogram" else {name}
    return names


def runbook_entries():
    """The runbook's entries, text by heading. A heading of the third level begins one, any other ends it."""
    entries, heading = {}, None
    for line in read("docs", "runbook.md").splitlines():
        if line.startswith("#"):
            heading = line[4:].strip().strip("`") if line.startswith("### ") else None
            if heading in entries:
                raise ValueError(f"the runbook has two entries {heading}")
            if heading is not None:
                entries[heading] = ""
        elif heading is not None:
            entries[heading] += line + "\n"
    return entries
