import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { newId } from "../../../../lib/ids.ts";
import type { TestPlatform } from "../../../../test/support/platform.ts";
import { openShop, startPurchasing, type FakeCatalog, type Shop } from "../support.ts";

let platform: TestPlatform, catalog: FakeCatalog, alder: Shop, birch: Shop, mug: string, cup: string;
beforeAll(async () => { ({ platform, catalog } = await startPurchasing()); });
afterAll(async () => { await platform.stop(); });
beforeEach(async () => {
  [alder, birch] = await Promise.all([openShop(platform), openShop(platform)]);
  [mug, cup] = [catalog.variant(), catalog.variant()];
});

const as = (shop: Shop, permissions?: string[]) => platform.actor(shop.tenantId, permissions);
const eur = (amount: number) => ({ amount, currency: "EUR" });
async function sent(shop: Shop) {
  const { id } = await as(shop).call("purchasing.createPurchaseOrder", {
    supplierId: shop.supplierId, storeId: shop.storeId, lines: [{ variantId: mug, quantity: 10, unitCost: eur(600) }, { variantId: cup, quantity: 20, unitCost: eur(100) }],
  });
  const order = await as(shop).call("purchasing.sendPurchaseOrder", { id });
  return { id, mugs: order.lines[0]!.id, cups: order.lines[1]!.id };
}
const orderOf = (shop: Shop, id: string) => as(shop).call("purchasing.getPurchaseOrder", { id });
const receiptsOf = (shop: Shop) => platform.sql("SELECT number FROM purchasing.goods_receipt WHERE tenant_id = $1 ORDER BY number", [shop.tenantId]);

describe("a goods receipt", () => {
  it("books goods and their share of the landed costs into stock", async () => {
    const order = await sent(alder);
    const receipt = await as(alder).call("purchasing.receivePurchaseOrder", {
      purchaseOrderId: order.id, lines: [{ lineId: order.mugs, quantity: 5 }, { lineId: order.cups, quantity: 10, unitCost: eur(100) }], landedCosts: [{ name: "Freight", amount: eur(1_000), split: "value" }],
    });
    expect(receipt).toMatchObject({
      number: "GR-000001", status: "posted", total: eur(5_000), landedCosts: [{ name: "Freight", amount: eur(1_000), split: "value" }],
      lines: [{ quantity: 5, goods: eur(3_000), landedCost: eur(750), value: eur(3_750) }, { quantity: 10, goods: eur(1_000), landedCost: eur(250), value: eur(1_250) }],
      discrepancies: [{ lineId: order.mugs, kind: "quantity", expected: 10, received: 5 }, { lineId: order.cups, kind: "quantity", expected: 20, received: 10 }],
    });
    expect(catalog.booked.get(receipt.id)).toMatchObject({ storeId: alder.storeId, lines: [{ variantId: mug, quantityThousandths: 5_000, valueMinor: 3_750 }, { variantId: cup, quantityThousandths: 10_000, valueMinor: 1_250 }] });
    expect(await orderOf(alder, order.id)).toMatchObject({ status: "partiallyReceived", lines: [{ received: 5, outstanding: 5 }, { received: 10, outstanding: 10 }] });
    expect(await as(alder).call("purchasing.getReceipt", { id: receipt.id })).toEqual(receipt);
    await platform.quiesce();
    expect(await platform.sql("SELECT data->'lines'->0->>'valueMinor' AS value FROM purchasing.outbox WHERE type = 'purchasing.received' AND subject = $1", [receipt.id])).toEqual([{ value: "3750" }]);
  });

  it("of the rest makes the order received", async () => {
    const order = await sent(alder);
    for (const quantity of [4, 6]) await as(alder).call("purchasing.receivePurchaseOrder", { purchaseOrderId: order.id, lines: [{ lineId: order.mugs, quantity }, { lineId: order.cups, quantity: quantity * 2 }] });
    expect((await orderOf(alder, order.id)).status).toBe("received");
    expect((await as(alder).call("purchasing.listReceipts", { purchaseOrderId: order.id })).data.map(({ number }) => number)).toEqual(["GR-000002", "GR-000001"]);
  });

  it("of more than is outstanding is refused, and nothing is kept", async () => {
    const order = await sent(alder), before = catalog.calls;
    await expect(as(alder).call("purchasing.receivePurchaseOrder", { purchaseOrderId: order.id, lines: [{ lineId: order.cups, quantity: 1 }, { lineId: order.mugs, quantity: 10.001 }] }))
      .rejects.toMatchObject({ type: "over_receipt", code: 409, data: { lines: [{ lineId: order.mugs, outstanding: 10, quantity: 10.001 }] } });
    expect(catalog.calls).toBe(before);
    expect(await receiptsOf(alder)).toEqual([]);
    expect(await orderOf(alder, order.id)).toMatchObject({ status: "sent", lines: [{ received: 0 }, { received: 0 }] });
  });

  it("never exceeds what was ordered, also when fifty arrive at once", async () => {
    const order = await sent(alder);
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => as(alder).call("purchasing.receivePurchaseOrder", { purchaseOrderId: order.id, lines: [{ lineId: order.mugs, quantity: 1 }] })));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(10);
    expect(outcomes.filter((outcome) => outcome.status === "rejected" && outcome.reason.type === "over_receipt")).toHaveLength(40);
    expect((await receiptsOf(alder)).map(({ number }) => number)).toEqual(Array.from({ length: 10 }, (_, n) => `GR-${String(n + 1).padStart(6, "0")}`));
    expect([...catalog.booked.values()].filter(({ storeId }) => storeId === alder.storeId).reduce((sum, { lines }) => sum + lines[0]!.quantityThousandths, 0)).toBe(10_000);
  });

  it("is refused in an order of this order: line, status, quantity, currency", async () => {
    const order = await sent(alder);
    const receive = (more: object) => as(alder).call("purchasing.receivePurchaseOrder", { purchaseOrderId: order.id, lines: [{ lineId: order.mugs, quantity: 1 }], ...more });
    await expect(receive({ lines: [{ lineId: newId(), quantity: 1 }] })).rejects.toMatchObject({ type: "not_found", data: { pointer: "/lines/0/lineId" } });
    await expect(receive({ lines: [{ lineId: order.mugs, quantity: 1 }, { lineId: order.mugs, quantity: 1 }] })).rejects.toMatchObject({ type: "invalid_request" });
    await expect(receive({ landedCosts: [{ name: "Duty", amount: { amount: 1, currency: "USD" }, split: "equal" }] })).rejects.toMatchObject({ type: "currency_mismatch", data: { pointer: "/landedCosts/0/amount/currency" } });
    await as(alder).call("purchasing.cancelPurchaseOrder", { id: order.id });
    await expect(receive({})).rejects.toMatchObject({ type: "illegal_status", data: { status: "cancelled" } });
    expect(await receiptsOf(alder)).toEqual([]);
  });

  it("for another tenant's order is for a missing one", async () => {
    const order = await sent(alder);
    await expect(as(birch).call("purchasing.receivePurchaseOrder", { purchaseOrderId: order.id, lines: [{ lineId: order.mugs, quantity: 1 }] })).rejects.toMatchObject({ type: "not_found" });
    await expect(as(alder, ["purchasing.orders.write"]).call("purchasing.receivePurchaseOrder", { purchaseOrderId: order.id, lines: [{ lineId: order.mugs, quantity: 1 }] })).rejects.toMatchObject({ type: "forbidden" });
    expect(await orderOf(alder, order.id)).toMatchObject({ status: "sent", lines: [{ received: 0 }, { received: 0 }] });
  });

  it("with the client's id is booked once; another body with that id is a conflict", async () => {
    const order = await sent(alder), id = newId();
    const receive = (quantity: number) => as(alder).call("purchasing.receivePurchaseOrder", { id, purchaseOrderId: order.id, lines: [{ lineId: order.mugs, quantity }] });
    expect(await receive(2)).toEqual(await receive(2));
    await expect(receive(3)).rejects.toMatchObject({ type: "id_conflict" });
    expect(await orderOf(alder, order.id)).toMatchObject({ lines: [{ received: 2 }, { received: 0 }] });
  });

  it("with an idempotency key answers the same again, and books once", async () => {
    const order = await sent(alder), idempotency = { key: "key-1", hash: "hash-1" };
    const receive = () => as(alder).call("purchasing.receivePurchaseOrder", { purchaseOrderId: order.id, lines: [{ lineId: order.mugs, quantity: 2 }] }, { idempotency });
    expect(await receive()).toEqual(await receive());
    expect(await receiptsOf(alder)).toHaveLength(1);
  });
});

describe("the books of purchasing", () => {
  it("verify, until one figure is wrong", async () => {
    const order = await sent(alder);
    await as(alder).call("purchasing.receivePurchaseOrder", { purchaseOrderId: order.id, lines: [{ lineId: order.mugs, quantity: 2 }] });
    const verify = async () => (await platform.service("report", alder.tenantId).call("purchasing.verify", {})).checks;
    expect(await verify()).toEqual([
      { name: "purchase order totals", compared: 1, differences: [] }, { name: "received quantities", compared: 2, differences: [] }, { name: "goods receipt totals", compared: 1, differences: [] },
    ]);
    await platform.sql("UPDATE purchasing.purchase_order_line SET received = received + 1 WHERE id = $1", [order.mugs]);
    expect((await verify())[1]).toMatchObject({ differences: [{ id: order.mugs, stored: 2_001, recomputed: 2_000 }] });
  });
});
