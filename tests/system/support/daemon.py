"""The daemon under test, from outside: its command line, its process, its log, its HTTP address and its hub.

    daemon = Daemon(world)                   # writes the world's configuration; the program is named by CASEBRIDGE_EXE
    daemon.setup()                           # `casebridge setup`
    with daemon.running():                   # `casebridge run` until the block ends, then SIGTERM and exit code 0
        daemon.wait_until_silent(30)

Nothing here reads the daemon's code or shares any with it.
"""

import contextlib
import datetime
import json
import os
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request

import psycopg2

from .cluster import wait_for
from .world import ROOT

AGENCIES = ("sp", "es")


def _facts(line):
    """The facts of one line of the log, in whichever of the two formats it is."""
    if line.startswith("{"):
        return {key: str(value) for key, value in json.loads(line).items()}
    return {key: value.strip('"') for key, value in re.findall(r'(\w+)=("[^"]*"|\S*)', line)}


class DaemonError(RuntimeError):
    """The program did not do what it was told; the text holds what it said."""


def executable():
    path = os.environ.get("CASEBRIDGE_EXE") or os.path.join(ROOT, "build", "dev", "casebridge")
    if not os.access(path, os.X_OK):
        raise DaemonError(f"{path} is not a program: build it, or name another by CASEBRIDGE_EXE")
    return path


class Daemon:
    """One configuration and at most one process. `change(files)` may edit the configuration before it is written.

    `environment` is added to that of the test, for every process.
    """

    def __init__(self, world, change=None, directory="bridge", environment=None):
        self.world = world
        self.environment = {**os.environ, **(environment or {})}
        self.configuration = world.write_configuration(change, directory)
        self.log = os.path.join(world.directory, f"{directory}.log")
        self.process = None
        self._log_start = 0  # of the present process, in bytes

    # ---- command line ----------------------------------------------------------------------------------------------------

    def command(self, *arguments, check=True, seconds=60):
        """Runs `casebridge <arguments> --config …` to its end; raises DaemonError unless it ends well or `check` is false."""
        done = subprocess.run([executable(), *arguments, "--config", self.configuration], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=seconds, check=False,
                              env=self.environment)
        if check and done.returncode != 0:
            raise DaemonError(f"casebridge {' '.join(arguments)} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done

    def setup(self):
        return self.command("setup").stdout

    def teardown(self):
        return self.command("teardown").stdout

    def status(self):
        return json.loads(self.command("status", "--json").stdout)

    # ---- process ---------------------------------------------------------------------------------------------------------

    def start(self, ready=True):
        """Starts it; with `ready` returns when every agency is read and can be written to."""
        if self.process is not None:
            raise DaemonError("the daemon runs already")
        with open(self.log, "ab") as log:
            self._log_start = log.tell()
            self.process = subprocess.Popen([executable(), "run", "--config", self.configuration],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment)
        if ready:
            self.wait_for_event("lane_ready", 30, times=len(self.world.agencies))
        return self

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def stop(self, seconds=40):
        """SIGTERM; returns the exit code. Raises DaemonError when it does not end in time."""
        return self._end(signal.SIGTERM, seconds)

    def kill(self):
        """SIGKILL: as a crash."""
        return self._end(signal.SIGKILL, 10)

    def _end(self, signal_number, seconds):
        process, self.process = self.process, None
        if process is None:
            return None
        process.send_signal(signal_number)
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise DaemonError(f"the daemon did not end within {seconds} s of signal {signal_number}") from None

    @contextlib.contextmanager
    def running(self):
        self.start()
        try:
            yield self
        except BaseException:
            self.kill()
            raise
        code = self.stop()
        if code not in (0, None):
            raise DaemonError(f"the daemon ended with {code}")

    @contextlib.contextmanager
    def frozen(self):
        """The process is stopped (SIGSTOP) within the block: what both agencies do there is concurrent."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    # ---- what it says ----------------------------------------------------------------------------------------------------

    def log_text(self):
        """What the present or last process has logged."""
        with open(self.log, encoding="utf-8", errors="replace") as log:
            log.seek(self._log_start)
            return log.read()

    def events(self, name, **facts):
        """The log lines of that event whose facts are as given, as dictionaries."""
        found = []
        for line in self.log_text().splitlines():
            entry = _facts(line)
            if entry.get("event") == name and all(entry.get(key) == str(value) for key, value in facts.items()):
                found.append(entry)
        return found

    def wait_for_event(self, name, seconds, times=1, **facts):
        def seen():
            found = self.events(name, **facts)
            if len(found) >= times:
                return found
            if self.process is not None and self.process.poll() is not None:
                raise DaemonError(f"the daemon ended with {self.process.returncode}: {self.log_text()[-2000:]}")
            return None
        return wait_for(seen, seconds, f"{times} × event {name} {facts or ''}")

    def address(self):
        return self.wait_for_event("http_listening", 10)[-1]["address"]

    def get(self, path):
        """(status code, body) of a GET on its HTTP address."""
        try:
            with urllib.request.urlopen(f"http://{self.address()}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def metrics(self):
        """Samples by their full name, labels included, such as `casebridge_stream_state{agency="sp",state="streaming"}`."""
        samples = {}
        for line in self.get("/metrics")[1].splitlines():
            if line and not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                samples[name] = float(value)
        return samples

    # ---- its hub ---------------------------------------------------------------------------------------------------------

    def hub(self, sql, parameters=None):
        return self.world.hub.query(sql, parameters, database="hub")

    def journal_seq(self):
        return self.hub("SELECT last_seq FROM casebridge.leader")[0][0]

    def slots(self, agency):
        """(name, active, confirmed position) of the agency's logical slots."""
        return self.world.agency(agency).query(
            "SELECT slot_name, active, confirmed_flush_lsn FROM pg_replication_slots WHERE slot_type = 'logical'",
            database=agency)

    def wait_until_silent(self, seconds, still=1.2):
        """Returns when everything committed so far is read and nothing follows from it any more.

        That is: both streams have been read beyond what their servers had written, no failed step waits to be tried again, the
        projections have caught up, and then the journal stands still for `still` seconds. It does not say that the agencies agree.
        """
        began = None     # when the present stillness began
        before = None

        def silent():
            nonlocal began, before
            try:
                state = self._settled_state()
            except psycopg2.OperationalError:
                state = None
            if state is None or state != before:
                before, began = state, time.monotonic()
                return False
            return state is not None and time.monotonic() - began >= still

        try:
            wait_for(silent, seconds, "the bridge is silent")
        except TimeoutError as error:
            raise TimeoutError(f"{error}; state {before}; log ends: {self.log_text()[-1500:]}") from None
        return before

    def _settled_state(self):
        """The journal's end, or None while something is on its way for certain."""
        last, projected = self.hub("SELECT last_seq, projected_seq FROM casebridge.leader, casebridge.projection")[0]
        if last != projected or self._retrying():
            return None
        for agency in self.world.agencies:
            caught_up = self.world.agency(agency).query(
                "SELECT coalesce(bool_and(r.write_lsn >= pg_current_wal_flush_lsn()), false) FROM pg_replication_slots s"
                " LEFT JOIN pg_stat_replication r ON r.pid = s.active_pid WHERE s.slot_type = 'logical'", database=agency)
            if not caught_up[0][0]:
                return None
        return last

    def _retrying(self, grace_seconds=1.0):
        """Whether a step that failed is still to be tried again: until then silence means nothing."""
        now = datetime.datetime.now(datetime.timezone.utc)
        for event in self.events("retry_scheduled")[-10:]:
            due = datetime.datetime.fromisoformat(event["time"].replace("Z", "+00:00"))
            if now < due + datetime.timedelta(milliseconds=int(event["delay_ms"]), seconds=grace_seconds):
                return True
        return False
