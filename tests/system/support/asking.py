"""What scenarios of operators' requests share: asking, and what the hub and the agencies' servers show of it."""

from .scenario import Scenario


class Asking(Scenario):
    def ask(self, *arguments, check=True, daemon=None, reason="a reason", seconds=60):
        return (daemon or self.daemon).command(*arguments, "--reason", reason, check=check, seconds=seconds)

    def requests(self):
        """(kind, agency, requested_by, reason, outcome) of every request, oldest first."""
        return self.hub("SELECT kind, agency, requested_by, reason, outcome FROM casebridge.requests ORDER BY id")

    def answers(self):
        return self.hub("SELECT envelope ->> 'request', envelope ->> 'outcome' FROM casebridge.journal"
                        " WHERE kind = 'request_answered' ORDER BY seq")

    def sessions(self, agency):
        """What the daemon has open at an agency's server."""
        return self.world.agency(agency).query("SELECT application_name FROM pg_stat_activity WHERE application_name LIKE"
                                               " 'casebridge%%' AND application_name <> 'casebridge:reload'")

    def paused(self, agency):
        """Returns when the agency's server has no session of ours any more."""
        self.eventually(lambda: not self.sessions(agency), f"the sessions at {agency} are closed")

    def resume(self, agency="es"):
        ready = len(self.daemon.events("lane_ready", agency=agency))
        self.ask("resume", agency)
        self.daemon.wait_for_event("lane_ready", 30, times=ready + 1, agency=agency)
