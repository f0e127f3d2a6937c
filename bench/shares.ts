import { readFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "nats";
import pg from "pg";
import { SERVICE_NAMES } from "../node/environment.ts";
import { STREAM } from "../node/jetstream-bus.ts";
import type { LocalCluster } from "../scripts/local-cluster.ts";
import { withCluster } from "./cluster.ts";
import { cpuOf, load, postgresCpu } from "./measure.ts";
import { sale, stockShop } from "./shop.ts";

/** What one sale takes of each service's node, of that service's PostgreSQL sessions, and of what stands behind them all; ms of CPU. Bytes that stay or travel. */
export interface Shares {
  readonly sold: number;
  readonly perSecond: number;
  readonly services: Readonly<Record<string, { node: number; postgres: number; rssMiB: number }>>;
  readonly nats: number; readonly postgresOwn: number;
  readonly transactions: number; readonly databaseBytes: number; readonly prunedBytes: number; readonly walBytes: number; readonly streamBytes: number; readonly events: number;
}

const WIDTH = 16, WARM_UP_S = 3, SETTLE_MS = 3_000;

/** One node for each service, as in Kubernetes: every call between two services crosses the wire. */
export async function measureShares(seconds: number): Promise<Shares> {
  return withCluster(SERVICE_NAMES.map((name) => [name]), async (cluster, dataDir) => {
    const edge = cluster.nodes.find(({ services }) => services.includes("api"))!, shop = await stockShop({ base: edge.base }), database = new pg.Client({ connectionString: cluster.database.url });
    await database.connect();
    try {
      const sell = (s: number) => load({ base: edge.base, token: shop.client.token!, width: WIDTH, seconds: s, next: sale(shop) });
      await sell(WARM_UP_S);
      await new Promise((wake) => setTimeout(wake, SETTLE_MS));
      const before = await takeStock(cluster, database, dataDir), { requests, failed, perSecond } = await sell(seconds);
      await new Promise((wake) => setTimeout(wake, SETTLE_MS));
      return { perSecond, ...sharesOf(before, await takeStock(cluster, database, dataDir), requests - failed) };
    } finally {
      await database.end();
    }
  });
}

type Stock = Awaited<ReturnType<typeof takeStock>>;

async function takeStock(cluster: LocalCluster, database: pg.Client, dataDir: string) {
  await database.query("SELECT pg_stat_clear_snapshot(), pg_stat_force_next_flush()");
  const [figures] = (await database.query<{ size: string; pruned: string; wal: string; commits: string }>(FIGURES)).rows;
  const sessions = (await database.query<{ pid: number; service: string }>("SELECT pid, replace(application_name, 'beaveros-', '') AS service FROM pg_stat_activity WHERE application_name LIKE 'beaveros-%'")).rows;
  const postgres = new Map<string, number>();
  for (const { pid, service } of sessions) postgres.set(service, (postgres.get(service) ?? 0) + cpuOf(pid));
  const nats = await connect({ servers: `nats://127.0.0.1:${cluster.natsPort}`, ...cluster.operator }), { state } = await (await nats.jetstreamManager()).streams.info(STREAM);
  await nats.close();
  return {
    nodes: new Map(cluster.nodes.map(({ name, child }) => [name.replace(/-\d+$/, ""), cpuOf(child.pid!)])), rss: new Map(cluster.nodes.map(({ name, child }) => [name.replace(/-\d+$/, ""), residentMiB(child.pid!)])), postgres, nats: cpuOf(cluster.nats.child.pid!), all: postgresCpu(join(dataDir, "database", "postgres")),
    size: Number(figures!.size), pruned: Number(figures!.pruned), wal: Number(figures!.wal), commits: Number(figures!.commits), streamBytes: state.bytes, events: state.messages,
  };
}

const residentMiB = (pid: number): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1_024;

/** `pruned`: of what mixins/pruning.ts takes away after its time. */
const FIGURES = `SELECT pg_database_size(current_database()) AS size,
  (SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c WHERE c.relkind = 'r' AND c.relname IN ('outbox', 'inbox', 'saga', 'idempotency_key')) AS pruned,
  pg_current_wal_insert_lsn() - '0/0'::pg_lsn AS wal, xact_commit AS commits FROM pg_stat_database WHERE datname = current_database()`;

function sharesOf(before: Stock, after: Stock, sold: number): Omit<Shares, "perSecond"> {
  const each = (pick: (stock: Stock) => number, factor = 1) => ((pick(after) - pick(before)) * factor) / sold;
  const services = Object.fromEntries([...after.nodes.keys()].map((name) => [name, { node: each(({ nodes }) => nodes.get(name)!, 1_000), postgres: each(({ postgres }) => postgres.get(name) ?? 0, 1_000), rssMiB: after.rss.get(name)! }]));
  const sessions = Object.values(services).reduce((sum, { postgres }) => sum + postgres, 0);
  return {
    sold, services, nats: each(({ nats }) => nats, 1_000), postgresOwn: each(({ all }) => all, 1_000) - sessions,
    transactions: each(({ commits }) => commits), databaseBytes: each(({ size }) => size), prunedBytes: each(({ pruned }) => pruned), walBytes: each(({ wal }) => wal), streamBytes: each(({ streamBytes }) => streamBytes), events: each(({ events }) => events),
  };
}

export function reportShares(shares: Shares): void {
  const fixed = (value: number) => Number(value.toFixed(2)), kB = (bytes: number) => `${(bytes / 1_000).toFixed(1)} kB`;
  console.log(`\nWhere the CPU of a sale goes, one node for each service (${shares.sold} sales, ${shares.perSecond.toFixed(0)} a second), ms`);
  console.table(Object.fromEntries(Object.entries(shares.services).map(([name, { node, postgres, rssMiB }]) => [name, { node: fixed(node), "its PostgreSQL sessions": fixed(postgres), "resident MiB": Math.round(rssMiB) }])));
  console.log(`NATS ${fixed(shares.nats)}; PostgreSQL's own processes ${fixed(shares.postgresOwn)}; ${shares.transactions.toFixed(1)} transactions and ${shares.events.toFixed(1)} events a sale; ${kB(shares.databaseBytes)} of database (${kB(shares.prunedBytes)} of it pruned later), ${kB(shares.walBytes)} of WAL, ${kB(shares.streamBytes)} of event stream a sale`);
}
