#!/usr/bin/python3
"""Captures the golden files of the pgoutput tests from a real server.

Starts throw-away PostgreSQL clusters and writes, for protocol 1, golden/messages.hex (pgoutput payloads of the steps
below, as pg_logical_slot_peek_binary_changes returns them in one call) and golden/frames.hex (CopyData frames of a
replication connection, read through libpq); for protocols 2 and 3 the files that golden_later.py names. One message a
line, in hexadecimal; lines with # name the SQL that produced what follows. Positions, times and object ids differ from
run to run; the tests do not depend on them.

Usage: tests/pgoutput/capture_golden.py [1] [later]   (needs the Debian packages postgresql-15 and python3-psycopg2)
"""

import io
import sys
from pathlib import Path

import psycopg2

import golden_later
from golden_server import Cluster, Replication

GOLDEN = Path(__file__).resolve().parent / "golden"
OPTIONS = {"proto_version": "1", "publication_names": "golden", "messages": "true"}

# The toasted values are long: the server moves none out of line below 2 KiB.
SETUP = """
CREATE SCHEMA "Amt Süd";
CREATE TYPE status AS ENUM ('open', 'closed, "late"');
CREATE DOMAIN postcode AS text CHECK (value ~ '^[0-9]{5}$');
CREATE TABLE "Amt Süd"."Bürger" (
    "Id" integer PRIMARY KEY, "Straße Nr" text, born date, zip postcode, state status, amount numeric(8,2));
CREATE TABLE plan (id integer PRIMARY KEY, goal text);
ALTER TABLE plan ALTER goal SET STORAGE EXTERNAL;
CREATE TABLE plan_full (LIKE plan INCLUDING ALL);
ALTER TABLE plan_full REPLICA IDENTITY FULL;
CREATE TABLE household (id integer PRIMARY KEY, label varchar(40));
CREATE TABLE member (household integer NOT NULL REFERENCES household, number smallint, name text,
    twice integer GENERATED ALWAYS AS (number * 2) STORED, note text, UNIQUE (household, number));
ALTER TABLE member ALTER number SET NOT NULL;
ALTER TABLE member REPLICA IDENTITY USING INDEX member_household_number_key;
CREATE TABLE log_entry (line text);
ALTER TABLE log_entry REPLICA IDENTITY NOTHING;
CREATE TABLE filtered (id integer PRIMARY KEY, goal text);
ALTER TABLE filtered ALTER goal SET STORAGE EXTERNAL;
CREATE TABLE visit (id integer, year integer, note text, PRIMARY KEY (id, year)) PARTITION BY LIST (year);
CREATE TABLE visit_2024 PARTITION OF visit FOR VALUES IN (2024);
ALTER TABLE visit REPLICA IDENTITY FULL;
CREATE TABLE claim (id integer, year integer, note text, PRIMARY KEY (id, year)) PARTITION BY LIST (year);
CREATE TABLE claim_2024 PARTITION OF claim FOR VALUES IN (2024);
ALTER TABLE claim_2024 REPLICA IDENTITY FULL;
CREATE PUBLICATION golden FOR TABLE "Amt Süd"."Bürger", plan, plan_full, household, member, log_entry,
    filtered WHERE (id > 100), visit, claim WITH (publish_via_partition_root = true);
SELECT pg_create_logical_replication_slot('golden', 'pgoutput');
SELECT pg_replication_origin_create('casebridge_sp');
"""

# Each step is one transaction; a tuple (SQL, rows) is a COPY.
STEPS = [
    """INSERT INTO "Amt Süd"."Bürger" VALUES (1, 'Königsallee 7 – Öst', '1980-02-29', '04109', 'open', 12.50),
        (2, '', NULL, NULL, 'closed, "late"', NULL)""",
    """UPDATE "Amt Süd"."Bürger" SET "Straße Nr" = '木 🙂 ''\"\\' WHERE "Id" = 2""",
    """UPDATE "Amt Süd"."Bürger" SET "Id" = 3 WHERE "Id" = 2""",
    """DELETE FROM "Amt Süd"."Bürger" WHERE "Id" = 1""",
    ("COPY household FROM STDIN", "1\tA\n2\tB\n3\t\\N\n4\t\n"),
    "INSERT INTO plan SELECT 1, repeat('0123456789', 210)",
    "UPDATE plan SET id = 2",
    "UPDATE plan SET id = id",
    "INSERT INTO plan_full SELECT 1, repeat('abcdefghij', 210)",
    "UPDATE plan_full SET id = 2",
    "DELETE FROM plan_full",
    """INSERT INTO member (household, number, name) VALUES (1, 1, 'Ann'), (1, 2, NULL);
        UPDATE member SET name = 'Anna' WHERE number = 1;
        UPDATE member SET number = 3 WHERE number = 2;
        DELETE FROM member WHERE number = 3""",
    "ALTER TABLE household RENAME label TO title",
    "ALTER TABLE household ADD size smallint DEFAULT 1",
    "INSERT INTO household VALUES (5, 'E', 2)",
    "INSERT INTO log_entry VALUES ('a line')",
    "TRUNCATE household CASCADE",
    "TRUNCATE log_entry RESTART IDENTITY",
    """INSERT INTO household VALUES (6);
        SELECT pg_logical_emit_message(true, 'casebridge', 'inside ünd\nso');
        DELETE FROM household WHERE id = 6""",
    "SELECT pg_logical_emit_message(true, 'casebridge', '')",
    "SELECT pg_logical_emit_message(false, 'other', 'outside'::bytea || '\\x00ff'::bytea)",
    """SELECT pg_replication_origin_session_setup('casebridge_sp');
        SELECT pg_replication_origin_xact_setup('0/2A', '2024-05-06 07:08:09.123456+00');
        INSERT INTO household VALUES (7, 'ours')""",
    """SELECT pg_replication_origin_xact_setup('0/2B', '2024-05-06 07:08:10+00');
        SELECT pg_logical_emit_message(true, 'casebridge', 'marker')""",
    "SELECT pg_replication_origin_session_reset()",
    "INSERT INTO filtered SELECT 1, repeat('9876543210', 210)",
    "UPDATE filtered SET id = 101",
    "UPDATE filtered SET id = 2",
    "INSERT INTO visit VALUES (1, 2024, 'root FULL, partition DEFAULT')",
    "DELETE FROM visit",
    "INSERT INTO claim VALUES (1, 2024, 'root DEFAULT, partition FULL')",
    "UPDATE claim SET note = 'changed'",
    "DELETE FROM claim",
]


def run_steps(connection):
    """Runs the steps; returns for each its xid (0 when none was assigned) and its SQL."""
    done = []
    for step in STEPS:
        with connection.cursor() as cursor:
            if isinstance(step, tuple):
                statement, rows = step
                cursor.copy_expert(statement, io.StringIO(rows))
                statement += " -- " + repr(rows)
            else:
                statement = step
                cursor.execute(step)
            cursor.execute("SELECT coalesce(pg_current_xact_id_if_assigned()::text, '0')")
            xid = int(cursor.fetchone()[0])
        connection.commit()
        done.append((xid, statement))
    return done


def capture_messages(connection, steps):
    arguments = ", ".join(f"'{key}', '{value}'" for key, value in OPTIONS.items())
    with connection.cursor() as cursor:
        cursor.execute("SELECT xid::text, data"
                       f" FROM pg_logical_slot_peek_binary_changes('golden', NULL, NULL, {arguments})")
        rows = [(int(xid), bytes(data)) for xid, data in cursor.fetchall()]
    lines, pending = [], list(steps)
    current = None
    for xid, data in rows:
        if xid != current:
            current = xid
            while pending:
                step_xid, statement = pending.pop(0)
                lines.append("# " + " ".join(statement.split()))
                if step_xid == xid:
                    break
            else:
                raise SystemExit(f"no step has xid {xid}")
        lines.append(data.hex())
    return lines


def capture_frames(conninfo, count):
    """Reads `count` frames and the keepalive that answers a status update which asks for one."""
    with Replication(conninfo, "golden", OPTIONS) as replication:
        data = [replication.read_kind(b"w").hex() for _ in range(count)]
        status = replication.ask_for_reply()
        keepalive = replication.read_kind(b"k")
    return (["# the first frames of a stream: XLogData"] + data
            + ["# accepted by the server: standby status update 0/1 0/1 0/1, time 0, reply requested", status.hex()]
            + ["# the server's answer: primary keepalive", keepalive.hex()])


def server_version(connection):
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return cursor.fetchone()[0]


def write(name, version, lines):
    head = [f"# Written by tests/pgoutput/capture_golden.py from PostgreSQL {version}."]
    GOLDEN.mkdir(exist_ok=True)
    (GOLDEN / name).write_text("\n".join(head + lines) + "\n", encoding="utf-8")
    print(f"{name}: {sum(not line.startswith('#') for line in lines)} messages", file=sys.stderr)


def capture_protocol_1():
    with Cluster() as cluster:
        connection = psycopg2.connect(cluster.conninfo())
        connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in SETUP.split(";\n"):
                if statement.strip():
                    cursor.execute(statement)
        version = server_version(connection)
        connection.autocommit = False
        steps = run_steps(connection)
        messages = capture_messages(connection, steps)
        connection.close()
        frames = capture_frames(cluster.conninfo("replication=database"), 3)
    write("messages.hex", version, messages)
    write("frames.hex", version, frames)


def capture_later_protocols():
    # 64 kB is the least: a transaction above it is streamed.
    with Cluster("logical_decoding_work_mem=64kB", "max_prepared_transactions=10") as cluster:
        version = server_version(psycopg2.connect(cluster.conninfo()))
        for file, lines in golden_later.capture(cluster):
            write(file, version, lines)


def main():
    wanted = sys.argv[1:] or ["1", "later"]
    if "1" in wanted:
        capture_protocol_1()
    if "later" in wanted:
        capture_later_protocols()


if __name__ == "__main__":
    main()
