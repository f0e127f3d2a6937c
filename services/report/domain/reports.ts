/** Sums over a group of facts, as the database returns them: counts, thousandths and minor units. */
export type Sums = Readonly<Record<string, number>>;
/** How a figure is shown, and what `of` returns for it: a count, thousandths, minor units, ppm (null: nothing to divide by). */
export type FigureKind = "count" | "quantity" | "money" | "percent";
export interface Figure { readonly field: string; readonly title: string; readonly kind: FigureKind; of(sums: Sums): number | null }

export const TIME_GROUPINGS: readonly string[] = ["hour", "day", "week", "month"];
const LINE_GROUPINGS = ["day", "hour", "week", "month", "store", "register", "employee", "product", "variant", "category", "customer", "country", "channel"];
const PAYMENT_GROUPINGS = ["method", "day", "week", "month", "store", "register"];
const TAX_GROUPINGS = ["rate", "day", "week", "month", "store"];
const STOCK_GROUPINGS = ["variant", "product", "category", "store"];

/** One report: which facts it sums, how it may be grouped (the first is the default) and what stands in each row. */
export interface ReportDefinition {
  readonly title: string;
  readonly facts: "lines" | "payments" | "taxes" | "stock";
  readonly groupings: readonly string[];
  readonly figures: readonly Figure[];
  /** Groups that have nothing to say are left out; default: all are shown. */
  readonly keep?: (sums: Sums) => boolean;
}

type Of = Figure["of"];
const figure = (kind: FigureKind) => (field: string, title: string, of: Of = (sums) => sums[field] ?? 0): Figure => ({ field, title, kind, of });
const count = figure("count"), quantity = figure("quantity"), money = figure("money"), percent = figure("percent");

// Everything follows from the sums of a group and is never summed itself, so that rows and totals obey the same equations.
const at = (sums: Sums, field: string) => sums[field] ?? 0;
const total = (sums: Sums) => at(sums, "gross") - at(sums, "discounts") - at(sums, "returned");
const net = (sums: Sums) => total(sums) - at(sums, "tax");
const margin = (sums: Sums) => net(sums) - at(sums, "cost");

export const REPORTS: Readonly<Record<string, ReportDefinition>> = {
  sales: {
    title: "Sales", facts: "lines", groupings: LINE_GROUPINGS,
    figures: [
      count("orders", "Orders"), quantity("units", "Units"), money("gross", "Gross"), money("discounts", "Discounts"), money("tax", "Tax"), money("net", "Net", net),
      money("returns", "Returns", (sums) => at(sums, "returned")), money("total", "Total", total),
    ],
  },
  profit: {
    title: "Profit", facts: "lines", groupings: LINE_GROUPINGS,
    figures: [
      quantity("units", "Units"), money("net", "Net", net), money("cost", "Cost"), money("margin", "Margin", margin),
      percent("marginPercent", "Margin %", (sums) => ratioPpm(margin(sums), net(sums))), percent("markupPercent", "Markup %", (sums) => ratioPpm(margin(sums), at(sums, "cost"))),
    ],
  },
  returns: {
    title: "Returns", facts: "lines", groupings: LINE_GROUPINGS, keep: (sums) => at(sums, "returnedLines") > 0,
    figures: [
      count("returns", "Returns", (sums) => at(sums, "returnDocuments")), quantity("units", "Units", (sums) => at(sums, "returnedUnits")),
      money("tax", "Tax", (sums) => at(sums, "returnedTax")), money("total", "Total", (sums) => at(sums, "returned")),
    ],
  },
  discounts: {
    title: "Discounts", facts: "lines", groupings: LINE_GROUPINGS, keep: (sums) => at(sums, "discounts") !== 0,
    figures: [count("orders", "Orders"), money("gross", "Gross"), money("discounts", "Discounts"), percent("discountPercent", "Discount %", (sums) => ratioPpm(at(sums, "discounts"), at(sums, "gross")))],
  },
  payments: {
    title: "Payments", facts: "payments", groupings: PAYMENT_GROUPINGS,
    figures: [
      count("payments", "Payments"), count("refunds", "Refunds"), money("captured", "Captured"), money("refunded", "Refunded"),
      money("net", "Net", (sums) => at(sums, "captured") - at(sums, "refunded")),
    ],
  },
  taxes: {
    title: "Taxes", facts: "taxes", groupings: TAX_GROUPINGS,
    figures: [
      money("base", "Base", (sums) => at(sums, "soldBase") - at(sums, "returnedBase")), money("tax", "Tax", (sums) => at(sums, "soldTax") - at(sums, "returnedTax")),
      money("returnedBase", "Returned base"), money("returnedTax", "Returned tax"),
    ],
  },
  "inventory-valuation": {
    title: "Inventory valuation", facts: "stock", groupings: STOCK_GROUPINGS, keep: (sums) => at(sums, "quantity") !== 0 || at(sums, "value") !== 0,
    figures: [quantity("quantity", "Quantity"), money("value", "Value")],
  },
};

/** A share in ppm of one, rounded half away from zero; null when the whole is zero. */
export function ratioPpm(part: number, whole: number): number | null {
  if (whole === 0) return null;
  const doubled = BigInt(part) * 2_000_000n / BigInt(whole);
  return Number((doubled + (doubled < 0n ? -1n : 1n)) / 2n);
}
