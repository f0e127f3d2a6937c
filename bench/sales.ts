import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import pg from "pg";
import { cpuSeconds, load, loadOnce, startServer, summed, type Load, type Server, type Stretch } from "./measure.ts";
import { pick, sale, stockShop, target, type Shop } from "./shop.ts";
import { openYardstick } from "./yardstick.ts";

/* `npm run bench`: sales and reads per second on a fresh database with 1,000 variants, what a sale costs, and pgbench's least beside it. */
const { values: options } = parseArgs({ options: { seconds: { type: "string", default: "8" }, json: { type: "string" }, cluster: { type: "boolean" } } });
const SECONDS = Number(options.seconds);
const WARM_UP_SECONDS = 5; // plans, caches, JIT
/** How often sales and pgbench take turns at 16 at once: the machine is shared and its speed drifts, and so what befalls one befalls the other. */
const TURNS = 4;

async function main(): Promise<void> {
  const server = await startServer();
  try {
    const shop = await stockShop(server);
    const idle = (await server.stats()).rss;
    const pgbench = await openYardstick((await server.stats()).databaseUrl);
    await load({ ...target(server, shop), width: 16, seconds: WARM_UP_SECONDS, next: sale(shop) });
    const least: number[] = [], perTurn = SECONDS * 2 / TURNS;
    const sales = {
      1: await measureSales(server, shop, { width: 1, seconds: SECONDS }),
      16: await measureSales(server, shop, { width: 16, seconds: perTurn, turns: TURNS, between: async () => { if (pgbench) least.push(await pgbench.measure(16, perTurn)); } }),
      64: await measureSales(server, shop, { width: 64, seconds: SECONDS }),
    };
    pgbench?.close();
    const underLoad = (await server.stats()).rss;
    const list = await load({ ...target(server, shop), width: 16, seconds: SECONDS / 2, next: () => ({ method: "GET", path: "/v1/products?limit=20" }) });
    const read = await load({ ...target(server, shop), width: 16, seconds: SECONDS / 2, next: () => ({ method: "GET", path: `/v1/products/${pick(shop.productIds)}` }) });
    report({ sales, list, read, least, idle, underLoad });
  } finally {
    await server.stop();
  }
}

interface Sales extends Load { turns: number[]; nodeCpuMs: number; postgresCpuMs: number; databaseMs: number; statements: number; transactions: number; caughtUpMs: number }

/** @param given.turns so many times so many seconds of load, each until its last sale stands in the report, and then `between`, which is not counted */
async function measureSales(server: Server, shop: Shop, { turns = 1, between, ...given }: { width: number; seconds: number; turns?: number; between?: () => Promise<void> }): Promise<Sales> {
  const made: Stretch[] = [], caughtUpMs: number[] = [], used = { node: 0, postgres: 0, active: 0, statements: 0, transactions: 0 };
  const database = new pg.Client({ connectionString: (await server.stats()).databaseUrl });
  await database.connect();
  const activeMs = async () => {
    await database.query("SELECT pg_stat_clear_snapshot()");
    return Number((await database.query("SELECT active_time FROM pg_stat_database WHERE datname = current_database()")).rows[0].active_time);
  };
  const usage = async () => {
    const { statements, transactions } = await server.stats();
    return { ...cpuSeconds(server), statements, transactions };
  };
  for (let turn = 0; turn < turns; turn++) {
    const [before, active, orders] = [await usage(), await activeMs(), await ordersInReport(shop)];
    const stretch = await loadOnce({ ...target(server, shop), ...given, next: sale(shop) });
    made.push(stretch);
    caughtUpMs.push(await untilInReport(shop, orders + stretch.times.length - stretch.failed));
    const after = await usage();
    await new Promise((wake) => setTimeout(wake, 1_100)); // backends report their times once a second
    used.active += (await activeMs()) - active;
    for (const key of ["node", "postgres", "statements", "transactions"] as const) used[key] += after[key] - before[key];
    await between?.();
  }
  await database.end();
  const all = summed(made), n = all.requests - all.failed;
  return {
    ...all, turns: made.map((stretch) => summed([stretch]).perSecond), nodeCpuMs: (used.node * 1000) / n, postgresCpuMs: (used.postgres * 1000) / n, databaseMs: used.active / n,
    statements: used.statements / n, transactions: used.transactions / n, caughtUpMs: Math.max(...caughtUpMs),
  };
}

const ordersInReport = async (shop: Shop): Promise<number> => (await shop.client.get("/v1/reports/sales?groupBy=day")).totals?.orders ?? 0;

async function untilInReport(shop: Shop, orders: number): Promise<number> {
  const start = performance.now();
  while ((await ordersInReport(shop)) < orders) {
    if (performance.now() - start > 120_000) throw new Error("the report does not catch up");
    await new Promise((wake) => setTimeout(wake, 20));
  }
  return performance.now() - start;
}

/** `npm run bench -- --cluster` */
async function cluster(): Promise<void> {
  const { benchCluster, reportCluster } = await import("./cluster.ts");
  const result = await benchCluster(SECONDS);
  reportCluster(result);
  const json = JSON.stringify(result);
  if (options.json) writeFileSync(options.json, json);
  console.log(`\n${json}`);
}

const TARGET_RATIO = 0.15, TARGET_CPU_MS = 4, TARGET_READS = 2_000, TARGET_IDLE_MIB = 200;

/** @param all.least what pgbench made in each turn, a second: nothing where there is no pgbench */
function report(all: { sales: Record<1 | 16 | 64, Sales>; list: Load; read: Load; least: number[]; idle: number; underLoad: number }): void {
  const fixed = (value: number, digits = 1) => Number(value.toFixed(digits));
  console.log("\nSales: POST /v1/orders, three distinct random variants of 1,000, cash; projections, row-level security, ledger and outbox on");
  console.table(Object.fromEntries(Object.entries(all.sales).map(([width, s]) => [`${width} at once`, {
    "sales/s": fixed(s.perSecond), failed: s.failed, "p50 ms": fixed(s.p50), "p95 ms": fixed(s.p95), "p99 ms": fixed(s.p99), "node CPU ms": fixed(s.nodeCpuMs, 2), "PostgreSQL CPU ms": fixed(s.postgresCpuMs, 2),
    "CPU ms": fixed(s.nodeCpuMs + s.postgresCpuMs, 2), "database ms": fixed(s.databaseMs, 2), statements: fixed(s.statements), transactions: fixed(s.transactions), "in report after ms": fixed(s.caughtUpMs, 0),
  }])));
  console.table({ "product list of 20": { "per s": fixed(all.list.perSecond), "p99 ms": fixed(all.list.p99), failed: all.list.failed }, "product read": { "per s": fixed(all.read.perSecond), "p99 ms": fixed(all.read.p99), failed: all.read.failed } });
  const at16 = all.sales[16], least = all.least.reduce((sum, perSecond) => sum + perSecond, 0) / all.least.length, ratio = at16.perSecond / least;
  const ofTurns = all.least.map((perSecond, turn) => (at16.turns[turn]! / perSecond).toFixed(3)).join(", ");
  const cpuMs = at16.nodeCpuMs + at16.postgresCpuMs, idleMiB = all.idle / 2 ** 20;
  const verdict = (ok: boolean) => (ok ? "met" : "MISSED");
  if (all.least.length > 0) {
    console.log(`pgbench, the least that a sale needs, 16 at once, in turn with the sales: ${fixed(least)} a second`);
    console.log(`ratio ${ratio.toFixed(3)} (target ${TARGET_RATIO}: ${verdict(ratio >= TARGET_RATIO)}), turn by turn ${ofTurns}`);
  } else console.log("pgbench is not on this machine (Debian: apt-get install postgresql-contrib): no ratio");
  console.log(`CPU per sale at 16: ${cpuMs.toFixed(2)} ms (target ${TARGET_CPU_MS}: ${verdict(cpuMs <= TARGET_CPU_MS)})`);
  console.log(`reads a second: ${fixed(all.list.perSecond)} and ${fixed(all.read.perSecond)} (target ${TARGET_READS}: ${verdict(Math.min(all.list.perSecond, all.read.perSecond) >= TARGET_READS)})`);
  console.log(`node memory: ${fixed(idleMiB)} MiB idle (target ${TARGET_IDLE_MIB}: ${verdict(idleMiB < TARGET_IDLE_MIB)}), ${fixed(all.underLoad / 2 ** 20)} MiB under load`);
  const json = JSON.stringify({ ...all, ratio, cpuMs, idleMiB });
  if (options.json) writeFileSync(options.json, json);
  console.log(`\n${json}`);
}

if (options.cluster) await cluster();
else await main();
