/** The tax of each line, at the level that the tenant rounds at (R3, R4). */
import { allocate } from "../../../lib/allocate.ts";
import { roundProduct, roundRatio, toSafe } from "../../../lib/rounding.ts";
import type { Ratio, RoundingMode } from "../../../lib/rounding.ts";
import type { GrossLine } from "./gross-line.ts";
import type { PricingRules, TaxComponent, TaxLevel } from "./priced-order.ts";
import { orderTax } from "./tax-per-order.ts";
import { taxRatios, wholeRatio } from "./tax-ratios.ts";
import type { TaxRatios } from "./tax-ratios.ts";

export interface TaxableLine {
  /** what is left after all discounts: with tax where prices include it, else without */
  readonly baseMinor: number;
  readonly gross: GrossLine;
  readonly taxes: readonly TaxComponent[];
}

export interface TaxedLine extends TaxableLine {
  readonly ratios: TaxRatios;
}

export interface TaxRules {
  readonly pricesIncludeTax: boolean;
  readonly mode: RoundingMode;
}

/** @returns per line the amounts of its taxes in minor units, in the order of its `taxes`.
 *    Prices without tax: each tax is rounded apart. Prices with tax: all of a line are rounded in one, as
 *    gross × r / (1 + r), and shared over its taxes by largest remainder, so that net + taxes = gross. */
export function taxAmounts({ lines, pricesIncludeTax, rounding }: {
  lines: readonly TaxableLine[];
} & Pick<PricingRules, "pricesIncludeTax" | "rounding">): number[][] {
  const taxed = lines.map((line) => ({ ...line, ratios: taxRatios(line.taxes, pricesIncludeTax) }));
  return TAX_LEVELS[rounding.level](taxed, { pricesIncludeTax, mode: rounding.mode });
}

const TAX_LEVELS: Readonly<Record<TaxLevel, (lines: readonly TaxedLine[], rules: TaxRules) => number[][]>> = {
  line: (lines, rules) => lines.map((line) => lineTax(line, rules)),
  unit: (lines, rules) => lines.map((line) => unitTax(line, rules)),
  order: orderTax,
};

function lineTax({ baseMinor, ratios }: TaxedLine, { pricesIncludeTax, mode }: TaxRules): number[] {
  if (pricesIncludeTax) return shareOverTaxes(roundProduct(baseMinor, wholeRatio(ratios), mode), ratios);
  return ratios.parts.map((num) => roundProduct(baseMinor, { num, den: ratios.den }, mode));
}

/** Tax of one piece, rounded, times the quantity. A discount counts in every piece alike: unit price × base / gross. */
function unitTax(line: TaxedLine, { pricesIncludeTax, mode }: TaxRules): number[] {
  const { ratios, baseMinor } = line;
  if (baseMinor === 0) return ratios.parts.map(() => 0);
  if (!pricesIncludeTax) return ratios.parts.map((num) => timesQuantity(line, num, mode));
  const whole = timesQuantity(line, wholeRatio(ratios).num, mode);
  // A price finer than the minor unit can round up to a tax above the piece's price, at rates beyond 100 %.
  return shareOverTaxes(Math.abs(whole) > Math.abs(baseMinor) ? baseMinor : whole, ratios);
}

function timesQuantity({ baseMinor, gross, ratios }: TaxedLine, part: number | bigint, mode: RoundingMode): number {
  const perUnit = perUnitTax(baseMinor, gross, { num: part, den: ratios.den }, mode);
  return roundProduct(perUnit, { num: gross.quantityThousandths, den: 1000 }, mode);
}

function perUnitTax(baseMinor: number, gross: GrossLine, ratio: Ratio, mode: RoundingMode): number {
  const { unitPrice, grossMinor } = gross;
  if (baseMinor === grossMinor && unitPrice.den === 1) return roundProduct(gross.unitPriceMinor, ratio, mode);
  const numerator = BigInt(unitPrice.num) * BigInt(baseMinor) * BigInt(ratio.num);
  return toSafe(roundRatio(numerator, BigInt(unitPrice.den) * BigInt(grossMinor) * BigInt(ratio.den), mode));
}

function shareOverTaxes(amountMinor: number, { parts }: TaxRatios): number[] {
  return parts.length === 1 ? [amountMinor] : allocate({ amountMinor, weights: parts });
}
