-- What the employment service's tables say, in words both ledgers use. Written by hand from the meaning of the sample schemas;
-- it must not be derived from the mapping files, which it judges.

SELECT ledger.watch('jobs."JobSeeker"');
SELECT ledger.watch('jobs.employment');
SELECT ledger.watch('jobs.barrier');
SELECT ledger.watch('jobs.job_plan');
SELECT ledger.watch('jobs.plan_step');
SELECT ledger.watch('jobs.counselling_session', ARRAY['notes']);

CREATE VIEW ledger.person AS
SELECT j.id::text AS key,
       j.nin AS national_id,
       j.last_name AS family,
       j.first_name AS given,
       true AS expressible,
       CASE j.gender WHEN 2 THEN 'female' WHEN 1 THEN 'male' WHEN 9 THEN 'diverse' WHEN 0 THEN 'unknown' END AS sex,
       substr(j.born, 7, 4) || '-' || substr(j.born, 4, 2) || '-' || substr(j.born, 1, 2) AS birth_date,
       j."deceasedOn"::text AS death_date,
       j.contact #>> '{phone,mobile}' AS phone,
       j.contact ->> 'email' AS email,
       j.contact #>> '{address,street}' AS street,
       j.contact #>> '{address,city}' AS city,
       j.contact #>> '{address,zip}' AS postal_code,
       CASE j.status WHEN 'S' THEN 'seeking' WHEN 'S2' THEN 'seeking' WHEN 'A' THEN 'employed' WHEN 'AP' THEN 'employed'
            WHEN 'N' THEN 'unemployed' WHEN 'X' THEN 'outside_labour_force' WHEN 'U' THEN 'unknown' END AS employment_status,
       false AS to_be_referred
  FROM jobs."JobSeeker" j;

CREATE VIEW ledger.plan AS
SELECT p.id::text AS key,
       p.seeker_id::text AS person_key,
       p.goal,
       CASE p.state WHEN 'draft' THEN 'draft' WHEN 'open' THEN 'active' WHEN 'reopened' THEN 'active'
            WHEN 'closed' THEN 'completed' WHEN 'stopped' THEN 'cancelled' END AS status,
       substr(p."start", 7, 4) || '-' || substr(p."start", 4, 2) || '-' || substr(p."start", 1, 2) AS start_date,
       p.review_on::text AS next_review
  FROM jobs.job_plan p;

CREATE VIEW ledger.activity AS
SELECT s.id::text AS key,
       s.plan_id::text AS plan_key,
       s."stepTitle" AS title,
       s.responsible,
       s.due::text AS due_date,
       CASE s.state WHEN 'todo' THEN 'planned' WHEN 'doing' THEN 'in_progress' WHEN 'done' THEN 'done'
            WHEN 'void' THEN 'dropped' END AS status
  FROM jobs.plan_step s;

-- Every text a workload token may stand in, as it is now.
CREATE VIEW ledger.current_text AS
SELECT 'jobs.JobSeeker' AS relation, id::text AS key, concat_ws(' ', first_name, last_name, contact::text) AS text
  FROM jobs."JobSeeker"
UNION ALL SELECT 'jobs.job_plan', id::text, goal FROM jobs.job_plan
UNION ALL SELECT 'jobs.plan_step', id::text, concat_ws(' ', "stepTitle", responsible) FROM jobs.plan_step
UNION ALL SELECT 'jobs.counselling_session', id::text, notes FROM jobs.counselling_session WHERE notes LIKE '%tk-%';

-- What casebridge may write in each table; any other column it changed in an existing row is a mistake.
CREATE TABLE ledger.writable AS
SELECT * FROM (VALUES
    ('jobs.JobSeeker', '{first_name,last_name,nin,gender,born,contact,status,deceasedOn}'::text[]),
    ('jobs.job_plan', '{goal,state,start,review_on}'),
    ('jobs.plan_step', '{stepTitle,responsible,due,state}')
) w (relation, columns);
