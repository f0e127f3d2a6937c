import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { newId } from "../../../../lib/ids.ts";
import { startTestPlatform, type TestPlatform } from "../../../../test/support/platform.ts";
import { event } from "../support.ts";

const alder = newId(), birch = newId();
const store = newId(), mug = newId(), bowl = newId();
const eur = (amount: number) => ({ amount, currency: "EUR" });
const january = { from: "2026-01-01", to: "2026-01-31" };
let platform: TestPlatform;
beforeAll(async () => {
  platform = await startTestPlatform({ services: ["report"] });
  await platform.deliver([event(alder, "entity.storeChanged", { storeId: store, code: "M", name: "Main", timezone: "America/New_York", currency: "EUR" })]);
});
afterAll(() => platform.stop());
const read = (params: { name: string; from?: string; to?: string; groupBy?: string; at?: string }, tenant = alder) => platform.actor(tenant).call("report.readReport", params) as Promise<any>;

const money = { orderId: newId(), storeId: store, registerId: null, provider: "none", currency: "EUR", businessDay: "2026-01-31", at: "2026-01-31T09:30:00.000Z" };
const captured = (method: "cash" | "card", amountMinor: number) => event(alder, "payment.captured", { ...money, paymentId: newId(), method, amountMinor });
const moved = (variantId: string, quantityThousandths: number, valueMinor: number, at: string) =>
  event(alder, "catalog.stockMoved", { storeId: store, currency: "EUR", documentType: "adjustment", documentId: newId(), movements: [{ movementId: newId(), variantId, quantityThousandths, valueMinor, kind: "opening", at }] });

describe("the payments report", () => {
  it("shows what came in and what went back by method", async () => {
    const refund = event(alder, "payment.refunded", { ...money, refundId: newId(), paymentId: newId(), method: "cash", amountMinor: 300 });
    const events = [captured("cash", 1000), captured("card", 2500), captured("card", 500), refund];
    await platform.deliver(events);
    await platform.deliver(events);
    const report = await read({ name: "payments", ...january });
    expect(report.rows).toEqual([
      { key: "card", label: "card", payments: 2, refunds: 0, captured: eur(3000), refunded: eur(0), net: eur(3000) },
      { key: "cash", label: "cash", payments: 1, refunds: 1, captured: eur(1000), refunded: eur(300), net: eur(700) },
    ]);
    expect(report.totals).toEqual({ payments: 3, refunds: 1, captured: eur(4000), refunded: eur(300), net: eur(3700) });
    expect((await read({ name: "payments", ...january }, birch)).rows).toEqual([]);
  });

  it("tells the parts of one refund apart when it goes over several tenders", async () => {
    const refundId = newId();
    const part = (method: "cash" | "card") => event(alder, "payment.refunded", { ...money, refundId, paymentId: newId(), method, amountMinor: 50, businessDay: "2026-02-01" });
    await platform.deliver([part("cash"), part("card")]);
    expect((await read({ name: "payments", from: "2026-02-01", to: "2026-02-01", groupBy: "day" })).totals.refunded).toEqual(eur(100));
  });
});

describe("the inventory valuation", () => {
  it("values what is there now, and what was there at any past instant or end of day", async () => {
    const opening = moved(mug, 10_000, 5_000, "2026-01-10T10:00:00.000Z");
    // 03:00 UTC on the 21st is still the evening of the 20th in New York.
    const batch = [opening, moved(bowl, 1_500, 300, "2026-01-10T10:00:00.000Z"), moved(mug, -4_000, -2_000, "2026-01-21T03:00:00.000Z"), moved(bowl, -1_500, -300, "2026-01-25T10:00:00.000Z")];
    await platform.deliver(batch);
    await platform.deliver([opening]);
    const now = await read({ name: "inventory-valuation" });
    expect(now.rows).toEqual([{ key: mug, label: mug, quantity: 6, value: eur(3000) }]);
    expect(now.totals).toEqual({ quantity: 6, value: eur(3000) });
    expect((await read({ name: "inventory-valuation", at: "2026-01-10T12:00:00+01:00" })).totals).toEqual({ quantity: 11.5, value: eur(5300) });
    expect((await read({ name: "inventory-valuation", at: "2026-01-20" })).totals).toEqual({ quantity: 7.5, value: eur(3300) });
    expect((await read({ name: "inventory-valuation", at: "2026-01-19" })).totals).toEqual({ quantity: 11.5, value: eur(5300) });
    expect((await read({ name: "inventory-valuation", at: "2026-01-09" })).totals).toEqual({ quantity: 0, value: eur(0) });
  });

  it("names a variant once its event has come, also after its movements", async () => {
    await platform.deliver([event(alder, "catalog.variantChanged", { variantId: mug, productId: mug, productName: "Mug", sku: "MUG-RED", name: "Mug, red", categoryId: null, categoryName: null, currency: "EUR" })]);
    expect((await read({ name: "inventory-valuation" })).rows).toEqual([{ key: mug, label: "Mug, red", sku: "MUG-RED", quantity: 6, value: eur(3000) }]);
  });

  it("keeps each tenant's stock to itself", async () => {
    expect((await read({ name: "inventory-valuation" }, birch)).rows).toEqual([]);
  });
});

describe("the partitions of the facts", () => {
  it("cannot be reached but through their parent", async () => {
    const database = platform.platform.database("report").sequelize;
    await expect(database.query("SELECT * FROM fact_sale_line_2026_01")).rejects.toThrow(/permission denied/);
    await expect(database.query("SELECT * FROM fact_sale_line_other")).rejects.toThrow(/permission denied/);
    await expect(database.query("UPDATE fact_sale_line SET total_minor = 0")).rejects.toThrow(/permission denied/);
  });
});
