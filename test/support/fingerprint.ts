import type { TestPlatform } from "./platform.ts";

/** What every table of every service holds, as one number each: equal before and after means that nothing has changed.
 *  @param but tables that change by themselves, `schema.table` */
export async function fingerprint(platform: TestPlatform, but: readonly string[] = []): Promise<Record<string, string>> {
  const tables = await platform.sql<{ name: string }>(`SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname IN ('auth', 'entity', 'catalog', 'order', 'payment', 'purchasing', 'report', 'workflow') ORDER BY 1`);
  const rows = await platform.sql<{ name: string; sum: string | null }>(tables.filter(({ name }) => !but.includes(name)).map(({ name }) => `SELECT '${name}' AS name, sum(hashtextextended(t::text, 0))::text AS sum FROM ${name} t`).join(" UNION ALL "));
  return Object.fromEntries(rows.map(({ name, sum }) => [name, sum ?? "empty"]));
}
