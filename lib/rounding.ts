/** Every rounding of the platform: exact input, one named mode, an integer out (R1, R2, R8). */

/** `halfUp` sends a tie away from zero, `halfEven` to the even neighbour, `down` cuts towards zero. */
export type RoundingMode = "halfUp" | "halfEven" | "down";

/** An exact fraction. Integers only; `den` is positive. BigInt where a part can pass 2^53. */
export interface Ratio {
  readonly num: number | bigint;
  readonly den: number | bigint;
}

/** Thrown with `code: "amount_out_of_range"` when a result is no safe integer, or an input is none. */
export class RoundingError extends Error {
  readonly code = "amount_out_of_range";
}

/** Rounds `numerator / denominator` to an integer.
 *  @throws RoundingError when the denominator is zero
 *  @example roundRatio(-5n, 10n, "halfUp") // -1n
 *  Source: rules.md R2, R03 */
export function roundRatio(numerator: bigint, denominator: bigint, mode: RoundingMode): bigint {
  if (denominator === 0n) throw new RoundingError("division by zero");
  if (denominator < 0n) return roundRatio(-numerator, -denominator, mode);
  const quotient = numerator / denominator;
  const rest = numerator % denominator;
  const twice = 2n * (rest < 0n ? -rest : rest);
  const half = twice < denominator ? -1 : Number(twice > denominator);
  if (!movesAway(half, quotient % 2n !== 0n, mode)) return quotient;
  return numerator < 0n ? quotient - 1n : quotient + 1n;
}

/** Rounds `amount * ratio.num / ratio.den`: the work-horse of tax, discount and cost.
 *  Stays in plain numbers while the product is below 2^53, where they are exact, and takes BigInt beyond.
 *  @param amount a safe integer, minor units
 *  @throws RoundingError when the result is no safe integer
 *  @example roundProduct(1799, { num: 50_000, den: 1_000_000 }, "halfUp") // 90 */
export function roundProduct(amount: number, { num, den }: Ratio, mode: RoundingMode): number {
  if (typeof num === "number" && typeof den === "number") {
    const product = amount * num;
    // A rounded product can only be a safe integer when the true one is, so the test proves exactness.
    if (Number.isSafeInteger(product) && Number.isSafeInteger(den) && den > 0) return roundQuotient(product, den, mode);
  }
  return toSafe(roundRatio(BigInt(amount) * BigInt(num), BigInt(den), mode));
}

/** Cash rounding: the nearest multiple of `step`, ties away from zero, whatever the tenant's mode (R8).
 *  @param step minor units, a positive integer; 1 changes nothing
 *  @example roundToStep(1095, 10) // 1100 */
export function roundToStep(amountMinor: number, step: number): number {
  if (!Number.isSafeInteger(step) || step < 1) throw new RoundingError(`cash rounding step ${step}`);
  return roundProduct(amountMinor, { num: 1, den: step }, "halfUp") * step;
}

/** A BigInt as a number, refused where a number could no longer hold it exactly. */
export function toSafe(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RoundingError(`${value} is beyond a safe integer`);
  return number;
}

/** `a + b`, refused when the sum is no safe integer. Minor units, thousandths, whatever both are. */
export function addSafe(a: number, b: number): number {
  const sum = a + b;
  if (!Number.isSafeInteger(sum)) throw new RoundingError(`${a} + ${b} is beyond a safe integer`);
  return sum;
}

/** Both are safe integers: `%` and the division of a multiple are exact, and `den - rest` cannot overflow. */
function roundQuotient(numerator: number, den: number, mode: RoundingMode): number {
  const rest = numerator % den;
  const quotient = (numerator - rest) / den;
  const size = Math.abs(rest);
  const rounded = movesAway(size - (den - size), quotient % 2 !== 0, mode) ? quotient + Math.sign(numerator) : quotient;
  return rounded === 0 ? 0 : rounded; // never -0, which JSON and toEqual tell apart from 0
}

/** Does a quotient that was cut towards zero move one away from it? `half` is negative below the half, 0 on it. */
function movesAway(half: number, isOdd: boolean, mode: RoundingMode): boolean {
  if (mode === "down") return false;
  return half > 0 || (half === 0 && (mode === "halfUp" || isOdd));
}
