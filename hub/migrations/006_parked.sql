-- Since when a row is parked, which is also how operators name it, and what of it they have set aside.

ALTER TABLE casebridge.parked
    ADD since bigint NOT NULL DEFAULT 0,  -- The entry that parked it first.
    ADD skipped bigint;  -- The request that has set it aside.
ALTER TABLE casebridge.refusal
    ADD skipped bigint;

-- Of what is parked already, the entries that parked the row and are kept. 0 where there are none: it gets a
-- number with its next change, or by a rebuild.
UPDATE casebridge.parked p SET since = found.seq
FROM (
    SELECT k.agency, k.table_name, k.local_key, min(j.seq) AS seq
    FROM casebridge.parked k
    JOIN casebridge.journal j ON j.kind = 'row_parked' AND j.agency = k.agency
        AND j.envelope ->> 'table' = k.table_name AND j.payload ->> 'key' = k.local_key
    WHERE NOT EXISTS (
        SELECT FROM casebridge.journal r WHERE r.kind IN ('parked_released', 'table_truncated') AND r.seq > j.seq
            AND r.agency = k.agency AND r.envelope ->> 'table' = k.table_name
            AND (r.kind = 'table_truncated' OR r.payload ->> 'key' = k.local_key)
    )
    GROUP BY k.agency, k.table_name, k.local_key
) AS found
WHERE p.agency = found.agency AND p.table_name = found.table_name AND p.local_key = found.local_key;

-- The copy that a rebuild starts from has the same columns.
ALTER TABLE casebridge_snapshot.parked
    ADD since bigint NOT NULL DEFAULT 0,
    ADD skipped bigint;
ALTER TABLE casebridge_snapshot.refusal
    ADD skipped bigint;
