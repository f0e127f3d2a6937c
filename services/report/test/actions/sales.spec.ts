import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { newId } from "../../../../lib/ids.ts";
import { startTestPlatform, type TestPlatform } from "../../../../test/support/platform.ts";
import { document, event, line } from "../support.ts";

const alder = newId(), birch = newId();
const main = newId(), outlet = newId(), till = newId(), mug = newId(), bowl = newId(), kitchen = newId(), ada = newId();
const eur = (amount: number) => ({ amount, currency: "EUR" });
const january = { from: "2026-01-01", to: "2026-01-31" };
let platform: TestPlatform;

beforeAll(async () => {
  platform = await startTestPlatform({ services: ["report"] });
  const store = (storeId: string, name: string) => event(alder, "entity.storeChanged", { storeId, code: name, name, timezone: "Europe/Berlin", currency: "EUR" });
  await platform.deliver([
    store(main, "Main street"), store(outlet, "Outlet"),
    event(alder, "entity.registerChanged", { registerId: till, storeId: main, name: "Till 1" }),
    event(alder, "catalog.variantChanged", { variantId: mug, productId: mug, productName: "Mug", sku: "MUG-RED", name: "Mug, red", categoryId: kitchen, categoryName: "Kitchen", currency: "EUR" }),
  ]);
});
afterAll(() => platform.stop());

type Params = { name: string; from?: string; to?: string; storeId?: string; groupBy?: string; format?: "json" | "csv" | "pdf"; currency?: string; at?: string };
const read = (params: Params, tenant = alder) => platform.actor(tenant, ["report.reports.read"]).call("report.readReport", params) as Promise<any>;
const sold = document({
  storeId: main, registerId: till, customerId: ada, customerName: "Ada", country: "DE", at: "2026-01-30T09:30:00.000Z", businessDay: "2026-01-30",
  lines: [line({ variantId: mug, units: 3, priceMinor: 1200, discountMinor: 360, costMinor: 900, categoryId: kitchen }), line({ variantId: bowl, sku: "BOWL", name: "Bowl", priceMinor: 600, costMinor: 200 })],
});
const back = document({ storeId: main, kind: "return", orderId: sold.orderId, hour: 9, lines: [line({ variantId: mug, priceMinor: 1080, costMinor: 300, categoryId: kitchen })] });

describe("the sales report", () => {
  it("takes a return that arrives before its sale, and applies an event once however often it comes", async () => {
    const first = event(alder, "order.returned", back), second = event(alder, "order.completed", sold);
    for (const batch of [[first], [second], [first, second]]) await platform.deliver(batch);
    await platform.deliver([event(alder, "order.completed", sold)]); // the same document, told by another event
    const report = await read({ name: "sales", ...january });
    expect(report).toMatchObject({ report: "sales", ...january, currency: "EUR", groupBy: "day" });
    expect(report.rows).toEqual([
      { key: "2026-01-30", label: "2026-01-30", orders: 1, units: 4, gross: eur(4200), discounts: eur(360), tax: eur(640), net: eur(3200), returns: eur(0), total: eur(3840) },
      { key: "2026-01-31", label: "2026-01-31", orders: 0, units: -1, gross: eur(0), discounts: eur(0), tax: eur(-180), net: eur(-900), returns: eur(1080), total: eur(-1080) },
    ]);
    expect(report.totals).toEqual({ orders: 1, units: 3, gross: eur(4200), discounts: eur(360), tax: eur(460), net: eur(2300), returns: eur(1080), total: eur(2760) });
  });

  it.each([
    ["hour", [["09", "09:00"], ["10", "10:00"]]],
    ["week", [["2026-W05", "2026-W05"]]],
    ["month", [["2026-01", "2026-01"]]],
    ["store", [[main, "Main street"]]],
    ["register", [[till, "Till 1"], ["", "(none)"]]],
    ["employee", [["", "(none)"]]],
    ["product", [[mug, "Mug"], [bowl, "Bowl"]]],
    ["variant", [[mug, "Mug, red"], [bowl, "Bowl"]]],
    ["category", [[kitchen, "Kitchen"], ["", "(none)"]]],
    ["customer", [[ada, "Ada"], ["", "(none)"]]],
    ["country", [["DE", "DE"], ["", "(none)"]]],
    ["channel", [["pos", "pos"]]],
  ])("groups by %s, with the same totals", async (groupBy, names) => {
    const report = await read({ name: "sales", ...january, groupBy });
    expect(report.rows.map((row: { key: string; label: string }) => [row.key, row.label])).toEqual(names);
    expect(report.totals.total).toEqual(eur(2760));
    expect(report.rows.reduce((sum: number, row: { total: { amount: number } }) => sum + row.total.amount, 0)).toBe(2760);
  });

  it("names a category as it is called now, what was sold before the rename with what comes after it", async () => {
    const garden = newId(), hose = newId();
    const sale = (sku: string) => event(alder, "order.completed", document({ storeId: outlet, businessDay: "2026-03-01", lines: [line({ variantId: hose, sku, priceMinor: 500, categoryId: garden })] }));
    const labels = async (tenant = alder) => (await read({ name: "sales", from: "2026-03-01", to: "2026-03-01", groupBy: "category" }, tenant)).rows.map((row: { key: string; label: string; orders: number }) => [row.key, row.label, row.orders]);
    await platform.deliver([sale("HOSE")]);
    expect(await labels()).toEqual([[garden, "Kitchen", 1]]); // as sold, because nobody has told its name yet
    await platform.deliver([event(birch, "catalog.categoryChanged", { categoryId: garden, name: "Theirs", parentId: null }), event(alder, "catalog.categoryChanged", { categoryId: garden, name: "Garden", parentId: null })]);
    await platform.deliver([sale("HOSE")]);
    expect(await labels()).toEqual([[garden, "Garden", 2]]);
    await platform.deliver([event(alder, "catalog.categoryChanged", { categoryId: garden, name: "Yard", parentId: null }), event(alder, "catalog.categoryChanged", { categoryId: garden, name: "Outdoors", parentId: null })]);
    expect(await labels()).toEqual([[garden, "Outdoors", 2]]);
    expect(await platform.sql("SELECT DISTINCT category_name FROM report.fact_sale_line WHERE category_id = $1", [garden])).toEqual([{ category_name: "Kitchen" }]);
  });

  it("names the SKU of a variant", async () => {
    const report = await read({ name: "sales", ...january, groupBy: "variant" });
    expect(report.rows.map((row: { sku: string }) => row.sku)).toEqual(["MUG-RED", "BOWL"]);
  });

  it("counts an order in each of its groups, and once in the totals", async () => {
    const report = await read({ name: "sales", ...january, groupBy: "variant" });
    expect(report.rows.map((row: { orders: number }) => row.orders)).toEqual([1, 1]);
    expect(report.totals.orders).toBe(1);
  });

  it("holds nothing of a day outside the period, of another store or of another currency", async () => {
    const nothing = { orders: 0, total: eur(0) };
    expect((await read({ name: "sales", from: "2026-01-01", to: "2026-01-29", currency: "EUR" })).totals).toMatchObject(nothing);
    expect((await read({ name: "sales", ...january, storeId: outlet })).totals).toMatchObject(nothing);
    expect((await read({ name: "sales", ...january, currency: "USD" })).totals.total).toEqual({ amount: 0, currency: "USD" });
  });

  it("never adds two currencies: the one with the most documents is the default", async () => {
    const dollars = document({ storeId: outlet, currency: "USD", lines: [line({ variantId: mug, priceMinor: 500 })] });
    await platform.deliver([event(alder, "order.completed", dollars)]);
    expect((await read({ name: "sales", ...january })).totals.total).toEqual(eur(2760));
    expect((await read({ name: "sales", ...january, currency: "USD" })).totals.total).toEqual({ amount: 500, currency: "USD" });
  });

  it("says how far the events are applied, and never goes back", async () => {
    const asOf = async () => (await read({ name: "sales", ...january })).asOf;
    expect(await asOf()).toBe("2026-01-31T10:00:00.000Z");
    const late = document({ storeId: main, businessDay: "2025-06-01", lines: [line({ variantId: mug, priceMinor: 100 })] });
    await platform.deliver([event(alder, "order.completed", late, { time: "2026-01-31T11:00:00.000Z" }), event(alder, "order.completed", { ...late, documentId: newId() }, { time: "2026-01-31T09:00:00.000Z" })]);
    expect(await asOf()).toBe("2026-01-31T11:00:00.000Z");
  });

  it("shows another tenant nothing, and answers for its stores as for none", async () => {
    expect(await read({ name: "sales", ...january }, birch)).toMatchObject({ currency: "XXX", rows: [], totals: { orders: 0 } });
    await expect(read({ name: "sales", storeId: main }, birch)).rejects.toMatchObject({ type: "not_found" });
    await expect(read({ name: "sales", storeId: newId() })).rejects.toMatchObject({ type: "not_found" });
  });

  it.each([
    [{ name: "sales", from: "2026-02-01", to: "2026-01-01" }, "invalid_request", "/from"],
    [{ name: "sales", from: "2026-02-30" }, "invalid_request", "/from"],
    [{ name: "sales", groupBy: "weather" }, "invalid_request", "/groupBy"],
    [{ name: "payments", groupBy: "customer" }, "invalid_request", "/groupBy"],
    [{ name: "sales", at: "2026-01-01" }, "invalid_request", "/at"],
    [{ name: "inventory-valuation", at: "yesterday" }, "invalid_request", "/at"],
    [{ name: "horoscope" }, "not_found", undefined],
    [{ name: "constructor" }, "not_found", undefined],
  ])("refuses %j with %s", async (params, type, pointer) => {
    const error = await read(params as Params).catch((reason) => reason);
    expect(error).toMatchObject({ type });
    expect(error.data.errors?.[0].pointer).toBe(pointer);
  });

  it("is for those who may read reports", async () => {
    await expect(platform.actor(alder, ["catalog.products.read"]).call("report.readReport", { name: "sales" })).rejects.toMatchObject({ type: "forbidden" });
  });

  it("is by default of the last 30 days", async () => {
    const { from, to } = await read({ name: "sales" });
    expect(Date.parse(to) - Date.parse(from)).toBe(29 * 86_400_000);
    expect(Math.abs(Date.parse(to) - Date.now())).toBeLessThan(2 * 86_400_000);
  });

  it("knows the margin at the cost of the sale, the returns and the discounts", async () => {
    const profit = await read({ name: "profit", ...january });
    expect(profit.totals).toEqual({ units: 3, net: eur(2300), cost: eur(800), margin: eur(1500), marginPercent: 65.2174, markupPercent: 187.5 });
    expect((await read({ name: "returns", ...january })).rows).toEqual([{ key: "2026-01-31", label: "2026-01-31", returns: 1, units: 1, tax: eur(180), total: eur(1080) }]);
    expect((await read({ name: "discounts", ...january })).totals).toEqual({ orders: 1, gross: eur(4200), discounts: eur(360), discountPercent: 8.5714 });
  });
});

describe("the tax report", () => {
  it("is net of returns, as the tax of the sales is, and shows what came back", async () => {
    const report = await read({ name: "taxes", ...january });
    const figures = { base: eur(2300), tax: eur(460), returnedBase: eur(900), returnedTax: eur(180) };
    expect(report.rows).toEqual([{ key: "VAT 20 %", label: "VAT 20 %", ...figures }]);
    expect(report.totals).toEqual(figures);
  });
});

describe("replayed history", () => {
  it("counts a negative document as a return, and a negative line inside a sale as one", async () => {
    const lines = (sign: number) => [line({ variantId: bowl, sku: "BOWL", units: sign, priceMinor: 250, ratePpm: 0 }), line({ variantId: mug, units: 2, priceMinor: 100, ratePpm: 0 })];
    const imported = { imported: true, businessDay: "2010-12-01", country: "EIRE" };
    const documents = [
      document({ storeId: outlet, ...imported, lines: lines(1) }), document({ storeId: outlet, ...imported, lines: lines(-1) }),
      document({ storeId: outlet, ...imported, kind: "return", orderId: null, lines: [line({ variantId: mug, priceMinor: 40, ratePpm: 0 })] }),
    ];
    await platform.deliver([event(alder, "order.imported", { documents }), event(alder, "order.imported", { documents })]);
    const report = await read({ name: "sales", from: "2010-12-01", to: "2010-12-01", groupBy: "country" });
    expect(report.rows).toEqual([{ key: "EIRE", label: "EIRE", orders: 2, units: 3, gross: eur(650), discounts: eur(0), tax: eur(0), net: eur(360), returns: eur(290), total: eur(360) }]);
  });
});
