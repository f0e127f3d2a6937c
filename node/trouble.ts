import pg from "pg";
import { clockTrouble } from "./clock.ts";
import { discordTrouble } from "./discord.ts";
import { DATABASE_SERVICES, type Environment, type ServiceName } from "./environment.ts";
import { contractBeyond, LEAST_VERSION, migrationsOf } from "./migrate.ts";
import { natsTrouble } from "./nats.ts";
import { rolePassword, roleOf } from "./roles.ts";
import type { Secrets } from "./secrets.ts";

const CONNECT_MS = 3_000;
const SERVER = "SELECT current_setting('server_version_num')::int AS version, (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now";

/** What keeps this node from serving, as one sentence that says what to do; undefined: nothing does. */
export async function troubleOf(environment: Environment, secrets: Secrets): Promise<string | undefined> {
  const nats = await natsTrouble(environment, secrets);
  if (nats) return nats;
  for (const service of DATABASE_SERVICES) {
    if (!environment.services.includes(service)) continue;
    const trouble = await databaseTrouble(environment, secrets, service);
    if (trouble) return trouble;
  }
  return discordTrouble(environment, secrets);
}

/** As the service's own role: what the node itself will be. */
async function databaseTrouble(environment: Environment, secrets: Secrets, service: ServiceName): Promise<string | undefined> {
  const url = new URL(environment.serviceDatabaseUrls[service] ?? environment.databaseUrl!);
  const role = roleOf(service), where = `PostgreSQL at ${url.host}${url.pathname}`;
  url.username = role;
  url.password = rolePassword(secrets, role);
  const client = new pg.Client({ connectionString: url.href, connectionTimeoutMillis: CONNECT_MS, query_timeout: CONNECT_MS });
  client.on("error", () => undefined); // it may go away between two questions
  try {
    await client.connect();
    const askedAt = Date.now();
    const { version, now } = (await client.query<{ version: number; now: number }>(SERVER)).rows[0]!;
    const clock = clockTrouble(now, askedAt, Date.now());
    if (clock) return clock;
    if (version < LEAST_VERSION) return `${where} is too old (${version}): 15 is the oldest that works.`;
    const applied = new Set((await client.query<{ name: string }>(`SELECT name FROM "${service}".schema_migration`)).rows.map(({ name }) => name));
    const missing = migrationsOf(service).find(({ name }) => !applied.has(name));
    const tooNew = contractBeyond(service, applied);
    if (tooNew) return tooNew;
    return missing && `${where} lacks the migration ${missing.name} of ${service}: run npm run migrate.`;
  } catch (error) {
    return explainDatabase(error as Error & { code?: string }, where, role);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function explainDatabase({ code, message }: Error & { code?: string }, where: string, role: string): string {
  if (code === "28P01" || code === "28000") return `${where} does not know ${role} with this node's keys: run npm run migrate, or give all nodes the same DATA_ENCRYPTION_KEY.`;
  if (code === "3D000") return `${where} does not exist: make the database, or mend DATABASE_URL.`;
  if (code === "42P01" || code === "3F000" || code === "42501") return `${where} has no tables of this version: run npm run migrate.`;
  return `${where} does not answer (${message || code}): start PostgreSQL there, or mend DATABASE_URL.`;
}

const LOOK_AGAIN_MS = 2_000;

/** Waits until nothing keeps the node from serving. It says what it waits for once, and again when that changes: a node that cannot serve is not ready, and does not crash in a loop. */
export async function waitOutTrouble(environment: Environment, secrets: Secrets, log: { warn(text: string): void }, stopping: () => boolean): Promise<void> {
  let said: string | undefined;
  for (;;) {
    const trouble = await troubleOf(environment, secrets);
    if (!trouble || stopping()) return;
    if (trouble !== said) log.warn(`Not ready: ${trouble}`);
    said = trouble;
    await new Promise((wake) => setTimeout(wake, LOOK_AGAIN_MS));
  }
}
