import { inflateSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { parse } from "csv-parse/sync";
import { newId } from "../../../../lib/ids.ts";
import { startTestPlatform, type TestPlatform } from "../../../../test/support/platform.ts";
import { document, event, line } from "../support.ts";

const alder = newId(), store = newId();
const january = { from: "2026-01-01", to: "2026-01-31" };
let platform: TestPlatform;
beforeAll(async () => {
  platform = await startTestPlatform({ services: ["report"] });
  const evil = document({ storeId: store, lines: [line({ variantId: newId(), name: "=HYPERLINK(\"http://x\")", sku: "-1+2", priceMinor: 123456 })] });
  const many = document({ storeId: store, lines: Array.from({ length: 120 }, (_, index) => line({ variantId: newId(), name: `Mug ${index}`, sku: `MUG-${index}`, priceMinor: 100 + index })) });
  await platform.deliver([
    event(alder, "entity.storeChanged", { storeId: store, code: "M", name: "Main", timezone: "UTC", currency: "EUR" }), event(alder, "order.completed", evil), event(alder, "order.completed", many),
    event(alder, "order.returned", document({ storeId: store, kind: "return", lines: [line({ variantId: newId(), sku: "BACK", name: "Came back", priceMinor: 5000 })] })),
  ]);
});
afterAll(() => platform.stop());
const read = (format: "json" | "csv" | "pdf") => platform.actor(alder).call("report.readReport", { name: "sales", ...january, groupBy: "variant", format }) as Promise<any>;
const cents = (text: string) => Math.round(Number(text) * 100);

describe("a report as CSV", () => {
  it("equals the JSON, row by row and in its totals", async () => {
    const json = await read("json"), csv = await read("csv");
    expect(csv).toMatchObject({ contentType: "text/csv; charset=utf-8", filename: "sales-2026-01-01-2026-01-31.csv", encoding: "utf8" });
    const rows = parse(csv.body, { columns: true }) as Record<string, string>[];
    expect(rows.map((row) => [row.key, cents(row.total!), cents(row.tax!), Number(row.units)])).toEqual([
      ...json.rows.map((row: any) => [row.key, row.total.amount, row.tax.amount, row.units]), ["total", json.totals.total.amount, json.totals.tax.amount, json.totals.units],
    ]);
    expect(new Set(rows.map((row) => row.currency))).toEqual(new Set(["EUR"]));
  });

  it("disarms texts that a spreadsheet would run, and leaves negative numbers alone", async () => {
    const rows = parse((await read("csv")).body, { columns: true }) as Record<string, string>[];
    expect(rows[0]).toMatchObject({ label: "'=HYPERLINK(\"http://x\")", sku: "'-1+2", total: "1234.56" });
    expect(rows.find((row) => row.sku === "BACK")).toMatchObject({ units: "-1", total: "-50.00" });
  });
});

describe("a report as PDF", () => {
  it("shows title, period, totals and numbered pages", async () => {
    const json = await read("json"), pdf = await read("pdf");
    expect(pdf).toMatchObject({ contentType: "application/pdf", filename: "sales-2026-01-01-2026-01-31.pdf", encoding: "base64" });
    const text = textOf(Buffer.from(pdf.body, "base64"));
    expect(text).toContain("Sales by variant");
    expect(text).toContain("2026-01-01 to 2026-01-31");
    expect(text).toContain((json.totals.total.amount / 100).toFixed(2));
    expect(text).toContain("Mug 119");
    expect(text).toMatch(/Page 1 of (\d+)/);
    expect(text).toContain(`Page ${text.match(/Page 1 of (\d+)/)![1]} of`);
  });
});

/** The shown text of a PDF with standard fonts: the hex strings of each TJ, joined. */
function textOf(pdf: Buffer): string {
  const streams: string[] = [];
  for (let start = pdf.indexOf("stream\n"); start >= 0; start = pdf.indexOf("stream\n", start + 1)) {
    try {
      streams.push(inflateSync(pdf.subarray(start + 7, pdf.indexOf("endstream", start))).toString("latin1"));
    } catch { /* the word was part of "endstream" */ }
  }
  return [...streams.join("\n").matchAll(/\[(.*?)\] TJ/g)].map((match) => [...match[1]!.matchAll(/<([0-9a-f]*)>/g)].map((hex) => Buffer.from(hex[1]!, "hex").toString("latin1")).join("")).join("\n");
}
