import { refuse as platformRefuse } from "../../../lib/errors.ts";
import { quantityToThousandths, thousandthsToQuantity } from "../../../lib/quantity.ts";
import { refuse } from "../errors.ts";
import { addFigures, NOTHING_RETURNED, returnSlice, type ReturnFigures } from "./return-slice.ts";
import type { SoldLine } from "./refund.ts";

export interface ReturnableLine extends SoldLine {
  readonly id: string; readonly variantId: string; readonly productId: string; readonly categoryId: string | null; readonly categoryName: string | null; readonly sku: string; readonly name: string;
  readonly netMinor: number; readonly costMinor: number;
}
export interface WantedBack { readonly lineId: string; readonly quantity: number; readonly restock?: boolean | undefined }
export interface ReturnedLine extends ReturnFigures, Omit<ReturnableLine, "id" | keyof ReturnFigures> { readonly lineId: string; readonly restock: boolean }

/** What comes back, line by line, with its share of every amount.
 *  @param given what came back of each line before, by line id
 *  @throws not_found (a line of another order), return_exceeds_sold with what is left of each line that is short */
export function planReturn({ lines, given, wanted }: { lines: readonly ReturnableLine[]; given: ReadonlyMap<string, ReturnFigures>; wanted: readonly WantedBack[] }): ReturnedLine[] {
  const byId = new Map(lines.map((line) => [line.id, line]));
  const missing = wanted.findIndex(({ lineId }) => !byId.has(lineId));
  if (missing >= 0) throw platformRefuse.not_found("There is no such line in the order", { pointer: `/lines/${missing}/lineId` });
  refuseMoreThanSold(byId, given, wanted);
  const back = new Map(given);
  return wanted.map(({ lineId, quantity, restock = true }) => {
    const { id: _, ...line } = byId.get(lineId)!;
    const before = back.get(lineId) ?? NOTHING_RETURNED;
    const slice = returnSlice({ sold: line, given: before, returning: quantityToThousandths(quantity) });
    back.set(lineId, addFigures(before, slice));
    return { ...line, ...slice, lineId, restock };
  });
}

/** All that has not come back yet. */
export function restOf(lines: readonly ReturnableLine[], given: ReadonlyMap<string, ReturnFigures>): WantedBack[] {
  return lines.map((line) => ({ lineId: line.id, quantity: thousandthsToQuantity(line.quantityThousandths - (given.get(line.id)?.quantityThousandths ?? 0)) })).filter(({ quantity }) => quantity > 0);
}

function refuseMoreThanSold(lines: ReadonlyMap<string, ReturnableLine>, given: ReadonlyMap<string, ReturnFigures>, wanted: readonly WantedBack[]): void {
  const asked = new Map<string, number>();
  for (const { lineId, quantity } of wanted) asked.set(lineId, (asked.get(lineId) ?? 0) + quantityToThousandths(quantity));
  const short = [...asked].map(([lineId, requested]) => ({ lineId, requested, left: lines.get(lineId)!.quantityThousandths - (given.get(lineId)?.quantityThousandths ?? 0) }))
    .filter(({ requested, left }) => requested > left);
  if (short.length === 0) return;
  throw refuse.return_exceeds_sold(undefined, { lines: short.map(({ lineId, requested, left }) => ({ lineId, requested: thousandthsToQuantity(requested), left: thousandthsToQuantity(left) })) });
}
