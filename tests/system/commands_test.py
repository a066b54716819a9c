"""What the commands say and do: setup, teardown, check, the address of run, and the configuration that it journals."""

import re
import socket
import unittest

from support.daemon import AGENCIES, Daemon
from support.scenario import Scenario


class AddressTest(Scenario):
    starts_daemon = False

    def run_at(self, address):
        """What a daemon that shall listen there ends with, and what it logged."""
        def change(files):
            files["bridge.jsonc"]["web"] = {"listen": address, "allow_remote": True}

        return Daemon(self.world, change, directory="address").command("run", check=False)

    def assert_refused(self, done, code, reason, address):
        self.assertEqual(done.returncode, code, done.stderr)
        line, = [line for line in done.stderr.splitlines() if "event=http_not_listening" in line]
        self.assertIn(f"error={reason}", line)
        self.assertIn(address, line)
        self.assertIn("remedy=", line)
        for event in ("leader_acquired", "waiting_for_leader", "agency_connected"):
            self.assertNotIn(f"event={event}", done.stderr)

    def test_a_port_that_is_taken_ends_with_69_and_names_the_address_before_anything_is_connected(self):
        with socket.create_server(("127.0.0.1", 0)) as other:
            address = f"127.0.0.1:{other.getsockname()[1]}"
            self.assert_refused(self.run_at(address), 69, "http_address_in_use", address)

    def test_an_address_of_another_host_ends_with_69(self):
        self.assert_refused(self.run_at("192.0.2.1:9464"), 69, "http_address_not_here", "192.0.2.1:9464")


class ConfigurationTest(Scenario):
    starts_daemon = False

    def applied(self):
        return self.hub("SELECT envelope ->> 'hash' FROM casebridge.journal WHERE kind = 'configuration_applied' ORDER BY seq")

    def test_a_configuration_is_journalled_when_it_differs_from_the_last_one_applied(self):
        def change(files):
            files["bridge.jsonc"].setdefault("limits", {})["drain_timeout_seconds"] = 21

        changed = Daemon(self.world, change, directory="changed")
        for daemon, entries in ((self.daemon, 1), (self.daemon, 1), (changed, 2), (changed, 2), (self.daemon, 3)):
            with daemon.running():
                self.assertEqual(len(self.applied()), entries)
        first, second, third = self.applied()
        self.assertEqual(first, third)
        self.assertNotEqual(first, second)


class SetupTest(Scenario):
    starts_daemon = False

    def objects(self, agency):
        return self.world.agency(agency).query("""
            SELECT 'slot', slot_name::text FROM pg_replication_slots UNION ALL
            SELECT 'origin', roname FROM pg_replication_origin UNION ALL
            SELECT 'publication', pubname FROM pg_publication ORDER BY 1, 2""", database=agency)

    def test_setup_twice_changes_nothing_and_teardown_leaves_nothing(self):
        first = {agency: self.objects(agency) for agency in AGENCIES}
        for agency in AGENCIES:
            self.assertEqual([kind for kind, _ in first[agency]], ["origin", "publication", "slot"])
        said = self.daemon.setup()
        self.assertNotIn(" done: ", said)  # It had been done by the first.
        for line in (r"hub: already there: schema casebridge, version \d+", "sp: already there: publication ",
                     "sp: already there: slot ", "es: already there: origin ",
                     "es: already there: right of casebridge_deliver to use the origin"):
            self.assertRegex(said, line)
        self.assertEqual({agency: self.objects(agency) for agency in AGENCIES}, first)
        self.world.agency("es").query("REVOKE ALL ON FUNCTION pg_replication_origin_session_setup(text) FROM casebridge_deliver",
                                      database="es")
        self.assertEqual([line for line in self.daemon.setup().splitlines() if " done: " in line],
                         ["es: done: let the delivering role use the origin"])
        self.daemon.teardown()
        for agency in AGENCIES:
            self.assertEqual(self.objects(agency), [])
        self.daemon.teardown()  # once more is no mistake
        self.daemon.setup()
        with self.daemon.running():
            self.daemon.wait_until_silent(40)

    def test_the_printed_sql_changes_nothing(self):
        before = {agency: self.objects(agency) for agency in AGENCIES}
        said = self.daemon.command("setup", "--print").stdout
        self.assertRegex(said, r"(?i)create publication")
        self.assertEqual({agency: self.objects(agency) for agency in AGENCIES}, before)


class CheckTest(Scenario):
    starts_daemon = False

    def check(self, change):
        return Daemon(self.world, change, directory="broken").command("check", check=False)

    def test_a_good_configuration_is_good(self):
        self.assertEqual(self.daemon.command("check").returncode, 0)

    def test_every_mistake_of_a_broken_configuration_is_named_with_file_line_and_column(self):
        def change(files):
            files["bridge.jsonc"]["agreements"][0]["share"]["person"].append("adress")
            files["bridge.jsonc"]["rules"]["person"]["phone"] = "newest"
            fields = files["es.mapping.jsonc"]["tables"]['jobs."JobSeeker"']["fields"]
            fields["employment_status"]["codes"]["S"] = "seekng"
            files["model.jsonc"]["entities"]["plan"]["fields"]["person"]["to"] = "persn"
        done = self.check(change)
        self.assertEqual(done.returncode, 78)
        places = [re.match(r"([^:\s]*/)?([a-z.]+):([0-9]+):([0-9]+): ", line) for line in done.stderr.splitlines()]
        self.assertTrue(all(places), done.stderr)
        self.assertLessEqual({"bridge.jsonc", "es.mapping.jsonc", "model.jsonc"}, {place[2] for place in places})
        for word in ("adress", "newest", "seekng", "persn"):
            self.assertIn(word, done.stderr)

    def test_a_daemon_with_a_broken_configuration_does_not_start(self):
        def change(files):
            files["bridge.jsonc"]["hub"] = {}

        done = Daemon(self.world, change, directory="broken").command("run", check=False)
        self.assertEqual(done.returncode, 78)
        self.assertEqual(Daemon(self.world, change, directory="broken").command("setup", check=False).returncode, 78)

    def test_a_wrong_command_line_ends_with_64(self):
        self.assertEqual(self.daemon.command("run", "--no-such-option", check=False).returncode, 64)


if __name__ == "__main__":
    unittest.main()
