/** Splits whose parts add up exactly: over lines (R6) and over time (R7). */
import { roundProduct, toSafe } from "./rounding.ts";
import type { RoundingMode } from "./rounding.ts";

export type AllocationErrorCode = "no_weight" | "invalid_weight" | "share_exceeds_whole";

export class AllocationError extends Error {
  readonly code: AllocationErrorCode;
  constructor(code: AllocationErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Shares `amountMinor` over `weights` so that the parts add up exactly.
 *  Largest remainder; ties go to the earlier line. Zero weight gets zero. With `amountMinor` ≤ Σ weights no part is above
 *  its weight. A negative amount is shared as its mirror image.
 *  @param weights non-negative integers of any size, at least one positive unless the amount is zero
 *  @returns minor units, same length and order as `weights`
 *  @throws AllocationError no_weight, invalid_weight
 *  @example allocate({ amountMinor: 100, weights: [1, 1, 1] }) // [34, 33, 33]
 *  Source: Hamilton apportionment; rules.md R6 */
export function allocate({ amountMinor, weights }: { amountMinor: number; weights: readonly (number | bigint)[] }): number[] {
  if (amountMinor < 0) return allocate({ amountMinor: -amountMinor, weights }).map((part) => (part === 0 ? 0 : -part));
  const { parts, rests } = exactFloors(amountMinor, weights);
  let left = amountMinor;
  for (const part of parts) left -= part;
  if (left === 0) return parts;
  // Array.sort is stable, so equal remainders keep the order of the lines.
  const byRemainder = [...rests.keys()].sort((a, b) => compare(rests[b]!, rests[a]!));
  for (const index of byRemainder.slice(0, left)) parts[index]! += 1;
  return parts;
}

/** Shares as much of `amountMinor` as there is room for; the rest is said, not lost.
 *  Where a part meets its cap, what it could not take goes to the others, by their weights.
 *  @param amountMinor not negative  @param caps not negative, minor units  @param weights the caps unless given
 *  @example allocateCapped({ amountMinor: 5000, caps: [1800, 1500] }) // { parts: [1800, 1500], unapplied: 1700 }
 *  Source: rules.md R6 ("never more than there is"), D05, F04 */
export function allocateCapped({ amountMinor, caps, weights = caps }: {
  amountMinor: number;
  caps: readonly number[];
  weights?: readonly number[];
}): { parts: number[]; unapplied: number } {
  const parts = caps.map(() => 0);
  let left = amountMinor;
  // Each round either places everything or fills one more cap, so there are at most as many rounds as parts.
  for (let round = 0; round <= caps.length && left > 0; round += 1) {
    const open = caps.map((cap, index) => (cap > parts[index]! ? weights[index]! : 0));
    if (open.every((weight) => weight === 0)) break;
    const room = caps.reduce((sum, cap, index) => (open[index]! > 0 ? sum + cap - parts[index]! : sum), 0);
    const shares = allocate({ amountMinor: Math.min(left, room), weights: open });
    for (const [index, share] of shares.entries()) {
      const taken = Math.min(share, caps[index]! - parts[index]!);
      parts[index]! += taken;
      left -= taken;
    }
  }
  return { parts, unapplied: left };
}

/** The next slice of an amount that comes back in pieces: round(total × (before + take) / whole) less what came before.
 *  The slices of a whole add up to its total, whatever the pieces.
 *  @param whole,before,take in one unit (thousandths of a quantity); before + take ≤ whole
 *  @throws AllocationError share_exceeds_whole
 *  @example cumulativeShare({ totalMinor: 247, whole: 3000, before: 1000, take: 1000, mode: "halfUp" }) // 83
 *  Source: rules.md R7, F02 */
export function cumulativeShare({ totalMinor, whole, before, take, mode }: {
  totalMinor: number;
  whole: number;
  before: number;
  take: number;
  mode: RoundingMode;
}): number {
  if (!(whole > 0 && before >= 0 && take >= 0 && before + take <= whole)) {
    throw new AllocationError("share_exceeds_whole", `${before} + ${take} of ${whole}`);
  }
  const upTo = (part: number): number => roundProduct(totalMinor, { num: part, den: whole }, mode);
  return upTo(before + take) - upTo(before);
}

/** floor(amount × weight / Σ weights) per line, and the remainders of those divisions (all over the same divisor). */
function exactFloors(amount: number, weights: readonly (number | bigint)[]): { parts: number[]; rests: (number | bigint)[] } {
  const sum = sumOfNumbers(weights);
  if (sum === 0 && amount === 0) return { parts: weights.map(() => 0), rests: [] };
  if (sum === 0) throw new AllocationError("no_weight", `nothing to share ${amount} over`);
  // Every weight ≤ sum, so one safe product proves all of them exact.
  if (sum === undefined || !Number.isSafeInteger(amount * sum)) return bigFloors(amount, weights);
  const parts: number[] = [];
  const rests: number[] = [];
  for (const weight of weights as readonly number[]) {
    const rest = (amount * weight) % sum;
    rests.push(rest);
    parts.push((amount * weight - rest) / sum);
  }
  return { parts, rests };
}

/** The sum, or undefined when plain numbers cannot hold it. @throws AllocationError invalid_weight */
function sumOfNumbers(weights: readonly (number | bigint)[]): number | undefined {
  let sum: number | undefined = 0;
  for (const weight of weights) {
    if (weight < 0 || (typeof weight === "number" && !Number.isSafeInteger(weight))) {
      throw new AllocationError("invalid_weight", `weight ${weight} is no non-negative integer`);
    }
    sum = sum === undefined || typeof weight === "bigint" ? undefined : sum + weight;
  }
  return Number.isSafeInteger(sum) ? sum : undefined;
}

function bigFloors(amount: number, weights: readonly (number | bigint)[]): { parts: number[]; rests: bigint[] } {
  const sum = weights.reduce<bigint>((total, weight) => total + BigInt(weight), 0n);
  if (sum === 0n && amount !== 0) throw new AllocationError("no_weight", `nothing to share ${amount} over`);
  const products = weights.map((weight) => BigInt(amount) * BigInt(weight));
  const divisor = sum === 0n ? 1n : sum;
  return { parts: products.map((product) => toSafe(product / divisor)), rests: products.map((product) => product % divisor) };
}

function compare(a: number | bigint, b: number | bigint): number {
  return a < b ? -1 : Number(a > b);
}
