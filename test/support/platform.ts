import pg from "pg";
import { newId } from "../../lib/ids.ts";
import { startNode, type Node } from "../../node/broker.ts";
import { readEnvironment, type ServiceName } from "../../node/environment.ts";
import { loadSecrets } from "../../node/secrets.ts";
import type { ParamsOf, ResultOf } from "../../lib/contract.ts";
import type { Actions } from "../../services/contracts.ts";
import type { Meta } from "../../mixins/call.ts";

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
  /** Waits until every outbox is empty and no saga is under way. */
  quiesce(): Promise<void>;
}
export interface Actor { call<K extends keyof Actions & string>(name: K, params: ParamsOf<Actions[K]>, meta?: Partial<Meta>): Promise<ResultOf<Actions[K]>> }

/** The platform (or the services named) in this process, on a database of its own cloned from the migrated template. */
export async function startTestPlatform(options: { services?: readonly ServiceName[]; variables?: Record<string, string> } = {}): Promise<TestPlatform> {
  const databaseUrl = await cloneDatabase();
  const environment = readEnvironment({ DATA_DIR: process.env.TEST_DATA_DIR!, PORT: "0", RATE_LIMIT_PER_MINUTE: "0", LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? "fatal", LOG_FORMAT: "json", ...options.variables });
  const node = await startNode({ environment, secrets: loadSecrets(environment), databaseUrl, ...(options.services ? { services: options.services } : {}) });
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const actorWith = (token: string): Actor => ({
    call: (name, params, meta = {}) => node.broker.call(name, params as never, { meta: { token, ...meta } }) as never,
  });
  const sql = async <R>(text: string, values: unknown[] = []) => (await client.query(text, values)).rows as R[];
  return {
    ...node, databaseUrl, sql,
    get baseUrl() { return `http://127.0.0.1:${apiPort(node)}`; },
    actor: (tenantId, permissions = ["*"]) => actorWith(node.platform.tokens.signAccess({ tenantId, userId: newId(), sessionId: newId(), permissions, storeIds: [] })),
    service: (name, tenantId) => actorWith(node.platform.tokens.forService(name, tenantId)),
    quiesce: () => quiesce(sql),
    async stop() {
      await client.end();
      await node.stop();
    },
  };
}

async function cloneDatabase(): Promise<string> {
  const template = new URL(process.env.TEST_DATABASE_URL!);
  const name = `t_${newId().replaceAll("-", "")}`;
  const admin = new URL(template);
  admin.pathname = "/postgres";
  const client = new pg.Client({ connectionString: admin.href });
  await client.connect();
  // Two files may start at once, and a template can be copied by one at a time.
  await client.query("SELECT pg_advisory_lock(4711)");
  await client.query(`CREATE DATABASE ${name} TEMPLATE ${template.pathname.slice(1)}`);
  await client.end();
  template.pathname = `/${name}`;
  return template.href;
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
