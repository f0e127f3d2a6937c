import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "nats";
import pg from "pg";
import { STREAM } from "../../node/jetstream-bus.ts";
import { clusterReady, startLocalCluster, type ClusterNode, type LocalCluster } from "../../scripts/local-cluster.ts";
import { stockedShop, type Shop } from "../support/shop.ts";
import { startProxy, type Proxy } from "./proxy.ts";

export interface Ways { readonly database: Proxy; readonly nats: Proxy }

/** A cluster whose every node reaches the database and NATS through a proxy of its own. */
export interface Rig {
  readonly cluster: LocalCluster;
  readonly ways: ReadonlyMap<string, Ways>;
  readonly log: { readonly node: string; readonly line: string }[];
  node(name: string): ClusterNode;
  edges(): string[];
  sql<R extends pg.QueryResultRow = pg.QueryResultRow>(text: string, values?: unknown[]): Promise<R[]>;
  /** The superuser's connection; a new one when the last was lost with its server. */
  database(): Promise<pg.Client>;
  openShops(count: number): Promise<Shop[]>;
  /** Waits until all nodes are ready. */
  ready(): Promise<void>;
  /** Waits until nothing is under way: no saga, no event in an outbox, none in a consumer. @throws when that takes longer */
  rest(deadlineMs?: number): Promise<void>;
  stop(): Promise<void>;
}

export async function startRig(): Promise<Rig> {
  const dataDir = mkdtempSync(join(tmpdir(), "beaveros-chaos-"));
  const ways = new Map<string, Ways>(), log: { node: string; line: string }[] = [];
  const cluster = await startLocalCluster({
    dataDir, print: (node, line) => log.push({ node, line }),
    route: async (node, to) => {
      const database = new URL(to.database), nats = new URL(to.nats);
      const way = { database: await startProxy({ host: database.hostname, port: Number(database.port) }), nats: await startProxy({ host: nats.hostname, port: Number(nats.port) }) };
      ways.set(node, way);
      return { database: `postgresql://127.0.0.1:${way.database.port}${database.pathname}`, nats: `nats://127.0.0.1:${way.nats.port}` };
    },
  });
  let client: pg.Client | undefined;
  const rig: Rig = {
    cluster, ways, log,
    node: (name) => cluster.nodes.find((node) => node.name === name)!,
    edges: () => cluster.nodes.filter(({ services }) => services.includes("api")).map(({ base }) => base),
    async database() {
      if (client && await client.query("SELECT 1").then(() => true, () => false)) return client;
      client = new pg.Client({ connectionString: cluster.database.url });
      client.on("error", () => undefined);
      await client.connect();
      return client;
    },
    sql: async (text, values = []) => (await (await rig.database()).query(text, values)).rows as never,
    openShops: (count) => Promise.all(Array.from({ length: count }, (_, index) => stockedShop(rig.edges()[0]!, { name: `Shop ${index}`, stock: { "MUG-RED": 5_000, "MUG-BLUE": 5_000, BOWL: 5_000 } }))),
    ready: () => clusterReady(cluster),
    rest: (deadlineMs = 60_000) => comeToRest(rig, deadlineMs),
    async stop() {
      await client?.end();
      await cluster.stop();
      await Promise.all([...ways.values()].flatMap(({ database, nats }) => [database.close(), nats.close()]));
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
  try {
    await rig.ready();
  } catch (error) {
    await rig.stop();
    throw new Error(`${(error as Error).message}\n${log.map(({ node, line }) => `${node} ${line}`).join("\n")}`);
  }
  return rig;
}

const SERVICES = ["auth", "entity", "catalog", "payment", "order", "purchasing", "report", "workflow"];
const UNDER_WAY = SERVICES.flatMap((service) => [
  `SELECT '${service} outbox' AS place, count(*)::int AS n FROM "${service}".outbox WHERE published_at IS NULL`, `SELECT '${service} sagas', count(*)::int FROM "${service}".saga WHERE status IN ('running', 'compensating')`,
]).join(" UNION ALL ");

const SENT_ELSEWHERE = SERVICES.map((service) => `SELECT '${service} outbox' AS place, count(*)::int AS n FROM "${service}".outbox WHERE published_to <> $1`).join(" UNION ALL ");

async function comeToRest(rig: Rig, deadlineMs: number): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const waiting = [...(await rig.sql<{ place: string; n: number }>(UNDER_WAY)).filter(({ n }) => n > 0).map(({ place, n }) => `${n} in ${place}`), ...await unconsumed(rig)];
    if (waiting.length === 0) return;
    if (Date.now() > deadline) throw new Error(`I18 it does not come to rest: ${waiting.join(", ")}`);
    await new Promise((wake) => setTimeout(wake, 100));
  }
}

async function unconsumed({ cluster, sql }: Rig): Promise<string[]> {
  const connection = await connect({ servers: `nats://127.0.0.1:${cluster.natsPort}`, ...cluster.operator });
  try {
    const manager = await connection.jetstreamManager(), store = String((await manager.streams.info(STREAM)).created);
    const consumers = await manager.consumers.list(STREAM).next();
    const behind = consumers.filter((consumer) => consumer.num_pending + consumer.num_ack_pending > 0).map((consumer) => `${consumer.num_pending + consumer.num_ack_pending} before ${consumer.name}`);
    const elsewhere = (await sql<{ place: string; n: number }>(SENT_ELSEWHERE, [store])).filter(({ n }) => n > 0).map(({ place, n }) => `${n} in ${place} were sent to a store that is gone`);
    return [...behind, ...elsewhere];
  } catch (error) {
    return [`no answer of JetStream (${(error as Error).message})`];
  } finally {
    await connection.close();
  }
}
