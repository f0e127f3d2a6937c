import { isCurrency, toDecimalString } from "../../../lib/money.ts";
import type { Figures, Row, Value } from "./report-body.ts";
import type { ReportDefinition } from "./reports.ts";

/** A report as text, the one source of its CSV and its PDF: what both show equals the JSON. */
export interface Table {
  readonly title: string;
  readonly period: string;
  readonly currency: string;
  readonly asOf: string;
  readonly headers: readonly string[];
  /** `key`, `label`, the SKU where rows have one: text; the columns after them hold numbers. */
  readonly textColumns: number;
  readonly rows: readonly (readonly string[])[];
  readonly totals: readonly string[];
}

export interface Body { report: string; currency: string; asOf: string; from?: string; to?: string; at?: string; groupBy: string; rows: readonly (Row & Figures)[]; totals: Figures }

export function tableOf(definition: ReportDefinition, body: Body): Table {
  const hasSku = body.rows.some((row) => row.sku !== undefined);
  const fields = definition.figures.map((figure) => figure.field);
  const cells = (figures: Figures) => fields.map((field) => shown(figures[field] ?? null));
  return {
    title: `${definition.title} by ${body.groupBy}`, period: body.at ?? `${body.from} to ${body.to}`, currency: body.currency, asOf: body.asOf,
    headers: ["key", "label", ...(hasSku ? ["sku"] : []), ...fields], textColumns: hasSku ? 3 : 2,
    rows: body.rows.map((row) => [row.key, row.label, ...(hasSku ? [row.sku ?? ""] : []), ...cells(row)]),
    totals: ["total", "Total", ...(hasSku ? [""] : []), ...cells(body.totals)],
  };
}

/** Money in major units with the currency's decimals; the currency itself stands in a column or heading of its own. */
function shown(value: Value): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  return isCurrency(value.currency) ? toDecimalString(value) : String(value.amount);
}

/** A text that a spreadsheet would run as a formula gets a ' in front. Numbers are ours and stay numbers. */
export const guarded = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
