import { to as copyTo } from "pg-copy-streams";
import { SettingError, type Environment } from "../../node/environment.ts";
import { closeAll, connectAll, keyCheck, masterSecrets, type ServiceDatabase } from "./databases.ts";
import { END_OF_ROWS, FORMAT, headerLine, trailerLine, writeBackup, type Header, type Trailer } from "./file.ts";
import { copyIn, copyOut, fingerprintOf, quoted, sequencesOf, tablesOf } from "./tables.ts";

/** In every schema: what one service asked of another, and what it tells the others. While these stand still no service gets ahead of another.
 *  In the order in which every transaction writes them (events are appended last), so that we wait for writers and never they for us in a ring. */
const SHARED_TABLES = ["saga", "outbox"];

export interface Taken { readonly takenAt: string; readonly bytes: number; readonly tables: Trailer["tables"] }

/** Copies all schemas as they are at one moment, while the platform goes on, into a file.
 *  @param url of the database of all services that have none of their own */
export async function takeBackup(given: { path: string; url: string; environment: Environment }): Promise<Taken> {
  const secrets = masterSecrets(given.environment);
  const databases = await connectAll(given.url, given.environment);
  try {
    await takeSnapshots(databases);
    const takenAt = (await databases[0]!.client.query<{ now: Date }>("SELECT now()")).rows[0]!.now.toISOString();
    const header: Header = { format: FORMAT, takenAt, keyCheck: keyCheck(secrets, takenAt), migrations: await migrationsIn(databases) };
    const tables: Trailer["tables"] = {};
    const bytes = await writeBackup(given.path, pieces(databases, header, tables));
    return { takenAt, bytes, tables };
  } finally {
    await closeAll(databases);
  }
}

/** A snapshot is one moment. Where there are several databases, each is held still until all have taken theirs. */
async function takeSnapshots(databases: readonly ServiceDatabase[]): Promise<void> {
  const several = databases.length > 1;
  for (const { client, services } of databases) {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    // To lock is not to look: the snapshot is taken by the first question after it, and outlives the savepoint with which the locks end.
    if (several) await client.query(`SAVEPOINT held; LOCK TABLE ${services.flatMap((schema) => SHARED_TABLES.map((name) => quoted({ schema, name }))).join(", ")} IN SHARE MODE`);
  }
  for (const { client } of databases) await client.query("SELECT 1");
  if (several) for (const { client } of databases) await client.query("ROLLBACK TO SAVEPOINT held");
}

async function migrationsIn(databases: readonly ServiceDatabase[]): Promise<Header["migrations"]> {
  const migrations: Header["migrations"] = {};
  for (const { client, services } of databases) {
    for (const schema of services) migrations[schema] = (await client.query<{ name: string }>(`SELECT name FROM ${quoted({ schema, name: "schema_migration" })} ORDER BY name`).catch(noSuchSchema)).rows.map(({ name }) => name);
  }
  return migrations;
}

function noSuchSchema(error: Error & { code?: string }): never {
  throw error.code === "42P01" ? new SettingError("The database that DATABASE_URL names holds no installation: run npm run migrate first, or mend the URL.") : error;
}

async function* pieces(databases: readonly ServiceDatabase[], header: Header, tables: Trailer["tables"]): AsyncGenerator<Buffer | string> {
  yield headerLine(header);
  for (const { client, services } of databases) {
    for (const table of await tablesOf(client, services)) {
      yield `${copyIn(table)};\n`;
      yield* client.query(copyTo(copyOut(table))) as AsyncIterable<Buffer>;
      yield END_OF_ROWS;
      tables[`${table.schema}.${table.name}`] = await fingerprintOf(client, table);
    }
    for (const sequence of await sequencesOf(client, services)) yield `SELECT pg_catalog.setval('${quoted(sequence)}', ${sequence.last});\n`;
  }
  yield trailerLine({ tables });
}
