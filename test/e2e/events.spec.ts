import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { startTestPlatform, type TestPlatform } from "../support/platform.ts";
import { cashSale, stockedShop, type Shop } from "../support/shop.ts";

let platform: TestPlatform, shop: Shop;
beforeAll(async () => {
  platform = await startTestPlatform();
  shop = await stockedShop(platform.baseUrl, { stock: { "MUG-RED": 10 } });
});
afterAll(() => platform.stop());

interface Event { id: string; type: string; subject: string; tenantid: string; time: string; data: Record<string, unknown> }
const page = (query = "") => shop.client.get<{ data: Event[]; nextCursor: string | null; resumeAfter: string }>(`/v1/events${query}`);

describe("GET /v1/events", () => {
  it("lets a client that was down read what it missed, in order, and go on from where it was", async () => {
    await platform.quiesce();
    const { resumeAfter } = await page("?limit=200");
    const order = await shop.client.post("/v1/orders", cashSale(shop, { "MUG-RED": 2 })) as { id: string };
    const back = await shop.client.post(`/v1/orders/${order.id}/cancel`, { reason: "changed my mind" }) as { id: string };
    await platform.quiesce();
    const seen: Event[] = [];
    for (let after: string | null = resumeAfter; after !== null;) {
      const { data, nextCursor } = await page(`?limit=2&after=${encodeURIComponent(after)}`);
      seen.push(...data);
      after = nextCursor;
    }
    const types = seen.map(({ type }) => type);
    for (const type of ["catalog.stockMoved", "payment.captured", "order.completed", "payment.refunded", "order.returned"]) expect(types).toContain(type);
    expect(types.indexOf("order.completed")).toBeLessThan(types.indexOf("order.returned"));
    expect(types.indexOf("payment.captured")).toBeLessThan(types.indexOf("payment.refunded"));
    expect(seen.find(({ type }) => type === "order.completed")).toMatchObject({ subject: back.id, data: { orderId: order.id, kind: "sale" } });
    expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
  });

  it("is refused without a credential, and with a parameter that it does not know", async () => {
    expect((await fetch(`${platform.baseUrl}/v1/events`)).status).toBe(401);
    await expect(page("?cursor=x")).rejects.toMatchObject({ status: 400 });
    await expect(page("?limit=201")).rejects.toMatchObject({ status: 400 });
    await expect(page("?after=x")).rejects.toMatchObject({ status: 400, code: "invalid_cursor" });
  });

  it("shows nothing of another tenant", async () => {
    const other = await stockedShop(platform.baseUrl, { name: "Birch", stock: { BOWL: 1 } });
    await platform.quiesce();
    const { data } = await other.client.get<{ data: Event[] }>("/v1/events?limit=200");
    expect(data.length).toBeGreaterThan(0);
    const { tenant } = await other.client.get<{ tenant: { id: string } }>("/v1/me");
    expect([...new Set(data.map(({ tenantid }) => tenantid))]).toEqual([tenant.id]);
    await expect(other.client.get(`/v1/events?after=${encodeURIComponent((await page()).resumeAfter)}`)).rejects.toMatchObject({ code: "invalid_cursor" });
  });
});
