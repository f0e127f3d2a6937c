import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { DATABASE_SERVICES } from "../node/environment.ts";

const FOLDER = join(import.meta.dirname, "..", "migrations", "schema");

/** A service's schema as text, out of the catalogue: what the migrations really made. Partitions are counted, not listed. */
export async function dumpSchema(client: pg.Client, service: string): Promise<string> {
  const query = async (text: string) => (await client.query(text, [service])).rows as { line: string }[];
  const tables = (await client.query<{ oid: number; name: string; rls: string; parts: string }>(`
    SELECT c.oid, c.relname AS name, CASE WHEN c.relrowsecurity AND c.relforcerowsecurity THEN 'row-level security forced' ELSE 'NO ROW-LEVEL SECURITY' END AS rls,
      (SELECT count(*) FROM pg_inherits WHERE inhparent = c.oid) AS parts
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 2`, [service])).rows;
  const lines: string[] = [`-- Schema ${service}: written by \`npm run schema\` from a database that the migrations made. Do not edit.`];
  for (const table of tables) lines.push("", ...await dumpTable(client, table));
  const functions = await query(`SELECT format('FUNCTION %s(%s) RETURNS %s  md5 %s', p.proname, pg_get_function_identity_arguments(p.oid), pg_get_function_result(p.oid), md5(p.prosrc)) AS line
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = $1 ORDER BY 1`);
  if (functions.length) lines.push("", ...functions.map((row) => row.line));
  return `${lines.join("\n")}\n`;
}

async function dumpTable(client: pg.Client, table: { oid: number; name: string; rls: string; parts: string }): Promise<string[]> {
  const query = async (text: string) => ((await client.query(text, [table.oid])).rows as { line: string }[]).map((row) => `  ${row.line}`);
  return [
    `TABLE ${table.name}  (${table.rls}${Number(table.parts) ? `, ${table.parts} partitions` : ""})`,
    ...await query(`SELECT format('%s %s%s%s%s', a.attname, format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END,
        CASE WHEN a.attidentity <> '' THEN ' IDENTITY' ELSE '' END, CASE WHEN d.oid IS NOT NULL THEN ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid) ELSE '' END) AS line
      FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`),
    ...await query("SELECT format('CONSTRAINT %s %s', conname, pg_get_constraintdef(oid)) AS line FROM pg_constraint WHERE conrelid = $1 AND contype <> 'n' ORDER BY conname"),
    ...await query("SELECT pg_get_indexdef(indexrelid) AS line FROM pg_index WHERE indrelid = $1 AND NOT indisprimary ORDER BY 1"),
    ...await query("SELECT format('POLICY %s TO %s', p.polname, (SELECT string_agg(rolname, ', ' ORDER BY rolname) FROM pg_roles WHERE oid = ANY (p.polroles))) AS line FROM pg_policy p WHERE p.polrelid = $1 ORDER BY 1"),
    ...await query(`SELECT format('GRANT %s TO %s', string_agg(x.privilege_type, ', ' ORDER BY x.privilege_type), r.rolname) AS line
      FROM pg_class c, aclexplode(c.relacl) x JOIN pg_roles r ON r.oid = x.grantee WHERE c.oid = $1 AND r.rolname LIKE 'beaver%' GROUP BY r.rolname ORDER BY r.rolname`),
    ...await query("SELECT format('TRIGGER %s', pg_get_triggerdef(oid)) AS line FROM pg_trigger WHERE tgrelid = $1 AND NOT tgisinternal ORDER BY 1"),
  ];
}

export const committedSchema = (service: string): string => readFileSync(join(FOLDER, `${service}.sql`), "utf8");

/* `npm run schema`: on a database of its own, migrated from zero. */
if (import.meta.main) {
  const { default: setup } = await import("../test/support/database.setup.ts");
  const { default: teardown } = await import("../test/support/database.teardown.ts");
  await setup();
  const client = new pg.Client({ connectionString: process.env.TEST_DATABASE_URL! });
  await client.connect();
  mkdirSync(FOLDER, { recursive: true });
  for (const service of DATABASE_SERVICES) writeFileSync(join(FOLDER, `${service}.sql`), await dumpSchema(client, service));
  await client.end();
  await teardown();
}
