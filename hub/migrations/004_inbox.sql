-- What operators ask for. Rows are only ever added: what became of a request stands in the journal. docs/hub.md
-- says which rights an operator's role needs.

CREATE TABLE casebridge.inbox (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind         text NOT NULL CHECK (kind ~ '^[a-z][a-z_]{0,39}$'),
    agency       text CHECK (length(agency) <= 63),
    payload      jsonb CHECK (length(payload::text) <= 65536),  -- What a kind needs besides.
    requested_by text NOT NULL CHECK (requested_by ~ '[^[:space:]]' AND length(requested_by) <= 200),  -- As declared.
    session_role text NOT NULL,  -- As the server knows.
    reason       text NOT NULL CHECK (reason ~ '[^[:space:]]' AND length(reason) <= 1000),
    requested_at timestamptz NOT NULL,
    deadline     timestamptz NOT NULL,
    CHECK (deadline <= requested_at + interval '7 days')
);

-- Nobody signs with another role's name or at another time, and the leader hears of every request.
CREATE FUNCTION casebridge.stamp_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.session_role := session_user;
    NEW.requested_at := clock_timestamp();
    PERFORM pg_notify('casebridge_inbox', NEW.id::text);
    RETURN NEW;
END $$;
CREATE TRIGGER stamp BEFORE INSERT ON casebridge.inbox FOR EACH ROW EXECUTE FUNCTION casebridge.stamp_request();

-- Whoever owns the table may do more than insert; nothing of ours does.
CREATE FUNCTION casebridge.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'casebridge.inbox takes new rows only' USING ERRCODE = 'CB002';
END $$;
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON casebridge.inbox
    FOR EACH STATEMENT EXECUTE FUNCTION casebridge.refuse_change();

-- The answer to a request is found in the journal as soon as it is durable, however far the projections are.
CREATE INDEX journal_request ON casebridge.journal (((envelope ->> 'request')::bigint)) WHERE kind = 'request_answered';

-- The two functions are all that an operator's role may use: they run with the rights of their owner, and show
-- nothing of anybody's case.
CREATE FUNCTION casebridge.request(
    kind text, agency text, payload jsonb, requested_by text, reason text, wait interval
) RETURNS TABLE (id bigint, deadline timestamptz)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO casebridge.inbox (kind, agency, payload, requested_by, reason, session_role, requested_at, deadline)
    VALUES ($1, $2, $3, $4, $5, session_user, clock_timestamp(), clock_timestamp() + $6)
    RETURNING inbox.id, inbox.deadline
$$;
REVOKE ALL ON FUNCTION casebridge.request(text, text, jsonb, text, text, interval) FROM PUBLIC;

CREATE FUNCTION casebridge.answer(request bigint) RETURNS TABLE (outcome text, answer text, answered_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT j.envelope ->> 'outcome', j.payload ->> 'text', j.recorded_at FROM casebridge.journal j
    WHERE j.kind = 'request_answered' AND (j.envelope ->> 'request')::bigint = $1
$$;
REVOKE ALL ON FUNCTION casebridge.answer(bigint) FROM PUBLIC;

-- Projections.

CREATE TABLE casebridge.request (
    id           bigint PRIMARY KEY,
    kind         text NOT NULL,
    agency       text,
    requested_by text NOT NULL,
    session_role text NOT NULL,
    reason       text NOT NULL,
    requested_at timestamptz NOT NULL,
    deadline     timestamptz NOT NULL,
    outcome      text NOT NULL,
    answer       text NOT NULL,
    seq          bigint NOT NULL,
    answered_at  timestamptz NOT NULL  -- recorded_at of the entry.
);

-- For reports: every request, those without an answer too.
CREATE VIEW casebridge.requests AS
    SELECT id, kind, agency, requested_by, session_role, reason, requested_at, deadline, outcome, answer, answered_at
    FROM casebridge.request
    UNION ALL
    SELECT id, kind, agency, requested_by, session_role, reason, requested_at, deadline, NULL, NULL, NULL
    FROM casebridge.inbox i WHERE NOT EXISTS (SELECT FROM casebridge.request r WHERE r.id = i.id);

-- The maintenance window of an agency; all NULL where there is none.
ALTER TABLE casebridge.agency_state
    ADD paused_seq bigint,  -- The entry that says so.
    ADD paused_since timestamptz,  -- recorded_at of the entry.
    ADD paused_by text,
    ADD paused_reason text,
    ADD paused_until timestamptz;  -- NULL: until it is resumed.

-- The copy that a rebuild starts from has the same columns.
CREATE TABLE casebridge_snapshot.request (LIKE casebridge.request);
ALTER TABLE casebridge_snapshot.agency_state
    ADD paused_seq bigint,
    ADD paused_since timestamptz,
    ADD paused_by text,
    ADD paused_reason text,
    ADD paused_until timestamptz;
