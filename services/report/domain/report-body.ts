import { thousandthsToQuantity } from "../../../lib/quantity.ts";
import type { Figure, ReportDefinition, Sums } from "./reports.ts";

/** A group as the database sums it; `sku` where the group is of one. */
export interface Group { readonly key: string; readonly label: string | null; readonly sku: string | null; readonly sums: Sums }
export type Value = number | null | { readonly amount: number; readonly currency: string };
export type Figures = Readonly<Record<string, Value>>;
export interface Row { readonly key: string; readonly label: string; readonly sku?: string }

const NAMELESS = "(none)";
const PPM_PER_PERCENT = 10_000;

/** The rows and totals of a report in the shape of the REST contract. */
export function reportBody(definition: ReportDefinition, currency: string, groups: readonly Group[], totals: Sums): { rows: (Row & Figures)[]; totals: Figures } {
  const figures = (sums: Sums): Figures => Object.fromEntries(definition.figures.map((figure) => [figure.field, valueOf(figure, sums, currency)]));
  const kept = definition.keep ? groups.filter((group) => definition.keep!(group.sums)) : groups;
  return { rows: kept.map((group) => ({ ...nameOf(group), ...figures(group.sums) }) as Row & Figures), totals: figures(totals) };
}

function nameOf({ key, label, sku }: Group): Row {
  return { key, label: label || key || NAMELESS, ...(sku ? { sku } : {}) };
}

function valueOf(figure: Figure, sums: Sums, currency: string): Value {
  const raw = figure.of(sums);
  if (raw === null) return null;
  if (figure.kind === "money") return { amount: raw, currency };
  if (figure.kind === "percent") return raw / PPM_PER_PERCENT;
  return figure.kind === "quantity" ? thousandthsToQuantity(raw) : raw;
}
