"""The throw-away servers: they survive a crash and leave nothing behind."""

import os
import signal
import subprocess
import sys
import unittest

from support.cluster import Cluster, ClusterError, wait_for

PROGRAM = """
import os, sys
from support.cluster import Cluster, close_on_signals
close_on_signals()
with Cluster("signal") as cluster:
    print(cluster.directory, flush=True)
    sys.stdin.read()
"""


def server_of(directory):
    """The process id of the server below `directory`, taken from its own file."""
    with open(os.path.join(directory, "data", "postmaster.pid"), encoding="ascii") as file:
        return int(file.readline())


def gone(pid):
    """It has ended; whether its parent has taken note of that already is not our affair."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rpartition(") ")[2].startswith("Z")
    except FileNotFoundError:
        return True


class ClusterTest(unittest.TestCase):
    def test_a_crash_loses_no_committed_row(self):
        with Cluster("crash", fsync=True) as cluster:
            cluster.query("CREATE TABLE kept (n int); INSERT INTO kept SELECT generate_series(1, 100)")
            cluster.crash()
            self.assertFalse(cluster.running())
            cluster.start()
            self.assertEqual(cluster.query("SELECT count(*) FROM kept"), [(100,)])

    def test_settings_are_in_force(self):
        with Cluster("settings", settings={"max_slot_wal_keep_size": "64MB"}) as cluster:
            self.assertEqual(cluster.query("SELECT current_setting('max_slot_wal_keep_size'), current_setting('wal_level')"),
                             [("64MB", "logical")])

    def test_two_clusters_are_different_systems(self):
        with Cluster("one") as one, Cluster("two") as two:
            identify = "SELECT system_identifier FROM pg_control_system()"
            self.assertNotEqual(one.query(identify), two.query(identify))

    def test_closing_removes_server_and_directory_even_after_an_error(self):
        with self.assertRaises(ZeroDivisionError):
            with Cluster("error") as cluster:
                server = server_of(cluster.directory)
                raise ZeroDivisionError
        self.assertFalse(os.path.exists(cluster.directory))
        wait_for(lambda: gone(server), 10, "the server is gone")
        cluster.close()

    def test_a_server_that_cannot_start_says_so_and_leaves_nothing(self):
        cluster = Cluster("refused", settings={"wal_level": "nonsense"})
        with self.assertRaisesRegex(ClusterError, "wal_level"):
            with cluster:
                self.fail("it started")
        self.assertFalse(os.path.exists(cluster.directory))

    def test_a_terminated_program_leaves_nothing(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(signal=number.name):
                program = subprocess.Popen([sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
                directory = program.stdout.readline().strip()
                server = server_of(directory)
                program.send_signal(number)
                self.assertEqual(program.wait(60), 128 + number)
                program.stdin.close()
                program.stdout.close()
                wait_for(lambda server=server: gone(server), 10, "the server is gone")
                self.assertFalse(os.path.exists(directory))

    def test_waiting_for_what_never_happens_names_it(self):
        with self.assertRaisesRegex(TimeoutError, "the moon falls"):
            wait_for(lambda: False, 0.01, "the moon falls", interval=0.001)


if __name__ == "__main__":
    unittest.main()
