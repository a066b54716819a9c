#!/usr/bin/env python3
"""Writes grafana_dashboard.json. Run it after a change here; a test compares the two.

    monitoring/make_dashboard.py            # writes the file beside this one
    monitoring/make_dashboard.py --print    # on standard output

One dashboard, from top to bottom in the order of the questions at night: does it work, how late is it, what may be lost, what
waits for people, which part is slow. Panels take their words from docs/metrics.md where they can.
"""

import json
import os
import sys

WIDTH = 24
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
RED, YELLOW, GREEN = "red", "yellow", "green"


def target(expr, legend, ref):
    return {"refId": ref, "expr": expr, "legendFormat": legend, "datasource": DATASOURCE}


def panel(kind, title, description, unit, width, height, *queries, thresholds=(), stack=False, decimals=None):
    """`queries`: (expression, legend). `thresholds`: (colour, from), the first from None."""
    defaults = {"unit": unit, "color": {"mode": "thresholds" if thresholds else "palette-classic"}, "mappings": []}
    if thresholds:
        defaults["thresholds"] = {"mode": "absolute", "steps": [{"color": c, "value": v} for c, v in thresholds]}
    if decimals is not None:
        defaults["decimals"] = decimals
    if kind == "timeseries":
        defaults["custom"] = {"lineWidth": 1, "fillOpacity": 20 if stack else 5, "showPoints": "never",
                              "stacking": {"mode": "normal" if stack else "none", "group": "A"}}
        options = {"legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
                   "tooltip": {"mode": "multi", "sort": "desc"}}
    else:
        options = {"reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}, "colorMode": "background",
                   "graphMode": "none", "justifyMode": "auto", "orientation": "auto", "textMode": "auto"}
    return {"type": kind, "title": title, "description": description, "datasource": DATASOURCE, "size": (width, height),
            "targets": [target(expr, legend, chr(ord("A") + n)) for n, (expr, legend) in enumerate(queries)],
            "fieldConfig": {"defaults": defaults, "overrides": []}, "options": options}


def stat(title, description, unit, width, *queries, thresholds, decimals=None):
    return panel("stat", title, description, unit, width, 4, *queries, thresholds=thresholds, decimals=decimals)


def series(title, description, unit, width, *queries, stack=False):
    return panel("timeseries", title, description, unit, width, 8, *queries, stack=stack)


def quantile(q, name, by):
    """Of a histogram, over the panel's rate interval."""
    return f"histogram_quantile({q}, sum by ({by}) (rate({name}_bucket{{{HERE}}}[$__rate_interval])))"


HERE = 'job=~"$job"'
OF_AGENCY = 'job=~"$job", agency=~"$agency"'

ROWS = [
    ("Does it work?", [
        stat("Leaders", "Daemons that have the lead. Exactly one does the work; a standby counts as none.", "none", 3,
             (f"sum(casebridge_leader{{{HERE}}})", "leading"), thresholds=((RED, None), (GREEN, 1), (RED, 2))),
        stat("Halves that work", "Streams that are read and lanes that can be written to, of two for each agency.", "percentunit", 3,
             (f'(sum(casebridge_stream_state{{{OF_AGENCY}, state=~"streaming|surveying|waiting"}} and on (job, instance)'
              f' casebridge_leader == 1) + sum(casebridge_lane_state{{{OF_AGENCY}, state="ready"}} and on (job, instance)'
              f' casebridge_leader == 1)) / (2 * count(casebridge_lane_state{{{OF_AGENCY}, state="ready"}} and on (job, instance)'
              " casebridge_leader == 1))", "working"), thresholds=((RED, None), (GREEN, 1))),
        stat("Surveyed", "Part of the agencies' tables whose first reading is complete. Below 100 % no new row is inserted there.",
             "percentunit", 3, (f"min(casebridge_survey_done_ratio{{{OF_AGENCY}}} and on (job, instance) casebridge_leader == 1)",
                                "least"), thresholds=((YELLOW, None), (GREEN, 1))),
        stat("Late into the journal", "Age of the newest change when it got into the journal, of the agency that is worst.", "s", 3,
             (f"max(casebridge_lag_seconds{{{OF_AGENCY}}})", "age"),
             thresholds=((GREEN, None), (YELLOW, 30), (RED, 300)), decimals=1),
        stat("Since last confirmed", "How long ago the hub last had something durable of the agency that is worst.", "s", 3,
             (f"time() - min(casebridge_confirmed_timestamp_seconds{{{OF_AGENCY}}})", "ago"),
             thresholds=((GREEN, None), (YELLOW, 120), (RED, 300)), decimals=0),
        stat("Parked or refused", "Changes that cannot be translated, and records that an agency refuses.", "short", 3,
             (f"sum(casebridge_parked_changes{{{OF_AGENCY}}})", "waiting"), thresholds=((GREEN, None), (YELLOW, 1), (RED, 100))),
        stat("Held", "Fields and groups that wait for a person's decision.", "short", 3,
             (f"sum(casebridge_holds{{{HERE}}})", "held"), thresholds=((GREEN, None), (YELLOW, 1), (RED, 50))),
        stat("Running for", "Time since the youngest daemon started.", "s", 3,
             (f"time() - max(casebridge_start_timestamp_seconds{{{HERE}}})", "up"),
             thresholds=((YELLOW, None), (GREEN, 600)), decimals=0),
        series("State of each stream", "The state that each agency's reading half is in; `connecting` is what a standby shows.",
               "none", 8, (f"casebridge_stream_state{{{OF_AGENCY}}} == 1", "{{agency}} {{state}} {{instance}}")),
        series("State of each lane", "The state that each agency's writing half is in.",
               "none", 8, (f"casebridge_lane_state{{{OF_AGENCY}}} == 1", "{{agency}} {{state}} {{instance}}")),
        series("Failures", "What the daemon did about failures: tried again, parked one change, or stopped a half.",
               "ops", 8, (f"sum by (agency, class) (rate(casebridge_failures_total{{{OF_AGENCY}}}[$__rate_interval]))",
                          "{{agency}} {{class}}")),
    ]),
    ("How late is it?", [
        series("From commit to the other agency", "From the commit at the source to reading the delivery's echo at this agency.",
               "s", 12, (quantile(0.5, "casebridge_confirmation_latency_seconds", "agency, le"), "{{agency}} half"),
               (quantile(0.99, "casebridge_confirmation_latency_seconds", "agency, le"), "{{agency}} 99 %")),
        series("Late into the journal, by agency", "How late do the agency's changes come into the journal?", "s", 12,
               (f"casebridge_lag_seconds{{{OF_AGENCY}}}", "{{agency}}")),
        series("Behind the agency's WAL", "WAL written and not received, and written and not confirmed, while the stream is read.",
               "bytes", 12, (f"casebridge_received_lag_bytes{{{OF_AGENCY}}}", "{{agency}} not received"),
               (f"casebridge_confirmed_lag_bytes{{{OF_AGENCY}}}", "{{agency}} not confirmed")),
        series("Received and not merged", "Bytes of complete transactions that the hub has not taken yet.", "bytes", 12,
               (f"casebridge_inbox_bytes{{{OF_AGENCY}}}", "{{agency}}")),
    ]),
    ("What may be lost or full?", [
        series("WAL kept for our slot", "Asked from the agency's server whether the stream is read or not.", "bytes", 6,
               (f"casebridge_slot_retained_bytes{{{OF_AGENCY}}}", "{{agency}}")),
        series("WAL until the slot is lost", "Nothing is drawn for a server without max_slot_wal_keep_size.", "bytes", 6,
               (f"casebridge_slot_safe_bytes{{{OF_AGENCY}}} < Inf", "{{agency}}")),
        series("Size of the hub", "The hub's database on disk.", "bytes", 6, (f"casebridge_hub_size_bytes{{{HERE}}}", "hub")),
        series("Memory", "Memory of each daemon in RAM; the unit's MemoryMax is 2 GiB.", "bytes", 6,
               (f"casebridge_resident_memory_bytes{{{HERE}}}", "{{instance}}")),
    ]),
    ("What waits for people?", [
        series("Parked and refused", "From the agency: not translatable. To the agency: refused by its server. And what the breaker has stopped.",
               "short", 8, (f"casebridge_breaker_tripped{{{OF_AGENCY}}} > 0", "{{agency}} stopped: {{reason}}"),
               (f"casebridge_parked_changes{{{OF_AGENCY}}}", "{{agency}} {{side}}"), stack=True),
        series("Held, and for how long", "The age of the oldest hold in days, and how many there are.", "short", 8,
               (f"casebridge_oldest_hold_age_seconds{{{HERE}}} / 86400", "oldest, days"),
               (f"casebridge_holds{{{HERE}}}", "held"), (f"casebridge_proposals{{{HERE}}}", "proposed")),
        series("Conflicts", "Recorded conflicts by the rule that decided them and their type, and forms that were older than a delivery.", "ops", 8,
               (f"sum by (agency) (rate(casebridge_stale_forms_total{{{OF_AGENCY}}}[$__rate_interval])) > 0", "stale form {{agency}}"),
               (f"sum by (rule, type) (rate(casebridge_conflicts_total{{{HERE}}}[$__rate_interval])) > 0", "{{rule}} {{type}}"),
               stack=True),
    ]),
    ("What flows?", [
        series("Row changes read", "Row changes in transactions of the agency itself.", "ops", 6,
               (f"sum by (agency) (rate(casebridge_changes_captured_total{{{OF_AGENCY}}}[$__rate_interval]))", "{{agency}}")),
        series("Transactions read", "Transactions of the agency itself, and parts of those that are too large to be taken whole.",
               "ops", 6,
               (f"sum by (agency) (rate(casebridge_transactions_captured_total{{{OF_AGENCY}}}[$__rate_interval]))", "{{agency}}"),
               (f"sum by (agency) (rate(casebridge_transaction_parts_total{{{OF_AGENCY}}}[$__rate_interval]))", "{{agency}} parts")),
        series("Bytes read", "Bytes received, and how fast the position moves in the server's WAL.", "Bps", 6,
               (f"sum by (agency) (rate(casebridge_captured_bytes_total{{{OF_AGENCY}}}[$__rate_interval]))", "{{agency}} received"),
               (f"deriv(casebridge_received_position_bytes{{{OF_AGENCY}}}[$__rate_interval])", "{{agency}} position")),
        series("Verdicts", "What became of changed fields and groups.", "ops", 6,
               (f"sum by (verdict) (rate(casebridge_changes_merged_total{{{OF_AGENCY}}}[$__rate_interval]))", "{{verdict}}"),
               stack=True),
        series("Rows written and missed", "Missed: somebody had edited the row meanwhile; it is compared again.", "ops", 8,
               (f"sum by (agency) (rate(casebridge_rows_delivered_total{{{OF_AGENCY}}}[$__rate_interval]))", "{{agency}} written"),
               (f"sum by (agency) (rate(casebridge_rows_missed_total{{{OF_AGENCY}}}[$__rate_interval]))", "{{agency}} missed")),
        series("Echoes and markers", "Own transactions read back, and transactions written only to be read back.", "ops", 8,
               (f"sum by (agency) (rate(casebridge_echoes_total{{{OF_AGENCY}}}[$__rate_interval]))", "{{agency}} echoes"),
               (f"sum by (agency) (rate(casebridge_markers_total{{{OF_AGENCY}}}[$__rate_interval]))", "{{agency}} markers")),
        series("Rows surveyed", "Rows read by surveys; nothing once every table is known.", "ops", 8,
               (f"sum by (agency) (rate(casebridge_survey_rows_total{{{OF_AGENCY}}}[$__rate_interval]))", "{{agency}}")),
    ]),
    ("Which part is slow?", [
        series("Append to the journal", "Time of one append, commit included: the hub's disk and network.", "s", 6,
               (quantile(0.5, "casebridge_append_duration_seconds", "le"), "half"),
               (quantile(0.99, "casebridge_append_duration_seconds", "le"), "99 %")),
        series("Delivery", "Time of one delivery transaction, commit included: the agency's server.", "s", 6,
               (quantile(0.5, "casebridge_delivery_duration_seconds", "agency, le"), "{{agency}} half"),
               (quantile(0.99, "casebridge_delivery_duration_seconds", "agency, le"), "{{agency}} 99 %")),
        series("Journal entries", "How fast the journal grows.", "ops", 6,
               (f"deriv(casebridge_journal_seq{{{HERE}}}[$__rate_interval])", "{{instance}}")),
        series("Projections behind", "Journal entries that the readable tables do not show yet.", "short", 6,
               (f"casebridge_projection_lag_entries{{{HERE}}}", "{{instance}}")),
        series("Events", "Events by type, whether their log level was written or not. docs/runbook.md has an entry for each.",
               "ops", 12, (f"sum by (type) (rate(casebridge_events_total{{{HERE}}}[$__rate_interval])) > 0", "{{type}}")),
        series("Log lines lost", "Lines that could not be written: the log has holes there.", "ops", 6,
               (f"sum by (instance) (rate(casebridge_log_lines_lost_total{{{HERE}}}[$__rate_interval]))", "{{instance}}")),
        series("Configuration", "1 where the last reading could be applied, and hours since it was.", "short", 6,
               (f"casebridge_config_last_reload_successful{{{HERE}}}", "{{instance}} applied"),
               (f"(time() - casebridge_config_last_reload_success_timestamp_seconds{{{HERE}}}) / 3600", "{{instance}} hours")),
        series("Versions", "Which version runs where.", "none", 6, (f"casebridge_build_info{{{HERE}}}", "{{version}} {{instance}}")),
    ]),
]


def laid_out(rows):
    """All panels with ids and places, each row beginning on a line of its own."""
    panels, y = [], 0
    for title, members in rows:
        panels.append({"type": "row", "title": title, "collapsed": False, "panels": [],
                       "gridPos": {"x": 0, "y": y, "w": WIDTH, "h": 1}})
        y += 1
        x = tallest = 0
        for member in members:
            width, height = member.pop("size")
            if x + width > WIDTH:
                x, y, tallest = 0, y + tallest, 0
            panels.append({**member, "gridPos": {"x": x, "y": y, "w": width, "h": height}})
            x, tallest = x + width, max(tallest, height)
        y += tallest
    return [{"id": number, **entry} for number, entry in enumerate(panels, start=1)]


def variable(name, label, metric):
    return {"name": name, "label": label, "type": "query", "datasource": DATASOURCE, "refresh": 2, "sort": 1, "multi": True,
            "includeAll": True, "allValue": ".*", "query": {"query": f"label_values({metric}, {name})", "refId": name},
            "definition": f"label_values({metric}, {name})", "current": {}, "options": [], "hide": 0}


def dashboard():
    return {
        "title": "casebridge", "uid": "casebridge", "tags": ["casebridge"], "schemaVersion": 38, "version": 1, "editable": True,
        "description": "What docs/metrics.md lists, in the order of the questions that an operator asks.",
        "time": {"from": "now-3h", "to": "now"}, "refresh": "30s", "timezone": "", "graphTooltip": 1, "links": [],
        "annotations": {"list": []},
        "templating": {"list": [
            {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus", "refresh": 1, "hide": 0,
             "multi": False, "includeAll": False, "current": {}, "options": []},
            variable("job", "Bridge", "casebridge_build_info"),
            variable("agency", "Agency", "casebridge_lane_state"),
        ]},
        "panels": laid_out(ROWS),
    }


def main():
    text = json.dumps(dashboard(), ensure_ascii=False, indent=1) + "\n"
    if "--print" in sys.argv[1:]:
        sys.stdout.write(text)
        return
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "grafana_dashboard.json"), "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    main()
