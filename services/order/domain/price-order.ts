/** Prices an order: the one place where the order of calculation is written down (R5). */
import { exponentOf } from "../../../lib/money.ts";
import { addSafe } from "../../../lib/rounding.ts";
import { cashRounding } from "./cash-rounding.ts";
import { grossLine } from "./gross-line.ts";
import type { GrossLine } from "./gross-line.ts";
import { lineDiscount } from "./line-discount.ts";
import { orderDiscount } from "./order-discount.ts";
import type { Explanation, LineInput, OrderInput, PricedLine, PricedOrder } from "./priced-order.ts";
import { taxAmounts } from "./tax.ts";

/** Unit price → line discounts → order discounts shared over the lines → tax. Tips and cash rounding come with the tenders.
 *  Pure: same input, same answer. The header is the sum of the lines; each stored amount was rounded once.
 *  @throws MoneyError unknown_currency, invalid_amount; PricingError invalid_line, invalid_discount;
 *    RoundingError when an amount leaves the safe integers
 *  @example priceOrder({ currency: "EUR", pricesIncludeTax: false, rounding: { mode: "halfUp", level: "line" },
 *    cashRounding: null, lines: [{ variantId, quantityThousandths: 1000, unitPriceMinor: 1799,
 *    taxes: [{ name: "VAT", ratePpm: 50_000, compound: false }] }] }).totalMinor // 1889
 *  Source: rules.md R1–R6 */
export function priceOrder(input: OrderInput): PricedOrder {
  const { rounding, pricesIncludeTax } = input;
  exponentOf(input.currency); // an unknown currency stops here, before any amount is made in it
  const explain: Explanation[] = [];
  const gross = input.lines.map((line) => grossLine(line, input.currency, rounding.mode));
  const lineDiscounts = input.lines.map((line, index) =>
    lineDiscount({ line, lineIndex: index, grossMinor: gross[index]!.grossMinor, mode: rounding.mode, explain }),
  );
  const afterLineDiscounts = gross.map(({ grossMinor }, index) => grossMinor - lineDiscounts[index]!);
  const orderDiscounts = orderDiscount({ bases: afterLineDiscounts, discount: input.discount, mode: rounding.mode, explain });
  const taxes = taxAmounts({
    lines: input.lines.map((line, index) => ({
      baseMinor: afterLineDiscounts[index]! - orderDiscounts[index]!,
      gross: gross[index]!,
      taxes: line.taxes,
    })),
    pricesIncludeTax,
    rounding,
  });
  const lines = input.lines.map((line, index) => pricedLine({
    line,
    gross: gross[index]!,
    lineDiscountMinor: lineDiscounts[index]!,
    orderDiscountMinor: orderDiscounts[index]!,
    taxesMinor: taxes[index]!,
    pricesIncludeTax,
  }));
  return { currency: input.currency, lines, ...header(lines, input, explain), explain };
}

function pricedLine({ line, gross, lineDiscountMinor, orderDiscountMinor, taxesMinor, pricesIncludeTax }: {
  line: LineInput;
  gross: GrossLine;
  lineDiscountMinor: number;
  orderDiscountMinor: number;
  taxesMinor: readonly number[];
  pricesIncludeTax: boolean;
}): PricedLine {
  const discountMinor = lineDiscountMinor + orderDiscountMinor;
  const taxMinor = taxesMinor.reduce(addSafe, 0);
  const baseMinor = gross.grossMinor - discountMinor;
  return {
    ...(line.id === undefined ? undefined : { id: line.id }),
    variantId: line.variantId,
    quantityThousandths: line.quantityThousandths,
    unitPriceMinor: gross.unitPriceMinor,
    grossMinor: gross.grossMinor,
    lineDiscountMinor,
    orderDiscountMinor,
    discountMinor,
    taxMinor,
    taxes: line.taxes.map(({ name, ratePpm }, index) => ({ name, ratePpm, amountMinor: taxesMinor[index]! })),
    netMinor: pricesIncludeTax ? baseMinor - taxMinor : baseMinor,
    totalMinor: pricesIncludeTax ? baseMinor : addSafe(baseMinor, taxMinor),
  };
}

type Header = Pick<PricedOrder, "subtotalMinor" | "discountTotalMinor" | "taxTotalMinor" | "totalMinor" | "cashTotalMinor">;

function header(lines: readonly PricedLine[], { pricesIncludeTax, rounding, cashRounding: step }: OrderInput, explain: Explanation[]): Header {
  let subtotalMinor = 0;
  let discountTotalMinor = 0;
  let taxTotalMinor = 0;
  let totalMinor = 0;
  for (const line of lines) {
    subtotalMinor = addSafe(subtotalMinor, line.grossMinor);
    discountTotalMinor = addSafe(discountTotalMinor, line.discountMinor);
    taxTotalMinor = addSafe(taxTotalMinor, line.taxMinor);
    totalMinor = addSafe(totalMinor, line.totalMinor);
  }
  explain.push({
    rule: "tax",
    applied: taxTotalMinor !== 0,
    reason: `${pricesIncludeTax ? "contained in the prices" : "added to the prices"}, rounded ${rounding.mode} per ${rounding.level}`,
    amountMinor: taxTotalMinor,
  });
  const cash = cashRounding(totalMinor, step);
  explain.push(cash.explanation);
  return { subtotalMinor, discountTotalMinor, taxTotalMinor, totalMinor, cashTotalMinor: cash.cashTotalMinor };
}
