-- What agencies propose for fields of which another is the authority, until a person has accepted or rejected
-- it. The values stand in the record's state. Written behind the journal like every projection.

CREATE TABLE casebridge.proposal (
    record bigint NOT NULL,
    unit   text NOT NULL,
    agency text NOT NULL,   -- Who proposes.
    seq    bigint NOT NULL, -- The entry that recorded it.
    PRIMARY KEY (record, unit, agency)
);

CREATE INDEX proposal_seq ON casebridge.proposal (seq);

-- The copy that a rebuild starts from has the same columns.
CREATE TABLE casebridge_snapshot.proposal (LIKE casebridge.proposal);
