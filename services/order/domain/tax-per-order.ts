/** Tax rounded once per rate over the whole order, then shared back over the lines (R3, level `order`). */
import { allocate } from "../../../lib/allocate.ts";
import { addSafe, roundProduct } from "../../../lib/rounding.ts";
import type { Ratio } from "../../../lib/rounding.ts";
import type { TaxedLine, TaxRules } from "./tax.ts";

/** Lines and taxes of one rate, to be rounded together. */
interface RateGroup {
  readonly ratio: Ratio;
  readonly members: { readonly line: number; readonly tax: number; readonly baseMinor: number }[];
}

/** A rate is the exact fraction of the base; two taxes of the same rate on one line stay apart, and goods taken back
 *  are rounded among themselves. Under prices that include several taxes, a rate also means the company it keeps,
 *  since 5 % beside 10 % is another fraction of the price than 5 % alone.
 *  Source: Japan's qualified invoice; EN 16931 category totals (BG-23); rules.md R3, R6, T02, T12 */
export function orderTax(lines: readonly TaxedLine[], { mode }: TaxRules): number[][] {
  const amounts = lines.map((line) => line.ratios.parts.map(() => 0));
  for (const { ratio, members } of rateGroups(lines)) {
    const sum = members.reduce((total, member) => addSafe(total, member.baseMinor), 0);
    const weights = members.map((member) => Math.abs(member.baseMinor));
    const shares = allocate({ amountMinor: roundProduct(sum, ratio, mode), weights });
    for (const [index, { line, tax }] of members.entries()) amounts[line]![tax] = shares[index]!;
  }
  return amounts;
}

function rateGroups(lines: readonly TaxedLine[]): Iterable<RateGroup> {
  const groups = new Map<string, RateGroup>();
  for (const [line, { baseMinor, ratios }] of lines.entries()) {
    for (const [tax, num] of ratios.parts.entries()) {
      const twin = ratios.parts.slice(0, tax).filter((other) => other === num).length;
      const key = `${baseMinor < 0 ? "-" : "+"}${num}/${ratios.den}#${twin}`;
      const group = groups.get(key) ?? { ratio: { num, den: ratios.den }, members: [] };
      group.members.push({ line, tax, baseMinor });
      groups.set(key, group);
    }
  }
  return groups.values();
}
