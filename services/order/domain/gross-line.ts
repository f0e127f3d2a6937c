/** Unit price × quantity, rounded once, from a price in minor units or a finer decimal one (R1). */
import { exponentOf, parseDecimal } from "../../../lib/money.ts";
import { roundProduct, roundRatio, toSafe } from "../../../lib/rounding.ts";
import type { Ratio, RoundingMode } from "../../../lib/rounding.ts";
import { PricingError } from "./pricing-error.ts";
import type { LineInput } from "./priced-order.ts";

export interface GrossLine {
  readonly quantityThousandths: number;
  /** exact, in minor units per piece; its `den` is 1 unless the price has more decimals than the currency */
  readonly unitPrice: Ratio;
  /** rounded, for showing */
  readonly unitPriceMinor: number;
  readonly grossMinor: number;
}

const THOUSANDTHS = 1000;

/** @throws PricingError invalid_line: no quantity, no price, both prices, a negative price; MoneyError for the decimal one */
export function grossLine(line: LineInput, currency: string, mode: RoundingMode): GrossLine {
  const { quantityThousandths, unitPriceMinor, unitPriceDecimal } = line;
  if (!Number.isSafeInteger(quantityThousandths) || quantityThousandths === 0) {
    throw new PricingError("invalid_line", `a quantity of ${quantityThousandths} thousandths`);
  }
  if ((unitPriceMinor === undefined) === (unitPriceDecimal === undefined)) {
    throw new PricingError("invalid_line", "a line has a price in minor units or a decimal one, and not both");
  }
  return unitPriceDecimal === undefined
    ? fromMinor(quantityThousandths, unitPriceMinor!, mode)
    : fromDecimal(quantityThousandths, unitPriceDecimal, currency, mode);
}

function fromMinor(quantityThousandths: number, unitPriceMinor: number, mode: RoundingMode): GrossLine {
  if (!Number.isSafeInteger(unitPriceMinor) || unitPriceMinor < 0) {
    throw new PricingError("invalid_line", `a unit price of ${unitPriceMinor} minor units`);
  }
  const grossMinor = roundProduct(unitPriceMinor, { num: quantityThousandths, den: THOUSANDTHS }, mode);
  return { quantityThousandths, unitPrice: { num: unitPriceMinor, den: 1 }, unitPriceMinor, grossMinor };
}

function fromDecimal(quantityThousandths: number, decimal: string, currency: string, mode: RoundingMode): GrossLine {
  const { digits, decimals } = parseDecimal(decimal);
  if (digits < 0n) throw new PricingError("invalid_line", `a unit price of ${decimal}`);
  const shift = exponentOf(currency) - decimals;
  const num = shift > 0 ? digits * 10n ** BigInt(shift) : digits;
  const den = shift < 0 ? 10n ** BigInt(-shift) : 1n;
  return {
    quantityThousandths,
    unitPrice: { num, den },
    unitPriceMinor: toSafe(roundRatio(num, den, mode)),
    grossMinor: toSafe(roundRatio(num * BigInt(quantityThousandths), den * BigInt(THOUSANDTHS), mode)),
  };
}
