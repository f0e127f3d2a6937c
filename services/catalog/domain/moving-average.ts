/** Moving-average cost: per store and variant a quantity and a value; the average is never stored, so it never drifts (R9). */
import { addSafe, roundProduct } from "../../../lib/rounding.ts";
import type { RoundingMode } from "../../../lib/rounding.ts";

/** The value is zero at quantity zero, and of the quantity's sign.
 *  Negative: sold before it was received, at the average of that time, to be put right by the next receipt. */
export interface StockValue {
  readonly quantityThousandths: number;
  readonly valueMinor: number;
}

export const EMPTY_STOCK: StockValue = { quantityThousandths: 0, valueMinor: 0 };

export class StockValueError extends Error {
  readonly code = "invalid_stock_quantity";
}

/** Goods in, at what they cost altogether. A receipt first covers what was sold before it came: for that part the
 *  provisional cost is taken back and the real one posted, the difference is `costOfSalesMinor` (signed), and only the
 *  rest enters stock, so that oversold goods never bend the average of those on the shelf.
 *  @param quantityThousandths positive  @param valueMinor total cost of the receipt, minor units
 *  @throws StockValueError; RoundingError beyond the safe integers
 *  @example −5 at −25.00, 10 received for 60.00: stock 5 at 30.00, costOfSalesMinor 500 */
export function receive(stock: StockValue, { quantityThousandths, valueMinor, mode = "halfUp" }: {
  quantityThousandths: number;
  valueMinor: number;
  mode?: RoundingMode;
}): { stock: StockValue; costOfSalesMinor: number } {
  requirePositive(quantityThousandths);
  const covered = Math.min(quantityThousandths, Math.max(0, -stock.quantityThousandths));
  if (covered === 0) return { stock: plus(stock, quantityThousandths, valueMinor), costOfSalesMinor: 0 };
  const realMinor = roundProduct(valueMinor, { num: covered, den: quantityThousandths }, mode);
  const provisionalMinor = roundProduct(-stock.valueMinor, { num: covered, den: -stock.quantityThousandths }, mode);
  const costOfSalesMinor = realMinor - provisionalMinor;
  return { stock: plus(stock, quantityThousandths, valueMinor - costOfSalesMinor), costOfSalesMinor };
}

/** Goods out at average cost: round(value × q / Q). The last unit takes the rest, so no value is left at quantity zero.
 *  Beyond what is on hand (where the variant allows it) the same average goes on, below zero.
 *  @param fallbackUnitCostMinor cost of one piece where there is no average, at quantity zero: the variant's own cost
 *  @throws StockValueError
 *  @example issue({ quantityThousandths: 3000, valueMinor: 1000 }, { quantityThousandths: 1000 }).costMinor // 333 (K04) */
export function issue(stock: StockValue, { quantityThousandths, fallbackUnitCostMinor = 0, mode = "halfUp" }: {
  quantityThousandths: number;
  fallbackUnitCostMinor?: number;
  mode?: RoundingMode;
}): { stock: StockValue; costMinor: number } {
  requirePositive(quantityThousandths);
  const costMinor = stock.quantityThousandths === 0
    ? roundProduct(fallbackUnitCostMinor, { num: quantityThousandths, den: THOUSANDTHS }, mode)
    : roundProduct(Math.abs(stock.valueMinor), { num: quantityThousandths, den: Math.abs(stock.quantityThousandths) }, mode);
  return { stock: plus(stock, -quantityThousandths, -costMinor), costMinor };
}

/** Goods back to the supplier leave at average cost; what the supplier's credit differs by is a price difference
 *  (signed: negative where the credit is below the cost), not a change of the average. */
export function returnToSupplier(stock: StockValue, { creditMinor, ...out }: {
  quantityThousandths: number;
  creditMinor: number;
  mode?: RoundingMode;
}): { stock: StockValue; costMinor: number; priceDifferenceMinor: number } {
  const issued = issue(stock, out);
  return { ...issued, priceDifferenceMinor: creditMinor - issued.costMinor };
}

/** Freight or duty that arrives after the goods: the part of them that is still here takes its share into stock, the
 *  part that has gone takes it to cost of sales.
 *  @param receivedThousandths what the receipt brought in, positive
 *  @example 10 received, 4 sold, 10.00 freight: 6.00 to stock, 4.00 to cost of sales (K08) */
export function lateLandedCost(stock: StockValue, { amountMinor, receivedThousandths, mode = "halfUp" }: {
  amountMinor: number;
  receivedThousandths: number;
  mode?: RoundingMode;
}): { stock: StockValue; toStockMinor: number; costOfSalesMinor: number } {
  requirePositive(receivedThousandths);
  const here = Math.min(Math.max(0, stock.quantityThousandths), receivedThousandths);
  const toStockMinor = roundProduct(amountMinor, { num: here, den: receivedThousandths }, mode);
  return { stock: plus(stock, 0, toStockMinor), toStockMinor, costOfSalesMinor: amountMinor - toStockMinor };
}

/** Cost of one piece in minor units, for showing; null where there is nothing to average. */
export function averageCost({ quantityThousandths, valueMinor }: StockValue, mode: RoundingMode = "halfUp"): number | null {
  if (quantityThousandths === 0) return null;
  return roundProduct(Math.abs(valueMinor), { num: THOUSANDTHS, den: Math.abs(quantityThousandths) }, mode);
}

const THOUSANDTHS = 1000;

function plus(stock: StockValue, quantityThousandths: number, valueMinor: number): StockValue {
  return {
    quantityThousandths: addSafe(stock.quantityThousandths, quantityThousandths),
    valueMinor: addSafe(stock.valueMinor, valueMinor),
  };
}

function requirePositive(quantityThousandths: number): void {
  if (!Number.isSafeInteger(quantityThousandths) || quantityThousandths <= 0) {
    throw new StockValueError(`a movement of ${quantityThousandths} thousandths`);
  }
}
