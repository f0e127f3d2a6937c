import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { newId } from "../../../../lib/ids.ts";
import { differences, eur, levelOf, openShop, stocked, type Shop } from "../support/shop.ts";

let shop: Shop;
beforeAll(async () => { shop = await openShop(); });
afterAll(async () => { await shop.stop(); });
const owner = () => shop.actor(shop.alder);
const service = () => shop.service("purchasing", shop.alder);
const adjust = (lines: { variantId: string; quantity: number; unitCost?: { amount: number; currency: string } }[], more: object = {}) =>
  owner().call("catalog.createAdjustment", { storeId: shop.store, reason: "correction", lines, ...more });

describe("an adjustment", () => {
  it("is a document: kept, listed, and one event", async () => {
    const mug = await stocked(shop, "MUG-RED", 0), cup = await stocked(shop, "CUP", 2);
    const made = await adjust([{ variantId: mug, quantity: 1.5, unitCost: eur(300) }, { variantId: cup, quantity: -2 }], { reference: "sheet-7", metadata: { by: "Ann" } });
    expect(made).toMatchObject({ storeId: shop.store, reason: "correction", reference: "sheet-7", lines: [{ variantId: mug, quantity: 1.5, unitCost: eur(300) }, { variantId: cup, quantity: -2, unitCost: null }] });
    expect(await owner().call("catalog.getAdjustment", { id: made.id })).toEqual(made);
    expect((await owner().call("catalog.listAdjustments", { limit: 1 })).data).toEqual([made]);
    const events = await shop.sql<{ data: { movements: { valueMinor: number }[] } }>("SELECT data FROM catalog.outbox WHERE type = 'catalog.stockMoved' AND subject = $1", [made.id]);
    expect(events).toHaveLength(1);
    expect(events[0]!.data.movements.map((movement) => movement.valueMinor).sort((a, b) => a - b)).toEqual([-1000, 450]);
    expect(await differences(shop)).toEqual([]);
  });

  it("goes below zero nowhere, and then changes nothing at all", async () => {
    const tea = await stocked(shop, "TEA", 2), jam = await stocked(shop, "JAM", 5);
    await expect(adjust([{ variantId: jam, quantity: -1 }, { variantId: tea, quantity: -2.001 }])).rejects.toMatchObject({ type: "out_of_stock", data: { variants: [{ variantId: tea, requested: 2.001, available: 2 }] } });
    expect((await levelOf(shop, jam)).onHand).toBe(5);
    const loaf = await stocked(shop, "LOAF", 0, { allowNegative: true });
    await adjust([{ variantId: loaf, quantity: -2 }]);
    expect(await levelOf(shop, loaf)).toMatchObject({ onHand: -2 });
  });

  it("puts right what was sold before it came in, and bends no average", async () => {
    const loaf = await stocked(shop, "RYE", 0, { allowNegative: true, cost: 500 });
    await adjust([{ variantId: loaf, quantity: -5 }]);
    await service().call("catalog.receiveStock", { documentId: newId(), purchaseOrderId: newId(), storeId: shop.store, lines: [{ variantId: loaf, quantityThousandths: 10_000, valueMinor: 6000 }] });
    expect(await shop.sql("SELECT on_hand::int AS q, value_minor::int AS v FROM catalog.stock_level WHERE variant_id = $1", [loaf])).toEqual([{ q: 5000, v: 3000 }]);
    expect(await shop.sql("SELECT value_minor::int AS v, cost_of_sales_minor::int AS c FROM catalog.stock_movement WHERE variant_id = $1 AND kind = 'receipt'", [loaf])).toEqual([{ v: 5500, c: 500 }]);
    expect(await differences(shop)).toEqual([]);
  });

  it("with the client's own id is booked once; another body under that id is refused", async () => {
    const pen = await stocked(shop, "PEN", 0), id = newId();
    const first = await adjust([{ variantId: pen, quantity: 3 }], { id });
    expect(await adjust([{ variantId: pen, quantity: 3 }], { id })).toEqual(first);
    await expect(adjust([{ variantId: pen, quantity: 4 }], { id })).rejects.toMatchObject({ type: "id_conflict", code: 409 });
    expect((await levelOf(shop, pen)).onHand).toBe(3);
  });

  it("may name a variant twice, in its order", async () => {
    const ink = await stocked(shop, "INK", 0);
    await adjust([{ variantId: ink, quantity: 10, unitCost: eur(100) }, { variantId: ink, quantity: -4 }, { variantId: ink, quantity: 6, unitCost: eur(200) }]);
    expect(await shop.sql("SELECT on_hand::int AS q, value_minor::int AS v FROM catalog.stock_level WHERE variant_id = $1", [ink])).toEqual([{ q: 12_000, v: 1800 }]);
  });

  it("refuses zero, a foreign currency, and ids of another tenant, with nothing changed", async () => {
    const ring = await stocked(shop, "RING", 1), missing = { type: "not_found", code: 404 };
    await expect(adjust([{ variantId: ring, quantity: 0 }])).rejects.toMatchObject({ type: "invalid_request" });
    await expect(adjust([{ variantId: ring, quantity: 1, unitCost: { amount: 1, currency: "USD" } }])).rejects.toMatchObject({ type: "currency_mismatch", data: { pointer: "/lines/0/unitCost" } });
    await expect(adjust([{ variantId: ring, quantity: 1 }], { storeId: shop.birchStore })).rejects.toMatchObject(missing);
    await expect(shop.actor(shop.birch).call("catalog.createAdjustment", { storeId: shop.birchStore, reason: "count", lines: [{ variantId: ring, quantity: 1 }] })).rejects.toMatchObject({ ...missing, data: { pointer: "/lines/0/variantId" } });
    await expect(shop.actor(shop.alder, ["catalog.inventory.read"]).call("catalog.createAdjustment", { storeId: shop.store, reason: "count", lines: [{ variantId: ring, quantity: 1 }] })).rejects.toMatchObject({ type: "forbidden" });
    expect((await levelOf(shop, ring)).onHand).toBe(1);
    expect((await shop.actor(shop.birch).call("catalog.listLevels", { variantId: ring })).data).toEqual([]);
    expect((await shop.actor(shop.birch).call("catalog.listMovements", { variantId: ring })).data).toEqual([]);
  });
});

describe("receipts and returns", () => {
  it("average the cost, and are booked once per document", async () => {
    const mug = await stocked(shop, "MUG-BLUE", 10, { cost: 1000 });
    const receipt = { documentId: newId(), purchaseOrderId: newId(), storeId: shop.store, lines: [{ variantId: mug, quantityThousandths: 10_000, valueMinor: 20_000 }] };
    await service().call("catalog.receiveStock", receipt);
    await service().call("catalog.receiveStock", receipt);
    const orderId = newId();
    const { lines } = await shop.service("order", shop.alder).call("catalog.takeStock", { orderId, storeId: shop.store, lines: [{ variantId: mug, quantityThousandths: 2000 }] });
    expect(lines[0]!.costMinor).toBe(3000);
    const back = { documentId: newId(), orderId, storeId: shop.store, lines: [{ variantId: mug, quantityThousandths: 1000, costMinor: 1500, restock: true }, { variantId: mug, quantityThousandths: 1000, costMinor: 1500, restock: false }] };
    await service().call("catalog.returnStock", back);
    await service().call("catalog.returnStock", back);
    expect(await shop.sql("SELECT on_hand::int AS q, value_minor::int AS v FROM catalog.stock_level WHERE variant_id = $1", [mug])).toEqual([{ q: 19_000, v: 28_500 }]);
    const { data } = await owner().call("catalog.listMovements", { variantId: mug });
    expect(data.map(({ kind, quantity, unitCost, documentId }) => ({ kind, quantity, unitCost, documentId }))).toEqual([
      { kind: "return", quantity: 1, unitCost: eur(1500), documentId: back.documentId }, { kind: "sale", quantity: -2, unitCost: eur(1500), documentId: orderId },
      { kind: "receipt", quantity: 10, unitCost: eur(2000), documentId: receipt.documentId }, { kind: "opening", quantity: 10, unitCost: eur(1000), documentId: data[3]!.documentId },
    ]);
    expect(await differences(shop)).toEqual([]);
  });
});

describe("levels", () => {
  it("are given for any past instant, from the ledger", async () => {
    const mug = await stocked(shop, "MUG-OLD", 5), between = new Date(Date.now() + 5);
    await new Promise((wake) => setTimeout(wake, 20));
    await adjust([{ variantId: mug, quantity: -3 }]);
    const then = await owner().call("catalog.listLevels", { variantId: mug, at: between.toISOString() });
    expect(then.data).toEqual([{ storeId: shop.store, variantId: mug, onHand: 5, reserved: 0, available: 5, incoming: 0 }]);
    expect((await levelOf(shop, mug)).onHand).toBe(2);
    expect((await owner().call("catalog.listLevels", { variantId: mug, at: "2020-01-01T00:00:00Z" })).data).toEqual([]);
  });

  it("page over stores and variants, each once", async () => {
    const seen: string[] = [];
    for (let cursor: string | undefined; ;) {
      const answer = await owner().call("catalog.listLevels", { limit: 3, storeId: shop.store, ...cursor && { cursor } });
      seen.push(...answer.data.map((level) => level.variantId));
      if (answer.nextCursor === null) break;
      cursor = answer.nextCursor;
    }
    expect(seen.length).toBeGreaterThan(3);
    expect(new Set(seen).size).toBe(seen.length);
  });
});

describe("verify", () => {
  it("names the level, the value and the reservation that the ledger does not bear out", async () => {
    const mug = await stocked(shop, "MUG-WRONG", 5);
    await shop.sql("UPDATE catalog.stock_level SET on_hand = on_hand + 1, value_minor = value_minor + 2, reserved = 3 WHERE variant_id = $1", [mug]);
    const { checks } = await service().call("catalog.verify", {});
    expect(checks.map((check) => check.name)).toEqual(["stock levels", "stock reservations", "stock values", "incoming goods"]);
    const place = { storeId: shop.store, variantId: mug };
    expect(checks.map((check) => check.differences)).toEqual([
      [{ ...place, field: "onHand", expected: 5000, actual: 5001 }], [{ ...place, field: "reserved", expected: 0, actual: 3 }], [{ ...place, field: "valueMinor", expected: 2500, actual: 2502 }], [],
    ]);
    await shop.sql("UPDATE catalog.stock_level SET on_hand = on_hand - 1, value_minor = value_minor - 2, reserved = 0 WHERE variant_id = $1", [mug]);
    expect(await differences(shop)).toEqual([]);
  });

  it("has a ledger that the service itself cannot change", async () => {
    await expect(shop.platform.database("catalog").sequelize.query("UPDATE stock_movement SET quantity = 1")).rejects.toThrow(/permission denied/);
    await expect(shop.platform.database("catalog").sequelize.query("DELETE FROM stock_movement")).rejects.toThrow(/permission denied/);
  });
});

describe("imports", () => {
  let importKey: string;
  beforeEach(() => { importKey = newId(); });
  const rows = [
    { line: 2, sku: "IMP-1", quantity: "12", unitCost: "1.2345" }, { line: 3, sku: "IMP-2", quantity: "0.355" }, { line: 4, sku: "NOBODY", quantity: "1" },
    { line: 5, sku: "IMP-1", quantity: "7" }, { line: 6, sku: "IMP-2", quantity: "1.0001" }, { line: 7, sku: "IMP-2", quantity: "-1" },
  ];

  it("of opening stock read numbers exactly, and change nothing the second time", async () => {
    const one = await stocked(shop, "IMP-1", 0), two = await stocked(shop, "IMP-2", 0, { cost: 1000 });
    const first = await service().call("catalog.importInventory", { storeId: shop.store, importKey, rows });
    expect(first).toMatchObject({ imported: 2, skipped: 1, rejected: [{ line: 4, code: "not_found" }, { line: 6, code: "invalid_quantity" }, { line: 7, code: "invalid_quantity" }] });
    const again = await service().call("catalog.importInventory", { storeId: shop.store, importKey, rows });
    expect(again).toMatchObject({ imported: 0, skipped: 3 });
    const level = (id: string) => shop.sql("SELECT on_hand::int AS q, value_minor::int AS v FROM catalog.stock_level WHERE variant_id = $1", [id]);
    expect(await level(one)).toEqual([{ q: 12_000, v: 1481 }]);
    expect(await level(two)).toEqual([{ q: 355, v: 355 }]);
    expect(await differences(shop)).toEqual([]);
  });

  it("of products make categories and tax rates by name, and reject a row by its line and code", async () => {
    const row = (line: number, sku: string, more: object = {}) => ({ line, sku, name: `Name of ${sku}`, currency: "EUR", ...more });
    const given = [
      row(2, "P-1", { price: "10.99", cost: "4", category: "Garden", taxRate: "20", reorderPoint: "2.5" }), row(3, "P-2", { price: "1.001" }), row(4, "P-3", { category: "garden", taxRate: "20 %" }),
      row(5, "P-4", { taxRate: "no such rate" }), row(6, "P-5", { currency: "EUX" }), row(7, " "), row(8, "P-1"),
    ];
    const result = await service().call("catalog.importProducts", { rows: given });
    expect(result).toMatchObject({ imported: 2, skipped: 1 });
    expect(result.rejected.map(({ line, code }) => [line, code])).toEqual([[3, "invalid_price"], [5, "unknown_tax_rate"], [6, "currency_mismatch"], [7, "invalid_sku"]]);
    const found = (await owner().call("catalog.listProducts", { search: "name of" })).data;
    expect(new Set(found.map((product) => product.categoryId)).size).toBe(1);
    expect(new Set(found.map((product) => product.taxRateId)).size).toBe(1);
    expect((await owner().call("catalog.listTaxRates", {})).data).toMatchObject([{ name: "20 %", percent: 20 }]);
    expect(found.map((product) => product.variants[0]!).find((variant) => variant.sku === "P-1")).toMatchObject({ sku: "P-1", price: eur(1099), cost: eur(400), reorderPoint: 2.5 });
  });

  it("of history make 3,000 variants in one call, and find them again in the next", async () => {
    const variants = Array.from({ length: 3000 }, (_, n) => ({ sku: `UCI-${n}`, name: `WHITE HANGING HEART ${n}`, priceMinor: 255, currency: "GBP" }));
    const few = variants.slice(0, 100);
    const together = await Promise.all([service().call("catalog.ensureVariants", { variants: few }), service().call("catalog.ensureVariants", { variants: few.toReversed() })]);
    const first = await service().call("catalog.ensureVariants", { variants });
    const second = await service().call("catalog.ensureVariants", { variants: [...variants, ...variants.slice(0, 3)] });
    const ids = (answer: typeof first) => answer.variants.map((variant) => variant.variantId).sort();
    expect(ids(second)).toEqual(ids(first));
    expect(ids(together[0])).toEqual(ids(together[1]));
    expect(ids(first)).toEqual(expect.arrayContaining(ids(together[0])));
    expect(await shop.sql("SELECT count(*)::int AS n, bool_or(track_stock) AS tracked FROM catalog.variant WHERE sku LIKE 'UCI-%'")).toEqual([{ n: 3000, tracked: false }]);
  }, 20_000);
});
