/** Small words for the tables of these specs. */
import type { LineInput, OrderInput, TaxComponent } from "../../domain/priced-order.ts";

export const tax = (percent: number, { name = "VAT", compound = false } = {}): TaxComponent => ({
  name,
  ratePpm: Math.round(percent * 10_000),
  compound,
});

type Rest = Partial<Omit<LineInput, "taxes">> & { taxes?: readonly TaxComponent[] };

/** A line of MUG-RED, one piece unless said otherwise. */
export const line = (unitPriceMinor: number, { taxes = [], ...rest }: Rest = {}): LineInput => ({
  variantId: "MUG-RED",
  quantityThousandths: 1000,
  ...(rest.unitPriceDecimal === undefined ? { unitPriceMinor } : undefined),
  taxes,
  ...rest,
});

type OrderRest = Partial<Omit<OrderInput, "rounding">> & Partial<OrderInput["rounding"]>;

/** Prices without tax, EUR, half up per line, no cash rounding, unless said otherwise. */
export const order = (lines: readonly LineInput[], { mode = "halfUp", level = "line", ...rest }: OrderRest = {}): OrderInput => ({
  currency: "EUR",
  pricesIncludeTax: false,
  rounding: { mode, level },
  cashRounding: null,
  lines,
  ...rest,
});
