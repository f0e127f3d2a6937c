/** Documents as the reports and automations are told of them. */
import type { DataOf } from "../../../lib/contract.ts";
import { allocate } from "../../../lib/allocate.ts";
import type { orderContract } from "../contract.ts";

export type Fact = DataOf<(typeof orderContract)["events"]["order.completed"]>;
export type FactLine = Fact["lines"][number];

/** The figures of a line, sold or returned. */
export interface FigureLine {
  readonly lineId: string; readonly variantId: string; readonly productId: string; readonly categoryId: string | null; readonly categoryName: string | null; readonly sku: string; readonly name: string;
  readonly quantityThousandths: number; readonly discountMinor: number; readonly taxMinor: number; readonly netMinor: number; readonly totalMinor: number; readonly costMinor: number;
  readonly taxes: readonly { readonly name: string; readonly ratePpm: number; readonly amountMinor: number }[];
}

/** Gross is before discounts with tax included, whatever the store's prices are: total + discount. */
export function factLine(line: FigureLine): FactLine {
  const { lineId, variantId, productId, categoryId, categoryName, sku, name, quantityThousandths, discountMinor, taxMinor, netMinor, totalMinor, costMinor, taxes } = line;
  return {
    lineId, variantId, productId, categoryId, categoryName, sku, name, quantityThousandths, grossMinor: totalMinor + discountMinor, discountMinor, taxMinor, netMinor, totalMinor, costMinor,
    taxes: taxes.map((tax) => ({ name: tax.name, ratePpm: tax.ratePpm, amountMinor: tax.amountMinor, baseMinor: netMinor })),
  };
}

/** Stock answers one cost per variant; lines that draw on the same variant share it by quantity.
 *  @returns minor units, in the order of `lines`; 0 for what stock is not kept of */
export function lineCosts(lines: readonly { variantId: string; quantityThousandths: number }[], issued: readonly { variantId: string; costMinor: number }[]): number[] {
  const costs = lines.map(() => 0);
  for (const { variantId, costMinor } of issued) {
    const places = [...lines.keys()].filter((index) => lines[index]!.variantId === variantId);
    if (places.length === 0) continue;
    const shares = allocate({ amountMinor: costMinor, weights: places.map((index) => lines[index]!.quantityThousandths) });
    for (const [share, index] of places.entries()) costs[index] = shares[share]!;
  }
  return costs;
}
