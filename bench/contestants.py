"""Who is compared. Each has two servers, `a` and `b`, with the same tables, and copies from a to b.

`prepare()` sets the contestant up and leaves it stopped, both sides equal; `resume()` and `pause()` start and stop the
copying, `resume()` returning as soon as the start has been asked for; `cpu_seconds()` is what all its processes have used.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile

import processes
from support.cluster import Cluster, wait_for
from support.world import load_jsonc

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
DATABASE = "bench"
PATIENCE_SECONDS = 600

# PostgreSQL's own defaults where the tests' clusters have others.
SETTINGS = {"shared_buffers": "128MB", "autovacuum_naptime": "1min", "log_replication_commands": "off"}


class Contestant:
    name = ""
    settings = {}
    servers = ("a", "b")

    def __init__(self, people):
        self.people = people
        self.clusters = {name: Cluster(f"{self.name}-{name}", fsync=True, settings={**SETTINGS, **self.settings})
                         for name in self.servers}

    def __enter__(self):
        try:
            for cluster in self.clusters.values():
                cluster.start()
            for side in ("a", "b"):
                self.side(side).query(f"CREATE DATABASE {DATABASE}")
                self.side(side).psql(os.path.join(HERE, "tables.sql"), DATABASE, {"people": self.people})
                self.side(side).query("VACUUM ANALYZE", database=DATABASE)
            self.prepare()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for cluster in self.clusters.values():
            cluster.close()

    def side(self, name):
        return self.clusters[name]

    def connect(self, side):
        return self.side(side).connect(DATABASE, application="bench")

    def query(self, side, sql):
        return self.side(side).query(sql, database=DATABASE)

    def rest(self):
        """Every round begins with fresh statistics and without a checkpoint due, as far as that can be arranged."""
        for name, cluster in self.clusters.items():
            cluster.query("VACUUM ANALYZE", database=name if name == "hub" else DATABASE)
            cluster.query("CHECKPOINT")

    def cpu_seconds(self):
        return sum(processes.cluster_cpu_seconds(cluster) for cluster in self.clusters.values())

    def peak_memory_bytes(self):
        """Of the daemon, if there is one."""
        return None

    def check_alive(self):
        """Raises when the contestant cannot finish any more."""


class Native(Contestant):
    """PostgreSQL's own logical replication."""

    name = "native"

    def prepare(self):
        self.query("a", "CREATE PUBLICATION p FOR TABLE bench.person, bench.service_event")
        self.query("a", "SELECT pg_create_logical_replication_slot('s', 'pgoutput')")
        self.query("b", f"CREATE SUBSCRIPTION s CONNECTION '{self.side('a').conninfo(DATABASE)}' PUBLICATION p "
                        "WITH (copy_data = false, create_slot = false, slot_name = s, enabled = false)")

    def resume(self):
        self.query("b", "ALTER SUBSCRIPTION s ENABLE")

    def pause(self):
        self.query("b", "ALTER SUBSCRIPTION s DISABLE")
        wait_for(lambda: self.query("a", "SELECT 1 FROM pg_replication_slots WHERE NOT active"), 60, "a free slot")


class Pglogical(Contestant):
    """The pglogical extension."""

    name = "pglogical"
    settings = {"shared_preload_libraries": "pglogical", "track_commit_timestamp": "on"}

    def prepare(self):
        for side, dsn in ((side, self.side(side).conninfo(DATABASE)) for side in ("a", "b")):
            self._trust_plugin(side)
            self.query(side, "CREATE EXTENSION pglogical")
            self.query(side, f"SELECT pglogical.create_node('{side}', '{dsn}')")
        self.query("a", "SELECT pglogical.replication_set_add_all_tables('default', '{bench}')")
        self.query("b", f"SELECT pglogical.create_subscription('s', '{self.side('a').conninfo(DATABASE)}', "
                        "synchronize_structure := false, synchronize_data := false)")
        wait_for(lambda: self.query("b", "SELECT status FROM pglogical.show_subscription_status('s')")
                 == [("replicating",)], 60, "pglogical replicates")
        self.pause()

    def _trust_plugin(self, side):
        """Some releases of Debian's server let replication roles use only output plugins that a setting names."""
        trusted = self.query(side, "SELECT setting FROM pg_settings WHERE name = 'output_plugin_libraries'")
        if trusted:
            names = [name.strip() for name in trusted[0][0].split(",")] + ["pglogical_output"]
            self.query(side, f"ALTER SYSTEM SET output_plugin_libraries = {', '.join(names)}")
            self.query(side, "SELECT pg_reload_conf()")

    def resume(self):
        self.query("b", "SELECT pglogical.alter_subscription_enable('s', true)")

    def pause(self):
        self.query("b", "SELECT pglogical.alter_subscription_disable('s', true)")
        wait_for(lambda: not self.query("a", "SELECT 1 FROM pg_replication_slots WHERE active"), 60, "a free slot")


class Casebridge(Contestant):
    """The daemon, with a hub on a server of its own, an identity mapping and both directions switched on."""

    name = "casebridge"
    servers = ("a", "b", "hub")

    def __init__(self, people):
        self.daemon = None
        self.log = None
        self.directory = tempfile.TemporaryDirectory(prefix="cb-bench-")
        self.program = os.environ.get("CASEBRIDGE_EXE", os.path.join(ROOT, "build", "release", "casebridge"))
        super().__init__(people)

    def prepare(self):
        self.side("hub").query("CREATE ROLE casebridge_hub LOGIN")
        self.side("hub").query("CREATE DATABASE hub OWNER casebridge_hub")
        for side in ("a", "b"):
            self.side(side).psql(os.path.join(ROOT, "examples", "roles.sql"), DATABASE)
            self.side(side).psql(os.path.join(HERE, "grants.sql"), DATABASE)
        self.bridge = self._write_bridge()
        self.log = open(os.path.join(self.directory.name, "log"), "w+b")
        subprocess.run([self.program, "setup", "--config", self.bridge], check=True, stdout=self.log, stderr=self.log)
        self.resume()
        # Both sides are surveyed and every person is linked to its twin before anything is measured.
        wait_for(self._introduced, PATIENCE_SECONDS, "both agencies are surveyed and swept", interval=0.5)
        self.pause()

    def _write_bridge(self):
        source = os.path.join(HERE, "bridge")
        files = {name: load_jsonc(os.path.join(source, name)) for name in os.listdir(source)}
        bridge = files["bridge.jsonc"]
        bridge["hub"]["connection"] = self.side("hub").conninfo("hub", "casebridge_hub")
        for side, entry in bridge["agencies"].items():
            entry["capture"] = self.side(side).conninfo(DATABASE, "casebridge_capture")
            entry["deliver"] = self.side(side).conninfo(DATABASE, "casebridge_deliver")
            entry["setup"] = self.side(side).conninfo(DATABASE)
        for name, content in files.items():
            with open(os.path.join(self.directory.name, name), "w", encoding="utf-8") as file:
                json.dump(content, file)
        return os.path.join(self.directory.name, "bridge.jsonc")

    def _introduced(self):
        self.check_alive()
        hub = self.side("hub")
        if hub.query("SELECT to_regclass('casebridge.link')", database="hub")[0][0] is None:
            return False
        links, = hub.query("SELECT count(*) FROM casebridge.link WHERE state = 'live'", database="hub")[0]
        swept, = hub.query("SELECT count(DISTINCT agency) FROM casebridge.journal WHERE kind = 'agency_swept'",
                           database="hub")[0]
        return links == 2 * self.people and swept == 2

    def check_alive(self):
        if self.daemon is None or self.daemon.poll() is not None:
            raise RuntimeError("the daemon has ended:\n" + self.log_tail())

    def log_tail(self):
        self.log.flush()
        with open(self.log.name, encoding="utf-8", errors="replace") as file:
            return "".join(file.readlines()[-15:])

    def resume(self):
        self.daemon = subprocess.Popen([self.program, "run", "--config", self.bridge], stdin=subprocess.DEVNULL,
                                       stdout=self.log, stderr=self.log)

    def pause(self):
        if self.daemon is None:
            return
        self.daemon.send_signal(signal.SIGTERM)
        try:
            self.daemon.wait(90)
        except subprocess.TimeoutExpired:
            print("the daemon did not end within 90 s and is killed", file=sys.stderr)
            self.daemon.kill()
            self.daemon.wait()
        self.daemon = None

    def close(self):
        self.pause()
        super().close()
        if self.log is not None:
            self.log.close()
        self.directory.cleanup()

    def cpu_seconds(self):
        return super().cpu_seconds() + (processes.process_cpu_seconds(self.daemon.pid) if self.daemon else 0.0)

    def peak_memory_bytes(self):
        self.check_alive()
        return processes.peak_memory_bytes(self.daemon.pid)


BY_NAME = {kind.name: kind for kind in (Casebridge, Native, Pglogical)}
