import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { parse } from "csv-parse/sync";
import { parseMoney } from "../../../../lib/money.ts";
import { startTestPlatform, type Actor, type TestPlatform } from "../../../../test/support/platform.ts";
import { openShop, type Shop } from "../support.ts";

type Row = Record<string, string>;
const read = (file: string): Row[] => parse(readFileSync(join(import.meta.dirname, "..", "data", file)), { columns: true });
const products = read("products.csv"), orders = read("purchase_orders.csv"), lines = read("purchase_order_details.csv"), companies = read("suppliers.csv");
const usd = (text: string) => parseMoney(text, "USD");

/** The purchasing of a real template: suppliers, orders and what came, with the totals published in test/data/README.md. Real catalog, real stock. */
describe("the purchase orders of Northwind", () => {
  let platform: TestPlatform, shop: Shop, buyer: Actor;
  const variants = new Map<string, string>(), suppliers = new Map<string, string>();
  beforeAll(async () => {
    platform = await startTestPlatform({ services: ["entity", "catalog", "purchasing"] });
    shop = await openShop(platform, "USD");
    buyer = platform.actor(shop.tenantId);
    // Two product codes are used twice in the file: the id makes them unique.
    for (const { id, product_code, product_name, list_price } of products) {
      const product = await buyer.call("catalog.createProduct", { name: product_name!, variants: [{ sku: `${product_code}/${id}`, price: usd(list_price!) }] });
      variants.set(id!, product.variants[0]!.id);
    }
  });
  afterAll(async () => { await platform.stop(); });

  it("import ten suppliers, and none the second time", async () => {
    const rows = companies.map(({ id, company }, index) => ({ line: index + 2, name: company!, reference: id!, currency: "USD" }));
    const run = () => platform.service("workflow", shop.tenantId).call("purchasing.importSuppliers", { rows });
    expect(await run()).toEqual({ imported: 10, skipped: 0, rejected: [] });
    expect(await run()).toEqual({ imported: 0, skipped: 10, rejected: [] });
    for (const { id, reference } of (await buyer.call("purchasing.listSuppliers", {})).data) if (reference) suppliers.set(reference, id);
  });

  it("are ordered for 77,921.00", async () => {
    for (const { id, supplier_id } of orders) {
      const wanted = lines.filter((line) => line.purchase_order_id === id);
      if (wanted.length === 0) continue; // an order without lines is none here
      const order = await buyer.call("purchasing.createPurchaseOrder", {
        supplierId: suppliers.get(supplier_id!)!, storeId: shop.storeId, reference: id!,
        lines: wanted.map((line) => ({ variantId: variants.get(line.product_id!)!, quantity: Number(line.quantity), unitCost: usd(line.unit_cost!) })),
      });
      await buyer.call("purchasing.sendPurchaseOrder", { id: order.id });
    }
    const { data } = await buyer.call("purchasing.listPurchaseOrders", { limit: 200 });
    expect(data.reduce((sum, { total }) => sum + total.amount, 0)).toBe(7_792_100);
    expect(data.flatMap((order) => order.lines)).toHaveLength(55);
    expect(data.flatMap((order) => order.lines).reduce((sum, { quantity }) => sum + quantity, 0)).toBe(4_261);
  });

  it("are received for 59,130.00: 3,550 units in stock, 18,791.00 outstanding", async () => {
    const { data } = await buyer.call("purchasing.listPurchaseOrders", { limit: 200 });
    const receipts = [];
    for (const order of data) {
      const came = lines.filter((line) => line.purchase_order_id === order.reference).flatMap((line, index) => (line.date_received ? [{ lineId: order.lines[index]!.id, quantity: Number(line.quantity) }] : []));
      if (came.length) receipts.push(await buyer.call("purchasing.receivePurchaseOrder", { purchaseOrderId: order.id, lines: came }));
    }
    expect(receipts.reduce((sum, { total }) => sum + total.amount, 0)).toBe(5_913_000);
    expect(receipts.flatMap((receipt) => receipt.lines)).toHaveLength(43);
    expect(await platform.sql("SELECT sum(on_hand)::int AS units, sum(value_minor)::int AS value FROM catalog.stock_level WHERE tenant_id = $1", [shop.tenantId])).toEqual([{ units: 3_550_000, value: 5_913_000 }]);
    const after = (await buyer.call("purchasing.listPurchaseOrders", { limit: 200 })).data;
    expect(after.flatMap((order) => order.lines).reduce((sum, { outstanding, unitCost }) => sum + outstanding * unitCost.amount, 0)).toBe(1_879_100);
  });

  it("leave books that verify, in purchasing and in catalog", async () => {
    for (const name of ["purchasing.verify", "catalog.verify"] as const) {
      const { checks } = await platform.service("report", shop.tenantId).call(name, {});
      expect(checks.flatMap(({ differences }) => differences)).toEqual([]);
    }
  });
});
