import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import pg from "pg";
import { freePort } from "../../node/free-port.ts";
import type { Node } from "../../node/broker.ts";
import type { ServiceName } from "../../node/environment.ts";
import { cashSale, onHand, stockedShop, type Shop } from "../support/shop.ts";
import { ROOT } from "../support/source-files.ts";
import { until } from "../support/until.ts";
import { startGuardedCluster, type GuardedCluster } from "./support.ts";

/* The console and the operator's commands, as a person runs them against a cluster. */

const EDGE: readonly ServiceName[] = ["auth", "entity", "api"], REST: readonly ServiceName[] = ["catalog", "payment", "order", "purchasing", "report", "workflow"];
let cluster: GuardedCluster, edge: Node, shop: Shop, client: pg.Client;

beforeAll(async () => {
  cluster = await startGuardedCluster([EDGE, REST]);
  [edge] = await Promise.all([cluster.start(EDGE), cluster.start(REST)]);
  await edge.broker.waitForServices([...REST], 10_000, 50);
  const { port } = (edge.broker.getLocalService("api") as unknown as { server: { address(): { port: number } } }).server.address();
  shop = await stockedShop(`http://127.0.0.1:${port}`, { stock: { "MUG-RED": 100 } });
  client = new pg.Client({ connectionString: cluster.databaseUrl });
  await client.connect();
}, 90_000);
afterAll(async () => {
  await client.end();
  await cluster.stop();
});

async function run(script: string, args: string[], input = "", ring = "repl"): Promise<{ code: number | null; out: string }> {
  const { NODE_OPTIONS: _ours, ...inherited } = process.env;
  const child = spawn(process.execPath, [join(ROOT, "scripts", script), ...args], {
    cwd: ROOT, env: { ...inherited, NATS_URL: `nats://127.0.0.1:${cluster.natsPort}`, KEY_RING_FILE: join(cluster.folder, `${ring}.json`), DATA_DIR: cluster.folder, DATABASE_URL: "", LOG_FORMAT: "json", PORT: String(await freePort()) },
  });
  let out = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => { out += chunk.toString(); });
  child.stdin.end(input);
  return new Promise((done) => child.on("close", (code) => done({ code, out })));
}
const operator = (...args: string[]) => run("operator.ts", args);

describe("npm run repl with NATS_URL", () => {
  it("hosts nothing, lists the cluster's actions, explains them, and calls one for the chosen tenant", async () => {
    const slug = (await shop.client.get("/v1/tenant")).slug as string, before = await onHand(shop, "MUG-RED");
    const hosted = new Set<string>();
    const look = setInterval(() => { for (const { id, services } of edge.broker.registry.getNodeList({ withServices: true } as never) as unknown as { id: string; services: unknown[] }[]) if (id.startsWith("repl.")) hosted.add(`${services.length} services`); }, 50);
    const { code, out } = await run("repl.ts", [], [`tenant ${slug}`, "actions", "describe order.place-order", `call order.place-order '${JSON.stringify(cashSale(shop, { "MUG-RED": 3 }))}'`, "exit"].join("\n") + "\n");
    clearInterval(look);
    expect(out).toContain("a member of the cluster");
    expect(out).toContain(`Acting for ${slug}`);
    for (const action of ["order.placeOrder", "payment.capture", "catalog.takeStock"]) expect(out).toContain(action);
    expect(out).toMatch(/permission\s+order\.orders\.write/);
    expect(out).toMatch(/status: .*'paid'/);
    expect(code).toBe(0);
    expect([...hosted]).toEqual(["0 services"]);
    expect(await onHand(shop, "MUG-RED")).toBe(before - 3);
  });

  it("says in a sentence when NATS does not let it in", async () => {
    const { code, out } = await run("repl.ts", [], "exit\n", "nobody");
    expect(out).toMatch(/The REPL did not start\. KEY_RING_FILE names .*nobody\.json, which cannot be read/);
    expect(code).toBe(1);
  });
});

describe("npm run operator", () => {
  it("says that there is nothing to do", async () => {
    expect(await operator("dead-letters")).toEqual({ code: 0, out: "No dead letter.\n" });
    expect(await operator("sagas")).toEqual({ code: 0, out: "No saga is stuck, none waits.\n" });
  });

  it("lists a dead letter, sends it again when the cause is gone, and it is applied once", async () => {
    await client.query("ALTER TABLE report.fact_document ADD CONSTRAINT poison CHECK (total_minor <> 7693)");
    const order = await shop.client.post("/v1/orders", cashSale(shop, { "MUG-RED": 7 })) as { id: string };
    await until(async () => (await client.query("SELECT 1 FROM report.dead_letter")).rowCount === 1);
    const { rows: [letter] } = await client.query<{ id: string }>("SELECT event_id AS id FROM report.dead_letter");
    const listed = await operator("dead-letters");
    expect(listed).toEqual({ code: 0, out: expect.stringContaining(`${letter!.id}  report  order.completed of ${order.id}, tenant `) });
    expect(listed.out).toContain('5 tries, the last');
    expect(await operator("resend", letter!.id)).toEqual({ code: 1, out: "report: It cannot be applied yet: PostgreSQL 23514 in fact_document by poison\n" });
    await client.query("ALTER TABLE report.fact_document DROP CONSTRAINT poison");
    expect(await operator("resend", letter!.id)).toEqual({ code: 0, out: `${letter!.id} was applied by report.\n` });
    expect(await operator("resend", letter!.id)).toEqual({ code: 1, out: `No service holds ${letter!.id}.\n` });
    expect((await client.query("SELECT 1 FROM report.fact_document WHERE total_minor = 7693")).rowCount).toBe(1);
    expect((await operator("dead-letters")).out).toBe("No dead letter.\n");
  });

  it("lists a stuck saga and resumes it", async () => {
    const order = await shop.client.post("/v1/orders", cashSale(shop, { "MUG-RED": 1 })) as { id: string };
    await client.query(`UPDATE "order".saga SET status = 'stuck', reason = 'payment.settle: missing' WHERE id = $1`, [order.id]);
    await client.query(`UPDATE "order".saga SET created_at = now() - interval '5 minutes' WHERE id = $1`, [order.id]);
    expect((await operator("sagas")).out).toMatch(new RegExp(`^${order.id}  stuck  order\\.checkout, tenant .*\\n    for 5 min, 0 tries, at payment\\.settle: missing\\n$`));
    expect(await operator("resume", order.id)).toEqual({ code: 0, out: `${order.id} goes on in order.\n` });
    expect((await client.query(`SELECT status FROM "order".saga WHERE id = $1`, [order.id])).rows).not.toEqual([{ status: "stuck" }]);
  });

  it("is told what it takes", async () => {
    for (const args of [[], ["sagas", "x"], ["resend", "x"]]) expect(await operator(...args)).toEqual({ code: 1, out: expect.stringMatching(/^npm run operator -- dead-letters/) });
  });

  it("is refused to a holder of a service's key ring", async () => {
    const { code, out } = await run("operator.ts", ["dead-letters"], "", EDGE.join("-"));
    expect(code).toBe(1);
    expect(out).toMatch(/no key of repl/);
  });
});
