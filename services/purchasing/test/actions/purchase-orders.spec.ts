import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { newId } from "../../../../lib/ids.ts";
import type { TestPlatform } from "../../../../test/support/platform.ts";
import { openShop, startPurchasing, type FakeCatalog, type Shop } from "../support.ts";

let platform: TestPlatform, catalog: FakeCatalog, alder: Shop, birch: Shop, mug: string;
beforeAll(async () => { ({ platform, catalog } = await startPurchasing()); });
afterAll(async () => { await platform.stop(); });
beforeEach(async () => {
  [alder, birch] = await Promise.all([openShop(platform), openShop(platform)]);
  mug = catalog.variant();
});

const as = (shop: Shop, permissions?: string[]) => platform.actor(shop.tenantId, permissions);
const eur = (amount: number) => ({ amount, currency: "EUR" });
const draft = (shop: Shop, lines: { variantId: string; quantity: number; unitCost: { amount: number; currency: string } }[] = [{ variantId: mug, quantity: 10, unitCost: eur(500) }]) =>
  as(shop).call("purchasing.createPurchaseOrder", { supplierId: shop.supplierId, storeId: shop.storeId, lines });
const sent = async (shop: Shop, lines?: Parameters<typeof draft>[1]) => as(shop).call("purchasing.sendPurchaseOrder", { id: (await draft(shop, lines)).id });

describe("a purchase order", () => {
  it("is drafted in the store's currency, numbered per store", async () => {
    const order = await draft(alder, [{ variantId: mug, quantity: 2.5, unitCost: eur(333) }]);
    expect(order).toMatchObject({ number: "PO-000001", status: "draft", currency: "EUR", total: eur(833), lines: [{ sku: "MUG-RED", quantity: 2.5, received: 0, outstanding: 2.5, total: eur(833) }] });
    expect((await draft(alder)).number).toBe("PO-000002");
    expect((await draft(birch)).number).toBe("PO-000001");
  });

  it("has a number of its own, with no gap, also when fifty are drafted at once", async () => {
    const orders = await Promise.all(Array.from({ length: 50 }, () => draft(alder)));
    expect(orders.map(({ number }) => Number(number.slice(3))).sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
  });

  it.each([
    ["store", (shop: Shop, other: Shop) => ({ ...shop, storeId: other.storeId }), "/storeId"],
    ["supplier", (shop: Shop, other: Shop) => ({ ...shop, supplierId: other.supplierId }), undefined],
  ])("of another tenant's %s is one of a missing one, and takes no number", async (_, mix, pointer) => {
    await expect(draft(mix(alder, birch))).rejects.toMatchObject({ type: "not_found", ...(pointer ? { data: { pointer } } : {}) });
    expect(await platform.sql("SELECT 1 FROM purchasing.document_number WHERE tenant_id = $1", [alder.tenantId])).toEqual([]);
  });

  it("of a variant that is not there is refused", async () => {
    await expect(draft(alder, [{ variantId: newId(), quantity: 1, unitCost: eur(1) }])).rejects.toMatchObject({ type: "not_found", data: { pointer: "/lines" } });
  });

  it("in another currency, or beyond what a number holds, is refused", async () => {
    await expect(draft(alder, [{ variantId: mug, quantity: 1, unitCost: { amount: 1, currency: "USD" } }])).rejects.toMatchObject({ type: "currency_mismatch", data: { pointer: "/lines/0/unitCost/currency" } });
    await expect(draft(alder, [{ variantId: mug, quantity: 1_000, unitCost: eur(Number.MAX_SAFE_INTEGER) }])).rejects.toMatchObject({ type: "amount_out_of_range" });
  });

  it("is seen and moved by its own tenant, with the permission", async () => {
    const { id } = await draft(alder);
    await expect(as(birch).call("purchasing.getPurchaseOrder", { id })).rejects.toMatchObject({ type: "not_found" });
    await expect(as(birch).call("purchasing.sendPurchaseOrder", { id })).rejects.toMatchObject({ type: "not_found" });
    await expect(as(alder, ["purchasing.orders.read"]).call("purchasing.sendPurchaseOrder", { id })).rejects.toMatchObject({ type: "forbidden" });
    expect((await as(alder).call("purchasing.getPurchaseOrder", { id })).status).toBe("draft");
  });

  it("has a reference of its own within the tenant, and takes no number for a second", async () => {
    const withReference = (shop: Shop) => as(shop).call("purchasing.createPurchaseOrder", { supplierId: shop.supplierId, storeId: shop.storeId, reference: "R-1", lines: [{ variantId: mug, quantity: 1, unitCost: eur(1) }] });
    await withReference(alder);
    await withReference(birch);
    await expect(withReference(alder)).rejects.toMatchObject({ type: "already_exists", data: { pointer: "/reference" } });
    expect((await draft(alder)).number).toBe("PO-000002");
  });

  it("tells what was sent, once", async () => {
    const order = await sent(alder);
    await expect(as(alder).call("purchasing.sendPurchaseOrder", { id: order.id })).rejects.toMatchObject({ type: "illegal_status", data: { status: "sent", allowed: ["draft"] } });
    await platform.quiesce();
    expect(await platform.sql("SELECT data->>'number' AS number, data->'lines'->0->>'quantityThousandths' AS quantity FROM purchasing.outbox WHERE type = 'purchasing.orderSent' AND subject = $1", [order.id]))
      .toEqual([{ number: "PO-000001", quantity: "10000" }]);
  });

  it("prints as a PDF, over as many pages as three hundred lines take", async () => {
    const order = await draft(alder, Array.from({ length: 300 }, () => ({ variantId: mug, quantity: 1, unitCost: eur(500) })));
    const file = await as(alder).call("purchasing.purchaseOrderDocument", { id: order.id });
    expect(file).toMatchObject({ contentType: "application/pdf", filename: "PO-000001.pdf", encoding: "base64" });
    const pdf = Buffer.from(file.body, "base64").toString("latin1");
    expect(pdf.startsWith("%PDF-")).toBe(true);
    expect(pdf.match(/\/Type \/Page\b/g)!.length).toBeGreaterThanOrEqual(7);
    await expect(as(birch).call("purchasing.purchaseOrderDocument", { id: order.id })).rejects.toMatchObject({ type: "not_found" });
  });

  it("is listed by supplier, store and status, page by page", async () => {
    const ids = [(await draft(alder)).id, (await sent(alder)).id, (await draft(alder)).id];
    const list = (params: object) => as(alder).call("purchasing.listPurchaseOrders", params);
    expect((await list({ status: "sent" })).data.map(({ id }) => id)).toEqual([ids[1]]);
    expect((await list({ supplierId: newId() })).data).toEqual([]);
    const first = await list({ limit: 2, storeId: alder.storeId });
    expect(first.data.map(({ id }) => id)).toEqual([ids[2], ids[1]]);
    expect((await list({ limit: 2, storeId: alder.storeId, cursor: first.nextCursor! })).data.map(({ id }) => id)).toEqual([ids[0]]);
    await expect(as(birch).call("purchasing.listPurchaseOrders", { cursor: first.nextCursor! })).rejects.toMatchObject({ type: "invalid_cursor" });
  });
});

describe("every step from every status", () => {
  const reach: Record<string, (shop: Shop) => Promise<string>> = {
    draft: async (shop) => (await draft(shop)).id,
    sent: async (shop) => (await sent(shop)).id,
    partiallyReceived: (shop) => received(shop, 4),
    received: (shop) => received(shop, 10),
    closed: async (shop) => (await as(shop).call("purchasing.closePurchaseOrder", { id: await received(shop, 4) })).id,
    cancelled: async (shop) => (await as(shop).call("purchasing.cancelPurchaseOrder", { id: (await draft(shop)).id })).id,
  };
  async function received(shop: Shop, quantity: number): Promise<string> {
    const order = await sent(shop);
    await as(shop).call("purchasing.receivePurchaseOrder", { purchaseOrderId: order.id, lines: [{ lineId: order.lines[0]!.id, quantity }] });
    return order.id;
  }
  const steps = { send: "purchasing.sendPurchaseOrder", cancel: "purchasing.cancelPurchaseOrder", close: "purchasing.closePurchaseOrder" } as const;

  it.each([
    ["draft", "send", "sent"], ["draft", "cancel", "cancelled"], ["draft", "close", null],
    ["sent", "send", null], ["sent", "cancel", "cancelled"], ["sent", "close", null],
    ["partiallyReceived", "send", null], ["partiallyReceived", "cancel", null], ["partiallyReceived", "close", "closed"],
    ["received", "send", null], ["received", "cancel", null], ["received", "close", "closed"],
    ["closed", "send", null], ["closed", "cancel", null], ["closed", "close", null],
    ["cancelled", "send", null], ["cancelled", "cancel", null], ["cancelled", "close", null],
  ] as const)("%s, %s → %s", async (from, step, to) => {
    const id = await reach[from]!(alder);
    const outcome = as(alder).call(steps[step], { id });
    if (to) expect((await outcome).status).toBe(to);
    else await expect(outcome).rejects.toMatchObject({ type: "illegal_status", code: 409 });
    expect((await as(alder).call("purchasing.getPurchaseOrder", { id })).status).toBe(to ?? from);
  });
});
