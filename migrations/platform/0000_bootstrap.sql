-- Runs as a superuser, every time, in each database: the owner role, the helpers that make a tenant table safe.
-- Roles and schemas of the services are made by node/migrate.ts, because their names and passwords are computed.
CREATE SCHEMA IF NOT EXISTS platform;

-- Row-level security enabled and forced; the tenant of a row is the transaction's; the service's role may read and write.
-- After SET LOCAL the setting is '' and not NULL, hence nullif: without it a query without a tenant would be an error, not empty.
CREATE OR REPLACE FUNCTION platform.tenant_table(tbl regclass, writes text DEFAULT 'INSERT, UPDATE, DELETE') RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  service text := (SELECT nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = tbl);
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', tbl);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', tbl);
  EXECUTE format('ALTER TABLE %s ALTER COLUMN tenant_id SET DEFAULT nullif(current_setting(''app.tenant_id'', true), '''')::uuid', tbl);
  EXECUTE format('CREATE POLICY tenant ON %s TO %I USING (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid)
    WITH CHECK (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid)', tbl, 'beaver_' || service);
  EXECUTE format('GRANT SELECT, %s ON %s TO %I', writes, tbl, 'beaver_' || service);
END $$;

-- A table whose rows are never changed nor removed: the database itself refuses it.
CREATE OR REPLACE FUNCTION platform.append_only(tbl regclass) RETURNS void LANGUAGE sql AS $$ SELECT platform.tenant_table(tbl, 'INSERT') $$;

-- What the service's background worker (relay, saga sweeper) may do over all tenants: named tables only.
CREATE OR REPLACE FUNCTION platform.worker_table(tbl regclass, rights text DEFAULT 'SELECT, UPDATE, DELETE') RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  service text := (SELECT nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = tbl);
BEGIN
  EXECUTE format('CREATE POLICY worker ON %s TO %I USING (true) WITH CHECK (true)', tbl, 'beaver_' || service || '_worker');
  EXECUTE format('GRANT %s ON %s TO %I', rights, tbl, 'beaver_' || service || '_worker');
END $$;
