"""The runbook: an entry for every event and every alert, each complete, none for what does not exist, and no command that is not there.

Its SQL is run against real servers by tests/system/monitoring_test.py.
"""

import os
import re
import subprocess
import unittest

from operator_files import ROOT, alerts, event_codes, read, runbook_entries

PARTS = ("**Means.** ", "**Look.** ", "**Do.** ")


class EntriesTest(unittest.TestCase):
    def test_every_event_and_every_alert_has_an_entry_and_nothing_else_has(self):
        self.assertGreater(len(event_codes()), 30)
        self.assertEqual(sorted(set(event_codes()) - set(runbook_entries())), [], "events without an entry")
        self.assertEqual(sorted(set(alerts()) - set(runbook_entries())), [], "alerts without an entry")
        self.assertEqual(sorted(set(runbook_entries()) - set(event_codes()) - set(alerts())), [], "entries of nothing")

    def test_events_stand_in_the_order_of_the_code_and_alerts_in_that_of_the_rules(self):
        self.assertEqual(list(runbook_entries()), event_codes() + list(alerts()))

    def test_every_entry_says_what_it_means_what_to_look_at_and_what_to_do(self):
        for name, text in runbook_entries().items():
            with self.subTest(entry=name):
                self.assertEqual([text.count(f"\n{part}") for part in PARTS], [1, 1, 1])
                places = [text.index(f"\n{part}") for part in PARTS]
                self.assertEqual(places, sorted(places))


class ReferencesTest(unittest.TestCase):
    def test_links_lead_to_headings_that_exist(self):
        pages = {}
        for page, anchor in re.findall(r"\]\(([\w/]*\.md)?#([\w-]+)\)", read("docs", "runbook.md")):
            text = pages.setdefault(page, read("docs", page or "runbook.md"))
            with self.subTest(link=f"{page}#{anchor}"):
                self.assertIn(anchor, {_anchor(heading) for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)})

    def test_limits_that_it_names_can_be_configured(self):
        page = read("docs", "configuration.md")
        names = set(re.findall(r"`limits\.(\w+)`", read("docs", "runbook.md")))
        self.assertTrue(names)
        self.assertEqual([name for name in names if f"| `{name}` |" not in page], [])

    def test_errors_that_it_explains_can_occur(self):
        table = read("docs", "runbook.md").split("\n## Errors\n")[1]
        codes = {code for row in table.splitlines() if row.startswith("| `") for code in re.findall(r"`([a-z_]+)`", row.split("|")[1])}
        self.assertGreater(len(codes), 20)
        sources = "".join(read(folder, name) for folder in _rooms() for name in sorted(os.listdir(os.path.join(ROOT, folder)))
                          if name.endswith((".cpp", ".hpp")))
        self.assertEqual([code for code in sorted(codes) if f'"{code}"' not in sources], [])

    def test_commands_that_it_names_exist(self):
        program = os.environ.get("CASEBRIDGE_EXE") or os.path.join(ROOT, "build", "dev", "casebridge")
        named = re.findall(r"(?:^|`)casebridge ([a-z]+(?: [a-z]+)?)((?: --[a-z]+)*)", read("docs", "runbook.md"), re.MULTILINE)
        self.assertTrue(named)
        for words, options in sorted(set(named)):
            with self.subTest(command=words + options):
                done = subprocess.run([program, *words.split(), "--help"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                      check=False)
                self.assertEqual(done.returncode, 0, done.stdout)
                self.assertEqual([option for option in options.split() if option not in done.stdout], [])


def _anchor(heading):
    """As a forge makes it: lower case, blanks to dashes, everything else that is no word gone."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def _rooms():
    return [os.path.relpath(folder, ROOT) for top in ("connectors", "daemon", "hub", "mapping", "pipeline")
            for folder, _, _ in os.walk(os.path.join(ROOT, top))]


if __name__ == "__main__":
    unittest.main()
