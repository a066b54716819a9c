"""What must never happen: an acknowledgement before the hub has it, a journal that went back, a dead session unnoticed."""

import contextlib
import time
import unittest

from support.scenario import Scenario


class AcknowledgementTest(Scenario):
    def test_nothing_is_acknowledged_before_the_hub_has_it(self):
        person = self.linked_person()
        self.silent()
        with contextlib.closing(self.world.hub.connect("hub")) as blocker, blocker.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("LOCK TABLE casebridge.leader IN ACCESS EXCLUSIVE MODE")  # no append can end
            self.sp("UPDATE sp.person SET phone = '+49 unacknowledged' WHERE id = %s", (person.sp,))
            end, = self.sp("SELECT pg_current_wal_flush_lsn()")[0]
            until = time.monotonic() + 4
            while time.monotonic() < until:
                acknowledged, received = self.sp("""SELECT s.confirmed_flush_lsn >= %s::pg_lsn, r.sent_lsn >= %s::pg_lsn
                                                      FROM pg_replication_slots s
                                                      JOIN pg_stat_replication r ON r.pid = s.active_pid""", (end, end))[0]
                self.assertFalse(acknowledged, "acknowledged although the hub does not have it")
                self.let_pass(self.world.agency("sp"), 0.2)
            self.assertTrue(received, "the change was not even sent: nothing was shown")
            cursor.execute("ROLLBACK")
        self.eventually(lambda: self.seeker(person)["phone"] == "+49 unacknowledged", "the change arrives", 60)


class HubBehindTest(Scenario):
    def test_a_hub_that_lost_its_tail_writes_to_nobody(self):
        person = self.linked_person()
        self.silent()
        self.daemon.stop()
        # As if the hub had been restored: es has been written to from a journal that was further.
        self.es("SELECT pg_replication_origin_advance(roname, '0/7FFFFFFF') FROM pg_replication_origin")
        self.daemon.start(ready=False)
        self.eventually(lambda: [event for event in self.daemon.events("stream_stopped", agency="es")
                                 if event.get("error") == "hub_behind"], "the lane stops by name")
        self.sp("UPDATE sp.person SET phone = '+49 held back' WHERE id = %s", (person.sp,))
        self.eventually(lambda: self.hub("SELECT 1 FROM casebridge.journal WHERE payload::text LIKE '%%+49 held back%%'"),
                        "reading goes on")
        self.assertEqual(self.seeker(person)["phone"], "+49 1")


class HeartbeatTest(Scenario):
    @staticmethod
    def configure(files):
        files["bridge.jsonc"].setdefault("limits", {})["heartbeat_seconds"] = 3  # longer than it takes to be sure of silence

    def count(self, event, **facts):
        return len(self.daemon.events(event, **facts))

    def test_an_idle_lane_sends_markers(self):
        progress = "SELECT max(remote_lsn) FROM pg_replication_origin_status"
        before = self.es(progress)
        self.eventually(lambda: self.es(progress) != before, "a marker is committed")

    def test_a_dead_session_of_an_idle_lane_is_noticed_without_a_change(self):
        ready = self.count("lane_ready", agency="es")
        self.es("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'casebridge:deliver'")
        self.eventually(lambda: self.count("lane_ready", agency="es") > ready, "a new session is ready")

    def test_a_dead_session_of_the_idle_hub_is_noticed_without_a_change(self):
        leads = self.count("leader_acquired")
        self.hub("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'casebridge:journal'")
        self.eventually(lambda: self.count("leader_acquired") > leads, "the daemon leads again")


if __name__ == "__main__":
    unittest.main()
