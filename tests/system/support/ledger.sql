-- The ledger of one agency's database: every row change of every mapped table, who made it and when. It belongs to the
-- tests and shares nothing with the daemon: triggers that always fire, in a schema of their own that no publication names.

CREATE SCHEMA ledger;

CREATE TABLE ledger.entry (
    n           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    xid         xid8 NOT NULL DEFAULT pg_current_xact_id(),
    relation    text NOT NULL,
    op          text NOT NULL,
    key         text,                     -- empty for TRUNCATE
    who         text NOT NULL,            -- the login role, whatever it became later
    application text NOT NULL,
    before      jsonb,
    after       jsonb
);

-- Runs as the ledger's owner, so that the roles under test need no grant and cannot write here by other ways.
-- Arguments: names of columns that are left out (long texts).
CREATE FUNCTION ledger.record() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    omitted text[] := coalesce(TG_ARGV::text[], '{}');
    old_row jsonb;
    new_row jsonb;
BEGIN
    IF TG_OP IN ('UPDATE', 'DELETE') THEN
        old_row := to_jsonb(OLD) - omitted;
    END IF;
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        new_row := to_jsonb(NEW) - omitted;
    END IF;
    INSERT INTO ledger.entry (relation, op, key, who, application, before, after)
    VALUES (format('%s.%s', TG_TABLE_SCHEMA, TG_TABLE_NAME), TG_OP, coalesce(new_row, old_row) ->> 'id', session_user,
            current_setting('application_name'), old_row, new_row);
    RETURN NULL;
END $$;

CREATE FUNCTION ledger.watch(watched regclass, omitted text[] DEFAULT '{}') RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    arguments text := (SELECT coalesce(string_agg(quote_literal(o), ', '), '') FROM unnest(omitted) o);
BEGIN
    EXECUTE format('CREATE TRIGGER zz_ledger_row AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW '
                   'EXECUTE FUNCTION ledger.record(%s)', watched, arguments);
    EXECUTE format('CREATE TRIGGER zz_ledger_truncate AFTER TRUNCATE ON %s FOR EACH STATEMENT '
                   'EXECUTE FUNCTION ledger.record(%s)', watched, arguments);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER zz_ledger_row', watched);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER zz_ledger_truncate', watched);
END $$;

-- Tokens of the workload (support/workload.py) as they moved: one row for each token that a change put into a column or took
-- out of it.
CREATE VIEW ledger.token_movement AS
WITH before_token AS (
    SELECT e.n, c.key AS column_name, m[1] AS token
      FROM ledger.entry e, jsonb_each_text(e.before) c, regexp_matches(c.value, 'tk-[0-9]+-[a-z]+-[0-9]+', 'g') m
), after_token AS (
    SELECT e.n, c.key AS column_name, m[1] AS token
      FROM ledger.entry e, jsonb_each_text(e.after) c, regexp_matches(c.value, 'tk-[0-9]+-[a-z]+-[0-9]+', 'g') m
), moved AS (
    (SELECT *, 'arrived' AS movement FROM after_token EXCEPT SELECT *, 'arrived' FROM before_token)
    UNION ALL
    (SELECT *, 'departed' FROM before_token EXCEPT SELECT *, 'departed' FROM after_token)
)
SELECT moved.token, moved.movement, moved.column_name, e.n, e.at, e.relation, e.key, e.who
  FROM moved JOIN ledger.entry e USING (n);
