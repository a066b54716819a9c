-- What social protection's tables say, in words both ledgers use. Written by hand from the meaning of the sample schemas;
-- it must not be derived from the mapping files, which it judges.

SELECT ledger.watch('sp.household');
SELECT ledger.watch('sp.person');
SELECT ledger.watch('sp.benefit_award');
SELECT ledger.watch('sp.support_plan');
SELECT ledger.watch('sp.support_action');
SELECT ledger.watch('sp.case_note', ARRAY['body']);

CREATE VIEW ledger.person AS
SELECT p.id::text AS key,
       p.national_id,
       -- A name without a comma says nothing about which part is which: such a row cannot be shared.
       CASE WHEN p.full_name LIKE '%, %' THEN split_part(p.full_name, ', ', 1) END AS family,
       CASE WHEN p.full_name LIKE '%, %' THEN substr(p.full_name, strpos(p.full_name, ', ') + 2) END AS given,
       p.full_name LIKE '%, %' AS expressible,
       CASE p.sex WHEN 'F' THEN 'female' WHEN 'M' THEN 'male' WHEN 'X' THEN 'diverse' END AS sex,
       p.birth_date::text AS birth_date,
       p.death_date::text AS death_date,
       p.phone,
       p.email,
       p.street,
       p.city,
       p.postal_code,
       CASE p.employment_status WHEN 'EF' THEN 'employed' WHEN 'EP' THEN 'employed' WHEN 'UE' THEN 'unemployed'
            WHEN 'JS' THEN 'seeking' WHEN 'OL' THEN 'outside_labour_force' WHEN 'UK' THEN 'unknown' END AS employment_status,
       coalesce(p.able_bodied AND p.employment_status IN ('UE', 'JS')
                AND extract(year FROM age(p.birth_date)) BETWEEN 18 AND 64, false) AS to_be_referred
  FROM sp.person p;

CREATE VIEW ledger.plan AS
SELECT s.id::text AS key,
       s.person_id::text AS person_key,
       s.goal,
       CASE s.status WHEN 'D' THEN 'draft' WHEN 'A' THEN 'active' WHEN 'C' THEN 'completed' WHEN 'X' THEN 'cancelled' END
           AS status,
       s.start_date::text AS start_date,
       s.next_review::text AS next_review
  FROM sp.support_plan s;

CREATE VIEW ledger.activity AS
SELECT a.id::text AS key,
       a.plan_id::text AS plan_key,
       a.title,
       a.owner AS responsible,
       a.due_date::text AS due_date,
       CASE a.status WHEN 'P' THEN 'planned' WHEN 'I' THEN 'in_progress' WHEN 'D' THEN 'done' WHEN 'X' THEN 'dropped' END
           AS status
  FROM sp.support_action a;

-- Every text a workload token may stand in, as it is now.
CREATE VIEW ledger.current_text AS
SELECT 'sp.person' AS relation, id::text AS key, concat_ws(' ', full_name, phone, email, street, city) AS text FROM sp.person
UNION ALL SELECT 'sp.support_plan', id::text, goal FROM sp.support_plan
UNION ALL SELECT 'sp.support_action', id::text, concat_ws(' ', title, owner) FROM sp.support_action
UNION ALL SELECT 'sp.case_note', id::text, body FROM sp.case_note WHERE body LIKE '%tk-%';

-- What casebridge may write in each table; any other column it changed in an existing row is a mistake.
CREATE TABLE ledger.writable AS
SELECT * FROM (VALUES
    ('sp.person', '{full_name,sex,birth_date,national_id,phone,email,street,city,postal_code,employment_status,death_date}'::text[]),
    ('sp.support_plan', '{goal,status,start_date,next_review}'),
    ('sp.support_action', '{title,owner,due_date,status}')
) w (relation, columns);
