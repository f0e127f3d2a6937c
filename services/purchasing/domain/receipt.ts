import { allocate } from "../../../lib/allocate.ts";
import { addSafe, roundProduct } from "../../../lib/rounding.ts";

/** Quantities in thousandths, amounts in minor units of the order's currency. */
export interface OrderedLine { readonly id: string; readonly variantId: string; readonly quantity: number; readonly received: number; readonly unitCostMinor: number }
export interface ArrivedLine { readonly lineId: string; readonly quantity: number; readonly unitCostMinor?: number | undefined }
export type Split = "value" | "equal" | "quantity";
export interface LandedCost { readonly name: string; readonly amountMinor: number; readonly split: Split }
export interface ReceiptLine {
  readonly lineId: string; readonly variantId: string; readonly quantity: number; readonly unitCostMinor: number; readonly goodsMinor: number; readonly landedMinor: number;
}
export interface Discrepancy { readonly lineId: string; readonly kind: "quantity" | "unitCost"; readonly expected: number; readonly received: number }

const PER_UNIT = 1000;

/** What a quantity costs: rounded once per line. @throws RoundingError when it is no safe integer */
export const lineValue = (unitCostMinor: number, quantity: number): number => roundProduct(unitCostMinor, { num: quantity, den: PER_UNIT }, "halfUp");

/** The lines of a receipt at their cost, each with its share of the landed costs: value = goods + landed.
 *  @throws RoundingError when an amount is no safe integer
 *  @example one line of 10 at 5.00 with 10.00 freight is worth 60.00 */
export function valueReceipt(ordered: ReadonlyMap<string, OrderedLine>, arrived: readonly ArrivedLine[], landedCosts: readonly LandedCost[]): ReceiptLine[] {
  const goods = arrived.map((line) => {
    const { variantId, unitCostMinor } = ordered.get(line.lineId)!;
    const cost = line.unitCostMinor ?? unitCostMinor;
    return { lineId: line.lineId, variantId, quantity: line.quantity, unitCostMinor: cost, goodsMinor: lineValue(cost, line.quantity) };
  });
  const shares = landedCosts.map((cost) => allocate({ amountMinor: cost.amountMinor, weights: weightsOf(goods, cost.split) }));
  return goods.map((line, index) => ({ ...line, landedMinor: shares.reduce((sum, parts) => addSafe(sum, parts[index]!), 0) }));
}

/** Goods that cost nothing have no value to share by: their quantity stands in for it. */
function weightsOf(lines: readonly { quantity: number; goodsMinor: number }[], split: Split): number[] {
  if (split === "equal") return lines.map(() => 1);
  if (split === "value" && lines.some((line) => line.goodsMinor > 0)) return lines.map((line) => line.goodsMinor);
  return lines.map((line) => line.quantity);
}

/** Lines that ask for more than is outstanding of them. */
export function overReceipts(ordered: ReadonlyMap<string, OrderedLine>, arrived: readonly ArrivedLine[]): { lineId: string; outstanding: number; quantity: number }[] {
  return arrived.flatMap(({ lineId, quantity }) => {
    const line = ordered.get(lineId)!;
    const outstanding = line.quantity - line.received;
    return quantity > outstanding ? [{ lineId, outstanding, quantity }] : [];
  });
}

/** Where what came differs from what was awaited: fewer units than were outstanding, another cost than was agreed. */
export function discrepancies(ordered: ReadonlyMap<string, OrderedLine>, arrived: readonly ArrivedLine[]): Discrepancy[] {
  return arrived.flatMap(({ lineId, quantity, unitCostMinor }): Discrepancy[] => {
    const line = ordered.get(lineId)!;
    const outstanding = line.quantity - line.received;
    return [
      ...(quantity === outstanding ? [] : [{ lineId, kind: "quantity" as const, expected: outstanding, received: quantity }]),
      ...(unitCostMinor === undefined || unitCostMinor === line.unitCostMinor ? [] : [{ lineId, kind: "unitCost" as const, expected: line.unitCostMinor, received: unitCostMinor }]),
    ];
  });
}

/** One line per variant, for the stock ledger: two order lines may be of one variant. */
export function byVariant(lines: readonly ReceiptLine[]): { variantId: string; quantityThousandths: number; valueMinor: number }[] {
  const sums = new Map<string, { quantityThousandths: number; valueMinor: number }>();
  for (const line of lines) {
    const sum = sums.get(line.variantId) ?? { quantityThousandths: 0, valueMinor: 0 };
    sums.set(line.variantId, { quantityThousandths: addSafe(sum.quantityThousandths, line.quantity), valueMinor: addSafe(sum.valueMinor, line.goodsMinor + line.landedMinor) });
  }
  return [...sums].map(([variantId, sum]) => ({ variantId, ...sum }));
}
