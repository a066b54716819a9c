"""The daemon as systemd sees it: readiness, status, watchdog, stopping, credentials. A socket of the test stands for systemd.

What the unit restricts is judged by tests/telemetry/systemd_unit_test.cpp with systemd's own tools.
"""

import os
import socket
import unittest

from support.daemon import Daemon
from support.notify import NotifySocket, credentials, unit_settings
from support.scenario import Scenario

PASSWORD = "Canary-of-a-password-4711"


class NotifyTest(Scenario):
    starts_daemon = False

    def supervised(self, watchdog_usec=None, change=None, directory="service"):
        systemd = NotifySocket(watchdog_usec)
        self.addCleanup(systemd.__exit__)
        daemon = Daemon(self.world, change, directory, systemd.environment)
        self.addCleanup(daemon.kill)
        return systemd, daemon

    def test_it_is_ready_once_health_is_served_and_says_when_it_leads(self):
        systemd, daemon = self.supervised()
        daemon.start(ready=False)
        systemd.wait_for("READY=1", 20)
        self.assertEqual(daemon.get("/livez")[0], 200)
        systemd.wait_for("STATUS=leading", 30)
        self.assertEqual(systemd.read().count("READY=1"), 1)
        said = [text for text in systemd.read() if text.startswith("STATUS=")]
        self.assertEqual(said, ["STATUS=waiting for the hub or for the lead", "STATUS=leading"])
        self.assertNotIn("STOPPING=1", systemd.read())
        self.assertEqual(daemon.stop(), 0)
        systemd.wait_for("STOPPING=1", 1)
        self.assertEqual(systemd.read()[-1], "STOPPING=1")

    def test_a_standby_is_ready_too(self):
        _, first = self.supervised(directory="first")
        first.start()
        systemd, second = self.supervised(directory="second")
        second.start(ready=False)
        second.wait_for_event("waiting_for_leader", 20)
        systemd.wait_for("READY=1", 5)
        self.assertNotIn("STATUS=leading", systemd.read())

    def test_it_is_not_ready_without_its_address_and_ends_in_a_way_that_systemd_repeats(self):
        with socket.create_server(("127.0.0.1", 0)) as other:
            def change(files):
                files["bridge.jsonc"]["web"] = {"listen": f"127.0.0.1:{other.getsockname()[1]}"}

            systemd, daemon = self.supervised(change=change)
            code = daemon.command("run", check=False).returncode
        self.assertEqual(code, 69)
        self.assertNotIn(str(code), unit_settings("RestartPreventExitStatus")[0].split())
        self.assertNotIn("READY=1", systemd.read())

    def test_a_wrong_configuration_is_not_repeated(self):
        def change(files):
            files["bridge.jsonc"]["no_such_key"] = 1

        systemd, daemon = self.supervised(change=change)
        code = daemon.command("run", check=False).returncode
        self.assertIn(str(code), unit_settings("RestartPreventExitStatus")[0].split())
        self.assertEqual(systemd.read(), [])

    def test_the_watchdog_is_fed_also_while_the_hub_is_away_and_not_by_a_frozen_process(self):
        systemd, daemon = self.supervised(watchdog_usec=1_000_000)
        daemon.start()
        systemd.wait_for("WATCHDOG=1", 10, times=3)
        self.world.hub.stop("fast")
        try:
            self.person_at_sp()  # something to make durable
            daemon.wait_for_event("hub_lost", 20)
            fed = systemd.read().count("WATCHDOG=1")
            systemd.wait_for("WATCHDOG=1", 10, times=fed + 4)
            with daemon.frozen():
                fed = systemd.read().count("WATCHDOG=1")
                self.let_pass(self.world.agency("sp"), 2)
                self.assertLessEqual(systemd.read().count("WATCHDOG=1"), fed + 1)
        finally:
            self.world.hub.start()
        self.assertEqual(daemon.stop(), 0)

    def test_without_a_watchdog_it_sends_none(self):
        systemd, daemon = self.supervised()
        daemon.start()
        self.assertNotIn("WATCHDOG=1", systemd.read())


class CredentialsTest(Scenario):
    """The server asks for passwords; they come from where the unit says."""

    starts_daemon = False

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cluster = cls.world.agency("sp")
        cluster.query(f"ALTER ROLE casebridge_capture PASSWORD '{PASSWORD}'; ALTER ROLE casebridge_deliver PASSWORD '{PASSWORD}'")
        hba = os.path.join(cluster.data, "pg_hba.conf")
        with open(hba, encoding="utf-8") as file:
            rules = file.read()
        with open(hba, "w", encoding="utf-8") as file:
            file.write("local all casebridge_capture,casebridge_deliver scram-sha-256\n" + rules)
        cluster.query("SELECT pg_reload_conf()")

    def daemon_with(self, password, mode):
        directory = os.path.join(self.world.directory, f"credentials-{mode:o}")
        environment = credentials(directory, {"pgpass": f"*:*:*:*:{password}\n"}, mode)
        daemon = Daemon(self.world, directory="credentials", environment=environment)
        self.addCleanup(daemon.kill)
        return daemon

    def test_passwords_come_from_the_credential_that_the_unit_loads_and_show_nowhere(self):
        daemon = self.daemon_with(PASSWORD, 0o400)
        daemon.start()
        for what in ("cmdline", "environ", "comm"):
            with open(f"/proc/{daemon.process.pid}/{what}", "rb") as file:
                self.assertNotIn(PASSWORD.encode(), file.read())
        self.assertEqual(daemon.stop(), 0)
        self.assertNotIn(PASSWORD, daemon.log_text())
        self.assertFalse(daemon.events("retry_scheduled"))

    def test_a_credential_that_others_can_read_is_not_used_and_the_log_says_what_is_missing(self):
        daemon = self.daemon_with(PASSWORD, 0o640)
        daemon.start(ready=False)
        stopped = daemon.wait_for_event("stream_stopped", 30, agency="sp", side="capture")[0]
        self.assertEqual(stopped["error"], "password_missing")
        daemon.wait_for_event("lane_ready", 30, agency="es")  # The other agency is not concerned.
        self.assertNotIn(PASSWORD, daemon.log_text())

    def test_a_wrong_password_stops_that_agency_by_name(self):
        daemon = self.daemon_with("not-" + PASSWORD, 0o400)
        daemon.start(ready=False)
        stopped = daemon.wait_for_event("stream_stopped", 30, agency="sp", side="capture")[0]
        self.assertEqual(stopped["error"], "sqlstate_28P01")
        self.assertNotIn(PASSWORD, daemon.log_text())


if __name__ == "__main__":
    unittest.main()
