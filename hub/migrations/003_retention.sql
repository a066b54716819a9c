-- Retention: how old entries are found, and what a rebuild starts from once their values are gone.

-- All entries recorded before `cutoff` are at or below the answer, and none that is younger. recorded_at rises
-- with seq, so a few probes of the primary key find it.
CREATE FUNCTION casebridge.last_seq_before(cutoff timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
DECLARE
    low    bigint := 0;  -- Nothing at or below is younger.
    high   bigint := coalesce((SELECT max(seq) FROM casebridge.journal), 0);  -- Everything above is younger.
    middle bigint;
    probe  record;
BEGIN
    WHILE low < high LOOP
        middle := low + (high - low + 1) / 2;
        SELECT seq, recorded_at INTO probe FROM casebridge.journal WHERE seq <= middle ORDER BY seq DESC LIMIT 1;
        IF NOT FOUND OR probe.recorded_at < cutoff THEN
            low := middle;
        ELSE
            high := probe.seq - 1;
        END IF;
    END LOOP;
    RETURN low;
END $$;

-- The projections as they were at projected_seq: a rebuild begins here. Empty until something is pruned.
CREATE SCHEMA casebridge_snapshot;
CREATE TABLE casebridge_snapshot.projection (
    only_row      boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    projected_seq bigint NOT NULL,
    taken_at      timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE casebridge_snapshot.record (LIKE casebridge.record);
CREATE TABLE casebridge_snapshot.link (LIKE casebridge.link);
CREATE TABLE casebridge_snapshot.identity (LIKE casebridge.identity);
CREATE TABLE casebridge_snapshot.reference (LIKE casebridge.reference);
CREATE TABLE casebridge_snapshot.waiting (LIKE casebridge.waiting);
CREATE TABLE casebridge_snapshot.hold (LIKE casebridge.hold);
CREATE TABLE casebridge_snapshot.refusal (LIKE casebridge.refusal);
CREATE TABLE casebridge_snapshot.conflict (LIKE casebridge.conflict);
CREATE TABLE casebridge_snapshot.parked (LIKE casebridge.parked);
CREATE TABLE casebridge_snapshot.agency_state (LIKE casebridge.agency_state);
CREATE TABLE casebridge_snapshot.table_state (LIKE casebridge.table_state);
