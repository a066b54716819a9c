-- What casebridge may do in the social protection agency's tables: read the mapped ones (capture looks rows up and
-- walks tables, it does not need this for streaming) and write the mapped ones. No DELETE, no TRUNCATE.

GRANT USAGE ON SCHEMA sp TO casebridge_capture, casebridge_deliver;
GRANT SELECT ON sp.household, sp.person, sp.benefit_award, sp.support_plan, sp.support_action, sp.case_note
    TO casebridge_capture;
GRANT SELECT, INSERT, UPDATE
    ON sp.household, sp.person, sp.benefit_award, sp.support_plan, sp.support_action, sp.case_note
    TO casebridge_deliver;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA sp TO casebridge_deliver;
