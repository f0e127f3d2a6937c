/** Lines of stock as the database takes them: each variant once, in one order, so that locks are always taken in the same order. */
import { addSafe } from "../../../lib/rounding.ts";

export interface StockLine { readonly variantId: string; readonly quantityThousandths: number }

/** Two lines on the same variant draw on the same shelf: they are taken together (R11).
 *  @example mergeLines([{MUG, 2}, {CUP, 1}, {MUG, 1}]) // [{CUP, 1}, {MUG, 3}] */
export function mergeLines(lines: readonly StockLine[]): StockLine[] {
  const sums = new Map<string, number>();
  for (const { variantId, quantityThousandths } of lines) sums.set(variantId, addSafe(sums.get(variantId) ?? 0, quantityThousandths));
  return [...sums].map(([variantId, quantityThousandths]) => ({ variantId, quantityThousandths })).sort(byVariant);
}

/** Splits lines into rounds in which each variant stands once. Lines in and out of one variant, or in at different costs, are no sum:
 *  they are booked one after the other, in their order. */
export function inRounds<L extends StockLine>(lines: readonly L[]): L[][] {
  const seen = new Map<string, number>();
  const rounds: L[][] = [];
  for (const line of lines) {
    const round = seen.get(line.variantId) ?? 0;
    seen.set(line.variantId, round + 1);
    (rounds[round] ??= []).push(line);
  }
  return rounds.map((round) => round.sort(byVariant));
}

const byVariant = (a: StockLine, b: StockLine): number => (a.variantId < b.variantId ? -1 : Number(a.variantId > b.variantId));
