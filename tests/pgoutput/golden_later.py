"""The steps that show the messages of protocols 2 and 3, and how they are captured.

What is streamed depends on when the server decodes, so the steps are read live: behind each one a small transaction of
another session (the barrier) is committed, and the stream is read up to its end. It flushes the WAL, and it stands
between the blocks of whatever is streamed at that moment.
"""

import psycopg2

from golden_server import Replication

SETUP = """
CREATE TYPE status AS ENUM ('open', 'closed');
CREATE TABLE person (id integer PRIMARY KEY, name text, state status);
CREATE TABLE household (id integer PRIMARY KEY);
CREATE TABLE ballast (id integer, filler text);
CREATE PUBLICATION golden FOR TABLE person, household;
SELECT pg_replication_origin_create('casebridge_sp');
"""

# Not published, so nothing of it is sent; but it counts against logical_decoding_work_mem.
BALLAST = "INSERT INTO ballast SELECT g, 'x' FROM generate_series(1, 1000) g"

STREAMED = [
    "BEGIN; INSERT INTO person VALUES (1, 'Ann', 'open');"
    " SELECT pg_logical_emit_message(true, 'casebridge', 'inside'); " + BALLAST,
    "UPDATE person SET id = 2; UPDATE person SET name = NULL; DELETE FROM person; TRUNCATE household; " + BALLAST,
    "COMMIT",
    "INSERT INTO person VALUES (2, 'not streamed', NULL)",
    "BEGIN; INSERT INTO person VALUES (3, 'outer', NULL); SAVEPOINT s;"
    " INSERT INTO person VALUES (4, 'inner', NULL); " + BALLAST,
    "ROLLBACK TO SAVEPOINT s; INSERT INTO person VALUES (5, 'outer again', NULL)",
    "COMMIT",
    "BEGIN; INSERT INTO person VALUES (6, 'never', NULL); " + BALLAST,
    "ROLLBACK",
    "SELECT pg_replication_origin_session_setup('casebridge_sp')",
    "BEGIN; SELECT pg_replication_origin_xact_setup('0/2A', '2024-05-06 07:08:09.123456+00');"
    " INSERT INTO person VALUES (7, 'of an origin', NULL); " + BALLAST,
    "COMMIT",
    "SELECT pg_replication_origin_session_reset()",
    "SELECT pg_logical_emit_message(false, 'other', 'outside')",
]

TWO_PHASE = [
    "BEGIN; INSERT INTO person VALUES (10, 'prepared', 'open'); PREPARE TRANSACTION 'first ünd one'",
    "COMMIT PREPARED 'first ünd one'",
    "BEGIN; UPDATE person SET name = 'undone' WHERE id = 10; PREPARE TRANSACTION 'second'",
    "ROLLBACK PREPARED 'second'",
    "SELECT pg_replication_origin_session_setup('casebridge_sp')",
    "BEGIN; SELECT pg_replication_origin_xact_setup('0/2A', '2024-05-06 07:08:09.123456+00');"
    " DELETE FROM person WHERE id = 10; PREPARE TRANSACTION 'of an origin'",
    "COMMIT PREPARED 'of an origin'",
    "SELECT pg_replication_origin_session_reset()",
]

STREAMED_TWO_PHASE = [
    "BEGIN; INSERT INTO person VALUES (20, 'streamed and prepared', NULL); " + BALLAST,
    "PREPARE TRANSACTION 'large'",
    "COMMIT PREPARED 'large'",
    "BEGIN; DELETE FROM person WHERE id = 20; " + BALLAST + "; PREPARE TRANSACTION 'undone'",
    "ROLLBACK PREPARED 'undone'",
]

# File, steps, options of the stream, and whether the slot decodes prepared transactions.
STREAMS = [
    ("streamed.hex", STREAMED, {"proto_version": "2", "streaming": "on"}, False),
    ("two_phase.hex", TWO_PHASE, {"proto_version": "3", "two_phase": "on"}, True),
    ("streamed_two_phase.hex", STREAMED_TWO_PHASE, {"proto_version": "3", "streaming": "on", "two_phase": "on"}, True),
]


def session(cluster):
    connection = psycopg2.connect(cluster.conninfo())
    connection.autocommit = True
    return connection.cursor()


def run(cursor, statements):
    for statement in statements.split("; "):
        cursor.execute(statement)


def capture_stream(cluster, name, steps, options, two_phase):
    worker, barrier = session(cluster), session(cluster)
    barrier.execute("SELECT pg_create_logical_replication_slot(%s, 'pgoutput', false, %s)", (name, two_phase))
    all_options = options | {"publication_names": "golden", "messages": "true"}
    lines = ["# " + ", ".join(f"{key} '{value}'" for key, value in all_options.items())]
    with Replication(cluster.conninfo("replication=database"), name, all_options) as replication:
        for step in steps:
            run(worker, step)
            barrier.execute("SELECT pg_logical_emit_message(true, 'barrier', '')")
            lines.append("# " + step)
            at_barrier = False
            while True:
                payload = replication.read_payload()
                lines.append(payload.hex())
                if payload[:1] == b"C" and at_barrier:
                    break
                at_barrier = payload[:1] == b"M" and b"barrier" in payload
    worker.connection.close()
    return lines


def capture(cluster):
    """Gives the name and the lines of each file."""
    cursor = session(cluster)
    for statement in SETUP.split(";\n"):
        if statement.strip():
            cursor.execute(statement)
    for file, steps, options, two_phase in STREAMS:
        yield file, capture_stream(cluster, file.removesuffix(".hex"), steps, options, two_phase)
