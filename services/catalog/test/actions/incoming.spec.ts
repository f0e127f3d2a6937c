import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { newId } from "../../../../lib/ids.ts";
import { startTestPlatform, type Actor, type TestPlatform } from "../../../../test/support/platform.ts";

let platform: TestPlatform;
let alder: string, storeId: string, supplierId: string, mug: string, owner: Actor;
const eur = (amount: number) => ({ amount, currency: "EUR" });

beforeAll(async () => { platform = await startTestPlatform({ services: ["entity", "catalog", "purchasing"] }); });
afterAll(async () => { await platform.stop(); });
beforeEach(async () => {
  alder = newId();
  owner = platform.actor(alder);
  await platform.service("auth", alder).call("entity.createTenant", { id: alder, name: "Alder", slug: `alder-${alder}`, country: "DE", currency: "EUR", timezone: "Europe/Berlin" });
  storeId = (await owner.call("entity.createStore", { code: "MAIN", name: "Main" })).id;
  supplierId = (await owner.call("purchasing.createSupplier", { name: "Exotic Liquids" })).id;
  mug = (await owner.call("catalog.createProduct", { name: "Mug", variants: [{ sku: "MUG-RED", price: eur(1099) }] })).variants[0]!.id;
});

const draft = (quantity: number) => owner.call("purchasing.createPurchaseOrder", { supplierId, storeId, lines: [{ variantId: mug, quantity, unitCost: eur(500) }] });
const sent = async (quantity: number) => owner.call("purchasing.sendPurchaseOrder", { id: (await draft(quantity)).id });
type Order = Awaited<ReturnType<typeof sent>>;
const receive = (order: Order, quantity: number) => owner.call("purchasing.receivePurchaseOrder", { purchaseOrderId: order.id, lines: [{ lineId: order.lines[0]!.id, quantity }] });
const levels = async (filter: object = {}) => { await platform.quiesce(); return (await owner.call("catalog.listLevels", filter)).data; };
const level = (onHand: number, incoming: number) => ({ storeId, variantId: mug, onHand, reserved: 0, available: onHand, incoming });
const differences = async () => (await platform.service("report", alder).call("catalog.verify", {})).checks.flatMap((check) => check.differences);

describe("what is on its way", () => {
  it("is what was sent to the supplier, less what has come", async () => {
    const order = await sent(10.5);
    expect(await levels()).toEqual([level(0, 10.5)]);
    await receive(order, 4);
    expect(await levels({ variantId: mug })).toEqual([level(4, 6.5)]);
    await sent(3);
    expect(await levels({ storeId })).toEqual([level(4, 9.5)]);
    await receive(order, 6.5);
    expect(await levels({ storeId, variantId: mug })).toEqual([level(10.5, 3)]);
    expect(await differences()).toEqual([]);
  });

  it("is nothing of a draft, nor of an order that was cancelled or closed", async () => {
    await owner.call("purchasing.cancelPurchaseOrder", { id: (await draft(7)).id });
    const cancelled = await sent(5), closed = await sent(8);
    await receive(closed, 2);
    expect(await levels()).toEqual([level(2, 11)]);
    await owner.call("purchasing.cancelPurchaseOrder", { id: cancelled.id });
    expect(await levels()).toEqual([level(2, 6)]);
    await owner.call("purchasing.closePurchaseOrder", { id: closed.id });
    expect(await levels()).toEqual([level(2, 0)]);
    expect(await differences()).toEqual([]);
  });

  it("is given for any past instant", async () => {
    const order = await sent(10);
    await platform.quiesce();
    const between = new Date(Date.now() + 5).toISOString();
    await new Promise((wake) => setTimeout(wake, 20));
    await receive(order, 10);
    expect(await levels({ at: between })).toEqual([level(0, 10)]);
    expect(await levels({ at: "2020-01-01T00:00:00Z" })).toEqual([]);
    expect(await levels()).toEqual([level(10, 0)]);
  });

  it("pages with the levels, each once", async () => {
    const others = await Promise.all(["A", "B", "C", "D"].map((sku) => owner.call("catalog.createProduct", { name: sku, variants: [{ sku, price: eur(100) }] })));
    const ids = others.map((product) => product.variants[0]!.id);
    await owner.call("catalog.createAdjustment", { storeId, reason: "opening", lines: [ids[0], ids[2], mug].map((variantId) => ({ variantId: variantId!, quantity: 1 })) });
    const lines = [ids[1], ids[2], ids[3]].map((variantId) => ({ variantId: variantId!, quantity: 2, unitCost: eur(50) }));
    await owner.call("purchasing.sendPurchaseOrder", { id: (await owner.call("purchasing.createPurchaseOrder", { supplierId, storeId, lines })).id });
    await platform.quiesce();
    const seen: Record<string, [number, number]> = {};
    for (let cursor: string | undefined, pages = 0; pages === 0 || cursor; pages++) {
      const page = await owner.call("catalog.listLevels", { limit: 2, ...(cursor ? { cursor } : {}) });
      for (const { variantId, onHand, incoming } of page.data) {
        expect(seen[variantId]).toBeUndefined();
        seen[variantId] = [onHand, incoming];
      }
      cursor = page.nextCursor ?? undefined;
    }
    expect(seen).toEqual({ [mug]: [1, 0], [ids[0]!]: [1, 0], [ids[1]!]: [0, 2], [ids[2]!]: [1, 2], [ids[3]!]: [0, 2] });
  });

  it("belongs to one tenant", async () => {
    await sent(10);
    await platform.quiesce();
    expect((await platform.actor(newId()).call("catalog.listLevels", {})).data).toEqual([]);
  });
});

describe("what is told twice, or late", () => {
  const told = (type: string, data: object) => ({ specversion: "1.0" as const, id: newId(), source: "/beaveros/purchasing", type, subject: newId(), time: new Date().toISOString(), tenantid: alder, data });
  const order = () => ({ purchaseOrderId: newId(), number: "PO-1", supplierId, storeId, currency: "EUR", at: new Date().toISOString() });
  const line = (quantity: number) => ({ lineId: newId(), variantId: mug, quantityThousandths: quantity * 1000, unitCostMinor: 1, totalMinor: 1 });

  it("counts once, under whatever event id", async () => {
    const one = order(), lines = [line(5)], receipt = { ...one, receiptId: newId(), lines: [{ ...lines[0]!, quantityThousandths: 2000 }] };
    for (let n = 0; n < 2; n++) await platform.deliver([told("purchasing.orderSent", { ...one, supplierName: "X", totalMinor: 1, lines }), told("purchasing.received", receipt)]);
    expect(await levels()).toEqual([level(0, 3)]);
    for (let n = 0; n < 2; n++) await platform.deliver([told("purchasing.orderEnded", { ...one, status: "closed" })]);
    expect(await levels()).toEqual([]);
    expect(await differences()).toEqual([]);
  });

  it("comes out the same in any order", async () => {
    const one = order(), lines = [line(5)];
    await platform.deliver([told("purchasing.received", { ...one, receiptId: newId(), lines: [{ ...lines[0]!, quantityThousandths: 2000 }] })]);
    await platform.deliver([told("purchasing.orderSent", { ...one, supplierName: "X", totalMinor: 1, lines })]);
    expect(await levels()).toEqual([level(0, 3)]);
    const two = order();
    await platform.deliver([told("purchasing.orderEnded", { ...two, status: "cancelled" })]);
    await platform.deliver([told("purchasing.orderSent", { ...two, supplierName: "X", totalMinor: 1, lines: [line(9)] })]);
    expect(await levels()).toEqual([level(0, 3)]);
    expect(await differences()).toEqual([]);
  });

  it("is found by the audit when the sum is not what the movements say", async () => {
    await sent(4);
    await platform.quiesce();
    await platform.sql("UPDATE catalog.stock_incoming SET quantity = quantity + 1 WHERE variant_id = $1", [mug]);
    expect(await differences()).toEqual([{ storeId, variantId: mug, field: "incoming", expected: 4000, actual: 4001 }]);
  });
});
