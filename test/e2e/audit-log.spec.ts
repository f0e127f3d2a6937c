import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { auditNode } from "../../scripts/audit.ts";
import { Client } from "../../scripts/client.ts";
import { startTestPlatform, type TestPlatform } from "../support/platform.ts";
import { cardSale, cashSale, eur, stockedShop, type Shop } from "../support/shop.ts";

let platform: TestPlatform, shop: Shop, tenantId: string, owner: string;
beforeAll(async () => {
  platform = await startTestPlatform({ variables: { TRUSTED_PROXIES: "1" } });
  shop = await stockedShop(platform.baseUrl, { stock: { "MUG-RED": 100 } });
  ({ user: { id: owner }, tenant: { id: tenantId } } = await shop.client.get("/v1/me"));
});
afterAll(() => platform.stop());

async function entries(query = ""): Promise<Record<string, any>[]> {
  await platform.quiesce();
  return (await shop.client.get(`/v1/audit-log?sort=createdAt&limit=200${query}`)).data;
}
/** What the log says of what was done meanwhile. */
async function during(work: () => Promise<unknown>): Promise<Record<string, any>[]> {
  const before = (await entries()).length;
  await work();
  return (await entries()).slice(before);
}

describe("GET /v1/audit-log", () => {
  it("begins with the sign-up", async () => {
    expect((await entries())[0]).toMatchObject({ seq: 1, action: "auth.signUp", resourceId: tenantId, actor: { kind: "user", id: owner, name: "Olive Owner" }, fields: ["tenant", "owner"], previousHash: "" });
  });

  it("says who did what, when, from where, and for which request", async () => {
    const [entry, ...more] = await during(() => shop.client.post("/v1/categories", { name: "Kitchen" }, { "x-request-id": "kitchen-request", "x-forwarded-for": "198.51.100.7" }));
    expect(more).toEqual([]);
    expect(entry).toMatchObject({ action: "catalog.createCategory", actor: { kind: "user", id: owner }, address: "198.51.100.7", requestId: "kitchen-request", fields: ["name"] });
    expect(Math.abs(Date.parse(entry!.at) - Date.now())).toBeLessThan(30_000);
    expect(JSON.stringify(entry)).not.toContain("Kitchen");
  });

  it("has one entry for each change, of plain resources and sagas alike", async () => {
    const lines: string[] = [];
    const done = await during(async () => {
      const { client } = shop;
      const cash = await client.post("/v1/orders", cashSale(shop, { "MUG-RED": 3 })), card = await client.post("/v1/orders", cardSale(shop, { "MUG-RED": 1 }));
      const back = await client.post(`/v1/orders/${cash.id}/returns`, { lines: [{ lineId: cash.lines[0].id, quantity: 1 }], reason: "broken" });
      const cashRefund = await client.post(`/v1/payments/${cash.payments[0].id}/refunds`, { amount: eur(1), reason: "late" }), cardRefund = await client.post(`/v1/payments/${card.payments[0].id}/refunds`, { amount: eur(1), reason: "late" });
      const other = await client.post("/v1/orders", cashSale(shop, { "MUG-RED": 1 }));
      await client.post(`/v1/orders/${other.id}/cancel`, {});
      const supplier = await client.post("/v1/suppliers", { name: "Potter" });
      const order = await client.post("/v1/purchase-orders", { supplierId: supplier.id, storeId: shop.storeId, lines: [{ variantId: shop.variants["MUG-RED"], quantity: 2, unitCost: eur(400) }] });
      await client.post(`/v1/purchase-orders/${order.id}/send`, {});
      const receipt = await client.post(`/v1/purchase-orders/${order.id}/receipts`, { lines: [{ lineId: order.lines[0].id, quantity: 2 }] });
      await client.patch("/v1/tenant", { name: "Alder & Co" });
      const customer = await client.post("/v1/customers", { name: "Ada" });
      await client.send("DELETE", `/v1/customers/${customer.id}`);
      lines.push(`order.placeOrder ${cash.id}`, `order.placeOrder ${card.id}`, `order.returnLines ${back.id}`, `payment.refundPayment ${cashRefund.id}`, `payment.refundPayment ${cardRefund.id}`, `order.placeOrder ${other.id}`, `order.cancelOrder ${other.id}`,
        `purchasing.createSupplier ${supplier.id}`, `purchasing.createPurchaseOrder ${order.id}`, `purchasing.sendPurchaseOrder ${order.id}`, `purchasing.receivePurchaseOrder ${receipt.id}`, `entity.updateTenant ${tenantId}`, `order.createCustomer ${customer.id}`, `order.archiveCustomer ${customer.id}`);
    });
    expect(done.map(({ action, resourceId }) => `${action} ${resourceId}`).toSorted()).toEqual(lines.toSorted());
    expect(new Set(done.map(({ actor }) => actor.id))).toEqual(new Set([owner]));
    expect(done.every(({ address }) => address === "127.0.0.1")).toBe(true);
  });

  it("has none for what was refused, repeated, only read or only quoted", async () => {
    const sale = cashSale(shop, { "MUG-RED": 1 });
    await shop.client.post("/v1/orders", sale, { "idempotency-key": "audited" });
    expect(await during(async () => {
      await shop.client.post("/v1/orders", sale, { "idempotency-key": "audited" });
      await shop.client.post("/v1/orders/quote", sale);
      await shop.client.get("/v1/orders");
      await expect(shop.client.post("/v1/orders", { ...cashSale(shop, { "MUG-RED": 5000 }), payments: [{ method: "external" }] })).rejects.toMatchObject({ code: "out_of_stock" });
      await expect(shop.client.post("/v1/orders", cardSale(shop, { "MUG-RED": 1 }, "4000000000000002"))).rejects.toMatchObject({ code: "payment_declined" });
      await expect(shop.client.post("/v1/categories", { name: 7 })).rejects.toMatchObject({ status: 400 });
    })).toEqual([]);
  });

  it("tells an API key by its name, and a log-in and a log-out by whose they are", async () => {
    const key = await shop.client.post("/v1/api-keys", { name: "Web shop", permissions: ["catalog.categories.write"] });
    const user = await shop.client.post("/v1/users", { name: "Carl", email: "carl@alder.example", password: "correct horse battery", roleIds: [], storeIds: [] });
    const done = await during(async () => {
      await new Client(platform.baseUrl, key.secret).post("/v1/categories", { name: "By key" });
      const carl = new Client(platform.baseUrl);
      await expect(carl.post("/v1/auth/login", { email: "carl@alder.example", password: "wrong" })).rejects.toMatchObject({ status: 401 });
      const { tokens } = await carl.post("/v1/auth/login", { email: "carl@alder.example", password: "correct horse battery" });
      await carl.post("/v1/auth/refresh", { refreshToken: tokens.refreshToken });
      carl.token = tokens.accessToken;
      await carl.send("POST", "/v1/auth/logout", {});
    });
    expect(done.map(({ action, actor }) => [action, actor])).toEqual(expect.arrayContaining([
      ["catalog.createCategory", { kind: "apiKey", id: key.id, name: "Web shop" }], ["auth.logIn", { kind: "user", id: user.id, name: "Carl" }], ["auth.logOut", { kind: "user", id: user.id, name: "Carl" }],
    ]));
    expect(done).toHaveLength(3);
    expect(JSON.stringify(done)).not.toMatch(/correct horse|wrong|bk_|br_/);
  });

  it("is nobody else's", async () => {
    const other = await stockedShop(platform.baseUrl, { name: "Birch", stock: {} });
    await platform.quiesce();
    const { data } = await other.client.get("/v1/audit-log?limit=200");
    expect(data.map(({ action }: { action: string }) => action)).toEqual(["catalog.createTaxRate", "entity.createStore", "auth.signUp"]);
  });
});

describe("the audit", () => {
  it("walks the chain, and names the row that somebody changed", async () => {
    await platform.quiesce();
    const check = async () => (await shop.client.get("/v1/audit/verify")).checks.find(({ name }: { name: string }) => name === "audit log");
    expect(await check()).toMatchObject({ compared: (await entries()).length, differences: [] });
    const [row] = await platform.sql<{ id: string }>("UPDATE auth.audit_log SET actor_id = 'nobody' WHERE tenant_id = $1 AND seq = 4 RETURNING id", [tenantId]);
    expect((await check()).differences).toEqual([expect.objectContaining({ seq: 4, id: row!.id, fault: "changed" })]);
    const printed: string[] = [];
    expect(await auditNode(platform, (line) => printed.push(line))).toBe(1);
    expect(printed.join("\n")).toContain(`audit log: {"seq":4,"id":"${row!.id}","fault":"changed"`);
  });
});
