import { connect } from "nats";
import pg from "pg";
import { newId } from "../../lib/ids.ts";
import type { CloudEvent } from "../../node/event-bus.ts";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../node/free-port.ts";
import { startNode, type Node } from "../../node/broker.ts";
import { readEnvironment, SERVICE_NAMES, type ServiceName } from "../../node/environment.ts";
import { CONSOLE } from "../../node/key-ring.ts";
import { loadSecrets } from "../../node/secrets.ts";
import { startNatsServer } from "../../scripts/nats-server.ts";
import type { ParamsOf, ResultOf } from "../../lib/contract.ts";
import type { Actions } from "../../services/contracts.ts";
import type { Meta } from "../../mixins/call.ts";
import { cloneDatabase } from "./databases.ts";

export interface TestPlatform extends Node {
  /** Superuser URL of this file's own database: for looking (and breaking) behind the platform's back. */
  readonly databaseUrl: string;
  /** `http://127.0.0.1:…` when the api service runs. */
  readonly baseUrl: string;
  sql<R = Record<string, unknown>>(text: string, values?: unknown[]): Promise<R[]>;
  /** Somebody of that tenant with those permissions (default: all), without a user row behind. */
  actor(tenantId: string, permissions?: string[]): Actor;
  /** A service acting for that tenant: may call `internal` actions. */
  service(name: ServiceName, tenantId: string): Actor;
  /** The operator's console: for every tenant, and for what nobody else may. */
  operator(): Actor;
  /** Hands events to the bus and waits until every consumer has applied them. */
  deliver(events: readonly CloudEvent[]): Promise<void>;
  /** Waits until every outbox is empty, what was in it is applied, and no saga is under way. */
  quiesce(): Promise<void>;
}
export interface Actor { call<K extends keyof Actions & string>(name: K, params: ParamsOf<Actions[K]>, meta?: Partial<Meta>): Promise<ResultOf<Actions[K]>> }

/** A test asks once, maybe of a platform that has just started on a busy machine. */
const PATIENCE_MS = 30_000;

/** The platform (or the services named), on a database of its own cloned from the migrated template: in one broker, or, in the jest project `nats`,
 *  each service in a broker of its own and a NATS server between them. The tests cannot tell. */
export async function startTestPlatform(options: { services?: readonly ServiceName[]; variables?: Record<string, string> } = {}): Promise<TestPlatform> {
  const databaseUrl = await cloneDatabase();
  const variables = { DATA_DIR: process.env.TEST_DATA_DIR!, PORT: "0", RATE_LIMIT_PER_MINUTE: "0", LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? "fatal", LOG_FORMAT: "json", ...options.variables };
  const node = await ((globalThis as { overNats?: boolean }).overNats ? startOverNats : startInOne)(databaseUrl, variables, options.services);
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const actorWith = (token: string): Actor => ({
    call: (name, params, meta = {}) => node.broker.call(name, params as never, { meta: { token, ...meta }, timeout: PATIENCE_MS }) as never,
  });
  const sql = async <R>(text: string, values: unknown[] = []) => (await client.query(text, values)).rows as R[];
  return {
    ...node, databaseUrl, sql,
    get baseUrl() { return `http://127.0.0.1:${apiPort(node)}`; },
    actor: (tenantId, permissions = ["*"]) => actorWith(node.platform.tokens.signAccess({ tenantId, userId: newId(), sessionId: newId(), permissions, storeIds: [] })),
    service: (name, tenantId) => actorWith(node.platform.tokens.forService(name, tenantId)),
    operator: () => actorWith(node.platform.tokens.forService(CONSOLE, newId())),
    deliver: async (events) => { await node.platform.bus.publish(events); await node.applied(); },
    quiesce: async () => { await quiesce(sql); await node.applied(); await quiesce(sql); },
    async stop() {
      await client.end();
      await node.stop();
    },
  };
}

interface TestNode extends Node { applied(): Promise<void> }

async function startInOne(databaseUrl: string, variables: Record<string, string>, services: readonly ServiceName[] | undefined): Promise<TestNode> {
  const environment = readEnvironment(variables);
  const node = await startNode({ environment, secrets: loadSecrets(environment), databaseUrl, ...(services ? { services } : {}) });
  return { ...node, applied: () => Promise.resolve() }; // in process an event is published when it is applied
}

async function startOverNats(databaseUrl: string, variables: Record<string, string>, services: readonly ServiceName[] = SERVICE_NAMES): Promise<TestNode> {
  const folder = mkdtempSync(join(tmpdir(), "beaveros-nats-"));
  const nats = await startNatsServer({ port: await freePort(), folder });
  const own = readEnvironment(variables);
  const nodes = await Promise.all(services.map((service) => {
    const environment = { ...own, databaseUrl, services: [service], nats: { servers: nats.url, user: undefined, password: undefined, certificateAuthority: undefined, replicas: 1 } };
    return startNode({ environment, secrets: loadSecrets(own), databaseUrl });
  }));
  await allMeet(nodes, services);
  // The edge's node, if there is one: tests look for its port.
  const first = nodes[services.indexOf("api")] ?? nodes[0]!;
  return { ...first, applied: () => consumed(nats.url), stop: async () => { await Promise.all(nodes.map((node) => node.stop())); await nats.stop(); rmSync(folder, { recursive: true }); } };
}

/** Nothing waits in any consumer, and nothing is being applied. */
export async function consumed(natsUrl: string): Promise<void> {
  const connection = await connect({ servers: natsUrl });
  const { consumers } = await connection.jetstreamManager();
  for (const deadline = Date.now() + QUIESCE_MS; ;) {
    const waiting = (await consumers.list("BEAVEROS_EVENTS").next().catch(() => [])).filter((consumer) => consumer.num_pending + consumer.num_ack_pending > 0);
    if (waiting.length === 0) break;
    if (Date.now() > deadline) throw new Error(`events wait in ${waiting.map(({ name }) => name).join(", ")}`);
    await new Promise((wake) => setTimeout(wake, 20));
  }
  await connection.close();
}

async function allMeet(nodes: readonly Node[], services: readonly ServiceName[]): Promise<void> {
  await Promise.all(nodes.map((node) => node.broker.waitForServices([...services], 10_000, 20)));
}

function apiPort(node: Node): number {
  const api = node.broker.getLocalService("api") as unknown as { server: { address(): { port: number } } };
  return api.server.address().port;
}

const SCHEMAS = ["auth", "entity", "catalog", "payment", "order", "purchasing", "report", "workflow"];
const QUIESCE_MS = 30_000;

async function quiesce(sql: <R>(text: string) => Promise<R[]>): Promise<void> {
  const waiting = SCHEMAS.map((schema) => `SELECT count(*) AS n FROM "${schema}".outbox WHERE published_at IS NULL UNION ALL SELECT count(*) FROM "${schema}".saga WHERE status IN ('running', 'compensating')`).join(" UNION ALL ");
  const deadline = Date.now() + QUIESCE_MS;
  for (;;) {
    const rows = await sql<{ n: string }>(waiting);
    if (rows.every((row) => Number(row.n) === 0)) return;
    if (Date.now() > deadline) throw new Error("the platform does not come to rest");
    await new Promise((wake) => setTimeout(wake, 20));
  }
}
