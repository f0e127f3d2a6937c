import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { parse } from "csv-parse/sync";
import { parseMoney } from "../../lib/money.ts";
import { openShop, type Client } from "../../scripts/client.ts";
import { importFile } from "../support/imports.ts";
import { startTestPlatform, type TestPlatform } from "../support/platform.ts";
import { ROOT } from "../support/source-files.ts";

/* Real files with their own column names, over REST alone. */

type Row = Record<string, string>;
const file = (...path: string[]): string => readFileSync(join(ROOT, ...path), "utf8");
const rowsOf = (text: string): Row[] => parse(text, { columns: true });
const usd = (text: string) => parseMoney(text, "USD");

let platform: TestPlatform;
beforeAll(async () => { platform = await startTestPlatform(); }, 60_000);
afterAll(() => platform.stop());

/** What the tables of catalog, order and purchasing hold, as one number per table that any change would change. */
function fingerprint(): Promise<unknown[]> {
  const tables = ["catalog.product", "catalog.variant", "catalog.category", "catalog.stock_level", "catalog.stock_movement", "catalog.stock_document", "purchasing.supplier", '"order".customer'];
  return platform.sql(tables.map((table) => `SELECT '${table}' AS name, sum(hashtextextended(t::text, 0)) AS sum FROM ${table} t`).join(" UNION ALL "));
}
const everything = async (client: Client, path: string): Promise<Record<string, any>[]> => {
  const all: Record<string, any>[] = [];
  for (let cursor = ""; ;) {
    const page = await client.get(`${path}${path.includes("?") ? "&" : "?"}limit=200${cursor}`);
    all.push(...page.data);
    if (!page.nextCursor) return all;
    cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`;
  }
};

describe("1,989 numbers of real groceries", () => {
  const BARCODES = file("services", "catalog", "test", "data", "products.csv");
  const numbers = rowsOf(BARCODES), wrong = numbers.flatMap(({ barcode, kind }, index) => (kind === "check_digit_wrong" ? [{ line: index + 2, barcode: barcode! }] : []));
  let client: Client, job: Record<string, any>;
  beforeAll(async () => {
    ({ client } = await openShop(platform.baseUrl, { name: "Grocer" }));
    job = await importFile(client, "type=products&mapping=barcodes", BARCODES);
  });

  it("are products but for the 50 with a wrong check digit, each refused by its line, its number and the digit that it should have", () => {
    expect(job).toMatchObject({ status: "completed", counts: { rows: 1_989, imported: 1_939, rejected: 50, skipped: 0 } });
    expect(job.rejected.map(({ line, code }: Row) => [line, code])).toEqual(wrong.map(({ line }) => [line, "barcode_check_digit"]));
    for (const [index, { barcode }] of wrong.entries()) expect(job.rejected[index].message).toMatch(new RegExp(`^The check digit of ${barcode} should be (?!${barcode.at(-1)})\\d$`));
  });

  it("are found by the till, leading zeros and all; the refused ones are not there", async () => {
    for (const kind of ["ean13", "ean8", "upca", "gtin14", "ean13_in_store_prefix_2"]) {
      const { barcode } = numbers.find((row) => row.kind === kind)!;
      expect([kind, (await client.get(`/v1/variants?barcode=${barcode}`)).data.map((variant: Row) => variant.sku)]).toEqual([kind, [barcode]]);
    }
    expect((await client.get(`/v1/variants?barcode=${wrong[0]!.barcode}`)).data).toEqual([]);
  });

  it("change nothing the second time, and are refused the second time too", async () => {
    const before = await fingerprint();
    expect(await importFile(client, "type=products&mapping=barcodes", BARCODES)).toMatchObject({ status: "completed", counts: { rows: 1_989, imported: 0, rejected: 50, skipped: 1_939 }, rejected: job.rejected });
    expect(await fingerprint()).toEqual(before);
  });
});

describe("the files of Northwind's purchasing", () => {
  const folder = ["services", "purchasing", "test", "data"];
  const [PRODUCTS, SUPPLIERS] = [file(...folder, "products.csv"), file(...folder, "suppliers.csv")];
  const orders = rowsOf(file(...folder, "purchase_orders.csv")), lines = rowsOf(file(...folder, "purchase_order_details.csv"));
  let client: Client, storeId: string;
  const variants = new Map<string, string>();
  beforeAll(async () => { ({ client, storeId } = await openShop(platform.baseUrl, { name: "Northwind", currency: "USD", country: "US", timezone: "America/New_York" })); });

  it("bring 45 products under a mapping of one's own: two codes stand for two products each, so the id is the SKU", async () => {
    const builtIn = (await client.get("/v1/import-mappings/northwindPurchasingProducts"));
    expect(builtIn).toMatchObject({ builtIn: true, type: "products", columns: { sku: "product_code", name: "product_name", cost: "standard_cost", price: "list_price" } });
    const own = await client.post("/v1/import-mappings", { name: "by id", type: "products", columns: { ...builtIn.columns, sku: "product_code" } });
    await client.patch(`/v1/import-mappings/${own.id}`, { columns: { sku: "id" } }, { "if-match": '"1"' });
    expect(await client.get(`/v1/import-mappings/${own.id}`)).toMatchObject({ version: 2, columns: { sku: "id", name: "product_name", price: "list_price" } });
    expect(await importFile(client, "type=products&mapping=by+id", PRODUCTS)).toMatchObject({ mapping: "by id", counts: { rows: 45, imported: 45, rejected: 0, skipped: 0 }, rejected: [] });
    for (const { variants: [variant] } of await everything(client, "/v1/products")) variants.set(variant.sku, variant.id);
    expect((await client.get("/v1/variants?sku=1")).data).toMatchObject([{ price: usd("18"), cost: usd("13.5"), reorderPoint: 10 }]);
  });

  it("bring ten suppliers", async () => {
    expect(await importFile(client, "type=suppliers&mapping=northwindPurchasingSuppliers", SUPPLIERS)).toMatchObject({ counts: { rows: 10, imported: 10, rejected: 0, skipped: 0 } });
    expect((await everything(client, "/v1/suppliers")).map(({ name }) => name).sort()).toEqual("ABCDEFGHIJ".split("").map((letter) => `Supplier ${letter}`));
  });

  it("make purchase orders for 77,921.00, and receipts of 3,550 units for 59,130.00 that lie in stock at their cost", async () => {
    const suppliers = new Map((await everything(client, "/v1/suppliers")).map(({ id, reference }) => [reference, id]));
    let ordered = 0, received = 0;
    for (const { id, supplier_id } of orders) {
      const wanted = lines.filter((line) => line.purchase_order_id === id);
      if (wanted.length === 0) continue; // an order without lines is none here
      const order = await client.post("/v1/purchase-orders", { supplierId: suppliers.get(supplier_id!), storeId, reference: id, lines: wanted.map((line) => ({ variantId: variants.get(line.product_id!), quantity: Number(line.quantity), unitCost: usd(line.unit_cost!) })) });
      ordered += order.total.amount;
      await client.post(`/v1/purchase-orders/${order.id}/send`, {});
      const came = wanted.flatMap((line, index) => (line.date_received ? [{ lineId: order.lines[index].id, quantity: Number(line.quantity) }] : []));
      if (came.length) received += (await client.post(`/v1/purchase-orders/${order.id}/receipts`, { lines: came })).total.amount;
    }
    expect([ordered, received]).toEqual([7_792_100, 5_913_000]);
    await platform.quiesce();
    expect((await everything(client, `/v1/inventory/levels?storeId=${storeId}`)).reduce((sum, { onHand }) => sum + onHand, 0)).toBe(3_550);
    expect((await client.get("/v1/reports/inventory-valuation")).totals.value).toEqual(usd("59130"));
    expect(await client.get("/v1/audit/verify")).toMatchObject({ ok: true });
  });

  it("change nothing the second time", async () => {
    const before = await fingerprint();
    expect(await importFile(client, "type=products&mapping=by+id", PRODUCTS)).toMatchObject({ counts: { imported: 0, rejected: 0, skipped: 45 } });
    expect(await importFile(client, "type=suppliers&mapping=northwindPurchasingSuppliers", SUPPLIERS)).toMatchObject({ counts: { imported: 0, rejected: 0, skipped: 10 } });
    expect(await fingerprint()).toEqual(before);
  });
});

describe("opening stock and customers", () => {
  it("are there once, however often their file comes; another file of the same day adds to them", async () => {
    const { client, storeId } = await openShop(platform.baseUrl, { name: "Alder" });
    await importFile(client, "type=products", "sku,name,price\nMUG,Mug,10.99\nCUP,Cup,5\n");
    const stock = "sku,quantity,unitCost\nMUG,12.5,4.005\nCUP,3,2\nSPOON,1,1\n";
    expect(await importFile(client, `type=inventory&storeId=${storeId}`, stock)).toMatchObject({ counts: { rows: 3, imported: 2, rejected: 1 }, rejected: [{ line: 4, code: "not_found", message: expect.stringContaining("SPOON") }] });
    const customers = file("test", "data", "northwind-classic", "customers.csv");
    expect(await importFile(client, "type=customers&mapping=northwindCustomers", customers)).toMatchObject({ counts: { rows: 91, imported: 91 } });
    const before = await fingerprint();
    expect(await importFile(client, `type=inventory&storeId=${storeId}`, stock)).toMatchObject({ counts: { rows: 3, imported: 0, skipped: 2, rejected: 1 } });
    expect(await importFile(client, "type=customers&mapping=northwindCustomers", customers)).toMatchObject({ counts: { rows: 91, imported: 0, skipped: 91 } });
    expect(await fingerprint()).toEqual(before);
    expect((await everything(client, `/v1/inventory/levels?storeId=${storeId}`)).map(({ onHand }) => onHand).sort()).toEqual([12.5, 3]);
    expect(await importFile(client, `type=inventory&storeId=${storeId}`, "sku,quantity\nCUP,1\n")).toMatchObject({ counts: { imported: 1 } });
    expect((await everything(client, `/v1/inventory/levels?storeId=${storeId}`)).map(({ onHand }) => onHand).sort()).toEqual([12.5, 4]);
  });
});
