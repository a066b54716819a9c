"""The Grafana dashboard without Grafana: what its JSON must be, and that Prometheus can answer what it asks."""

import subprocess
import sys
import unittest

from operator_files import (MONITORING, alerts, dashboard, metric_types, panels, promtool, read, selectors, series_names,
                            without_variables)

# Units of Grafana that the dashboard may use; a misspelt one is shown as text behind the number.
UNITS = {"none", "short", "s", "bytes", "Bps", "ops", "percentunit"}


class GeneratedTest(unittest.TestCase):
    def test_the_file_is_what_the_script_writes(self):
        done = subprocess.run([sys.executable, "-B", f"{MONITORING}/make_dashboard.py", "--print"], stdout=subprocess.PIPE,
                              text=True, check=True)
        self.assertEqual(read("monitoring", "grafana_dashboard.json"), done.stdout, "run monitoring/make_dashboard.py")


class StructureTest(unittest.TestCase):
    def setUp(self):
        self.board = dashboard()

    def test_the_dashboard_has_what_grafana_needs_to_import_it(self):
        for key, kind in (("title", str), ("uid", str), ("schemaVersion", int), ("version", int), ("panels", list), ("tags", list),
                          ("templating", dict), ("annotations", dict), ("time", dict), ("refresh", str), ("editable", bool)):
            self.assertIsInstance(self.board.get(key), kind, key)
        self.assertLessEqual(len(self.board["uid"]), 40)
        self.assertEqual([variable["name"] for variable in self.board["templating"]["list"]], ["datasource", "job", "agency"])

    def test_panels_have_ids_of_their_own_and_places_in_the_grid(self):
        numbers = [panel["id"] for panel in self.board["panels"]]
        self.assertEqual(len(numbers), len(set(numbers)))
        taken = set()
        for panel in self.board["panels"]:
            with self.subTest(panel=panel["title"]):
                place = panel["gridPos"]
                self.assertEqual(set(place), {"x", "y", "w", "h"})
                for number in place.values():
                    self.assertIs(type(number), int)
                self.assertLessEqual(place["x"] + place["w"], 24)
                cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
                self.assertTrue(cells)
                self.assertFalse(cells & taken, "two panels in one place")
                taken |= cells

    def test_every_panel_says_what_it_shows_and_in_which_unit(self):
        titles = [panel["title"] for panel in panels(self.board)]
        self.assertEqual(len(titles), len(set(titles)))
        for panel in panels(self.board):
            with self.subTest(panel=panel["title"]):
                self.assertIn(panel["type"], ("timeseries", "stat"))
                self.assertRegex(panel["description"], r"[.?]$")
                self.assertIn(panel["fieldConfig"]["defaults"]["unit"], UNITS)
                self.assertTrue(panel["targets"])
                references = [query["refId"] for query in panel["targets"]]
                self.assertEqual(len(references), len(set(references)))
                for query in panel["targets"]:
                    self.assertTrue(query["legendFormat"])
                    self.assertEqual(query["datasource"], {"type": "prometheus", "uid": "${datasource}"})

    def test_thresholds_begin_without_a_bound_and_rise(self):
        for panel in panels(self.board):
            steps = panel["fieldConfig"]["defaults"].get("thresholds", {}).get("steps", [{"value": None}])
            with self.subTest(panel=panel["title"]):
                self.assertIsNone(steps[0]["value"])
                values = [step["value"] for step in steps[1:]]
                self.assertEqual(values, sorted(values))


class QueriesTest(unittest.TestCase):
    def queries(self):
        return [(panel["title"], query["expr"]) for panel in panels(dashboard()) for query in panel["targets"]]

    def test_prometheus_can_parse_every_expression(self):
        rules = [f"  - {{ record: 'panel:{n}', expr: {_quoted(without_variables(expr))} }}" for n, (_, expr) in enumerate(self.queries())]
        done = promtool("check", "rules", "--lint=none", "/dev/stdin",
                        stdin="groups:\n- name: dashboard\n  rules:\n" + "\n".join(rules) + "\n")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn(f"{len(rules)} rules found", done.stdout)

    def test_every_expression_selects_metrics_that_exist_of_the_chosen_bridge(self):
        names = series_names()
        for title, expr in self.queries():
            with self.subTest(panel=title):
                self.assertNotIn("$", without_variables(expr))
                selected = selectors(expr)
                self.assertTrue(selected)
                self.assertEqual([name for name, _ in selected if name not in names], [])
                self.assertTrue(all(labels.get("job") == ("=~", "$job") for name, labels in selected if name != "casebridge_leader"))

    def test_every_metric_is_on_the_dashboard(self):
        shown = {name for _, expr in self.queries() for name, _ in selectors(expr)}
        for name, kind in metric_types().items():
            with self.subTest(metric=name):
                self.assertIn(name + "_bucket" if kind == "histogram" else name, shown)

    def test_what_an_alert_looks_at_can_be_looked_at(self):
        shown = {name for _, expr in self.queries() for name, _ in selectors(expr)}
        for alert, rule in alerts().items():
            for name, _ in selectors(rule["expr"]):
                with self.subTest(alert=alert):
                    self.assertIn(name.replace("_count", "_bucket"), shown)


def _quoted(text):
    return "'" + text.replace("'", "''") + "'"


if __name__ == "__main__":
    unittest.main()
