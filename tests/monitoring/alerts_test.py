"""The alert rules: Prometheus reads them, each is shown firing and quiet, each tells a person what to do."""

import re
import unittest

import yaml

from operator_files import RULES, RULE_TESTS, alerts, metric_types, promtool, read, runbook_entries, selectors, series_names


class RulesTest(unittest.TestCase):
    def test_prometheus_accepts_the_rules(self):
        done = promtool("check", "rules", RULES)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn(f"{len(alerts())} rules found", done.stdout)

    def test_every_rule_fires_and_keeps_quiet_as_its_tests_say(self):
        done = promtool("test", "rules", RULE_TESTS)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_every_alert_is_tested_firing_and_quiet(self):
        firing, quiet = set(), set()
        for group in yaml.safe_load(read("monitoring", "alerts_test.yml"))["tests"]:
            for case in group["alert_rule_test"]:
                (firing if case["exp_alerts"] else quiet).add(case["alertname"])
        self.assertEqual(firing, set(alerts()))
        self.assertEqual(quiet, set(alerts()))

    def test_every_alert_selects_metrics_that_exist(self):
        names = series_names()
        for name, rule in alerts().items():
            with self.subTest(alert=name):
                selected = selectors(rule["expr"])
                self.assertTrue(selected)
                self.assertEqual([metric for metric, _ in selected if metric not in names], [])

    def test_counters_are_never_compared_as_they_are(self):
        counters = [name for name, kind in metric_types().items() if kind == "counter"]
        for name, rule in alerts().items():
            for counter in counters:
                for before in re.findall(rf"(\w+)\(\s*{counter}\b|(?<!\w){counter}\b", rule["expr"]):
                    with self.subTest(alert=name, counter=counter):
                        self.assertIn(before, ("rate", "increase"))


class WordsTest(unittest.TestCase):
    def test_every_alert_has_severity_summary_description_and_the_way_to_its_runbook_entry(self):
        for name, rule in alerts().items():
            with self.subTest(alert=name):
                self.assertRegex(name, r"^Casebridge[A-Z][A-Za-z]+$")
                self.assertIn(rule["labels"]["severity"], ("critical", "warning"))
                self.assertEqual(set(rule["annotations"]), {"summary", "description", "runbook"})
                self.assertNotIn("{{", rule["annotations"]["summary"])
                self.assertRegex(rule["annotations"]["summary"], r"^[A-Z].*\.$")
                self.assertEqual(rule["annotations"]["runbook"], f"docs/runbook.md#{name.lower()}")
                self.assertIn(name, runbook_entries())

    def test_the_page_of_metrics_lists_every_alert_with_its_summary(self):
        page = read("docs", "metrics.md")
        for name, rule in alerts().items():
            with self.subTest(alert=name):
                row = f"| [`{name}`](runbook.md#{name.lower()}) | {rule['labels']['severity']} | {rule['annotations']['summary']} |"
                self.assertTrue(row in page, f"not in docs/metrics.md: {row}")
        self.assertEqual(set(re.findall(r"\[`(Casebridge\w+)`\]", page)), set(alerts()))

    def test_no_rule_names_a_sample_agency(self):
        self.assertNotRegex(read("monitoring", "alerts.yml"), r'"(sp|es)"')


class PromtoolTest(unittest.TestCase):
    def test_a_broken_rule_is_refused(self):
        broken = read("monitoring", "alerts.yml").replace("absent(", "absent((", 1)
        done = promtool("check", "rules", "/dev/stdin", stdin=broken)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("parse error", done.stdout)


if __name__ == "__main__":
    unittest.main()
