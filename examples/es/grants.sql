-- What casebridge may do in the employment service's tables: read the mapped ones and write the mapped ones.
-- Keys are uuids, so there is no sequence to grant. No DELETE, no TRUNCATE.

GRANT USAGE ON SCHEMA jobs TO casebridge_capture, casebridge_deliver;
GRANT SELECT ON jobs."JobSeeker", jobs.employment, jobs.barrier, jobs.job_plan, jobs.plan_step, jobs.counselling_session
    TO casebridge_capture;
GRANT SELECT, INSERT, UPDATE
    ON jobs."JobSeeker", jobs.employment, jobs.barrier, jobs.job_plan, jobs.plan_step, jobs.counselling_session
    TO casebridge_deliver;
