import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import pg from "pg";
import { DATABASE_SERVICES } from "../../node/environment.ts";
import { migrationsOf } from "../../node/migrate.ts";
import { badWay, on, pause, type Fault, type Random } from "./fault.ts";
import type { Rig } from "./rig.ts";

/* What goes wrong with PostgreSQL, and on the way to it. */

/** As the operator of the database may do it: the server aborts, and comes back by itself. */
async function databaseAborts(rig: Rig): Promise<void> {
  const postmaster = rig.cluster.database.pid;
  const backends = execFileSync("ps", ["--ppid", String(postmaster), "-o", "pid=,args="]).toString().split("\n").filter((line) => /beaver_/.test(line)).map((line) => Number.parseInt(line, 10));
  // A backend that dies of SIGKILL makes the postmaster throw everybody out and recover from its log, as after a crash.
  process.kill(backends[0]!, "SIGKILL");
  await pause(3_000);
}

async function terminateBackends(rig: Rig): Promise<void> {
  for (let round = 0; round < 8; round++) {
    await rig.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE 'beaver_%'`);
    await pause(2_000);
  }
}

async function slowDatabase(rig: Rig): Promise<void> {
  for (const { database } of rig.ways.values()) database.change("pass", 150);
  await pause(10_000);
  for (const { database } of rig.ways.values()) database.change("pass");
}

/** Somebody's console holds every stock level for a while. */
async function rowsHeld(rig: Rig): Promise<void> {
  await rig.sql("BEGIN");
  await rig.sql("SELECT 1 FROM catalog.stock_level FOR UPDATE");
  await pause(10_000);
  await rig.sql("ROLLBACK");
}

/** Into a second, empty database of the same server: killed at random moments, then two at once. */
async function migrationsCutOff(rig: Rig, random: Random): Promise<string[]> {
  await rig.sql("CREATE DATABASE chaos_migrated");
  const url = new URL(rig.cluster.database.url);
  url.pathname = "/chaos_migrated";
  const start = () => spawn(process.execPath, [join(import.meta.dirname, "..", "..", "scripts", "migrate.ts")], { stdio: "ignore", env: { ...process.env, ...rig.cluster.master, DATABASE_URL: url.href } });
  const ended = (child: ChildProcess) => new Promise<number | null>((done) => { child.once("exit", done); });
  for (let round = 0; round < 5; round++) {
    const child = start(), end = ended(child);
    await pause(400 + random.below(800));
    child.kill("SIGKILL");
    await end;
  }
  const codes = await on([start(), start()], ended);
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  const wrong: string[] = codes.some((code) => code !== 0) ? [`two migrations at once ended with ${codes.join(" and ")}`] : [];
  for (const service of DATABASE_SERVICES) {
    const applied = (await client.query<{ name: string }>(`SELECT name FROM "${service}".schema_migration ORDER BY name`)).rows.map(({ name }) => name);
    if (applied.join() !== migrationsOf(service).map(({ name }) => name).sort().join()) wrong.push(`${service} has ${applied.join()}`);
  }
  await client.end();
  await rig.sql("DROP DATABASE chaos_migrated");
  return wrong;
}

export const DATABASE_FAULTS: readonly Fault[] = [
  { id: "F19", what: "a node loses its database and keeps NATS", strike: (rig, random) => badWay(rig, `catalog-${1 + random.below(2)}`, "database", "cut", 15_000) },
  { id: "F21", what: "PostgreSQL aborts and recovers", strike: databaseAborts },
  { id: "F22", what: "every database session terminated each 2 s", strike: terminateBackends },
  { id: "F23", what: "the database answers 300 ms later", strike: slowDatabase },
  { id: "F24", what: "commits succeed, their answers are lost", strike: (rig, random) => badWay(rig, `order-${1 + random.below(2)}`, "database", "silent", 8_000) },
  { id: "F53", what: "somebody's transaction holds every stock level for 10 s", strike: rowsHeld },
  { id: "F58", what: "a migration killed in its middle, five times; then two at once", strike: migrationsCutOff },
];
