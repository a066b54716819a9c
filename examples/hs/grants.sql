-- What casebridge may do in the health service's tables: read and write the one that is mapped, and nothing in the others.
-- No DELETE, no TRUNCATE.

GRANT USAGE ON SCHEMA health TO casebridge_capture, casebridge_deliver;
GRANT SELECT ON health.patient TO casebridge_capture;
GRANT SELECT, INSERT, UPDATE ON health.patient TO casebridge_deliver;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA health TO casebridge_deliver;
