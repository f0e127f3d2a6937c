import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { Value } from "typebox/value";
import { newId } from "../../../../lib/ids.ts";
import { catalogContract } from "../../contract.ts";
import { differences, levelOf, openShop, stocked, type Shop } from "../support/shop.ts";

const pieces = (variantId: string, quantity = 1) => ({ variantId, quantityThousandths: quantity * 1000 });

describe("catalog.takeStock", () => {
  let shop: Shop;
  beforeAll(async () => { shop = await openShop(); });
  afterAll(async () => { await shop.stop(); });
  const order = () => shop.service("order", shop.alder);
  const take = (lines: { variantId: string; quantityThousandths: number }[], orderId = newId()) => order().call("catalog.takeStock", { orderId, storeId: shop.store, lines });

  it("issues at moving-average cost, and the last unit takes the rest", async () => {
    const mug = await stocked(shop, "MUG-RED", 0);
    await shop.actor(shop.alder).call("catalog.createAdjustment", { storeId: shop.store, reason: "opening", lines: [{ variantId: mug, quantity: 3, unitCost: { amount: 333, currency: "EUR" } }] });
    await shop.sql("UPDATE catalog.stock_level SET value_minor = 1000 WHERE variant_id = $1", [mug]);
    await shop.sql("UPDATE catalog.stock_movement SET value_minor = 1000 WHERE variant_id = $1", [mug]);
    const costs = [];
    for (let unit = 0; unit < 3; unit++) costs.push((await take([pieces(mug)])).lines[0]!.costMinor);
    expect(costs).toEqual([333, 334, 333]);
    expect(await shop.sql("SELECT on_hand::int AS q, value_minor::int AS v FROM catalog.stock_level WHERE variant_id = $1", [mug])).toEqual([{ q: 0, v: 0 }]);
    expect(await differences(shop)).toEqual([]);
  });

  it("takes two lines on the same variant together", async () => {
    const cup = await stocked(shop, "CUP", 3);
    await expect(take([pieces(cup, 2), pieces(cup, 2)])).rejects.toMatchObject({ type: "out_of_stock", data: { variants: [{ variantId: cup, requested: 4, available: 3 }] } });
    expect(await take([pieces(cup, 2), pieces(cup, 1)])).toEqual({ lines: [{ variantId: cup, quantityThousandths: 3000, costMinor: 1500 }] });
    expect(await levelOf(shop, cup)).toMatchObject({ onHand: 0, reserved: 0, available: 0 });
  });

  it("takes the whole basket or none of it", async () => {
    const tea = await stocked(shop, "TEA", 5), jam = await stocked(shop, "JAM", 1), orderId = newId();
    await expect(take([pieces(tea, 2), pieces(jam, 2)], orderId)).rejects.toMatchObject({ type: "out_of_stock", code: 409 });
    expect(await levelOf(shop, tea)).toMatchObject({ onHand: 5, available: 5 });
    expect(await shop.sql("SELECT 1 FROM catalog.stock_movement WHERE document_id = $1", [orderId])).toEqual([]);
    expect(await shop.sql("SELECT 1 FROM catalog.reservation WHERE order_id = $1", [orderId])).toEqual([]);
  });

  it("answers a repeated order the same, and takes nothing more", async () => {
    const pen = await stocked(shop, "PEN", 5), orderId = newId();
    const first = await take([pieces(pen, 2)], orderId);
    expect(await take([pieces(pen, 2)], orderId)).toEqual(first);
    const together = newId();
    const answers = await Promise.all(Array.from({ length: 5 }, () => take([pieces(pen)], together)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await levelOf(shop, pen)).toMatchObject({ onHand: 2 });
  });

  it("refuses an order that has given its stock back, also one that never had any", async () => {
    const ink = await stocked(shop, "INK", 5), orderId = newId();
    await order().call("catalog.releaseStock", { orderId });
    await expect(take([pieces(ink)], orderId)).rejects.toMatchObject({ type: "reservation_ended" });
    await expect(order().call("catalog.reserveStock", { orderId, storeId: shop.store, lines: [pieces(ink)] })).rejects.toMatchObject({ type: "reservation_ended" });
    expect(await levelOf(shop, ink)).toMatchObject({ onHand: 5, reserved: 0 });
  });

  it("sells exactly 50 of 50 to 200 parallel buyers", async () => {
    const box = await stocked(shop, "BOX", 50);
    const outcomes = await Promise.allSettled(Array.from({ length: 200 }, () => take([pieces(box)])));
    expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(50);
    expect(new Set(outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [(outcome.reason as { type: string }).type] : [])))).toEqual(new Set(["out_of_stock"]));
    expect(await levelOf(shop, box)).toMatchObject({ onHand: 0, reserved: 0 });
    expect(await differences(shop)).toEqual([]);
  });

  it("accepts 100 of 1,000 sales of a stock of 100, with 100 movements (S03)", async () => {
    const hat = await stocked(shop, "HAT", 100);
    let accepted = 0, refused = 0;
    for (let round = 0; round < 10; round++) {
      const outcomes = await Promise.allSettled(Array.from({ length: 100 }, () => take([pieces(hat)])));
      accepted += outcomes.filter((outcome) => outcome.status === "fulfilled").length;
      refused += outcomes.filter((outcome) => outcome.status === "rejected" && (outcome.reason as { type: string }).type === "out_of_stock").length;
    }
    expect({ accepted, refused }).toEqual({ accepted: 100, refused: 900 });
    expect(await shop.sql("SELECT count(*)::int AS n FROM catalog.stock_movement WHERE variant_id = $1 AND kind = 'sale'", [hat])).toEqual([{ n: 100 }]);
    expect(await levelOf(shop, hat)).toMatchObject({ onHand: 0, reserved: 0 });
  });

  it("does not deadlock when baskets hold the same variants in opposite order", async () => {
    const salt = await stocked(shop, "SALT", 500), oil = await stocked(shop, "OIL", 500);
    const outcomes = await Promise.allSettled(Array.from({ length: 200 }, (_, index) => take(index % 2 ? [pieces(salt), pieces(oil)] : [pieces(oil), pieces(salt)])));
    expect(outcomes.filter((outcome) => outcome.status === "rejected")).toEqual([]);
    expect((await levelOf(shop, salt)).onHand).toBe(300);
    expect((await levelOf(shop, oil)).onHand).toBe(300);
  });

  it("skips what is not tracked, at its own cost, and goes below zero where that is allowed", async () => {
    const gift = await stocked(shop, "GIFT-WRAP", 0, { trackStock: false, cost: 40 }), loaf = await stocked(shop, "LOAF", 1, { allowNegative: true, cost: 200 });
    const { lines } = await take([pieces(gift, 2), pieces(loaf, 3)]);
    expect(lines).toEqual([{ variantId: gift, quantityThousandths: 2000, costMinor: 80 }, { variantId: loaf, quantityThousandths: 3000, costMinor: 600 }]);
    expect(await levelOf(shop, loaf)).toMatchObject({ onHand: -2, available: -2 });
    expect(await levelOf(shop, gift)).toBeUndefined();
    const cake = await stocked(shop, "CAKE", 0, { allowNegative: true });
    expect((await take([pieces(cake)])).lines[0]!.costMinor).toBe(500);
    expect(await differences(shop)).toEqual([]);
  });

  it("announces the reorder point once per crossing", async () => {
    const soap = await stocked(shop, "SOAP", 5, { reorderPoint: 3 });
    const alarms = () => shop.sql<{ data: unknown }>("SELECT data FROM catalog.outbox WHERE type = 'catalog.stockLow' AND subject = $1", [soap]);
    await take([pieces(soap)]);
    expect(await alarms()).toHaveLength(0);
    await take([pieces(soap)]);
    await take([pieces(soap)]);
    expect((await alarms()).map((row) => row.data)).toEqual([{ storeId: shop.store, variantId: soap, sku: "SOAP", name: "SOAP", availableThousandths: 3000, reorderPointThousandths: 3000 }]);
  });

  it("tells of what moved with the basket, once, also of baskets that draw on the same variant at once", async () => {
    const nut = await stocked(shop, "NUT", 10), fig = await stocked(shop, "FIG", 10), ids = [newId(), newId(), newId()];
    await Promise.all(ids.map((id) => take([pieces(nut), pieces(fig, 2)], id)));
    await take([pieces(nut), pieces(fig, 2)], ids[0]);
    for (const id of ids) {
      const events = await shop.sql<{ subject: string; data: Record<string, unknown> }>("SELECT subject, data FROM catalog.outbox WHERE type = 'catalog.stockMoved' AND data->>'documentId' = $1", [id]);
      const moved = await shop.sql(`SELECT id AS "movementId", variant_id AS "variantId", quantity::int AS "quantityThousandths", value_minor::int AS "valueMinor", kind,
        to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at FROM catalog.stock_movement WHERE document_id = $1`, [id]);
      expect(moved).toHaveLength(2);
      expect(events).toEqual([{ subject: id, data: { storeId: shop.store, currency: "EUR", documentType: "order", documentId: id, movements: expect.any(Array) } }]);
      expect(new Set(events[0]!.data.movements as object[])).toEqual(new Set(moved));
    }
  });

  it("tells what the contract says, whoever puts it together: the statement that takes, or the code behind a reservation", async () => {
    const egg = await stocked(shop, "EGG", 20, { reorderPoint: 19 }), yam = await stocked(shop, "YAM", 20, { reorderPoint: 19 }), taken = newId(), reserved = newId();
    await take([pieces(egg, 5)], taken);
    await order().call("catalog.reserveStock", { orderId: reserved, storeId: shop.store, lines: [pieces(yam, 5)] });
    await order().call("catalog.commitStock", { orderId: reserved });
    const told = await shop.sql<{ type: keyof typeof catalogContract.events; data: unknown }>("SELECT type, data FROM catalog.outbox WHERE subject = ANY ($1) ORDER BY type", [[taken, reserved, egg, yam]]);
    const events = told.filter(({ type }) => type === "catalog.stockMoved" || type === "catalog.stockLow");
    expect(events.map(({ type }) => type)).toEqual(["catalog.stockLow", "catalog.stockLow", "catalog.stockMoved", "catalog.stockMoved"]);
    for (const { type, data } of events) expect([type, Value.Errors(catalogContract.events[type].data, data)]).toEqual([type, []]);
  });

  it("answers another tenant's variant as one that does not exist", async () => {
    const ring = await stocked(shop, "RING", 5);
    await expect(shop.service("order", shop.birch).call("catalog.takeStock", { orderId: newId(), storeId: shop.birchStore, lines: [pieces(ring)] })).rejects.toMatchObject({ type: "not_found", code: 404 });
    await expect(take([pieces(newId())])).rejects.toMatchObject({ type: "not_found" });
    expect(await levelOf(shop, ring)).toMatchObject({ onHand: 5 });
    await expect(shop.actor(shop.alder).call("catalog.takeStock", { orderId: newId(), storeId: shop.store, lines: [pieces(ring)] })).rejects.toMatchObject({ type: "forbidden" });
  });
});

describe("catalog.reserveStock", () => {
  let shop: Shop;
  beforeAll(async () => { shop = await openShop(); });
  afterAll(async () => { await shop.stop(); });
  const order = () => shop.service("order", shop.alder);
  const reserve = (orderId: string, variantId: string, quantity: number) => order().call("catalog.reserveStock", { orderId, storeId: shop.store, lines: [pieces(variantId, quantity)] });

  it("holds, then commits at cost; each once", async () => {
    const mug = await stocked(shop, "MUG-RED", 5), orderId = newId();
    await reserve(orderId, mug, 2);
    await reserve(orderId, mug, 2);
    expect(await levelOf(shop, mug)).toMatchObject({ onHand: 5, reserved: 2, available: 3 });
    const first = await order().call("catalog.commitStock", { orderId });
    expect(first).toEqual({ lines: [{ variantId: mug, quantityThousandths: 2000, costMinor: 1000 }] });
    expect(await order().call("catalog.commitStock", { orderId })).toEqual(first);
    expect(await levelOf(shop, mug)).toMatchObject({ onHand: 3, reserved: 0, available: 3 });
    expect(await differences(shop)).toEqual([]);
  });

  it("gives back what it held, once, and refuses to commit it afterwards", async () => {
    const cup = await stocked(shop, "CUP", 5), orderId = newId();
    await reserve(orderId, cup, 2);
    await order().call("catalog.releaseStock", { orderId });
    await order().call("catalog.releaseStock", { orderId });
    expect(await levelOf(shop, cup)).toMatchObject({ onHand: 5, reserved: 0 });
    await expect(order().call("catalog.commitStock", { orderId })).rejects.toMatchObject({ type: "reservation_ended" });
  });

  it("does not sell what another order holds", async () => {
    const tea = await stocked(shop, "TEA", 2);
    await reserve(newId(), tea, 2);
    await expect(order().call("catalog.takeStock", { orderId: newId(), storeId: shop.store, lines: [pieces(tea)] })).rejects.toMatchObject({ data: { variants: [{ variantId: tea, requested: 1, available: 0 }] } });
  });

  it("is taken by takeStock of the same order", async () => {
    const jam = await stocked(shop, "JAM", 2), orderId = newId();
    await reserve(orderId, jam, 2);
    expect(await order().call("catalog.takeStock", { orderId, storeId: shop.store, lines: [pieces(jam, 2)] })).toEqual({ lines: [{ variantId: jam, quantityThousandths: 2000, costMinor: 1000 }] });
    expect(await levelOf(shop, jam)).toMatchObject({ onHand: 0, reserved: 0 });
  });
});
