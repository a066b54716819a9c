"""What every step of the story uses: the two agencies' desks, the hub to look into, and waiting that notices a dead daemon."""

import psycopg2

from support.cluster import wait_for


class Stage:
    def __init__(self, world, bridge, ledger, terminal):
        self.world = world
        self.bridge = bridge
        self.ledger = ledger
        self.terminal = terminal
        self.differences = []  # what the demo found wrong, as sentences
        self._desks = {}

    def edit(self, agency, sql, parameters=None, show=True):
        """One transaction of the agency's own application; returns its rows. The statement is shown as it was sent."""
        if agency not in self._desks:
            self._desks[agency] = self.world.agency(agency).connect(agency, "application", "case worker")
        with self._desks[agency].cursor() as cursor:
            cursor.execute(sql, parameters)
            if show:
                self.terminal.statement(agency, cursor.query.decode())
            if cursor.rowcount == 0:
                raise RuntimeError(f"an edit at {agency} found no row")
            return cursor.fetchall() if cursor.description else []

    def rows(self, agency, sql, parameters=None):
        return self.world.agency(agency).query(sql, parameters, database=agency)

    def hub(self, sql, parameters=None):
        return self.world.hub.query(sql, parameters, database="hub")

    def until(self, what, condition, seconds=30, interval=0.02):
        """Returns the first true value of condition(); fails at once when the daemon has ended by itself."""
        def checked():
            self.bridge.check()
            return condition()
        return wait_for(checked, seconds, what, interval)

    def expect(self, good, sentence):
        """Records, and says, that something is not as it has to be."""
        if not good:
            self.differences.append(sentence)
            self.terminal.say(f"NOT AS IT SHOULD BE: {sentence}.")

    def close(self):
        for desk in self._desks.values():
            try:
                desk.close()
            except psycopg2.Error:  # its server may be gone already
                continue
