import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { openShop, type Shop } from "../support/shop.ts";

let shop: Shop;
beforeAll(async () => { shop = await openShop(); });
afterAll(async () => { await shop.stop(); });
const owner = () => shop.actor(shop.alder);
const birch = () => shop.actor(shop.birch);
const missing = { type: "not_found", code: 404 };

describe("categories", () => {
  it("form a tree that cannot bite its tail", async () => {
    const kitchen = await owner().call("catalog.createCategory", { name: "Kitchen", reference: "k" });
    const mugs = await owner().call("catalog.createCategory", { name: "Mugs", parentId: kitchen.id });
    expect(mugs).toMatchObject({ name: "Mugs", parentId: kitchen.id, reference: null, metadata: {}, archivedAt: null, version: 1 });
    await expect(owner().call("catalog.updateCategory", { id: kitchen.id, parentId: mugs.id })).rejects.toMatchObject({ type: "category_cycle", code: 409 });
    await expect(owner().call("catalog.updateCategory", { id: kitchen.id, parentId: kitchen.id })).rejects.toMatchObject({ type: "category_cycle" });
    expect(await owner().call("catalog.updateCategory", { id: mugs.id, parentId: null, name: "Cups" }, { ifMatch: 1 })).toMatchObject({ name: "Cups", parentId: null, version: 2 });
    await expect(owner().call("catalog.updateCategory", { id: mugs.id, name: "Late" }, { ifMatch: 1 })).rejects.toMatchObject({ type: "stale" });
    await expect(owner().call("catalog.createCategory", { name: "Other", reference: "k" })).rejects.toMatchObject({ type: "already_exists", data: { pointer: "/reference" } });
  });

  it("tell what they are called, and what they are called now", async () => {
    const { id } = await owner().call("catalog.createCategory", { name: "Tools" });
    await owner().call("catalog.updateCategory", { id, name: "Hand tools" });
    await expect(owner().call("catalog.updateCategory", { id, name: "Late" }, { ifMatch: 1 })).rejects.toMatchObject({ type: "stale" });
    expect(await shop.sql("SELECT type, data FROM catalog.outbox WHERE subject = $1 ORDER BY seq", [id])).toEqual([
      { type: "catalog.categoryChanged", data: { categoryId: id, name: "Tools", parentId: null } }, { type: "catalog.categoryChanged", data: { categoryId: id, name: "Hand tools", parentId: null } },
    ]);
  });

  it("are archived, not removed, and take no new products", async () => {
    const garden = await owner().call("catalog.createCategory", { name: "Garden" });
    expect(await owner().call("catalog.archiveCategory", { id: garden.id })).toBeNull();
    expect((await owner().call("catalog.getCategory", { id: garden.id })).archivedAt).not.toBeNull();
    expect((await owner().call("catalog.listCategories", {})).data.map((category) => category.name)).not.toContain("Garden");
    await expect(owner().call("catalog.createProduct", { name: "Hose", categoryId: garden.id, variants: [{ sku: "HOSE", price: { amount: 1, currency: "EUR" } }] })).rejects.toMatchObject(missing);
  });

  it("of another tenant answer as missing ones", async () => {
    const ours = await owner().call("catalog.createCategory", { name: "Ours" });
    for (const attempt of [birch().call("catalog.getCategory", { id: ours.id }), birch().call("catalog.updateCategory", { id: ours.id, name: "Theirs" }), birch().call("catalog.archiveCategory", { id: ours.id }), birch().call("catalog.createCategory", { name: "X", parentId: ours.id })]) {
      await expect(attempt).rejects.toMatchObject(missing);
    }
    expect((await birch().call("catalog.listCategories", {})).data).toEqual([]);
    expect(await owner().call("catalog.getCategory", { id: ours.id })).toEqual(ours);
    await expect(shop.actor(shop.alder, ["catalog.categories.read"]).call("catalog.createCategory", { name: "No" })).rejects.toMatchObject({ type: "forbidden" });
  });
});

describe("tax rates", () => {
  it("are a percentage or components, and exactly one of both", async () => {
    expect(await owner().call("catalog.createTaxRate", { name: "VAT", percent: 20 })).toMatchObject({ name: "VAT", percent: 20, components: [] });
    const quebec = await owner().call("catalog.createTaxRate", { name: "Quebec", components: [{ name: "GST", percent: 5 }, { name: "QST", percent: 9.975, compound: true }] });
    expect(quebec).toMatchObject({ percent: null, components: [{ name: "GST", percent: 5, compound: false }, { name: "QST", percent: 9.975, compound: true }] });
    await expect(owner().call("catalog.createTaxRate", { name: "None" })).rejects.toMatchObject({ type: "invalid_request" });
    await expect(owner().call("catalog.createTaxRate", { name: "Both", percent: 1, components: [{ name: "A", percent: 1 }] })).rejects.toMatchObject({ type: "invalid_request" });
  });

  it("change, and prices carry the new rate from then on", async () => {
    const rate = await owner().call("catalog.createTaxRate", { name: "City", percent: 1 });
    const product = await owner().call("catalog.createProduct", { name: "Mug", taxRateId: rate.id, variants: [{ sku: "MUG-RED", price: { amount: 1, currency: "EUR" } }] });
    expect(await owner().call("catalog.updateTaxRate", { id: rate.id, percent: 2.5, name: "Town" })).toMatchObject({ name: "Town", percent: 2.5, version: 2 });
    expect(await owner().call("catalog.updateTaxRate", { id: rate.id, name: "Village" })).toMatchObject({ name: "Village", percent: 2.5 });
    const { variants } = await shop.service("order", shop.alder).call("catalog.priceLines", { storeId: shop.store, variantIds: [product.variants[0]!.id] });
    expect(variants[0]!.taxes).toEqual([{ name: "Village", ratePpm: 25_000, compound: false }]);
  });

  it("of another tenant answer as missing ones", async () => {
    const ours = await owner().call("catalog.createTaxRate", { name: "Ours", percent: 3 });
    for (const attempt of [birch().call("catalog.getTaxRate", { id: ours.id }), birch().call("catalog.updateTaxRate", { id: ours.id, percent: 0 }), birch().call("catalog.archiveTaxRate", { id: ours.id })]) await expect(attempt).rejects.toMatchObject(missing);
    await expect(birch().call("catalog.createProduct", { name: "Mug", taxRateId: ours.id, variants: [{ sku: "M", price: { amount: 1, currency: "EUR" } }] })).rejects.toMatchObject({ ...missing, data: { pointer: "/taxRateId" } });
    expect(await owner().call("catalog.getTaxRate", { id: ours.id })).toEqual(ours);
  });
});
