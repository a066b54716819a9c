"""Throw-away PostgreSQL servers for tests.

`Cluster(name)` makes a data directory below a fresh temporary directory, `start()` starts a server that listens on a unix
socket in it and nowhere else, `close()` stops it and removes the directory. Clusters that are still there when the process
ends, also by SIGINT or SIGTERM, are closed then. A killed process (SIGKILL) leaves its servers behind; nothing can help that.

initdb and the server refuse root, so as root everything runs as the user `postgres`.
"""

import atexit
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import psycopg2

_BINARIES = [
    os.environ.get("CASEBRIDGE_POSTGRES_BIN", ""),
    "/usr/lib/postgresql/15/bin",
]

DEFAULTS = {
    "wal_level": "logical",
    "max_wal_senders": 20,
    "max_replication_slots": 20,
    "shared_buffers": "32MB",
    "max_connections": 60,
    "autovacuum_naptime": "5s",
    "log_replication_commands": "on",
    "log_line_prefix": "%m [%p] %q%u@%d %a ",
}

_open_clusters = []


class ClusterError(RuntimeError):
    """A server did not do what it was told; the text holds the end of its log."""


def binary(name):
    for directory in _BINARIES:
        path = os.path.join(directory, name)
        if directory and os.access(path, os.X_OK):
            return path
    path = shutil.which(name)
    if path is None:
        raise ClusterError(f"{name} is not installed (packages.txt: postgresql-15)")
    return path


def wait_for(condition, seconds, what, interval=0.05):
    """Returns the first true value of `condition()`; raises TimeoutError, naming `what`, after `seconds`."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds:g} s: {what}")
        pause.wait(interval)


class Cluster:
    """One server. `settings` go to postgresql.conf; `fsync=True` makes it as slow and as safe as in production.

    Usable as a context manager: entering starts it, leaving closes it.
    """

    def __init__(self, name, fsync=False, settings=None):
        self.name = name
        self.user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        self.superuser = "postgres"
        self.directory = tempfile.mkdtemp(prefix=f"cb-{name}-")
        _open_clusters.append(self)
        self.data = os.path.join(self.directory, "data")
        self.log = os.path.join(self.directory, "log")
        self.port = 5432  # a part of the socket's file name, not a TCP port
        if os.geteuid() == 0:
            entry = pwd.getpwnam("postgres")
            os.chown(self.directory, entry.pw_uid, entry.pw_gid)
        os.chmod(self.directory, 0o755)  # the daemon under test may run as another user and needs the socket
        self._run("initdb", "--pgdata", self.data, "--auth", "trust", "--no-sync", "--encoding", "UTF8",
                  "--locale", "C.UTF-8", "--username", self.superuser)
        self.configure({**DEFAULTS, "fsync": "on" if fsync else "off", "listen_addresses": "''",
                        "unix_socket_directories": f"'{self.directory}'", **(settings or {})})

    def _run(self, program, *arguments, check=True):
        command = [binary(program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", self.user, "--", *command]
        # A file, not a pipe: the server inherits the handle and would keep a pipe open.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(command, cwd="/", stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                                  start_new_session=True, check=False)
            if check and done.returncode != 0:
                output.seek(0)
                said = output.read().decode(errors="replace")
                raise ClusterError(f"{program} of {self.name} failed: {said}\n{self.log_tail()}")
        return done.returncode

    def configure(self, settings):
        """Appends to postgresql.conf; takes effect at the next start."""
        with open(os.path.join(self.data, "postgresql.conf"), "a", encoding="utf-8") as conf:
            for key, value in settings.items():
                if isinstance(value, str) and not value.startswith("'"):
                    value = "'" + value.replace("'", "''") + "'"
                conf.write(f"{key} = {value}\n")

    def start(self):
        """Starts the server and waits until it answers, crash recovery included."""
        self._run("pg_ctl", "start", "--pgdata", self.data, "--log", self.log, "--wait", "--timeout", "60",
                  "--options", f"-p {self.port}")
        return self

    def stop(self, mode="fast"):
        """Stops it: `smart`, `fast`, or `immediate`, which is a crash: no checkpoint, every session cut."""
        self._run("pg_ctl", "stop", "--pgdata", self.data, "--mode", mode, "--wait", "--timeout", "60")

    def crash(self):
        self.stop("immediate")

    def running(self):
        return self._run("pg_ctl", "status", "--pgdata", self.data, check=False) == 0

    def close(self):
        """Stops the server if it runs and removes everything. May be called twice."""
        if self in _open_clusters:
            _open_clusters.remove(self)
        try:
            if os.path.isdir(self.data) and self.running():
                self.stop("immediate")
        finally:
            shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_):
        self.close()

    def conninfo(self, database="postgres", user=None):
        return f"host={self.directory} port={self.port} dbname={database} user={user or self.superuser}"

    def connect(self, database="postgres", user=None, application="test"):
        """A psycopg2 connection in autocommit."""
        connection = psycopg2.connect(self.conninfo(database, user), application_name=application)
        connection.autocommit = True
        return connection

    def query(self, sql, parameters=None, database="postgres"):
        """All rows of one statement, over a connection of its own; an empty list for a statement without rows."""
        connection = self.connect(database)
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql, parameters)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def psql(self, file, database="postgres", variables=None):
        """Runs a file through psql, stopping at the first error."""
        arguments = ["-v", "ON_ERROR_STOP=1", "-q", "-X", "-d", self.conninfo(database), "-f", file]
        for name, value in (variables or {}).items():
            arguments += ["-v", f"{name}={value}"]
        done = subprocess.run([binary("psql"), *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            raise ClusterError(f"{os.path.basename(file)} failed in {self.name}: {done.stdout}")

    def log_tail(self, lines=20):
        try:
            with open(self.log, encoding="utf-8", errors="replace") as log:
                return "".join(log.readlines()[-lines:])
        except OSError:
            return ""


def close_all():
    for cluster in list(_open_clusters):
        try:
            cluster.close()
        except (ClusterError, OSError) as error:
            print(f"cluster {cluster.name} was not closed: {error}", file=sys.stderr)


def _end(signal_number, _frame):
    # SystemExit unwinds the stack, so that context managers close in their order; what is left atexit closes.
    signal.signal(signal_number, signal.SIG_IGN)
    sys.exit(128 + signal_number)


def close_on_signals():
    """Makes SIGINT and SIGTERM end the process in order. Call it once, from the main thread of a test program."""
    signal.signal(signal.SIGINT, _end)
    signal.signal(signal.SIGTERM, _end)


atexit.register(close_all)
