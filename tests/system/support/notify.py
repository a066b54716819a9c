"""A socket that stands where systemd would (sd_notify), and what the unit gives to the service.

    with NotifySocket() as systemd:
        daemon = Daemon(world, environment=systemd.environment)
        daemon.start(ready=False)
        systemd.wait_for("READY=1", 20)
"""

import os
import re
import select
import socket

from .cluster import wait_for
from .world import ROOT


class NotifySocket:
    """All assignments that were sent, in order, as `NAME=value`."""

    def __init__(self, watchdog_usec=None):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        name = f"casebridge-notify-{os.getpid()}-{id(self)}"
        self.socket.bind("\0" + name)  # abstract: no file has to be removed
        self.environment = {"NOTIFY_SOCKET": "@" + name}
        if watchdog_usec is not None:
            self.environment["WATCHDOG_USEC"] = str(watchdog_usec)
        self.said = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def read(self):
        """Takes what has arrived; returns everything so far."""
        while select.select([self.socket], [], [], 0)[0]:
            self.said += self.socket.recv(4096).decode().splitlines()
        return self.said

    def wait_for(self, assignment, seconds, times=1):
        return wait_for(lambda: self.read().count(assignment) >= times, seconds, f"{times} × {assignment} after {self.said}")


def unit_settings(key):
    """The values of all lines `key=…` of the unit."""
    with open(os.path.join(ROOT, "systemd", "casebridge.service"), encoding="utf-8") as unit:
        return re.findall(rf"^{key}=(.*)$", unit.read(), re.MULTILINE)


def credentials(directory, contents, mode=0o400):
    """What systemd makes of the unit's LoadCredential= and Environment= lines: files in `directory`, and the variables.

    `contents` by credential; a credential without content, or content without a credential, is an error.
    """
    named = [value.split(":")[0] for value in unit_settings("LoadCredential")]
    if sorted(named) != sorted(contents):
        raise ValueError(f"the unit loads {named}, given are {sorted(contents)}")
    os.makedirs(directory, mode=0o700, exist_ok=True)
    for name, text in contents.items():
        path = os.path.join(directory, name)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)
    variables = dict(value.split("=", 1) for value in unit_settings("Environment"))
    return {"CREDENTIALS_DIRECTORY": directory, **{name: value.replace("%d", directory) for name, value in variables.items()}}
