import { randomUUID } from "node:crypto";
import { pipeline } from "node:stream/promises";
import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { SettingError, type Environment } from "../../node/environment.ts";
import { migrate, migrationsOf } from "../../node/migrate.ts";
import type { Secrets } from "../../node/secrets.ts";
import { closeAll, connectAll, keyCheck, type ServiceDatabase } from "./databases.ts";
import { BackupReader, type Header, type Trailer } from "./file.ts";
import { copyIn, fingerprintOf, quoted, tablesOf } from "./tables.ts";

export interface Restored { readonly takenAt: string; readonly rows: number }
export interface OpenBackup { readonly reader: BackupReader; readonly header: Header }

/** Before anything is made: is it ours, and of no newer version?
 *  @throws SettingError that says why not */
export async function openBackup(path: string, secrets: Secrets): Promise<OpenBackup> {
  const reader = new BackupReader(path), header = await reader.header();
  if (header.keyCheck !== keyCheck(secrets, header.takenAt)) throw new SettingError("The backup was taken with another DATA_ENCRYPTION_KEY: give that one, without it nobody could log in.");
  for (const [service, applied] of Object.entries(header.migrations)) {
    const known = new Set(migrationsOf(service).map(({ name }) => name));
    const newer = applied.find((name) => !known.has(name));
    if (newer) throw new SettingError(`The backup is of a newer version, with the migration ${newer} of ${service}: restore it with that version.`);
  }
  return { reader, header };
}

/** Fills an empty database with a backup: all of it, or nothing.
 *  @param url of a superuser @throws SettingError with what was wrong, in one sentence */
export async function restoreBackup({ reader, header }: OpenBackup, { url, environment, secrets }: { url: string; environment: Environment; secrets: Secrets }): Promise<Restored> {
  const databases = await connectAll(url, environment);
  try {
    for (const database of databases) { await requireUnused(database); await requireEmpty(database); }
    // As it was when the backup was taken; what came later runs over the rows, as it would have there.
    await migrate(url, environment, secrets, { only: header.migrations, closed: true });
    const { tables } = await fill(databases, reader);
    for (const database of databases) await prove(database, tables);
    const epoch = randomUUID();
    for (const database of databases) await beginEpoch(database, header.takenAt, epoch);
    for (const { client } of databases) await client.query("COMMIT");
    for (const { client } of databases) await client.query("ANALYZE");
    await migrate(url, environment, secrets);
    return { takenAt: header.takenAt, rows: Object.values(tables).reduce((sum, table) => sum + Number(table.rows), 0) };
  } finally {
    await closeAll(databases);
  }
}

/** For databases that PostgreSQL's own means (a point-in-time recovery, a storage snapshot) have put back: the events must be told.
 *  @returns the moment of the newest event that had been published */
export async function acceptRecovered(url: string, environment: Environment): Promise<string> {
  const databases = await connectAll(url, environment), epoch = randomUUID();
  try {
    for (const database of databases) await requireUnused(database);
    const newest = (await Promise.all(databases.map(newestEvent))).sort((a, b) => a.getTime() - b.getTime()).at(-1)!.toISOString();
    for (const { client } of databases) await client.query("BEGIN");
    for (const database of databases) await beginEpoch(database, newest, epoch);
    for (const { client } of databases) await client.query("COMMIT");
    return newest;
  } finally {
    await closeAll(databases);
  }
}

async function newestEvent({ client, services }: ServiceDatabase): Promise<Date> {
  const outboxes = services.map((schema) => `SELECT max(published_at) AS at FROM ${quoted({ schema, name: "outbox" })}`);
  return (await client.query<{ at: Date }>(`SELECT coalesce(max(at), now()) AS at FROM (${outboxes.join(" UNION ALL ")}) newest`)).rows[0]!.at;
}

async function requireUnused({ client }: ServiceDatabase): Promise<void> {
  const { rows: nodes } = await client.query("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'beaveros-%' LIMIT 1");
  if (nodes.length > 0) throw new SettingError("Nodes are using the database: stop them first.");
}

async function requireEmpty({ client, services }: ServiceDatabase): Promise<void> {
  for (const table of await tablesOf(client, services)) {
    const { rowCount } = await client.query(`SELECT 1 FROM ${quoted(table)} LIMIT 1`);
    if (rowCount) throw new SettingError(`The database is not empty (${table.schema}.${table.name} has rows): a backup is restored into an empty one only, so name a new one.`);
  }
}

/** In one transaction for each database. Keys and triggers sleep: the rows come out of a database in which they held, and are proved equal to it. */
async function fill(databases: readonly ServiceDatabase[], reader: BackupReader): Promise<Trailer> {
  for (const { client } of databases) await client.query("BEGIN; SET LOCAL session_replication_role = replica").catch(notAllowed);
  const statements = await statementsOf(databases);
  for (;;) {
    const line = await reader.line();
    const trailer = reader.trailer(line);
    if (trailer) return trailer;
    const sequence = SEQUENCE.exec(line);
    const client = sequence ? clientOf(databases, sequence[1]!) : statements.get(line);
    if (!client) throw new SettingError(`The backup is damaged: it holds a line that is none of a backup's (${line.slice(0, 80)}).`);
    if (sequence) await client.query(line);
    else await pipeline(reader.rows(), client.query(copyFrom(line)));
  }
}

async function statementsOf(databases: readonly ServiceDatabase[]): Promise<Map<string, pg.Client>> {
  const statements = new Map<string, pg.Client>();
  for (const { client, services } of databases) for (const table of await tablesOf(client, services)) statements.set(`${copyIn(table)};`, client);
  return statements;
}

/** Nothing but this and the tables' own statements is run out of a file. */
const SEQUENCE = /^SELECT pg_catalog\.setval\('"([a-z]+)"\."[a-z_]+"', \d+\);$/;
const clientOf = (databases: readonly ServiceDatabase[], schema: string) => databases.find(({ services }) => services.includes(schema))?.client;

function notAllowed(error: Error & { code?: string }): never {
  throw error.code === "42501" ? new SettingError("DATABASE_URL logs in as a role that may not set session_replication_role: give a superuser, or GRANT SET ON PARAMETER session_replication_role to it.") : error;
}

async function prove({ client, services }: ServiceDatabase, expected: Trailer["tables"]): Promise<void> {
  for (const table of await tablesOf(client, services)) {
    const name = `${table.schema}.${table.name}`, found = await fingerprintOf(client, table);
    if (found.rows !== expected[name]?.rows || found.sum !== expected[name].sum) throw new SettingError(`The backup is damaged: ${name} does not hold what it held (${found.rows} rows of ${expected[name]?.rows ?? "none"}).`);
  }
}

/** Events of this long before the snapshot are published again: a consumer that was behind them has had an alarm ringing for a day. The inboxes know which they had. */
const AGAIN = "24 hours";

/** From here on the data goes another way than it went. What was published to a store is taken to be lost with it, because its consumers may have gone on. */
async function beginEpoch({ client, services }: ServiceDatabase, takenAt: string, epoch: string): Promise<void> {
  for (const schema of services) {
    await client.query(`INSERT INTO ${quoted({ schema, name: "restored" })} (epoch, taken_at) VALUES ($1, $2)`, [epoch, takenAt]);
    await client.query(`UPDATE ${quoted({ schema, name: "outbox" })} SET published_at = NULL, published_to = NULL WHERE published_to <> 'local' AND published_at > $1::timestamptz - interval '${AGAIN}'`, [takenAt]);
    // As young as the restore: of an old backup they would be pruned before those events come again, which would then be applied twice.
    await client.query(`UPDATE ${quoted({ schema, name: "inbox" })} SET applied_at = clock_timestamp() WHERE applied_at > $1::timestamptz - interval '${AGAIN}'`, [takenAt]);
  }
}
