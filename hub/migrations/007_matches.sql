-- What persons decided of rows and the records that they might be, and what waits for such a decision.

CREATE TABLE casebridge.match_decision (
    agency     text NOT NULL,
    table_name text NOT NULL,
    local_key  text NOT NULL,
    record     bigint NOT NULL,
    verdict    text NOT NULL,  -- same: until the row is linked; never: for good. Who and why stand in the journal.
    PRIMARY KEY (agency, table_name, local_key, record)
);

-- The copy that a rebuild starts from has the same columns.
CREATE TABLE casebridge_snapshot.match_decision (LIKE casebridge.match_decision);

-- The parked rows whose record is in doubt, with each record that they might be and the rules that found it.
CREATE VIEW casebridge.link_review AS
    SELECT p.agency, p.table_name, p.local_key, p.code, (c.candidate ->> 'record')::bigint AS record,
        c.candidate -> 'rules' AS rules, c.place
    FROM casebridge.parked p
    CROSS JOIN LATERAL jsonb_array_elements(p.envelope -> 'candidates') WITH ORDINALITY AS c (candidate, place)
    WHERE p.envelope ? 'candidates';
