-- What persons decided. Written behind the journal like every projection.

CREATE TABLE casebridge.decision (
    seq               bigint PRIMARY KEY,
    entity            text NOT NULL,
    record            bigint NOT NULL,
    unit              text NOT NULL,
    request           bigint NOT NULL,  -- Who and why stand there.
    rule              text NOT NULL,
    author            text,    -- Whose value was taken; NULL: the person's own.
    taken             bigint,  -- The version whose value it is.
    conflict_seq      bigint,  -- The conflict that the person looked at.
    conflict_position bigint,
    versions          jsonb NOT NULL,  -- {"value": …, "versions": […]}: what was decided, what was open just before.
    decided_at        timestamptz NOT NULL  -- recorded_at of the entry.
);
CREATE INDEX decision_record ON casebridge.decision (record);

-- The copy that a rebuild starts from has the same columns.
CREATE TABLE casebridge_snapshot.decision (LIKE casebridge.decision);
