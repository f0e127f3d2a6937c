import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { openShop, type Client } from "../../scripts/client.ts";
import { importFile } from "../support/imports.ts";
import { startTestPlatform, type TestPlatform } from "../support/platform.ts";
import { ROOT } from "../support/source-files.ts";

const FOLDER = join(ROOT, "test", "data", "uci-online-retail-week1");
const WEEK = gunzipSync(readFileSync(join(FOLDER, "invoices.csv.gz"))).toString();
interface Totals {
  overall: { net_revenue: string; gross_sales: string; cancellations_value: string; net_units: number };
  per_day: Record<string, { net_revenue: string; gross_sales: string; cancellations_value: string }>;
  per_country: Record<string, { net_revenue: string }>;
  per_hour_of_day: Record<string, { net_revenue: string }>;
  top10_products_by_net_revenue: { stock_code: string; net_revenue: string; net_units: number }[];
}
const TOTALS = JSON.parse(readFileSync(join(FOLDER, "totals.json"), "utf8")) as Totals;
const pence = (text: string) => Math.round(Number(text) * 100);

let platform: TestPlatform, client: Client, storeId: string;
beforeAll(async () => {
  platform = await startTestPlatform();
  ({ client, storeId } = await openShop(platform.baseUrl, { name: "UCI", country: "GB", currency: "GBP", timezone: "Europe/London" }));
}, 60_000);
afterAll(() => platform.stop());

const importHere = (type: string, text: string) => importFile(client, `type=${type}&storeId=${storeId}`, text);
const report = (groupBy: string) => client.get(`/v1/reports/sales?from=2010-12-01&to=2010-12-07&groupBy=${groupBy}`);

describe("a real week of a real shop", () => {
  let job: Record<string, any>;
  beforeAll(async () => {
    job = await importHere("sales", WEEK);
    await platform.quiesce();
  }, 120_000);

  it("is imported to the last line", () => {
    expect(job).toMatchObject({ type: "sales", status: "completed", counts: { rows: 16_985, imported: 16_985, rejected: 0, skipped: 0 }, rejected: [] });
  });

  it("adds up to the cent: revenue, gross, returns, units", async () => {
    const { totals } = await report("day");
    expect(totals).toMatchObject({ total: { amount: pence(TOTALS.overall.net_revenue), currency: "GBP" }, gross: { amount: pence(TOTALS.overall.gross_sales) }, returns: { amount: -pence(TOTALS.overall.cancellations_value) }, units: TOTALS.overall.net_units });
  });

  it("per day", async () => {
    const { rows } = await report("day");
    expect(rows.map((row: any) => [row.key, row.total.amount, row.gross.amount, row.returns.amount])).toEqual(
      Object.entries(TOTALS.per_day).map(([day, figures]) => [day, pence(figures.net_revenue), pence(figures.gross_sales), -pence(figures.cancellations_value)]));
  });

  it("per country", async () => {
    const { rows } = await report("country");
    expect(Object.fromEntries(rows.map((row: any) => [row.key, row.total.amount]))).toEqual(Object.fromEntries(Object.entries(TOTALS.per_country).map(([country, figures]) => [country, pence(figures.net_revenue)])));
  });

  it("per hour of the shop's own clock", async () => {
    const { rows } = await report("hour");
    expect(Object.fromEntries(rows.map((row: any) => [row.key, row.total.amount]))).toEqual(Object.fromEntries(Object.entries(TOTALS.per_hour_of_day).map(([hour, figures]) => [hour, pence(figures.net_revenue)])));
  });

  it("and the best products are the best products", async () => {
    const { rows } = await report("variant");
    const best = rows.toSorted((a: any, b: any) => b.total.amount - a.total.amount).slice(0, 10);
    const skus = await Promise.all(best.map(async (row: any) => (await client.get(`/v1/variants/${row.key}`)).sku as string));
    expect(skus.map((sku, n) => [sku, best[n].total.amount, best[n].units])).toEqual(TOTALS.top10_products_by_net_revenue.map((row) => [row.stock_code, pence(row.net_revenue), row.net_units]));
  });

  it("imported again changes nothing", async () => {
    const again = await importHere("sales", WEEK);
    expect(again).toMatchObject({ status: "completed", counts: { rows: 16_985, imported: 0, skipped: 16_985, rejected: 0 } });
    await platform.quiesce();
    expect((await report("day")).totals).toMatchObject({ total: { amount: pence(TOTALS.overall.net_revenue) } });
  }, 120_000);

  it("touches no stock, sends no message, and the audit agrees", async () => {
    expect((await client.get("/v1/inventory/movements")).data).toEqual([]);
    expect((await client.get("/v1/notifications")).data).toEqual([]);
    const audit = await client.get("/v1/audit/verify");
    expect(audit.checks.flatMap((check: any) => check.differences)).toEqual([]);
    expect(audit.ok).toBe(true);
  });
});

describe("a file with bad lines", () => {
  it("rejects those by line and reason, and imports the rest", async () => {
    const job = await importHere("products", [
      "sku,name,barcode,price", "GOOD-1,Good one,4006381333931,1.99", "BAD-1,Wrong digit,4006381333932,1.99", "BAD-2,No price,,abc", "GOOD-2,Good two,,2.50", "SHORT",
    ].join("\n"));
    expect(job).toMatchObject({ status: "completed", counts: { rows: 5, imported: 2, rejected: 3, skipped: 0 } });
    expect(job.rejected.map((row: any) => row.line)).toEqual([3, 4, 6]);
    expect(job.rejected[0]).toMatchObject({ code: "barcode_check_digit", message: expect.stringContaining("1") });
    expect((await client.get("/v1/variants?sku=GOOD-2")).data).toHaveLength(1);
    expect((await client.get("/v1/variants?sku=BAD-1")).data).toEqual([]);
  });
});
