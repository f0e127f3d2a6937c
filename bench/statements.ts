import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import pg from "pg";
import { startNode } from "../node/broker.ts";
import { startEmbeddedDatabase } from "../node/embedded-database.ts";
import { readEnvironment } from "../node/environment.ts";
import { freePort } from "../node/free-port.ts";
import { openLog } from "../node/log/log.ts";
import { migrate } from "../node/migrate.ts";
import { loadSecrets } from "../node/secrets.ts";
import { load } from "./measure.ts";
import { sale, stockShop } from "./shop.ts";

/* `npm run bench:statements`: where the database's time of a sale goes, statement by statement (pg_stat_statements). Waiting for a lock or for a core counts too. */
const { values: options } = parseArgs({ options: { width: { type: "string", default: "16" }, seconds: { type: "string", default: "6" } } });
const TOP = 24, TEXT_MAX = 96;
// The time of a statement that ran inside a function is the function's already.
const TABLE = `SELECT calls::int, total_exec_time AS ms, left(regexp_replace(query, '\\s+', ' ', 'g'), ${TEXT_MAX}) AS text FROM pg_stat_statements
  WHERE query !~ 'pg_stat_statements' ORDER BY total_exec_time DESC`;

async function main(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "beaveros-bench-")), port = await freePort();
  const database = await startEmbeddedDatabase({ dataDir, settings: { shared_preload_libraries: "pg_stat_statements" } });
  const environment = readEnvironment({ DATA_DIR: dataDir, PORT: String(port), RATE_LIMIT_PER_MINUTE: "0", LOG_LEVEL: "warn", LOG_FORMAT: "json" });
  const secrets = loadSecrets(environment);
  await migrate(database.url, environment, secrets);
  const node = await startNode({ environment, secrets, databaseUrl: database.url, log: await openLog(environment) });
  const looking = new pg.Client({ connectionString: database.url });
  await looking.connect();
  await looking.query("CREATE EXTENSION pg_stat_statements");
  const base = `http://127.0.0.1:${port}`, shop = await stockShop({ base });
  const given = { base, token: shop.client.token!, width: Number(options.width), next: sale(shop) };
  await load({ ...given, seconds: 3 }); // warm-up: plans, caches, JIT
  await looking.query("SELECT pg_stat_statements_reset()");
  const { requests, failed } = await load({ ...given, seconds: Number(options.seconds) });
  await new Promise((wake) => setTimeout(wake, 1_000)); // events and projections are part of a sale
  report((await looking.query<Row>(TABLE)).rows, requests - failed);
  await looking.end();
  await node.stop();
  await database.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

interface Row { calls: number; ms: number; text: string }

function report(rows: readonly Row[], sales: number): void {
  const line = (calls: number, ms: number, text: string) => `${(ms / sales).toFixed(3).padStart(8)}  ${(calls / sales).toFixed(2).padStart(6)}  ${text}`;
  console.log(`${sales} sales, ${options.width} at once\n\n   ms a sale  times  statement`);
  for (const { calls, ms, text } of rows.slice(0, TOP)) console.log(line(calls, ms, text));
  const rest = rows.slice(TOP);
  console.log(line(rest.reduce((sum, { calls }) => sum + calls, 0), rest.reduce((sum, { ms }) => sum + ms, 0), `${rest.length} others`));
  console.log(line(rows.reduce((sum, { calls }) => sum + calls, 0), rows.reduce((sum, { ms }) => sum + ms, 0), "all"));
}

await main();
