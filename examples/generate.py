#!/usr/bin/python3
"""Fills the two sample agencies' databases with a made-up population. The schemas must be there and empty.

    examples/generate.py --people 5000 --seed 1 --sp 'service=sp' --es 'service=es'

The same numbers give the same rows. Rows are streamed with COPY; a million people take a few minutes.
"""

import argparse
import io
import os
import queue
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from population import TABLES, Population, agency_of  # noqa: E402

END = None
ABORT = "abort"

# What can be written only once all rows are there.
SETTLE = {
    "sp": """
        UPDATE sp.household h SET head_person_id = p.head
          FROM (SELECT household_id, min(id) AS head FROM sp.person GROUP BY household_id) p
         WHERE p.household_id = h.id;
        SELECT setval(pg_get_serial_sequence('sp.household', 'id'), greatest(max(id), 1)) FROM sp.household;
        SELECT setval(pg_get_serial_sequence('sp.person', 'id'), greatest(max(id), 1)) FROM sp.person;
        SELECT setval(pg_get_serial_sequence('sp.support_plan', 'id'), greatest(max(id), 1)) FROM sp.support_plan;
    """,
    "es": "",
}


class Loader(threading.Thread):
    """Writes one agency's batches in one transaction, while the next batch is being made."""

    def __init__(self, agency, conninfo):
        super().__init__(daemon=True)
        self.agency = agency
        self.conninfo = conninfo
        self.batches = queue.Queue(maxsize=2)  # bounds memory: whoever is slower sets the pace
        self.error = None
        self.failed = threading.Event()

    def put(self, batch):
        """Hands over a batch, or END, or ABORT; gives it up when the thread has failed and reads no more."""
        while not self.failed.is_set():
            try:
                return self.batches.put(batch, timeout=0.5)
            except queue.Full:
                continue

    def run(self):
        try:
            self._load()
        except Exception as error:  # handed to whoever waits for this thread
            self.error = error
            self.failed.set()

    def _load(self):
        import psycopg2  # only here: the population itself needs nothing but the standard library

        connection = psycopg2.connect(self.conninfo, application_name="generate", client_encoding="UTF8")
        try:
            with connection, connection.cursor() as cursor:
                while (batch := self.batches.get()) is not END:
                    if batch is ABORT:
                        raise RuntimeError("the population was not made completely; nothing was loaded")
                    for table, lines in batch.items():
                        if lines:
                            cursor.copy_expert(f"COPY {table} ({TABLES[table]}) FROM STDIN", io.StringIO("".join(lines)))
                if SETTLE[self.agency]:
                    cursor.execute(SETTLE[self.agency])
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
        finally:
            connection.close()


def generate(conninfos, people, seed, **shares):
    """Fills the databases named by `conninfos`, a dictionary with the keys sp and es. Raises what the database raised."""
    loaders = {agency: Loader(agency, conninfo) for agency, conninfo in conninfos.items()}
    for loader in loaders.values():
        loader.start()
    last = ABORT
    try:
        for batch in Population(people, seed, **shares).batches():
            for agency, loader in loaders.items():
                loader.put({table: lines for table, lines in batch.items() if agency_of(table) == agency})
        last = END
    finally:
        for loader in loaders.values():
            loader.put(last)
            loader.join()
    for loader in loaders.values():
        if loader.error is not None:
            raise loader.error


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=5000, help="people at social protection (default 5000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--overlap", type=float, default=0.30, help="share of the able-bodied known to both agencies")
    parser.add_argument("--differing", type=float, default=0.05, help="share of those with another spelling, phone, address")
    parser.add_argument("--sp", required=True, metavar="CONNINFO")
    parser.add_argument("--es", required=True, metavar="CONNINFO")
    options = parser.parse_args()
    generate({"sp": options.sp, "es": options.es}, options.people, options.seed,
             overlap=options.overlap, differing=options.differing)


if __name__ == "__main__":
    main()
