-- A transaction that the breaker has stopped: the agency's stream stands before it until a person approves.

ALTER TABLE casebridge.agency_state
    ADD breaker_seq bigint,  -- The entry that stopped it; its name for operators.
    ADD breaker_since timestamptz,  -- recorded_at of the entry.
    ADD breaker_approved text,  -- follow or hold: what becomes of its deletions; NULL: it waits for a person.
    ADD breaker jsonb;  -- What the transaction would do, as in the journal.

-- The copy that a rebuild starts from has the same columns.
ALTER TABLE casebridge_snapshot.agency_state
    ADD breaker_seq bigint,
    ADD breaker_since timestamptz,
    ADD breaker_approved text,
    ADD breaker jsonb;
