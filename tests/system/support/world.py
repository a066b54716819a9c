"""The two sample agencies and an empty hub on throw-away servers, with a bridge configuration that points at them.

    with World(people=500) as world:
        world.write_configuration()          # -> path of bridge.jsonc in world.directory
        world.agency("sp").query(...)

Databases: `sp`, `es` and `hub`, each on a server of its own; with `agencies=THREE` also `hs`, and the configuration is that of
examples/three_agencies. Roles: those of examples/roles.sql; `application`, which stands for
the agencies' own programs; `casebridge_hub`, which owns the database `hub`. Nothing of `casebridge setup` is done here.
"""

import copy
import json
import os
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

from .cluster import Cluster

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
EXAMPLES = os.path.join(ROOT, "examples")
SCHEMAS = {"sp": "sp", "es": "jobs", "hs": "health"}
TWO = ("sp", "es")
THREE = ("sp", "es", "hs")

sys.path.insert(0, EXAMPLES)
from generate import generate  # noqa: E402


def without_comments(text):
    """JSON with // and /* */ comments as plain JSON; every line keeps its number. Strings are left alone."""
    out = []
    at = 0
    while at < len(text):
        if text[at] == '"':
            end = at + 1
            while text[end] != '"':
                end += 2 if text[end] == "\\" else 1
            out.append(text[at:end + 1])
            at = end + 1
        elif text.startswith("//", at):
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
        elif text.startswith("/*", at):
            end = text.index("*/", at) + 2
            out.append("\n" * text.count("\n", at, end))
            at = end
        else:
            out.append(text[at])
            at += 1
    return "".join(out)


def load_jsonc(path):
    with open(path, encoding="utf-8") as file:
        return json.loads(without_comments(file.read()))


class World:
    """`people` 0 leaves the agencies empty. `shares` go to the population (overlap, differing)."""

    def __init__(self, people=0, seed=1, fsync=False, settings=None, agencies=TWO, **shares):
        self.people = people
        self.agencies = agencies
        self.seed = seed
        self.shares = shares
        self.directory = tempfile.mkdtemp(prefix="cb-world-")
        os.chmod(self.directory, 0o755)
        self.clusters = {}
        try:
            with ThreadPoolExecutor() as pool:
                made = {name: pool.submit(Cluster, name, fsync, settings) for name in (*agencies, "hub")}
            self.clusters = {name: future.result() for name, future in made.items()}
        except BaseException:
            self.close()
            raise

    def agency(self, name):
        return self.clusters[name]

    @property
    def hub(self):
        return self.clusters["hub"]

    def __enter__(self):
        try:
            for cluster in self.clusters.values():
                cluster.start()
            self._make_hub()
            for agency in self.agencies:
                self._make_agency(agency)
            if self.people:
                generate({agency: self.agency(agency).conninfo(agency) for agency in TWO},
                         self.people, self.seed, **self.shares)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for cluster in self.clusters.values():
            cluster.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _make_hub(self):
        self.hub.query("CREATE ROLE casebridge_hub LOGIN")
        # As docs/operate.md says: the server's log does not quote what it refuses.
        for setting in ("log_error_verbosity = 'terse'", "log_parameter_max_length = 0"):
            self.hub.query(f"ALTER ROLE casebridge_hub SET {setting}")
        self.hub.query("CREATE DATABASE hub OWNER casebridge_hub")

    def _make_agency(self, agency):
        cluster, schema = self.agency(agency), SCHEMAS[agency]
        cluster.query(f"CREATE DATABASE {agency}")
        cluster.psql(os.path.join(EXAMPLES, agency, "schema.sql"), agency)
        cluster.psql(os.path.join(EXAMPLES, "roles.sql"), agency)
        cluster.psql(os.path.join(EXAMPLES, agency, "grants.sql"), agency)
        cluster.query(
            f"CREATE ROLE application LOGIN; GRANT USAGE ON SCHEMA {schema} TO application;"
            f"GRANT ALL ON ALL TABLES IN SCHEMA {schema} TO application;"
            f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO application", database=agency)

    def configuration(self):
        """The sample configuration as dictionaries by file name, all in one directory, with the connections of this world."""
        files = {}
        for sample in ("bridge",) if self.agencies == TWO else ("bridge", "three_agencies"):
            directory = os.path.join(EXAMPLES, sample)
            files |= {name: load_jsonc(os.path.join(directory, name))
                      for name in sorted(os.listdir(directory)) if name.endswith(".jsonc")}
        bridge = files["bridge.jsonc"]
        for entry in (bridge, *bridge["agencies"].values()):
            key = "model" if entry is bridge else "mapping"
            entry[key] = os.path.basename(entry[key])
        bridge["hub"]["connection"] = self.hub.conninfo("hub", "casebridge_hub")
        for agency, entry in bridge["agencies"].items():
            cluster = self.agency(agency)
            entry["capture"] = cluster.conninfo(agency, "casebridge_capture")
            entry["deliver"] = cluster.conninfo(agency, "casebridge_deliver")
            entry["setup"] = cluster.conninfo(agency, cluster.superuser)
        bridge["web"]["listen"] = "127.0.0.1:0"  # any free port
        return files

    def write_configuration(self, change=None, directory="bridge"):
        """Writes the configuration below `self.directory`; returns the path of bridge.jsonc.

        `change(files)` may edit the dictionaries first.
        """
        files = copy.deepcopy(self.configuration())
        if change is not None:
            change(files)
        target = os.path.join(self.directory, directory)
        os.makedirs(target, exist_ok=True)
        for name, content in files.items():
            with open(os.path.join(target, name), "w", encoding="utf-8") as file:
                json.dump(content, file, ensure_ascii=False, indent=2)
                file.write("\n")
        return os.path.join(target, "bridge.jsonc")
