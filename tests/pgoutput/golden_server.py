"""What capturing needs: a throw-away server and a replication connection to it."""

import ctypes
import os
import pwd
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path

BIN = Path("/usr/lib/postgresql/15/bin")


class Cluster:
    """A throw-away server on a socket in a temporary directory; gone when the block is left."""

    def __init__(self, *settings):
        self.settings = ["wal_level=logical", "listen_addresses=", "fsync=off", *settings]

    def __enter__(self):
        self.directory = Path(tempfile.mkdtemp(prefix="pgoutput_golden_"))
        if os.geteuid() == 0:
            account = pwd.getpwnam("postgres")
            os.chown(self.directory, account.pw_uid, account.pw_gid)
        self.data = self.directory / "data"
        try:
            self._run("initdb", "--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-locale",
                     "-D", self.data)
            given = [*self.settings, f"unix_socket_directories={self.directory}"]
            settings = " ".join(f"-c {one}" for one in given)
            self._run("pg_ctl", "start", "-w", "-D", self.data, "-o", settings, "-l", self.directory / "log")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if (self.data / "postmaster.pid").exists():
            self._run("pg_ctl", "stop", "-m", "immediate", "-D", self.data)
        shutil.rmtree(self.directory)

    def _run(self, program, *arguments):
        as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        command = as_postgres + [str(BIN / program), *map(str, arguments)]
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL)

    def conninfo(self, extra=""):
        return f"host={self.directory} user=postgres dbname=postgres client_encoding=UTF8 {extra}"


class Replication:
    """A replication connection; read() gives one CopyData frame."""

    def __init__(self, conninfo, slot, options):
        self.pq = ctypes.CDLL("libpq.so.5")
        for name in ("PQconnectdb", "PQexec"):
            getattr(self.pq, name).restype = ctypes.c_void_p
        self.connection = ctypes.c_void_p(self.pq.PQconnectdb(conninfo.encode()))
        given = ", ".join(f"{key} '{value}'" for key, value in options.items())
        self.pq.PQexec(self.connection, f"START_REPLICATION SLOT {slot} LOGICAL 0/0 ({given})".encode())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.pq.PQfinish(self.connection)

    def read(self):
        buffer = ctypes.c_char_p()
        length = self.pq.PQgetCopyData(self.connection, ctypes.byref(buffer), 0)
        if length <= 0:
            raise SystemExit("the replication stream ended")
        frame = ctypes.string_at(buffer, length)
        self.pq.PQfreemem(buffer)
        return frame

    def read_kind(self, kind):
        """The next frame of that kind; others are passed over."""
        while True:
            frame = self.read()
            if frame[:1] == kind:
                return frame

    def read_payload(self):
        """The next pgoutput message."""
        return self.read_kind(b"w")[25:]

    def ask_for_reply(self):
        """Sends a status update and returns it. Its flush position of 0/1 acknowledges nothing."""
        status = b"r" + struct.pack(">QQQqB", 1, 1, 1, 0, 1)
        self.pq.PQputCopyData(self.connection, status, len(status))
        self.pq.PQflush(self.connection)
        return status
