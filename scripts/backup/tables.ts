import pg from "pg";

export interface Table { readonly schema: string; readonly name: string; readonly columns: readonly string[] }
export interface Sequence { readonly schema: string; readonly name: string; readonly last: string }
/** How many rows a table has, and a sum over a hash of each, whatever their order: equal in two databases when their rows are. */
export interface Fingerprint { readonly rows: string; readonly sum: string }

/** Made anew by the migrations, and different after a restore by intent. */
const NOT_COPIED = ["schema_migration"];

/** One text for one value, in every session and version. */
export const CANONICAL = "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; SET bytea_output = 'hex'; SET extra_float_digits = 1; SET row_security = off; SET statement_timeout = 0; SET lock_timeout = '10s'";

const TABLES = `SELECT n.nspname AS schema, c.relname AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
  WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> ALL ($2) GROUP BY 1, 2 ORDER BY 1, 2`;
const SEQUENCES = "SELECT schemaname AS schema, sequencename AS name, last_value::text AS last FROM pg_sequences WHERE schemaname = ANY ($1) AND last_value IS NOT NULL ORDER BY 1, 2";

/** What holds data, partitions by their parent. */
export const tablesOf = async (client: pg.Client, schemas: readonly string[]): Promise<Table[]> => (await client.query<Table>(TABLES, [schemas, NOT_COPIED])).rows;

/** Read after the snapshot was taken, they are never behind it. */
export const sequencesOf = async (client: pg.Client, schemas: readonly string[]): Promise<Sequence[]> => (await client.query<Sequence>(SEQUENCES, [schemas])).rows;

export const quoted = ({ schema, name }: { schema: string; name: string }): string => `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;
const list = ({ columns }: Table): string => columns.map((column) => pg.escapeIdentifier(column)).join(", ");

/** A partitioned table can be copied out by a query only, so all are. */
export const copyOut = (table: Table): string => `COPY (SELECT ${list(table)} FROM ${quoted(table)}) TO STDOUT`;
export const copyIn = (table: Table): string => `COPY ${quoted(table)} (${list(table)}) FROM STDIN`;

export async function fingerprintOf(client: pg.Client, table: Table): Promise<Fingerprint> {
  const { rows } = await client.query<Fingerprint>(`SELECT count(*)::text AS rows, coalesce(sum(hashtextextended(t::text, 0)), 0)::text AS sum FROM (SELECT ${list(table)} FROM ${quoted(table)}) t`);
  return rows[0]!;
}
