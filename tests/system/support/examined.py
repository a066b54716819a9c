"""A bridge that `casebridge doctor` has nothing to say against, and its report."""

import json

from .daemon import Daemon
from .scenario import Scenario
from .world import World

SERVERS = {"max_slot_wal_keep_size": "1GB", "autovacuum": "off", "archive_mode": "on", "archive_command": "true",
           "max_prepared_transactions": 5, "output_plugin_libraries": "pgoutput", "autovacuum_freeze_max_age": 100000}
DELIVER = "casebridge_deliver"
CAPTURE = "casebridge_capture"


class Examined(Scenario):
    starts_daemon = False

    @classmethod
    def setUpClass(cls):
        cls.world = World(fsync=True, settings=SERVERS)
        cls.addClassCleanup(cls.world.close)
        cls.world.__enter__()
        cls.daemon = Daemon(cls.world, cls.configure)

    def doctor(self, *flags, daemon=None):
        done = (daemon or self.daemon).command("doctor", "--json", *flags, check=False)
        self.assertIn(done.returncode, (0, 69, 78), done.stderr)
        return done.returncode, json.loads(done.stdout)

    def findings(self, report, *severities):
        return [(server["server"], finding["severity"], finding["code"], finding["place"], finding["cause"])
                for server in report["servers"] for finding in server["findings"]
                if not severities or finding["severity"] in severities]

    def codes(self, report=None):
        return {finding[2] for finding in self.findings(report or self.doctor()[1])}
