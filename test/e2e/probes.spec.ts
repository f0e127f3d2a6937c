import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { startTestPlatform, type TestPlatform } from "../support/platform.ts";

let platform: TestPlatform;
beforeAll(async () => { platform = await startTestPlatform({ variables: { METRICS_PORT: "0" } }); });
afterAll(() => platform.stop());

const operations = () => `http://127.0.0.1:${platform.ports.metrics!.port}`;
async function probe(base: string, name: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${base}/health/${name}`);
  return { status: response.status, body: await response.json() as Record<string, unknown> };
}
/** Longer than an answer is shared by probes. */
const afterwards = () => new Promise((wake) => setTimeout(wake, 300));

describe("the probes", () => {
  it.each([["live", "up"], ["startup", "started"], ["ready", "ready"]])("/health/%s says the same on PORT and on METRICS_PORT", async (name, status) => {
    for (const base of [platform.baseUrl, operations()]) expect(await probe(base, name)).toEqual({ status: 200, body: { status } });
  });

  it("answer nothing but GET and HEAD of their own pages", async () => {
    expect((await fetch(`${operations()}/metrics`, { method: "POST" })).status).toBe(405);
    for (const path of ["/", "/v1/orders", "/__proto__", "/health/ready/x"]) expect((await fetch(operations() + path)).status).toBe(404);
  });

  it("answer in time while a pool is exhausted: live says up, ready names the database", async () => {
    const tenant = "00000000-0000-4000-8000-000000000002";
    const pool = platform.platform.database("order");
    let release!: () => void;
    const held = new Promise<void>((done) => { release = done; });
    const holders = Array.from({ length: pool.connections().size }, () => pool.inTenant(tenant, () => held));
    await afterwards();
    expect(pool.connections().inUse).toBe(pool.connections().size);
    const asked = performance.now();
    const [live, edge, port, page] = await Promise.all([probe(platform.baseUrl, "live"), probe(platform.baseUrl, "ready"), probe(operations(), "ready"), fetch(`${operations()}/metrics`).then((response) => response.text())]);
    expect(performance.now() - asked).toBeLessThan(5_000);
    expect(live.status).toBe(200);
    expect(edge).toMatchObject({ status: 503, body: { code: "unavailable", dependency: "order database" } });
    expect(port).toMatchObject({ status: 503, body: { dependency: "order database" } });
    expect(page).toContain("beaveros_ready 0");
    release();
    await Promise.all(holders);
    await afterwards();
    expect((await probe(platform.baseUrl, "ready")).status).toBe(200);
  });

  it("say that a schema is older than the code, and which file it lacks", async () => {
    const old = await startTestPlatform({ services: ["entity"] });
    await old.sql("DELETE FROM entity.schema_migration WHERE name = 'entity/0001_init.sql'");
    const base = `http://127.0.0.1:${old.ports.health!.port}`;
    expect(await probe(base, "startup")).toMatchObject({ status: 503, body: { dependency: "entity schema", detail: expect.stringContaining("entity/0001_init.sql") } });
    expect((await probe(base, "ready")).status).toBe(503);
    expect((await probe(base, "live")).status).toBe(200);
    await old.stop();
  });

  it("are answered on PORT by a node without an edge, which serves no metrics there", async () => {
    const node = await startTestPlatform({ services: ["entity"] });
    const base = `http://127.0.0.1:${node.ports.health!.port}`;
    expect(await probe(base, "ready")).toEqual({ status: 200, body: { status: "ready" } });
    expect((await fetch(`${base}/metrics`)).status).toBe(404);
    await node.stop();
  });

  it("call an edge ready only when every service can be reached", async () => {
    const alone = await startTestPlatform({ services: ["api"] });
    expect(await probe(alone.baseUrl, "ready")).toMatchObject({ status: 503, body: { dependency: "auth" } });
    expect((await probe(alone.baseUrl, "startup")).status).toBe(200);
    await alone.stop();
  });
});
