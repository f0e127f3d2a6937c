import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import pg from "pg";
import { DATABASE_SERVICES } from "../../node/environment.ts";
import { committedSchema, dumpSchema } from "../../scripts/schema-dump.ts";

let client: pg.Client;
beforeAll(async () => {
  client = new pg.Client({ connectionString: process.env.TEST_DATABASE_URL! });
  await client.connect();
});
afterAll(() => client.end());

const rows = async (text: string): Promise<string[]> => (await client.query<{ name: string }>(text)).rows.map((row) => row.name);
const SCHEMAS = DATABASE_SERVICES.map((name) => `'${name}'`).join(", ");

describe("the schema", () => {
  it.each([...DATABASE_SERVICES])("of %s is what the migrations make from zero", async (service) => {
    expect(await dumpSchema(client, service)).toBe(committedSchema(service));
  });

  it("forces row-level security on every table with a tenant, partitions included", async () => {
    expect(await rows(`SELECT n.nspname || '.' || c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname IN (${SCHEMAS}) AND c.relkind IN ('r', 'p') AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
        AND EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = c.oid AND attname = 'tenant_id')`)).toEqual([]);
  });

  it("has the tenant in every unique key of a tenant's table", async () => {
    // seq of an outbox is the relay's own order and is never shown; the slug of a tenant is unique over all tenants by its nature.
    const allowed = ["outbox_pkey"];
    expect((await rows(`SELECT i.relname AS name FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname IN (${SCHEMAS}) AND x.indisunique AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'tenant')
        AND NOT EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND a.attnum = ANY (x.indkey::int2[]))`)).filter((name) => !allowed.includes(name))).toEqual([]);
  });

  it("has the tenant in every foreign key between tenants' tables", async () => {
    expect(await rows(`SELECT k.conname AS name FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace WHERE n.nspname IN (${SCHEMAS}) AND k.contype = 'f'
      AND NOT EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attname = 'tenant_id' AND a.attnum = ANY (k.conkey))`)).toEqual([]);
  });

  it("is used by roles that own nothing, bypass nothing, and may not truncate", async () => {
    expect(await rows("SELECT rolname AS name FROM pg_roles WHERE rolname LIKE 'beaver%' AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb)")).toEqual([]);
    expect(await rows("SELECT c.relname AS name FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname LIKE 'beaver%'")).toEqual([]);
    expect(await rows("SELECT table_name AS name FROM information_schema.role_table_grants WHERE grantee LIKE 'beaver%' AND privilege_type = 'TRUNCATE'")).toEqual([]);
  });

  it("lets no role of a service use another service's schema", async () => {
    expect(await rows(`SELECT r.rolname || ' uses ' || s.name AS name FROM pg_roles r CROSS JOIN unnest(ARRAY[${SCHEMAS}]) s(name)
      WHERE r.rolname LIKE 'beaver%' AND r.rolname NOT IN ('beaver_' || s.name, 'beaver_' || s.name || '_worker') AND has_schema_privilege(r.rolname, s.name, 'USAGE')`)).toEqual([]);
  });
});
