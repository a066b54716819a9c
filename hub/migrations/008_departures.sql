-- Records of which an agency has deleted its row, where that concerns the others. Written behind the journal
-- like every projection.

CREATE TABLE casebridge.departure (
    record     bigint PRIMARY KEY,
    agency     text NOT NULL,  -- Whose row was deleted, and where.
    table_name text NOT NULL,
    state      text NOT NULL,  -- held: a person decides; ruled, decided: the other rows go.
    since      bigint NOT NULL
);

-- The copy that a rebuild starts from has the same columns.
CREATE TABLE casebridge_snapshot.departure (LIKE casebridge.departure);
