import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { Umzug } from "umzug";
import { DATABASE_SERVICES, SettingError, type Environment } from "./environment.ts";
import { rolePassword, roleOf, workerRoleOf } from "./roles.ts";
import type { Secrets } from "./secrets.ts";

const ROOT = join(import.meta.dirname, "..", "migrations");
export const LEAST_VERSION = 150_000;
/** One number for everybody who migrates: the second waits for the first. */
const LOCK = 7_253_001;
/** A table's lock is waited for this long, because all who come to the table meanwhile wait behind us; then they get their turn, and we try again. */
const TABLE_LOCK_MS = 2_000;
const TRIES = 20;
const PAUSE_MS = 250;

export interface MigrateOptions {
  /** Only these files of each service, by name: for a restore, to the version that the backup was of. */
  readonly only?: Readonly<Record<string, readonly string[]>>;
  /** Shut to the services' roles until the next call without it: no node may serve out of what is being filled. */
  readonly closed?: boolean;
}

/** Brings every service's schema to the newest version: roles, schemas, tables. Forward only, under a lock, each file in a transaction of its own.
 *  @param url of a role that may create roles and schemas
 *  @returns the names of the files that were applied */
export async function migrate(url: string, environment: Environment, secrets: Secrets, options: MigrateOptions = {}): Promise<string[]> {
  const applied: string[] = [];
  for (const service of DATABASE_SERVICES) {
    const client = await connect(environment.serviceDatabaseUrls[service] ?? url);
    try {
      await client.query("SELECT pg_advisory_lock($1)", [LOCK]);
      await client.query(readFileSync(join(ROOT, "platform", "0000_bootstrap.sql"), "utf8"));
      await again(ROLE_BUSY, () => makeRoles(client, service, secrets));
      await client.query(options.closed ? closeSchema(service) : openSchema(service));
      applied.push(...await migrateService(client, service, options.only?.[service]));
    } finally {
      await client.end();
    }
  }
  return applied;
}

/** Roles are the server's and our lock one database's: another database's migration may be at the same role. */
const ROLE_BUSY = ["XX000", "23505", "42710"];
const TABLE_BUSY = ["55P03"];

async function again<T>(codes: readonly string[], work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries === TRIES || !codes.includes((error as { code?: string }).code ?? "")) throw error;
      await new Promise((wake) => setTimeout(wake, PAUSE_MS));
    }
  }
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
  } catch (error) {
    throw new SettingError(`DATABASE_URL does not answer (${(error as Error).message}): start PostgreSQL there, or mend the URL.`);
  }
  const { rows } = await client.query("SHOW server_version_num");
  if (Number(rows[0].server_version_num) < LEAST_VERSION) throw new SettingError(`PostgreSQL ${rows[0].server_version_num} is too old: 15 is the oldest that works.`);
  return client;
}

async function makeRoles(client: pg.Client, service: string, secrets: Secrets): Promise<void> {
  for (const role of [roleOf(service), workerRoleOf(service)]) {
    const exists = (await client.query("SELECT 1 FROM pg_roles WHERE rolname = $1", [role])).rowCount;
    const options = `LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD '${rolePassword(secrets, role)}'`;
    await client.query(`${exists ? "ALTER" : "CREATE"} ROLE ${role} ${options}`);
    await client.query(`ALTER ROLE ${role} SET statement_timeout = '30s'; ALTER ROLE ${role} SET lock_timeout = '5s'; ALTER ROLE ${role} SET idle_in_transaction_session_timeout = '15s'; ALTER ROLE ${role} SET search_path = "${service}"`);
  }
  await client.query(`CREATE SCHEMA IF NOT EXISTS "${service}"; REVOKE ALL ON SCHEMA "${service}" FROM PUBLIC; REVOKE CREATE ON SCHEMA public FROM PUBLIC`);
}

/** SQL that lets the service's roles into its schema. */
const openSchema = (service: string): string => `GRANT USAGE ON SCHEMA "${service}" TO ${roleOf(service)}, ${workerRoleOf(service)}`;
const closeSchema = (service: string): string => `REVOKE USAGE ON SCHEMA "${service}" FROM ${roleOf(service)}, ${workerRoleOf(service)}`;

async function migrateService(client: pg.Client, service: string, only?: readonly string[]): Promise<string[]> {
  await client.query(`CREATE TABLE IF NOT EXISTS "${service}".schema_migration (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())`);
  await client.query(`GRANT SELECT ON "${service}".schema_migration TO ${roleOf(service)}, ${workerRoleOf(service)}`);
  const applied = async () => (await client.query<{ name: string }>(`SELECT name FROM "${service}".schema_migration ORDER BY name`)).rows.map(({ name }) => name);
  const tooNew = contractBeyond(service, await applied());
  if (tooNew) throw new SettingError(tooNew);
  const umzug = new Umzug({
    migrations: migrationsOf(service).filter(({ name }) => only?.includes(name) ?? true).map(({ name, path }) => ({ name, up: () => again(TABLE_BUSY, () => applyFile(client, service, { name, path })) })),
    storage: {
      logMigration: () => Promise.resolve(), // applyFile did, together with the file
      unlogMigration: () => Promise.reject(new Error("migrations go forward only")),
      executed: applied,
    },
    logger: undefined,
  });
  const done = await umzug.up();
  return done.map(({ name }) => `${service}: ${name}`);
}

/** What this version of the code knows of the service's schema, in order. */
export function migrationsOf(service: string): { name: string; path: string }[] {
  return [...list("platform").filter((file) => !file.name.includes("/0000_")), ...list(service)];
}

/** A migration that takes away what older code needs has `_contract_` in its name. A version that does not know it must not serve; one that does not know
 *  an additive one may.
 *  @param applied the names in the database @returns a sentence that says so; undefined: this version may serve */
export function contractBeyond(service: string, applied: Iterable<string>): string | undefined {
  const known = new Set(migrationsOf(service).map(({ name }) => name));
  const beyond = [...applied].find((name) => CONTRACT.test(name) && !known.has(name));
  return beyond && `The schema of ${service} is newer than this version can work with (${beyond}): start the version that brought it, or a newer one.`;
}
const CONTRACT = /\/\d+_contract_/;

function list(folder: string): { name: string; path: string }[] {
  const directory = join(ROOT, folder);
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch {
    return [];
  }
  return names.filter((name) => name.endsWith(".sql")).sort().map((name) => ({ name: `${folder}/${name}`, path: join(directory, name) }));
}

/** Whoever dies in the middle leaves either both the file's tables and its name, or neither. */
async function applyFile(client: pg.Client, service: string, { name, path }: { name: string; path: string }): Promise<void> {
  await client.query("BEGIN");
  try {
    await client.query(`SET LOCAL search_path = "${service}"; SET LOCAL lock_timeout = ${TABLE_LOCK_MS}`);
    await client.query(readFileSync(path, "utf8"));
    await client.query(`INSERT INTO "${service}".schema_migration (name) VALUES ($1)`, [name]);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  }
}
