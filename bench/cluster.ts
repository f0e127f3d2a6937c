import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { ServiceName } from "../node/environment.ts";
import { clusterReady, SIX_NODES, startLocalCluster, type LocalCluster } from "../scripts/local-cluster.ts";
import { cpuOf, cpuSeconds, load, postgresCpu, startServer } from "./measure.ts";
import { measureDrain, type Drain } from "./drain.ts";
import { measureHeartbeat, measureHop, type Hop } from "./hop.ts";
import { measureShares, reportShares, type Shares } from "./shares.ts";
import { sale, stockShop, type Shop } from "./shop.ts";

/* `npm run bench -- --cluster`: what distribution costs. The same sales in one process and by 2, 4 and 6 nodes over NATS, with the CPU time of all their processes until the report has them;
   a call over NATS beside one in the process; how old events get; how fast a pile of them is worked off. */

/** With two nodes a sale crosses the wire once (edge to order), with four and six three times (order to catalog and payment besides); with six every service is there twice. */
const SHAPES: Record<string, readonly (readonly ServiceName[])[]> = {
  "2 nodes": [["auth", "entity", "api"], ["catalog", "payment", "order", "purchasing", "report", "workflow"]],
  "4 nodes": [["auth", "entity", "api"], ["order", "purchasing"], ["catalog", "payment"], ["report", "workflow"]],
  "6 nodes": SIX_NODES,
};
const WIDTH = 16, WARM_UP_S = 3, IDLE_S = 5;

/** Each shape takes turns with the one process: what the machine does meanwhile befalls both. */
const ROUNDS = 5;

interface Cpu { nodes: number; postgres: number; nats: number }
/** One shape on one database, and the shop that it sells from. */
interface Seller { readonly bases: readonly string[]; readonly database: pg.Client; readonly shop: Shop; readonly idle: Cpu; readonly cpu: () => Cpu; sold: number }
interface Round { perSecond: number; failed: number; p50: number; p99: number; cpu: Cpu; cpuMs: number; caughtUpMs: number; lagP50Ms: number; lagP99Ms: number }
/** CPU in ms a sale, without what the processes take anyway; that, `idle`, in ms a second. */
export interface Sales extends Round { readonly idle: Cpu; readonly ratio: number }
export interface ClusterResult { sales: Record<string, Sales>; shares: Shares; hop: Hop; heartbeatUs: number; drain: Drain }

/** @param seconds of load for each shape */
export async function benchCluster(seconds: number): Promise<ClusterResult> {
  const sales: Record<string, Sales> = {}, server = await startServer();
  try {
    const one = await seller([server.base], (await server.stats()).databaseUrl, () => { const { node, postgres } = cpuSeconds(server); return { nodes: node, postgres, nats: 0 }; });
    for (const [name, nodes] of Object.entries(SHAPES)) {
      await withCluster(nodes, async (cluster, dataDir) => {
        const bases = cluster.nodes.filter(({ services }) => services.includes("api")).map(({ base }) => base);
        const many = await seller(bases, cluster.database.url, () => cpuOfCluster(cluster, dataDir)), rounds: { one: Round; many: Round }[] = [];
        for (let round = 0; round < ROUNDS; round++) rounds.push({ one: await sell(one, seconds / ROUNDS), many: await sell(many, seconds / ROUNDS) });
        const alone = medianOf(rounds.map((round) => round.one)), ratio = median(rounds.map((round) => round.many.cpuMs / round.one.cpuMs));
        sales[`one process, beside ${name}`] = { ...alone, idle: one.idle, ratio: 1 };
        sales[name] = { ...medianOf(rounds.map((round) => round.many)), idle: many.idle, ratio };
        await many.database.end();
      });
    }
    await one.database.end();
  } finally {
    await server.stop();
  }
  return { sales, shares: await measureShares(seconds), hop: await measureHop(), heartbeatUs: await measureHeartbeat(), drain: await measureDrain() };
}

/** Of a node's log: what is no warning (JSON of pino, from 50 up) and no line of a start. */
const TROUBLE = /"level":(50|60|"error"|"fatal")|^\s+at /;

/** A cluster on an empty data directory, durable as always, while `work` is at it. */
export async function withCluster<T>(nodes: readonly (readonly ServiceName[])[], work: (cluster: LocalCluster, dataDir: string) => Promise<T>): Promise<T> {
  const dataDir = mkdtempSync(join(tmpdir(), "beaveros-bench-"));
  const cluster = await startLocalCluster({ dataDir, nodes, print: (node, line) => { if (TROUBLE.test(line)) console.error(`${node}: ${line}`); } });
  try {
    await clusterReady(cluster);
    return await work(cluster, dataDir);
  } finally {
    await cluster.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

const cpuOfCluster = (cluster: LocalCluster, dataDir: string): Cpu => ({
  nodes: cluster.nodes.reduce((sum, { child }) => sum + cpuOf(child.pid!), 0), postgres: postgresCpu(join(dataDir, "database", "postgres")), nats: cpuOf(cluster.nats.child.pid!),
});

async function seller(bases: readonly string[], databaseUrl: string, cpu: () => Cpu): Promise<Seller> {
  const shop = await stockShop({ base: bases[0]! }), database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  const made: Seller = { bases, database, shop, cpu, idle: { nodes: 0, postgres: 0, nats: 0 }, sold: 0 };
  await sell(made, WARM_UP_S); // plans, caches, JIT
  const before = cpu();
  await new Promise((wake) => setTimeout(wake, IDLE_S * 1_000));
  return { ...made, idle: each(cpu(), before, (seconds) => (seconds * 1_000) / IDLE_S), sold: made.sold };
}

async function sell(from: Seller, seconds: number): Promise<Round> {
  const { bases, shop, database, cpu, idle } = from, [start] = (await database.query<{ now: string }>("SELECT now()::text AS now")).rows, began = performance.now(), before = cpu();
  const { requests, failed, perSecond, p50, p99 } = await load({ base: bases[0]!, bases, token: shop.client.token!, width: WIDTH, seconds, next: sale(shop) });
  from.sold += requests - failed;
  const caughtUpMs = await untilReported(shop, from.sold), anyway = (performance.now() - began) / 1_000, sold = requests - failed;
  const spent = each(cpu(), before, (used, key) => (used * 1_000 - idle[key] * anyway) / sold), [lag] = (await database.query<{ p50: number; p99: number }>(LAG, [start!.now])).rows;
  return { perSecond, failed, p50, p99, cpu: spent, cpuMs: spent.nodes + spent.postgres + spent.nats, caughtUpMs, lagP50Ms: lag!.p50, lagP99Ms: lag!.p99 };
}

const each = (after: Cpu, before: Cpu, of: (seconds: number, key: keyof Cpu) => number): Cpu =>
  ({ nodes: of(after.nodes - before.nodes, "nodes"), postgres: of(after.postgres - before.postgres, "postgres"), nats: of(after.nats - before.nats, "nats") });

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

function medianOf(rounds: readonly Round[]): Round {
  const of = (pick: (round: Round) => number) => median(rounds.map(pick));
  return {
    perSecond: of((r) => r.perSecond), failed: rounds.reduce((sum, r) => sum + r.failed, 0), p50: of((r) => r.p50), p99: of((r) => r.p99), cpu: { nodes: of((r) => r.cpu.nodes), postgres: of((r) => r.cpu.postgres), nats: of((r) => r.cpu.nats) },
    cpuMs: of((r) => r.cpuMs), caughtUpMs: of((r) => r.caughtUpMs), lagP50Ms: of((r) => r.lagP50Ms), lagP99Ms: of((r) => r.lagP99Ms),
  };
}

/** From the sale's own transaction to the one in which the report takes it in. */
const LAG = `SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) AS p50, percentile_cont(0.99) WITHIN GROUP (ORDER BY ms) AS p99
  FROM (SELECT extract(epoch FROM i.applied_at - o.time)::float8 * 1000 AS ms FROM "order".outbox o JOIN report.inbox i ON i.tenant_id = o.tenant_id AND i.event_id = o.id WHERE o.type = 'order.completed' AND o.time > $1::timestamptz) lag`;

const CATCH_UP_MS = 120_000;

async function untilReported(shop: Shop, orders: number): Promise<number> {
  const start = performance.now();
  while (((await shop.client.get("/v1/reports/sales?groupBy=day")).totals?.orders ?? 0) < orders) {
    if (performance.now() - start > CATCH_UP_MS) throw new Error("the report does not catch up");
    await new Promise((wake) => setTimeout(wake, 20));
  }
  return performance.now() - start;
}

const TARGET_RATIO = 2, TARGET_DRAIN_MS = 10_000;

export function reportCluster({ sales, shares, hop, heartbeatUs, drain }: ClusterResult): void {
  const fixed = (value: number, digits = 1) => Number(value.toFixed(digits)), verdict = (ok: boolean) => (ok ? "met" : "MISSED");
  console.log(`\nSales: POST /v1/orders, three distinct random variants of 1,000, cash, ${WIDTH} at once; medians of ${ROUNDS} rounds in turn with the one process; CPU of every process until the report has the sales, without what they take when idle`);
  console.table(Object.fromEntries(Object.entries(sales).map(([name, s]) => [name, {
    "sales/s": fixed(s.perSecond), failed: s.failed, "p50 ms": fixed(s.p50), "p99 ms": fixed(s.p99), "nodes CPU ms": fixed(s.cpu.nodes, 2), "PostgreSQL": fixed(s.cpu.postgres, 2), NATS: fixed(s.cpu.nats, 2), "all CPU ms": fixed(s.cpuMs, 2), ratio: fixed(s.ratio, 2),
    "lag p50 ms": fixed(s.lagP50Ms, 0), "lag p99 ms": fixed(s.lagP99Ms, 0), "idle CPU ms/s": fixed(s.idle.nodes + s.idle.postgres + s.idle.nats, 0),
  }])));
  reportShares(shares);
  console.log("A call of an action that does nothing");
  console.table(Object.fromEntries(Object.entries(hop).map(([name, h]) => [name, { "µs one after the other": fixed(h.alone.us), "CPU µs, all processes": fixed(h.alone.cpuUs), "64 at once: calls/s": fixed(h.together.perSecond, 0), "CPU µs each": fixed(h.together.cpuUs) }])));
  console.log(`A heartbeat costs each node that hears it ${fixed(heartbeatUs)} µs of CPU`);
  const rate = ({ events, ms, perSecond }: Drain["relayed"]) => `${events} in ${fixed(ms / 1_000, 2)} s, ${fixed(perSecond, 0)} a second`;
  console.log(`Outbox to JetStream, events that waited while NATS was away: ${rate(drain.relayed)}`);
  console.log(`JetStream to inbox, events that waited while the report was away: ${rate(drain.consumed)} (target ${TARGET_DRAIN_MS / 1_000} s for 10,000: ${verdict(drain.consumed.ms * (10_000 / drain.consumed.events) < TARGET_DRAIN_MS)})`);
  for (const [name, { ratio }] of Object.entries(sales)) if (ratio !== 1) console.log(`CPU of a sale, ${name} to one process: ${ratio.toFixed(2)} (target ${TARGET_RATIO}: ${verdict(ratio <= TARGET_RATIO)})`);
}
