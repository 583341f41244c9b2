-- Roles, databases and grants of Varco in PostgreSQL 15 or later. docs/deploy/postgresql.md says what it is for.
-- As a superuser: VARCO_OWNER_PASSWORD=… VARCO_SERVE_PASSWORD=… psql -f roles.sql
\set ON_ERROR_STOP on
\getenv owner_password VARCO_OWNER_PASSWORD
\getenv serve_password VARCO_SERVE_PASSWORD

-- varco_owner owns the tables and migrates; varco_serve reads and writes rows, and is all that a server is given.
CREATE ROLE varco_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE varco_serve LOGIN PASSWORD :'serve_password';

CREATE DATABASE varco_platform OWNER varco_owner ENCODING 'UTF8' TEMPLATE template0;
CREATE DATABASE varco_clinic OWNER varco_owner ENCODING 'UTF8' TEMPLATE template0;
CREATE DATABASE varco_sandbox OWNER varco_owner ENCODING 'UTF8' TEMPLATE template0;

-- Nobody else of this server gets in, and what varco_owner makes from now on, varco_serve may use.
\connect varco_platform
REVOKE ALL ON DATABASE varco_platform FROM PUBLIC;
GRANT CONNECT ON DATABASE varco_platform TO varco_serve;
GRANT USAGE ON SCHEMA public TO varco_serve;
ALTER DEFAULT PRIVILEGES FOR ROLE varco_owner IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO varco_serve;

\connect varco_clinic
REVOKE ALL ON DATABASE varco_clinic FROM PUBLIC;
GRANT CONNECT ON DATABASE varco_clinic TO varco_serve;
GRANT USAGE ON SCHEMA public TO varco_serve;
ALTER DEFAULT PRIVILEGES FOR ROLE varco_owner IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO varco_serve;

\connect varco_sandbox
REVOKE ALL ON DATABASE varco_sandbox FROM PUBLIC;
GRANT CONNECT ON DATABASE varco_sandbox TO varco_serve;
GRANT USAGE ON SCHEMA public TO varco_serve;
ALTER DEFAULT PRIVILEGES FOR ROLE varco_owner IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO varco_serve;
