import { describe, it, expect } from "@jest/globals";
import fc from "fast-check";
import { addSafe, roundProduct, roundRatio, roundToStep, toSafe } from "../rounding.ts";
import type { RoundingMode } from "../rounding.ts";

const MODES: readonly RoundingMode[] = ["halfUp", "halfEven", "down"];
const MAX = Number.MAX_SAFE_INTEGER;

describe("rounding", () => {
  it.each<[string, bigint, bigint, RoundingMode, bigint]>([
    ["R01 0.505 half up", 505n, 10n, "halfUp", 51n],
    ["R01 0.505 half even", 505n, 10n, "halfEven", 50n],
    ["R01 0.505 down", 505n, 10n, "down", 50n],
    ["R03 0.5 half even", 5n, 10n, "halfEven", 0n],
    ["R03 2.5 half even", 25n, 10n, "halfEven", 2n],
    ["R03 -0.5 half even", -5n, 10n, "halfEven", 0n],
    ["R03 0.5 half away", 5n, 10n, "halfUp", 1n],
    ["R03 2.5 half away", 25n, 10n, "halfUp", 3n],
    ["R03 -0.5 half away", -5n, 10n, "halfUp", -1n],
    ["3.5 half even", 35n, 10n, "halfEven", 4n],
    ["-1.5 half even", -15n, 10n, "halfEven", -2n],
    ["-0.9 down", -9n, 10n, "down", 0n],
    ["just above the half", 51n, 100n, "halfEven", 1n],
    ["just below the half", 49n, 100n, "halfUp", 0n],
    ["a negative denominator", 5n, -10n, "halfUp", -1n],
    ["zero", 0n, 7n, "halfUp", 0n],
    ["beyond 2^53", 10n ** 30n + 5n, 10n, "halfUp", 10n ** 29n + 1n],
  ])("%s", (_name, numerator, denominator, mode, expected) => {
    expect(roundRatio(numerator, denominator, mode)).toBe(expected);
    if (numerator <= BigInt(MAX) && denominator > 0n) {
      expect(roundProduct(Number(numerator), { num: 1, den: Number(denominator) }, mode)).toBe(Number(expected));
    }
  });

  it("gives the same in plain numbers as in BigInt, on both sides of 2^53", () => {
    const whole = fc.maxSafeInteger();
    fc.assert(fc.property(whole, fc.integer(), fc.integer({ min: 1 }), fc.constantFrom(...MODES), (amount, num, den, mode) => {
      const exact = roundRatio(BigInt(amount) * BigInt(num), BigInt(den), mode);
      if (exact > BigInt(MAX) || exact < -BigInt(MAX)) {
        expect(() => roundProduct(amount, { num, den }, mode)).toThrow(expect.objectContaining({ code: "amount_out_of_range" }));
      } else {
        expect(roundProduct(amount, { num, den }, mode)).toBe(Number(exact));
      }
    }), { numRuns: 2000 });
  });

  it("never answers -0", () => {
    expect(Object.is(roundProduct(-1, { num: 1, den: 10 }, "halfUp"), 0)).toBe(true);
    expect(Object.is(roundProduct(0, { num: -1000, den: 1000 }, "halfUp"), 0)).toBe(true);
  });

  it.each([
    ["C02 5.98", 598, 5, 600],
    ["C02 5.97", 597, 5, 595],
    ["C04 772.72", 77272, 5, 77270],
    ["C06 1.02", 102, 5, 100],
    ["C06 1.03", 103, 5, 105],
    ["C06 1.07", 107, 5, 105],
    ["C06 1.08", 108, 5, 110],
    ["C08 10.95", 1095, 10, 1100],
    ["C08 10.94", 1094, 10, 1090],
    ["a tie goes away from zero, not to the even step", 1085, 10, 1090],
    ["a tie below zero goes away from zero", -1085, 10, -1090],
    ["step 1 changes nothing", 1097, 1, 1097],
    ["zero", 0, 5, 0],
  ])("rounds cash to the step: %s", (_name, amount, step, expected) => {
    expect(roundToStep(amount, step)).toBe(expected);
  });

  it("refuses a senseless step, a division by zero and what no safe integer holds", () => {
    const outOfRange = expect.objectContaining({ code: "amount_out_of_range" });
    expect(() => roundToStep(100, 0)).toThrow(outOfRange);
    expect(() => roundToStep(100, 2.5)).toThrow(outOfRange);
    expect(() => roundRatio(1n, 0n, "halfUp")).toThrow(outOfRange);
    expect(() => toSafe(BigInt(MAX) + 1n)).toThrow(outOfRange);
    expect(() => addSafe(MAX, 1)).toThrow(outOfRange);
    expect(addSafe(MAX, -1)).toBe(MAX - 1);
  });
});
