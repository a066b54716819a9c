-- The journal is the truth; every other table but leader and journal_partition is a projection of it and can be
-- dropped and rebuilt. docs/hub.md explains each.

CREATE TABLE casebridge.leader (
    only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    epoch       bigint NOT NULL DEFAULT 0,
    last_seq    bigint NOT NULL DEFAULT 0,
    incarnation uuid NOT NULL DEFAULT gen_random_uuid(),
    holder      text NOT NULL DEFAULT '',
    since       timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 10);  -- Updated by every append: room for HOT updates.
INSERT INTO casebridge.leader DEFAULT VALUES;

CREATE TABLE casebridge.journal (
    seq         bigint NOT NULL,
    kind        text NOT NULL,
    agency      text,
    entity      text,
    record      bigint,
    commit_lsn  pg_lsn,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    envelope    jsonb NOT NULL,
    payload     jsonb,
    PRIMARY KEY (seq)
) PARTITION BY RANGE (seq);
CREATE INDEX journal_record ON casebridge.journal (record, seq) WHERE record IS NOT NULL;

CREATE TABLE casebridge.journal_partition (
    name     text PRIMARY KEY,
    from_seq bigint NOT NULL UNIQUE,  -- Inclusive.
    to_seq   bigint NOT NULL          -- Exclusive.
);

-- Raises CB001 unless `epoch` leads and the journal ends at `from_seq`; otherwise the journal now ends at `to_seq`.
CREATE FUNCTION casebridge.advance_journal(by_epoch bigint, from_seq bigint, to_seq bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE casebridge.leader SET last_seq = to_seq WHERE epoch = by_epoch AND last_seq = from_seq;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'leadership lost' USING ERRCODE = 'CB001';
    END IF;
END $$;

-- epoch is that of the leader: taking the lead waits for a projection under way and fences the next.
CREATE TABLE casebridge.projection (
    only_row      boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    epoch         bigint NOT NULL DEFAULT 0,
    projected_seq bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 10);
INSERT INTO casebridge.projection DEFAULT VALUES;

-- The same for the projections.
CREATE FUNCTION casebridge.advance_projection(by_epoch bigint, from_seq bigint, to_seq bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE casebridge.projection SET projected_seq = to_seq WHERE epoch = by_epoch AND projected_seq = from_seq;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'leadership lost' USING ERRCODE = 'CB001';
    END IF;
END $$;

-- state is written and read whole by the daemon: json keeps the text and costs no conversion.
CREATE TABLE casebridge.record (
    id       bigint PRIMARY KEY,
    entity   text NOT NULL,
    last_seq bigint NOT NULL,
    state    json NOT NULL,
    golden   jsonb NOT NULL,
    lacking  text[] NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX record_entity ON casebridge.record (entity, id);
CREATE INDEX record_lacking ON casebridge.record USING gin (lacking) WHERE lacking <> '{}';

CREATE TABLE casebridge.link (
    agency     text NOT NULL,
    table_name text NOT NULL,
    local_key  text NOT NULL,
    record     bigint NOT NULL,
    state      text NOT NULL,
    since      bigint NOT NULL,
    PRIMARY KEY (agency, table_name, local_key)
);
CREATE INDEX link_record ON casebridge.link (record);

-- A key may be longer than an index takes: found by its hash, then compared.
CREATE TABLE casebridge.identity (
    entity text NOT NULL,
    rule   text NOT NULL,
    key    text NOT NULL,
    record bigint NOT NULL
);
CREATE INDEX identity_key ON casebridge.identity (hashtextextended(key, 0));
CREATE INDEX identity_record ON casebridge.identity (record);

CREATE TABLE casebridge.reference (
    target bigint NOT NULL,
    record bigint NOT NULL,
    PRIMARY KEY (target, record)
);
CREATE INDEX reference_record ON casebridge.reference (record);

-- Rows that a record's rows refer to and that no link knows yet.
CREATE TABLE casebridge.waiting (
    agency     text NOT NULL,
    table_name text NOT NULL,
    local_key  text NOT NULL,
    record     bigint NOT NULL
);
CREATE INDEX waiting_record ON casebridge.waiting (record);

CREATE TABLE casebridge.hold (
    record bigint NOT NULL,
    unit   text NOT NULL,
    since  bigint NOT NULL,
    PRIMARY KEY (record, unit)
);
CREATE INDEX hold_since ON casebridge.hold (since);

CREATE TABLE casebridge.refusal (
    record     bigint NOT NULL,
    agency     text NOT NULL,
    table_name text NOT NULL,
    code       text NOT NULL,
    place      text NOT NULL,
    PRIMARY KEY (record, agency, table_name)
);

CREATE TABLE casebridge.conflict (
    seq        bigint NOT NULL,
    position   int NOT NULL,  -- Among the conflicts of the entry.
    agency     text NOT NULL,
    entity     text NOT NULL,
    record     bigint NOT NULL,
    unit       text NOT NULL,
    type       text NOT NULL,
    rule       text NOT NULL,
    verdict    text NOT NULL,
    winner     bigint,
    versions   jsonb NOT NULL,
    decided_at timestamptz NOT NULL,  -- recorded_at of the entry.
    PRIMARY KEY (seq, position)
);
CREATE INDEX conflict_record ON casebridge.conflict (record);

CREATE TABLE casebridge.parked (
    agency     text NOT NULL,
    table_name text NOT NULL,
    local_key  text NOT NULL,
    rows       bigint NOT NULL,
    code       text NOT NULL,
    place      text NOT NULL,
    record     bigint,           -- This and the next three: the newest row_parked entry of the key.
    commit_lsn pg_lsn NOT NULL,
    envelope   jsonb NOT NULL,
    payload    jsonb NOT NULL,
    PRIMARY KEY (agency, table_name, local_key)
);

CREATE TABLE casebridge.agency_state (
    agency  text PRIMARY KEY,
    end_lsn pg_lsn NOT NULL,
    seen    bigint NOT NULL,
    swept   boolean NOT NULL,
    -- The last merged change of a transaction that is merged in parts; otherwise NULL.
    inside_lsn     pg_lsn,
    inside_ordinal bigint
) WITH (fillfactor = 10);

CREATE TABLE casebridge.table_state (
    agency       text NOT NULL,
    table_name   text NOT NULL,
    survey       text NOT NULL,
    surveyed_to  text,
    truncated_at bigint,
    PRIMARY KEY (agency, table_name)
);

-- The views that the daemon has made, so that it touches only those whose definition changes.
CREATE TABLE casebridge.entity_view (
    entity     text PRIMARY KEY,
    definition text NOT NULL
);

CREATE SCHEMA casebridge_view;

-- Canonical texts as typed values; NULL for any other text, so that no row can break a view.
CREATE FUNCTION casebridge_view.to_date(canonical text) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN canonical !~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' OR canonical ~ '^0000' THEN NULL
        WHEN substr(canonical, 9, 2)::int
             > extract(day FROM (substr(canonical, 1, 7) || '-01')::date + interval '1 month' - interval '1 day')
        THEN NULL
        ELSE canonical::date
    END
$$;

CREATE FUNCTION casebridge_view.to_timestamptz(canonical text) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN casebridge_view.to_date(substr(canonical, 1, 10)) IS NOT NULL
             AND substr(canonical, 11) ~ '^T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?Z$'
        THEN canonical::timestamptz
    END
$$;

CREATE FUNCTION casebridge_view.to_numeric(canonical text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN canonical ~ '^-?[0-9]+(\.[0-9]+)?$' AND length(canonical) <= 1000 THEN canonical::numeric END
$$;

CREATE FUNCTION casebridge_view.to_boolean(canonical text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE canonical WHEN 'true' THEN true WHEN 'false' THEN false END
$$;

CREATE FUNCTION casebridge_view.to_record(canonical text) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN canonical ~ '^[0-9]{1,18}$' THEN canonical::bigint END
$$;
