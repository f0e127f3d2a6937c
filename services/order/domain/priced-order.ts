/** What goes into pricing an order and what comes out: the shapes, nothing else.
 *  Minor units of `currency` everywhere, quantities in thousandths, percentages in ppm (20 % = 200000). */
import type { RoundingMode } from "../../../lib/rounding.ts";

/** `line` rounds tax per line, `unit` per piece, `order` per rate over the whole order (R3). */
export type TaxLevel = "line" | "unit" | "order";

/** `cashRounding`: the step that cash is rounded to, null where there is none. */
export interface PricingRules {
  readonly currency: string;
  readonly pricesIncludeTax: boolean;
  readonly rounding: { readonly mode: RoundingMode; readonly level: TaxLevel };
  readonly cashRounding: number | null;
}

/** `compound`: on the price and every tax before it in the list; otherwise on the price alone. */
export interface TaxComponent {
  readonly name: string;
  readonly ratePpm: number;
  readonly compound: boolean;
}

/** Either a percentage or an amount, for the whole line (or the whole order). */
export interface Discount {
  readonly percentPpm?: number;
  readonly amountMinor?: number;
  readonly reason?: string;
  /** how `explain` names it, e.g. the promotion; `lineDiscount` or `orderDiscount` unless given */
  readonly rule?: string;
  /** later discounts of the same list are not applied after this one (D11) */
  readonly stopAfter?: boolean;
}

export interface LineInput {
  readonly id?: string;
  readonly variantId: string;
  /** not zero; negative for goods taken back (replayed history), whose amounts are the mirror image */
  readonly quantityThousandths: number;
  /** not negative; exactly one of the two prices is given */
  readonly unitPriceMinor?: number;
  /** major units with any number of decimals ("0.0425"), for imports; the line total is rounded once */
  readonly unitPriceDecimal?: string;
  /** one, or several in order: each works on what those before it left */
  readonly discount?: Discount | readonly Discount[];
  readonly taxes: readonly TaxComponent[];
}

export interface OrderInput extends PricingRules {
  readonly lines: readonly LineInput[];
  readonly discount?: Discount | readonly Discount[];
}

export interface PricedTax {
  readonly name: string;
  readonly ratePpm: number;
  readonly amountMinor: number;
}

/** discountMinor = lineDiscountMinor + orderDiscountMinor; taxMinor = Σ taxes; totalMinor = netMinor + taxMinor. */
export interface PricedLine {
  readonly id?: string;
  readonly variantId: string;
  readonly quantityThousandths: number;
  /** a decimal unit price is shown rounded; the line was computed from the exact one */
  readonly unitPriceMinor: number;
  /** unit price × quantity, before discounts, with tax where prices include it */
  readonly grossMinor: number;
  readonly lineDiscountMinor: number;
  /** this line's share of the order's discounts */
  readonly orderDiscountMinor: number;
  readonly discountMinor: number;
  readonly taxMinor: number;
  readonly taxes: readonly PricedTax[];
  readonly netMinor: number;
  readonly totalMinor: number;
}

/** One rule that applied or did not, and why. `unappliedMinor`: what a discount found nothing left to take from. */
export interface Explanation {
  readonly rule: string;
  readonly applied: boolean;
  readonly reason: string;
  readonly amountMinor?: number;
  readonly unappliedMinor?: number;
  readonly lineIndex?: number;
}

/** Each header figure is the sum of its lines. */
export interface PricedOrder {
  readonly currency: string;
  readonly lines: readonly PricedLine[];
  /** Σ gross: before discounts, in the store's sense of price */
  readonly subtotalMinor: number;
  readonly discountTotalMinor: number;
  readonly taxTotalMinor: number;
  /** before cash rounding, which depends on the tenders: see tenders.ts */
  readonly totalMinor: number;
  /** what the order would cost if all of it were paid in cash */
  readonly cashTotalMinor: number;
  readonly explain: readonly Explanation[];
}
