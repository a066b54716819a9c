"""The program under demonstration: its commands, and one daemon process that can be held up, killed and started again."""

import json
import os
import re
import signal
import subprocess
import urllib.error
import urllib.request

from interruption import uninterrupted
from support.cluster import wait_for


class BridgeError(RuntimeError):
    """A command of casebridge failed, or the daemon ended by itself; the text holds what it said."""


class Bridge:
    """`log` is the file that the daemon's standard error is added to. close() leaves no process behind."""

    def __init__(self, executable, configuration, log):
        self.executable = executable
        self.configuration = configuration
        self.log = log
        self.address = None
        self._process = None

    def command(self, *arguments):
        """Runs `casebridge ARGUMENTS --config …`; returns what it printed."""
        done = subprocess.run([self.executable, *arguments, "--config", self.configuration], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            raise BridgeError(f"casebridge {' '.join(arguments)} ended with {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    def status(self):
        return json.loads(self.command("status", "--json"))

    @property
    def pid(self):
        return self._process.pid

    def start(self):
        """Starts the daemon and returns once it leads and reads both agencies."""
        with open(self.log, "ab") as log:
            begin = log.tell()
            # A session of its own: Ctrl-C is for the demo, which then ends the daemon in order.
            # Uninterrupted, or an exception could lose the process after it was made.
            with uninterrupted():
                self._process = subprocess.Popen([self.executable, "run", "--config", self.configuration],
                                                 stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                                 start_new_session=True)
        self.address = wait_for(lambda: self._listening(begin), 20, "the daemon serves its health page")
        wait_for(self._ready, 60, "the daemon leads and reads both agencies")

    def _listening(self, begin):
        self.check()
        with open(self.log, "rb") as log:
            log.seek(begin)
            found = re.search(rb"event=http_listening .*address=(\S+)", log.read())
        return found and found.group(1).decode()

    def _ready(self):
        self.check()
        try:
            with urllib.request.urlopen(f"http://{self.address}/readyz", timeout=5) as answer:
                return answer.status == 200
        except urllib.error.HTTPError:  # 503: not yet
            return False

    def check(self):
        """Raises BridgeError if the daemon has ended although nobody asked it to."""
        if self._process is not None and self._process.poll() is not None:
            raise BridgeError(f"the daemon ended by itself with {self._process.returncode}:\n{self.log_tail()}")

    def hold_up(self):
        self._process.send_signal(signal.SIGSTOP)

    def let_go(self):
        self._process.send_signal(signal.SIGCONT)

    def kill(self):
        """SIGKILL: the daemon gets no chance to finish anything. Returns its wait status, negative for a signal."""
        self._process.kill()
        return self._end(10)

    def stop(self):
        """SIGTERM: the daemon finishes what it has in hand. Returns its exit code."""
        self._process.terminate()
        self._process.send_signal(signal.SIGCONT)
        return self._end(40)

    def _end(self, seconds):
        code = self._process.wait(seconds)
        self._process = None
        return code

    def close(self):
        if self._process is None:
            return
        try:
            self.stop()
        except subprocess.TimeoutExpired:
            self.kill()

    def log_tail(self, lines=15):
        if not os.path.exists(self.log):
            return ""
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return "".join(log.readlines()[-lines:])
