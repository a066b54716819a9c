"""What must never happen: an acknowledgement before the hub has it, a journal that went back, a gap before the stream or a dead
session unnoticed."""

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


class ShutdownTest(Scenario):
    """A server that shuts down waits until its streams have confirmed everything, or are gone; here nothing can be confirmed."""

    def shut_down_while_the_hub_is_silent(self, agency, statement):
        self.silent()
        with contextlib.closing(self.world.hub.connect("hub")) as blocker, blocker.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("LOCK TABLE casebridge.leader IN ACCESS EXCLUSIVE MODE")  # no append can end
            self.world.agency(agency).query(statement, database=agency)
            began = time.monotonic()
            self.world.agency(agency).stop("fast")
            # The stream is given up after ten seconds; the server itself would wait for its wal_sender_timeout, a minute.
            self.assertLess(time.monotonic() - began, 25)
            cursor.execute("ROLLBACK")
        self.world.agency(agency).start()
        self.silent(60)

    def test_an_idle_agency_shuts_down_although_the_hub_does_not_answer(self):
        self.shut_down_while_the_hub_is_silent("es", "CREATE TABLE public.elsewhere AS SELECT generate_series(1, 1000)")

    def test_an_agency_whose_change_is_being_merged_shuts_down_although_the_hub_does_not_answer(self):
        person = self.linked_person()
        self.shut_down_while_the_hub_is_silent("sp", f"UPDATE sp.person SET phone = '+49 late' WHERE id = {person.sp}")
        self.eventually(lambda: self.seeker(person)["phone"] == "+49 late", "the change arrives", 60)


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


class Gap(Scenario):
    def stops_ahead_of_hub(self, agency):
        self.daemon.start(ready=False)
        self.eventually(lambda: [event for event in self.daemon.events("stream_stopped", agency=agency)
                                 if event.get("error") == "slot_ahead_of_hub"], "the stream stops by name")


class SlotMadeAnewTest(Gap):
    def test_what_was_committed_in_between_is_not_passed_over(self):
        self.linked_person()
        self.silent()
        self.daemon.stop()
        (slot, _, _), = self.daemon.slots("sp")
        self.sp("SELECT pg_drop_replication_slot(%s)", (slot,))
        self.person_at_sp("Unseen, Kim")  # in no slot
        self.sp("SELECT pg_create_logical_replication_slot(%s, 'pgoutput')", (slot,))
        self.stops_ahead_of_hub("sp")


class SlotMovedTest(Gap):
    def test_what_somebody_else_took_is_not_passed_over(self):
        self.linked_person()
        self.silent()
        self.daemon.stop()
        (slot, _, _), = self.daemon.slots("es")
        self.es("SELECT pg_logical_emit_message(true, 'somebody', 'else')")
        self.es("SELECT pg_replication_slot_advance(%s, pg_current_wal_flush_lsn())", (slot,))
        self.stops_ahead_of_hub("es")


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
