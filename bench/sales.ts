import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import pg from "pg";
import { cpuSeconds, load, startServer, type Load, type Server } from "./measure.ts";
import { pick, sale, stockShop, target, type Shop } from "./shop.ts";
import { yardstick } from "./yardstick.ts";

/* `npm run bench`: sales and reads per second on a fresh database with 1,000 variants, what a sale costs, and pgbench's least beside it. */
const { values: options } = parseArgs({ options: { seconds: { type: "string", default: "8" }, json: { type: "string" }, cluster: { type: "boolean" } } });
const SECONDS = Number(options.seconds);
const WIDTHS = [1, 16, 64];

async function main(): Promise<void> {
  const server = await startServer();
  try {
    const shop = await stockShop(server);
    const idle = (await server.stats()).rss;
    await load({ ...target(server, shop), width: 16, seconds: 2, next: sale(shop) }); // warm-up: plans, caches, JIT
    const sales: Record<string, object> = {};
    for (const width of WIDTHS) sales[width] = await measureSales(server, shop, width);
    const underLoad = (await server.stats()).rss;
    const list = await load({ ...target(server, shop), width: 16, seconds: SECONDS / 2, next: () => ({ method: "GET", path: "/v1/products?limit=20" }) });
    const read = await load({ ...target(server, shop), width: 16, seconds: SECONDS / 2, next: () => ({ method: "GET", path: `/v1/products/${pick(shop.productIds)}` }) });
    const least = await yardstick((await server.stats()).databaseUrl, 16, SECONDS);
    report({ sales, list, read, least, idle, underLoad });
  } finally {
    await server.stop();
  }
}

async function measureSales(server: Server, shop: Shop, width: number): Promise<object> {
  const stats = await server.stats();
  const database = new pg.Client({ connectionString: stats.databaseUrl });
  await database.connect();
  const activeMs = async () => {
    await database.query("SELECT pg_stat_clear_snapshot()");
    return Number((await database.query("SELECT active_time FROM pg_stat_database WHERE datname = current_database()")).rows[0].active_time);
  };
  const [cpu, active, before] = [cpuSeconds(server), await activeMs(), await ordersInReport(shop)];
  const measured = await load({ ...target(server, shop), width, seconds: SECONDS, next: sale(shop) });
  const caughtUpMs = await untilInReport(shop, before + measured.requests - measured.failed);
  const after = cpuSeconds(server), now = await server.stats(), n = measured.requests - measured.failed;
  await new Promise((wake) => setTimeout(wake, 1_100)); // backends report their times once a second
  const databaseMs = (await activeMs()) - active;
  await database.end();
  return {
    ...measured, nodeCpuMs: ((after.node - cpu.node) * 1000) / n, postgresCpuMs: ((after.postgres - cpu.postgres) * 1000) / n, databaseMs: databaseMs / n,
    statements: (now.statements - stats.statements) / n, transactions: (now.transactions - stats.transactions) / n, caughtUpMs,
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

function report(all: { sales: Record<string, any>; list: Load; read: Load; least: { perSecond: number } | undefined; idle: number; underLoad: number }): void {
  const fixed = (value: number, digits = 1) => Number(value.toFixed(digits));
  console.log("\nSales: POST /v1/orders, three distinct random variants of 1,000, cash; projections, row-level security, ledger and outbox on");
  console.table(Object.fromEntries(Object.entries(all.sales).map(([width, s]) => [`${width} at once`, {
    "sales/s": fixed(s.perSecond), failed: s.failed, "p50 ms": fixed(s.p50), "p95 ms": fixed(s.p95), "p99 ms": fixed(s.p99), "node CPU ms": fixed(s.nodeCpuMs, 2), "PostgreSQL CPU ms": fixed(s.postgresCpuMs, 2),
    "CPU ms": fixed(s.nodeCpuMs + s.postgresCpuMs, 2), "database ms": fixed(s.databaseMs, 2), statements: fixed(s.statements), transactions: fixed(s.transactions), "in report after ms": fixed(s.caughtUpMs, 0),
  }])));
  console.table({ "product list of 20": { "per s": fixed(all.list.perSecond), "p99 ms": fixed(all.list.p99), failed: all.list.failed }, "product read": { "per s": fixed(all.read.perSecond), "p99 ms": fixed(all.read.p99), failed: all.read.failed } });
  const at16 = all.sales[16], ratio = all.least ? at16.perSecond / all.least.perSecond : undefined;
  const cpuMs = at16.nodeCpuMs + at16.postgresCpuMs, idleMiB = all.idle / 2 ** 20;
  const verdict = (ok: boolean) => (ok ? "met" : "MISSED");
  console.log(all.least ? `pgbench, the least that a sale needs, 16 at once: ${fixed(all.least.perSecond)} a second` : "pgbench is not on this machine (Debian: apt-get install postgresql-contrib): no ratio");
  if (ratio !== undefined) console.log(`ratio ${ratio.toFixed(3)} (target ${TARGET_RATIO}: ${verdict(ratio >= TARGET_RATIO)})`);
  console.log(`CPU per sale at 16: ${cpuMs.toFixed(2)} ms (target ${TARGET_CPU_MS}: ${verdict(cpuMs <= TARGET_CPU_MS)})`);
  console.log(`reads a second: ${fixed(all.list.perSecond)} and ${fixed(all.read.perSecond)} (target ${TARGET_READS}: ${verdict(Math.min(all.list.perSecond, all.read.perSecond) >= TARGET_READS)})`);
  console.log(`node memory: ${fixed(idleMiB)} MiB idle (target ${TARGET_IDLE_MIB}: ${verdict(idleMiB < TARGET_IDLE_MIB)}), ${fixed(all.underLoad / 2 ** 20)} MiB under load`);
  const json = JSON.stringify({ ...all, ratio, cpuMs, idleMiB });
  if (options.json) writeFileSync(options.json, json);
  console.log(`\n${json}`);
}

if (options.cluster) await cluster();
else await main();
