import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import pg from "pg";
import { startTestPlatform, type TestPlatform } from "../support/platform.ts";
import { cashSale, onHand, stockedShop, type Shop } from "../support/shop.ts";
import { until } from "../support/until.ts";

describe("an edge that has four requests at work, and may have no more", () => {
  let platform: TestPlatform, shop: Shop, somebody: pg.Client;
  beforeAll(async () => {
    platform = await startTestPlatform({ variables: { CONCURRENT_REQUESTS: "4" } });
    shop = await stockedShop(platform.baseUrl, { stock: { MUG: 10 } });
    somebody = new pg.Client({ connectionString: platform.databaseUrl });
    await somebody.connect();
  });
  afterAll(async () => {
    await somebody.end();
    await platform.stop();
  });

  it("refuses what comes beyond at once, answers its probes, finishes what it let in, and then goes on", async () => {
    await somebody.query("BEGIN");
    await somebody.query("SELECT 1 FROM catalog.stock_level FOR UPDATE");
    const atWork = Array.from({ length: 4 }, () => shop.client.post("/v1/orders", cashSale(shop, { MUG: 1 })));
    await until(async () => (await somebody.query("SELECT count(*)::int AS n FROM \"order\".saga WHERE status = 'running'")).rows[0].n === 4);
    await expect(shop.client.post("/v1/orders", cashSale(shop, { MUG: 1 }))).rejects.toMatchObject({ status: 503, code: "overloaded" });
    const refused = await fetch(`${platform.baseUrl}/v1/me`, { headers: { authorization: `Bearer ${shop.client.token}` } });
    expect([refused.status, Number(refused.headers.get("retry-after"))]).toEqual([503, 1]);
    expect((await fetch(`${platform.baseUrl}/health/live`)).status).toBe(200);
    await somebody.query("ROLLBACK");
    expect((await Promise.all(atWork)).map(({ status }) => status)).toEqual(Array(4).fill("paid"));
    expect(await shop.client.post("/v1/orders", cashSale(shop, { MUG: 1 }))).toMatchObject({ status: "paid" });
    expect(await onHand(shop, "MUG")).toBe(5);
  });
});
