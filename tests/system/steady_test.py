"""Little work costs little: an idle daemon, and edits that come steadily. Figures are printed, not judged, but for idling."""

import os
import time
import unittest

import latency_probe
from support.cluster import wait_for
from support.scenario import Scenario

IDLE_SECONDS = 12
IDLE_SHARE_MAX = 0.01  # of one core; also without optimization
EDITS_PER_SECOND = 20
EDITS = 200  # ten seconds of them


class IdleTest(Scenario):
    people = 200

    def cpu_seconds(self):
        with open(f"/proc/{self.daemon.process.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")  # utime and stime

    def test_an_idle_daemon_between_two_agencies_uses_less_than_a_hundredth_of_a_core(self):
        self.silent(60)
        self.assertEqual(self.daemon.get("/readyz")[0], 200)
        cpu, begin = self.cpu_seconds(), time.monotonic()
        wait_for(lambda: time.monotonic() - begin >= IDLE_SECONDS, IDLE_SECONDS + 30, "time passes", interval=1)
        share = (self.cpu_seconds() - cpu) / (time.monotonic() - begin)
        print(f"idle: {share:.2%} of a core", end=" ", flush=True)
        self.assertLess(share, IDLE_SHARE_MAX)


class SteadyTest(Scenario):
    people = 1200

    def test_every_edit_of_a_steady_flow_arrives_at_the_other_agency(self):
        people = latency_probe.known_to_both(self.world)[:EDITS]
        self.assertEqual(len(people), EDITS)
        times, missing = latency_probe.measure(self.world, people, EDITS_PER_SECOND)
        self.assertEqual(missing, 0)
        self.assertEqual(len(times), EDITS)
        print(f"p50 {latency_probe.percentile(times, 0.5):.1f} ms, p99 {latency_probe.percentile(times, 0.99):.1f} ms,"
              f" max {times[-1]:.1f} ms", end=" ", flush=True)
        self.silent(60)
        self.assertEqual(self.ledger.doubled(), [])


if __name__ == "__main__":
    unittest.main()
