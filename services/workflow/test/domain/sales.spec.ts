import { describe, expect, it } from "@jest/globals";
import { Zone } from "../../domain/local-time.ts";
import { DOCUMENT_LINES_MAX, DocumentGatherer, type SalesDocument } from "../../domain/sales.ts";

const SALE = { number: "536365", sku: "85123A", name: "Holder", quantity: "6", at: "2010-12-01 08:26:00", unitPrice: "2.55", customer: "17850", country: "United Kingdom" };
const gatherer = () => new DocumentGatherer(new Zone("Europe/London"), "iso");

/** All documents of a file, and each line's rejection. */
function gather(rows: readonly Partial<typeof SALE>[]): { documents: SalesDocument[]; rejected: [number, string][] } {
  const it = gatherer(), documents: SalesDocument[] = [], rejected: [number, string][] = [];
  for (const [index, row] of rows.entries()) {
    const { rejection, closed } = it.add(index + 2, { ...SALE, ...row });
    if (rejection) rejected.push([rejection.line, rejection.code]);
    if (closed) documents.push(closed);
  }
  const last = it.close();
  return { documents: last ? [...documents, last] : documents, rejected };
}

describe("lines of sales", () => {
  it("of one number are one document, with the time of its first line", () => {
    const { documents } = gather([{}, { sku: "71053", at: "2010-12-01 08:27:00" }, { number: "536366" }]);
    expect(documents.map(({ number, at, lines }) => [number, at, lines.map(({ line, sku }) => [line, sku])])).toEqual([["536365", "2010-12-01T08:26:00.000Z", [[2, "85123A"], [3, "71053"]]], ["536366", "2010-12-01T08:26:00.000Z", [[4, "85123A"]]]]);
  });

  it.each<[string, Partial<typeof SALE>, string]>([
    ["no quantity", { quantity: "0" }, "invalid_quantity"], ["a word for a quantity", { quantity: "two" }, "invalid_quantity"], ["four decimals of a quantity", { quantity: "1.0005" }, "invalid_quantity"],
    ["a negative price", { unitPrice: "-0.01" }, "negative_price"], ["five decimals of a price", { unitPrice: "1.00001" }, "invalid_price"], ["a price in words", { unitPrice: "free" }, "invalid_price"],
    ["a day that there is not", { at: "2010-02-30 08:26:00" }, "invalid_date"], ["a number of 101 characters", { number: "1".repeat(101) }, "invalid_number"], ["a SKU of 101 characters", { sku: "1".repeat(101) }, "invalid_sku"],
  ])("with %s are rejected alone", (_, fault, code) => {
    const { documents, rejected } = gather([{}, fault, { sku: "71053" }]);
    expect(rejected).toEqual([[3, code]]);
    expect(documents.map(({ lines }) => lines.length)).toEqual([2]);
  });

  it.each([["-6", "a return"], ["0.355", "thousandths"], [".5", "no digit before the point"], ["+2", "a plus"], ["6.0000", "zeros behind"]])("take the quantity %s (%s)", (quantity) => {
    expect(gather([{ quantity }]).rejected).toEqual([]);
  });

  it("take the price of nothing and of a ten-thousandth", () => {
    expect(gather([{ unitPrice: "0" }, { unitPrice: "0.0001" }, { unitPrice: ".85" }]).rejected).toEqual([]);
  });

  it("that stand apart from their document are rejected: half of it may be imported already", () => {
    expect(gather([{}, { number: "2" }, {}]).rejected).toEqual([[4, "document_split"]]);
  });

  it("are not gathered without end", () => {
    const { documents, rejected } = gather(Array.from({ length: DOCUMENT_LINES_MAX + 2 }, () => ({})));
    expect(documents.map(({ lines }) => lines.length)).toEqual([DOCUMENT_LINES_MAX]);
    expect(rejected).toEqual([[DOCUMENT_LINES_MAX + 2, "document_too_long"], [DOCUMENT_LINES_MAX + 3, "document_too_long"]]);
  });

  it("say where the open document begins", () => {
    const it = gatherer();
    expect(it.openSince).toBeUndefined();
    it.add(7, SALE);
    it.add(8, SALE);
    expect(it.openSince).toBe(7);
    it.close();
    expect(it.openSince).toBeUndefined();
  });
});
