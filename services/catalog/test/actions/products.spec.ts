import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { parse } from "csv-parse/sync";
import { eur, openShop, stocked, type Shop } from "../support/shop.ts";

describe("products", () => {
  let shop: Shop;
  beforeAll(async () => { shop = await openShop(); });
  afterAll(async () => { await shop.stop(); });
  const owner = () => shop.actor(shop.alder);
  const mug = (sku: string, extra: object = {}) => ({ name: "Mug", variants: [{ sku, price: eur(1099), ...extra }] });

  it("are created whole, with defaults, and read as they were created", async () => {
    const category = await owner().call("catalog.createCategory", { name: "Kitchen" });
    const rate = await owner().call("catalog.createTaxRate", { name: "VAT", percent: 8.875 });
    const product = await owner().call("catalog.createProduct", {
      name: "Mug", description: "Holds tea", categoryId: category.id, taxRateId: rate.id, options: [{ name: "Colour", values: ["red", "blue"] }], reference: "erp-1", metadata: { shelf: "4" },
      variants: [
        { sku: "MUG-RED", name: "red", price: eur(1099), cost: eur(420), barcode: "4006381333931", options: { Colour: "red" }, reorderPoint: 2.5 },
        { sku: "MUG-BLUE", price: eur(1199), unit: "kg", trackStock: false, allowNegative: true },
      ],
    });
    expect(product).toMatchObject({ name: "Mug", categoryId: category.id, taxRateId: rate.id, reference: "erp-1", metadata: { shelf: "4" }, archivedAt: null, version: 1 });
    expect(product.variants).toMatchObject([
      { sku: "MUG-RED", name: "red", price: eur(1099), cost: eur(420), barcode: "4006381333931", reorderPoint: 2.5, trackStock: true, allowNegative: false, unit: "piece", options: { Colour: "red" } },
      { sku: "MUG-BLUE", name: "Mug", price: eur(1199), cost: null, barcode: null, reorderPoint: null, trackStock: false, allowNegative: true, unit: "kg" },
    ]);
    expect(await owner().call("catalog.getProduct", { id: product.id })).toEqual(product);
    expect(await owner().call("catalog.getVariant", { id: product.variants[0]!.id })).toEqual(product.variants[0]);
    const { variants } = await shop.service("order", shop.alder).call("catalog.priceLines", { storeId: shop.store, variantIds: [product.variants[0]!.id] });
    expect(variants).toEqual([{
      variantId: product.variants[0]!.id, productId: product.id, categoryId: category.id, categoryName: "Kitchen", sku: "MUG-RED", name: "Mug - red", unitPriceMinor: 1099, currency: "EUR", trackStock: true,
      taxes: [{ name: "VAT", ratePpm: 88750, compound: false }],
    }]);
    const events = await shop.sql<{ data: { sku: string } }>("SELECT data FROM catalog.outbox WHERE type = 'catalog.variantChanged' AND data->>'productId' = $1", [product.id]);
    expect(events.map((row) => row.data.sku).sort()).toEqual(["MUG-BLUE", "MUG-RED"]);
  });

  it("refuse a wrong check digit and name the right one", async () => {
    await expect(owner().call("catalog.createProduct", mug("DIGIT", { barcode: "4006381333930" }))).rejects.toMatchObject({ type: "barcode_check_digit", code: 422, data: { expectedDigit: 1, pointer: "/variants/0/barcode" }, message: expect.stringContaining("should be 1") as never });
    expect((await owner().call("catalog.listVariants", { sku: "DIGIT" })).data).toEqual([]);
  });

  it("refuse a SKU or a barcode that another variant has, in whichever form", async () => {
    await owner().call("catalog.createProduct", mug("UPC", { barcode: "036000241457" }));
    await expect(owner().call("catalog.createProduct", mug("UPC"))).rejects.toMatchObject({ type: "sku_taken", code: 409, data: { pointer: "/variants/0/sku" } });
    await expect(owner().call("catalog.createProduct", mug("EAN", { barcode: "0036000241457" }))).rejects.toMatchObject({ type: "barcode_taken", data: { pointer: "/variants/0/barcode" } });
    await expect(owner().call("catalog.createProduct", { name: "Pair", variants: [{ sku: "P", price: eur(1) }, { sku: "P", price: eur(1) }] })).rejects.toMatchObject({ type: "sku_taken", data: { pointer: "/variants/1/sku" } });
    expect((await shop.actor(shop.birch).call("catalog.createProduct", mug("UPC", { barcode: "036000241457" }))).variants[0]!.sku).toBe("UPC");
  });

  it("give a SKU to one of 20 that ask for it at once", async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => owner().call("catalog.createProduct", mug("RACE"))));
    expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(1);
    expect(new Set(outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [(outcome.reason as { type: string }).type] : [])))).toEqual(new Set(["sku_taken"]));
    expect(await shop.sql("SELECT count(*)::int AS n FROM catalog.variant WHERE sku = 'RACE'")).toEqual([{ n: 1 }]);
  });

  it("refuse unknown and mixed currencies", async () => {
    await expect(owner().call("catalog.createProduct", mug("XXX", { price: { amount: 1, currency: "XXQ" } }))).rejects.toMatchObject({ type: "currency_mismatch", code: 422, data: { pointer: "/variants/0/price" } });
    await expect(owner().call("catalog.createProduct", mug("XXX", { cost: { amount: 1, currency: "USD" } }))).rejects.toMatchObject({ type: "currency_mismatch", data: { pointer: "/variants/0/cost" } });
  });

  it("are looked up by SKU, and by UPC-A, EAN-13 and GTIN-14 as one", async () => {
    await owner().call("catalog.createProduct", mug("GUM", { barcode: "012345678905" }));
    for (const barcode of ["012345678905", "0012345678905", "00012345678905"]) {
      expect((await owner().call("catalog.listVariants", { barcode })).data.map((variant) => variant.sku)).toEqual(["GUM"]);
    }
    expect((await owner().call("catalog.listVariants", { sku: "GUM" })).data).toHaveLength(1);
    expect((await shop.actor(shop.birch).call("catalog.listVariants", { sku: "GUM" })).data).toEqual([]);
  });

  it("change by a partial body, guarded by the version", async () => {
    const product = await owner().call("catalog.createProduct", { ...mug("PATCH", { barcode: "96385074" }), metadata: { a: "1", b: "2" } });
    const variantId = product.variants[0]!.id;
    const changed = await owner().call("catalog.updateProduct", { id: product.id, name: "Cup", metadata: { a: null, c: "3" }, variants: [{ id: variantId, price: eur(900), barcode: null, reorderPoint: 4 }] }, { ifMatch: 1 });
    expect(changed).toMatchObject({ name: "Cup", metadata: { b: "2", c: "3" }, version: 2, variants: [{ price: eur(900), barcode: null, reorderPoint: 4, sku: "PATCH", productName: "Cup" }] });
    await expect(owner().call("catalog.updateProduct", { id: product.id, name: "Late" }, { ifMatch: 1 })).rejects.toMatchObject({ type: "stale", code: 412 });
    expect(await owner().call("catalog.updateVariant", { id: variantId, sku: "PATCHED", cost: eur(5) })).toMatchObject({ sku: "PATCHED", cost: eur(5), version: 3 });
    expect((await owner().call("catalog.listProducts", { search: "patched" })).data.map((found) => found.id)).toEqual([product.id]);
    expect((await owner().call("catalog.getProduct", { id: product.id })).variants[0]!.sku).toBe("PATCHED");
    await expect(owner().call("catalog.updateVariant", { id: variantId, price: { amount: 1, currency: "USD" } })).rejects.toMatchObject({ type: "currency_mismatch" });
  });

  it("are archived: out of the lists and not for sale, their SKU free, still read by id", async () => {
    const product = await owner().call("catalog.createProduct", mug("OLD"));
    expect(await owner().call("catalog.archiveProduct", { id: product.id })).toBeNull();
    expect((await owner().call("catalog.getProduct", { id: product.id })).archivedAt).not.toBeNull();
    expect((await owner().call("catalog.listProducts", { search: "OLD" })).data).toEqual([]);
    await expect(shop.service("order", shop.alder).call("catalog.priceLines", { storeId: shop.store, variantIds: [product.variants[0]!.id] })).rejects.toMatchObject({ type: "not_found" });
    expect((await owner().call("catalog.createProduct", mug("OLD"))).variants[0]!.sku).toBe("OLD");
  });

  it("of another tenant answer as missing ones, and nothing changes", async () => {
    const product = await owner().call("catalog.createProduct", mug("MINE"));
    const birch = shop.actor(shop.birch), missing = { type: "not_found", code: 404 };
    await expect(birch.call("catalog.getProduct", { id: product.id })).rejects.toMatchObject(missing);
    await expect(birch.call("catalog.updateProduct", { id: product.id, name: "Theirs" })).rejects.toMatchObject(missing);
    await expect(birch.call("catalog.archiveProduct", { id: product.id })).rejects.toMatchObject(missing);
    await expect(birch.call("catalog.updateVariant", { id: product.variants[0]!.id, sku: "X" })).rejects.toMatchObject(missing);
    const category = await owner().call("catalog.createCategory", { name: "Ours" });
    await expect(birch.call("catalog.createProduct", { ...mug("THEIRS"), categoryId: category.id })).rejects.toMatchObject({ ...missing, data: { pointer: "/categoryId" } });
    expect(await owner().call("catalog.getProduct", { id: product.id })).toEqual(product);
    await expect(shop.actor(shop.alder, ["catalog.products.read"]).call("catalog.archiveProduct", { id: product.id })).rejects.toMatchObject({ type: "forbidden" });
  });
});

describe("the product list", () => {
  let shop: Shop;
  beforeAll(async () => { shop = await openShop(); });
  afterAll(async () => { await shop.stop(); });
  const owner = () => shop.actor(shop.alder);
  const names = async (params: object) => (await owner().call("catalog.listProducts", params)).data.map((product) => product.name);

  it("pages newest first, each product once", async () => {
    for (let n = 0; n < 7; n++) await stocked(shop, `PAGE-${n}`, 0);
    const first = await owner().call("catalog.listProducts", { limit: 4 });
    const second = await owner().call("catalog.listProducts", { limit: 4, cursor: first.nextCursor! });
    expect([...first.data, ...second.data].map((product) => product.name)).toEqual(["PAGE-6", "PAGE-5", "PAGE-4", "PAGE-3", "PAGE-2", "PAGE-1", "PAGE-0"]);
    expect(second.nextCursor).toBeNull();
    await expect(shop.actor(shop.birch).call("catalog.listProducts", { limit: 4, cursor: first.nextCursor! })).rejects.toMatchObject({ type: "invalid_cursor" });
    expect(await names({ limit: 2, sort: "name" })).toEqual(["PAGE-0", "PAGE-1"]);
    await expect(owner().call("catalog.listProducts", { sort: "price" })).rejects.toMatchObject({ type: "invalid_request" });
  });

  it("follows changes, archived products too", async () => {
    const since = new Date().toISOString();
    const id = (await owner().call("catalog.listProducts", { search: "PAGE-3" })).data[0]!.id;
    await owner().call("catalog.updateProduct", { id, description: "changed" });
    expect(await names({ updatedSince: since })).toEqual(["PAGE-3"]);
    await owner().call("catalog.archiveProduct", { id });
    expect(await names({ updatedSince: since })).toEqual(["PAGE-3"]);
    expect(await names({ limit: 10 })).not.toContain("PAGE-3");
  });

  it("finds by the beginnings of words, by SKU and by any form of the barcode; the best first", async () => {
    const create = (name: string, sku: string, barcode?: string) => owner().call("catalog.createProduct", { name, variants: [{ sku, price: eur(1), ...barcode && { barcode } }] });
    await create("Crème brûlée dish", "DISH-1", "036000241457");
    await create("Dishwasher salt", "SALT-9");
    await create("Red dish towel", "TOWEL");
    expect(await names({ search: "creme" })).toEqual(["Crème brûlée dish"]);
    expect(await names({ search: "dish" })).toEqual(["Crème brûlée dish", "Red dish towel", "Dishwasher salt"]);
    expect(await names({ search: "towel red" })).toEqual(["Red dish towel"]);
    expect(await names({ search: "dish-1" })).toEqual(["Crème brûlée dish"]);
    expect(await names({ search: "00036000241457" })).toEqual(["Crème brûlée dish"]);
    expect(await names({ search: "nothing like it" })).toEqual([]);
    expect(await names({ search: "'; DROP TABLE product --" })).toEqual([]);
    expect((await shop.actor(shop.birch).call("catalog.listProducts", { search: "dish" })).data).toEqual([]);
    const first = await owner().call("catalog.listProducts", { search: "dish", limit: 2 });
    expect((await owner().call("catalog.listProducts", { search: "dish", limit: 2, cursor: first.nextCursor! })).data.map((product) => product.name)).toEqual(["Dishwasher salt"]);
  });

  it("is searched by an index under row-level security", async () => {
    await shop.sql("INSERT INTO catalog.product_word (tenant_id, word, product_id, weight) SELECT p.tenant_id, 'filler' || n, p.id, 1 FROM (SELECT * FROM catalog.product LIMIT 1) p, generate_series(1, 20000) n");
    await shop.sql("ANALYZE catalog.product_word");
    await shop.sql("BEGIN");
    await shop.sql("SET LOCAL ROLE beaver_catalog");
    await shop.sql("SELECT set_config('app.tenant_id', $1, true)", [shop.alder]);
    const plan = await shop.sql<{ "QUERY PLAN": string }>(`EXPLAIN SELECT product_id FROM catalog.product_word WHERE word >= 'mug' COLLATE "C" AND word < 'muh' COLLATE "C"`);
    await shop.sql("ROLLBACK");
    expect(plan.map((row) => row["QUERY PLAN"]).join("\n")).toMatch(/Index Cond: .*word >= 'mug'/);
  });
});

describe("real article numbers (Open Food Facts sample)", () => {
  let shop: Shop;
  beforeAll(async () => { shop = await openShop(); });
  afterAll(async () => { await shop.stop(); });
  const file = parse(readFileSync(join(import.meta.dirname, "..", "data", "products.csv")), { columns: true }) as { barcode: string; product_name: string; kind: string }[];

  it("imports 1,939, rejects 50 by their line with the digit that was expected, and changes nothing the second time", async () => {
    const rows = file.map((row, index) => ({ line: index + 2, sku: row.barcode, name: row.product_name, barcode: row.barcode, currency: "EUR" }));
    const service = shop.service("order", shop.alder);
    const first = await service.call("catalog.importProducts", { rows });
    expect({ imported: first.imported, skipped: first.skipped, rejected: first.rejected.length }).toEqual({ imported: 1939, skipped: 0, rejected: 50 });
    expect(first.rejected.map((fate) => fate.line)).toEqual(file.flatMap((row, index) => (row.kind === "check_digit_wrong" ? [index + 2] : [])));
    expect(new Set(first.rejected.map((fate) => fate.code))).toEqual(new Set(["barcode_check_digit"]));
    expect(first.rejected[0]!.message).toMatch(/^The check digit of 0000000004530 should be \d$/);
    const second = await service.call("catalog.importProducts", { rows });
    expect({ imported: second.imported, skipped: second.skipped, rejected: second.rejected.length }).toEqual({ imported: 0, skipped: 1939, rejected: 50 });
    expect(await shop.sql("SELECT count(*)::int AS n FROM catalog.product WHERE tenant_id = $1", [shop.alder])).toEqual([{ n: 1939 }]);
    const twoForms = await shop.actor(shop.alder).call("catalog.listVariants", { barcode: "0024463061163" });
    expect(twoForms.data.map((variant) => variant.barcode).sort()).toEqual(["00024463061163", "024463061163"]);
  });
});
