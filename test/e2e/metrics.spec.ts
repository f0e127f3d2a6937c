import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { METRICS } from "../../node/metrics/catalogue.ts";
import { scrape, valuesOf, type Samples } from "../support/metrics.ts";
import { startTestPlatform, type TestPlatform } from "../support/platform.ts";
import { cardSale, cashSale, stockedShop, type Shop } from "../support/shop.ts";

const DECLINED = "4000000000000002";
let platform: TestPlatform, shop: Shop, before: Samples, after: Samples;

beforeAll(async () => {
  platform = await startTestPlatform({ variables: { METRICS_PORT: "0" } });
  shop = await stockedShop(platform.baseUrl, { stock: { "MUG-RED": 10 } });
  await platform.quiesce();
  before = await scrape(platform);
  const { id } = await shop.client.post("/v1/orders", cashSale(shop, { "MUG-RED": 2 }));
  await shop.client.get(`/v1/orders/${id}`);
  for (const refused of [cashSale(shop, { "MUG-RED": 20 }), cardSale(shop, { "MUG-RED": 1 }, DECLINED)]) await expect(shop.client.post("/v1/orders", refused)).rejects.toThrow();
  await expect(shop.client.get("/nowhere/at/all")).rejects.toThrow();
  await platform.quiesce();
  await new Promise((wake) => setTimeout(wake, 2_100)); // as long as gauges that cost a query stay fresh
  after = await scrape(platform);
}, 90_000);
afterAll(() => platform.stop());

const grew = (name: string, labels: Record<string, string> = {}) => {
  const sum = (samples: Samples) => valuesOf(samples, name, labels).reduce((total, value) => total + value, 0);
  return sum(after) - sum(before);
};

describe("the metrics page", () => {
  it("counts requests by route pattern, method and status, never by path", () => {
    const count = "beaveros_http_request_duration_seconds_count";
    expect(grew(count, { route: "/v1/orders", method: "POST", status: "201" })).toBe(1);
    expect(grew(count, { route: "/v1/orders/:id", method: "GET", status: "200" })).toBe(1);
    expect(grew(count, { route: "/v1/orders", method: "POST", status: "409" }) + grew(count, { route: "/v1/orders", method: "POST", status: "402" })).toBe(2);
    expect(grew(count, { route: "unrouted", status: "404" })).toBe(1);
    expect(valuesOf(after, "beaveros_http_requests_in_flight")).toEqual([0]);
  });

  it("counts calls by action and outcome, and refusals by code", () => {
    const count = "beaveros_action_duration_seconds_count";
    expect(grew(count, { action: "order.placeOrder", outcome: "ok" })).toBe(1);
    expect(grew(count, { action: "order.placeOrder", outcome: "refused" })).toBe(2);
    expect(grew(count, { action: "catalog.takeStock", outcome: "ok" })).toBeGreaterThanOrEqual(1);
    expect(grew("beaveros_refusals_total", { action: "order.placeOrder", code: "out_of_stock" })).toBe(1);
    expect(grew("beaveros_refusals_total", { action: "order.placeOrder", code: "payment_declined" })).toBe(1);
    expect(valuesOf(after, "beaveros_bulkhead_queue", { action: "order.placeOrder" })).toEqual([0]);
  });

  it("counts events where they leave and where they arrive, and shows that none waits", () => {
    expect(grew("beaveros_events_published_total", { service: "order", type: "order.completed" })).toBe(1);
    expect(grew("beaveros_events_consumed_total", { service: "report", type: "order.completed" })).toBe(1);
    expect(grew("beaveros_inbox_lag_seconds_count", { service: "report" })).toBeGreaterThanOrEqual(1);
    expect(valuesOf(after, "beaveros_outbox_waiting", { service: "order" })).toEqual([0]);
    expect(valuesOf(after, "beaveros_outbox_oldest_age_seconds", { service: "order" })).toEqual([0]);
    expect(valuesOf(after, "beaveros_dead_letters", { service: "report" })).toEqual([0]);
  });

  it("says nothing of a NATS that nobody asked for", () => {
    expect(valuesOf(after, "beaveros_nats_connected")).toEqual([]);
  });

  it("counts sagas that ended, by how", () => {
    expect(grew("beaveros_sagas_ended_total", { service: "order", outcome: "completed" })).toBe(1);
    expect(grew("beaveros_sagas_ended_total", { service: "order", outcome: "compensated" })).toBe(2);
  });

  it("counts trade by currency and channel, in minor units, and refused sales by reason", () => {
    expect(grew("beaveros_sales_total", { channel: "pos", currency: "EUR" })).toBe(1);
    expect(grew("beaveros_sales_amount_minor_total", { currency: "EUR" })).toBe(2 * 1099);
    expect(grew("beaveros_sales_refused_total", { reason: "out_of_stock" })).toBe(1);
    expect(grew("beaveros_sales_refused_total", { reason: "payment_declined" })).toBe(1);
  });

  it("counts what an audit finds to differ, by check, and says 0 where it found nothing", async () => {
    expect((await shop.client.get("/v1/audit/verify")) as { ok: boolean }).toMatchObject({ ok: true });
    expect(valuesOf(await scrape(platform), "beaveros_audit_differences_total", { check: "order totals" })).toEqual([0]);
  });

  it("shows the pools, what they did, and that the database answers", () => {
    expect(valuesOf(after, "beaveros_database_pool_size", { service: "order", role: "service" })).toEqual([10]);
    expect(valuesOf(after, "beaveros_database_pool_waiting", { service: "order", role: "service" })).toEqual([0]);
    expect(grew("beaveros_database_transactions_total", { service: "order", role: "service" })).toBeGreaterThan(0);
    expect(grew("beaveros_database_statements_total", { service: "order", role: "service" })).toBeGreaterThan(grew("beaveros_database_transactions_total", { service: "order", role: "service" }));
    expect(valuesOf(after, "beaveros_database_up", { service: "order" })).toEqual([1]);
    expect(valuesOf(after, "beaveros_ready")).toEqual([1]);
    expect(valuesOf(after, "process_resident_memory_bytes")[0]).toBeGreaterThan(0);
    expect(valuesOf(after, "nodejs_eventloop_lag_p99_seconds")).toHaveLength(1);
  });

  it("serves what the catalogue names and nothing else, and no label holds an id or a tenant", () => {
    const allowed = new Set(Object.values(METRICS).flatMap(({ name, type }) => (type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name])));
    expect([...after.keys()].map((key) => key.split("{")[0]!).filter((name) => !allowed.has(name))).toEqual([]);
    expect([...after.keys()].filter((key) => /[0-9a-f]{8}-[0-9a-f]{4}|tenant="|alder/i.test(key))).toEqual([]);
  });

  it("counts a stuck saga and a dead letter until somebody has mended them", async () => {
    const tenant = "00000000-0000-4000-8000-000000000001";
    await platform.sql(`INSERT INTO "order".saga (tenant_id, id, kind, status, input, lease_until) VALUES ($1, gen_random_uuid(), 'order.checkout', 'stuck', '{}', now())`, [tenant]);
    await platform.sql(`INSERT INTO report.dead_letter (tenant_id, event_id, type, event, reason, attempts) VALUES ($1, gen_random_uuid(), 'order.completed', '{}', 'test', 5)`, [tenant]);
    await new Promise((wake) => setTimeout(wake, 2_100));
    const now = await scrape(platform);
    expect(valuesOf(now, "beaveros_sagas", { service: "order", kind: "order.checkout", state: "stuck" })).toEqual([1]);
    expect(valuesOf(now, "beaveros_dead_letters", { service: "report" })).toEqual([1]);
    await platform.sql(`DELETE FROM "order".saga WHERE tenant_id = $1`, [tenant]);
    await platform.sql("DELETE FROM report.dead_letter WHERE tenant_id = $1", [tenant]);
    await new Promise((wake) => setTimeout(wake, 2_100));
    const mended = await scrape(platform);
    expect(valuesOf(mended, "beaveros_sagas", { state: "stuck" })).toEqual([]);
    expect(valuesOf(mended, "beaveros_dead_letters", { service: "report" })).toEqual([0]);
  });

  it("shows an open breaker as 2, a half-open one as 1 and a closed one as 0", async () => {
    const { localBus } = platform.broker as unknown as { localBus: NodeJS.EventEmitter };
    const seen: number[][] = [];
    for (const state of ["opened", "half-opened", "closed"]) {
      localBus.emit(`$circuit-breaker.${state}`, { action: "payment.settle", nodeID: "n1" });
      seen.push(valuesOf(await scrape(platform), "beaveros_circuit_breaker_state", { action: "payment.settle" }));
    }
    expect(seen).toEqual([[2], [1], [0]]);
  });
});

describe("a node without METRICS_PORT", () => {
  it("listens on no port for them and has no middleware that counts", async () => {
    const plain = await startTestPlatform({ services: ["entity"] });
    expect(plain.ports.metrics).toBeUndefined();
    expect(plain.platform.metrics).toBeUndefined();
    const names = (plain.broker.middlewares as unknown as { list: { name: string }[] }).list.map(({ name }) => name);
    expect(names).toContain("Isolation");
    expect(names.filter((name) => /Metrics/.test(name))).toEqual([]);
    await plain.stop();
  });
});
