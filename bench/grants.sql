-- What casebridge may do in the tables of the comparison.

GRANT USAGE ON SCHEMA bench TO casebridge_capture, casebridge_deliver;
GRANT SELECT ON ALL TABLES IN SCHEMA bench TO casebridge_capture;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA bench TO casebridge_deliver;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA bench TO casebridge_deliver;
