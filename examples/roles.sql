-- The two roles casebridge needs in an agency's database. Run once in each agency's database as a superuser, then the
-- agency's own grants.sql. Neither role is a superuser, owns anything, or may read more than the mapped tables.
-- The publication, the replication slot and the replication origin are made by `casebridge setup`, not here.
--
-- A role with REPLICATION can read the whole cluster (a base backup): keep its password and its pg_hba line narrow.

SELECT 'CREATE ROLE casebridge_capture LOGIN REPLICATION NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'casebridge_capture') \gexec
SELECT 'CREATE ROLE casebridge_deliver LOGIN NOREPLICATION NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'casebridge_deliver') \gexec

ALTER ROLE casebridge_capture SET search_path = '';
ALTER ROLE casebridge_deliver SET search_path = '';
-- When the server refuses a row, its log quotes the whole row in DETAIL, and with log_min_duration_statement the parameters
-- of slow statements: another agency's values. casebridge itself reports SQLSTATE, table and constraint.
ALTER ROLE casebridge_capture SET log_error_verbosity = 'terse';
ALTER ROLE casebridge_deliver SET log_error_verbosity = 'terse';
ALTER ROLE casebridge_capture SET log_parameter_max_length = 0;
ALTER ROLE casebridge_deliver SET log_parameter_max_length = 0;
-- A delivery never waits long for a form that somebody keeps open, and never keeps a transaction open itself.
ALTER ROLE casebridge_deliver SET lock_timeout = '5s';
ALTER ROLE casebridge_deliver SET statement_timeout = '60s';
ALTER ROLE casebridge_deliver SET idle_in_transaction_session_timeout = '60s';

-- The delivery's position is stored by PostgreSQL in the same commit as its rows. Creating, dropping and advancing an
-- origin stay with the superuser.
GRANT EXECUTE ON FUNCTION
    pg_replication_origin_session_setup(text),
    pg_replication_origin_session_reset(),
    pg_replication_origin_session_is_setup(),
    pg_replication_origin_session_progress(boolean),
    pg_replication_origin_xact_setup(pg_lsn, timestamptz),
    pg_replication_origin_progress(text, boolean),
    pg_replication_origin_oid(text)
TO casebridge_deliver;
