import { describe, it, expect } from "@jest/globals";
import fc from "fast-check";
import { allocate, allocateCapped, cumulativeShare } from "../allocate.ts";

const sum = (parts: readonly number[]): number => parts.reduce((total, part) => total + part, 0);
const weightsArb = fc.array(fc.oneof(fc.nat(1000), fc.nat({ max: 2 ** 45 })), { minLength: 1, maxLength: 12 });

describe("allocate", () => {
  it.each<[string, number, readonly (number | bigint)[], number[]]>([
    ["D01 10.00 over 33.33, 33.33, 33.34", 1000, [3333, 3333, 3334], [333, 333, 334]],
    ["D03 0.04 over quantity 3", 4, [1, 1, 1], [2, 1, 1]],
    ["D07 0.02 over three lines of 0.05", 2, [5, 5, 5], [1, 1, 0]],
    ["D09 0.97 over seven equal lines", 97, [1, 1, 1, 1, 1, 1, 1], [14, 14, 14, 14, 14, 14, 13]],
    ["the odd cent goes to the earlier line", 100, [1, 1, 1], [34, 33, 33]],
    ["the larger remainder goes first, not the earlier line", 10, [1, 2], [3, 7]],
    ["zero weight gets zero", 5, [0, 1, 0, 1], [0, 3, 0, 2]],
    ["a negative amount is the mirror image", -100, [1, 1, 1], [-34, -33, -33]],
    ["nothing over nothing", 0, [0, 0], [0, 0]],
    ["nothing over no lines", 0, [], []],
    ["one line takes all", 7, [3], [7]],
    ["BigInt weights", 10, [10n ** 30n, 2n * 10n ** 30n], [3, 7]],
    ["beyond 2^53", 9_000_000_000_000_000, [3, 3, 3_000_000_000], [9_000_000, 9_000_000, 8_999_999_982_000_000]],
  ])("%s", (_name, amountMinor, weights, parts) => {
    expect(allocate({ amountMinor, weights })).toEqual(parts);
  });

  it.each<[string, number, readonly number[], string]>([
    ["an amount over nothing", 1, [0, 0], "no_weight"],
    ["an amount over no lines", 1, [], "no_weight"],
    ["a negative weight", 1, [2, -1], "invalid_weight"],
    ["a broken weight", 1, [0.5], "invalid_weight"],
  ])("refuses %s", (_name, amountMinor, weights, code) => {
    expect(() => allocate({ amountMinor, weights })).toThrow(expect.objectContaining({ code }));
  });

  it("adds up, stays within one unit of the exact share, and within the weights when the amount does", () => {
    fc.assert(fc.property(weightsArb, fc.nat({ max: 2 ** 50 }), (weights, amountMinor) => {
      const total = weights.reduce((all, weight) => all + BigInt(weight), 0n);
      fc.pre(total > 0n);
      const parts = allocate({ amountMinor, weights });
      expect(sum(parts)).toBe(amountMinor);
      for (const [index, part] of parts.entries()) {
        const floor = (BigInt(amountMinor) * BigInt(weights[index]!)) / total;
        expect(BigInt(part) === floor || BigInt(part) === floor + 1n).toBe(true);
        if (BigInt(amountMinor) <= total) expect(part).toBeLessThanOrEqual(weights[index]!);
      }
    }), { numRuns: 2000 });
  });
});

describe("allocateCapped", () => {
  it("D05 50.00 over 18.00 and 15.00 leaves 17.00 unapplied", () => {
    expect(allocateCapped({ amountMinor: 5000, caps: [1800, 1500] })).toEqual({ parts: [1800, 1500], unapplied: 1700 });
  });

  it.each<[string, number, number[], number[] | undefined, number[], number]>([
    ["nothing", 0, [5, 5], undefined, [0, 0], 0],
    ["no room at all", 5, [0, 0], undefined, [0, 0], 5],
    ["no lines", 5, [], undefined, [], 5],
    ["by weight", 2500, [3000, 2000], [3000, 2000], [1500, 1000], 0],
    ["what a full part cannot take goes to the others", 2500, [3000, 500], [3000, 2000], [2000, 500], 0],
    ["no weight, no part", 10, [10, 10], [1, 0], [10, 0], 0],
  ])("%s", (_name, amountMinor, caps, weights, parts, unapplied) => {
    expect(allocateCapped({ amountMinor, caps, ...(weights && { weights }) })).toEqual({ parts, unapplied });
  });

  it("loses nothing, never passes a cap, and leaves something only when all are full", () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(500), fc.integer({ min: 1, max: 500 })), { maxLength: 8 }), fc.nat(3000), (rows, amountMinor) => {
      const caps = rows.map(([cap]) => cap);
      const { parts, unapplied } = allocateCapped({ amountMinor, caps, weights: rows.map(([, weight]) => weight) });
      expect(sum(parts) + unapplied).toBe(amountMinor);
      expect(parts.every((part, index) => part >= 0 && part <= caps[index]!)).toBe(true);
      if (unapplied > 0) expect(parts).toEqual(caps);
    }), { numRuns: 2000 });
  });
});

describe("cumulativeShare", () => {
  const slices = (totalMinor: number, pieces: readonly number[]): number[] => {
    const whole = sum(pieces);
    let before = 0;
    return pieces.map((take) => {
      const share = cumulativeShare({ totalMinor, whole, before, take, mode: "halfUp" });
      before += take;
      return share;
    });
  };

  it.each([
    ["F02 tax 2.47 of three pieces, one by one", 247, [1000, 1000, 1000], [82, 83, 82]],
    ["K04 cost 10.00 of three pieces", 1000, [1000, 1000, 1000], [333, 334, 333]],
    ["all at once", 247, [3000], [247]],
    ["broken quantities", 100, [355, 645], [36, 64]],
  ])("%s", (_name, total, pieces, expected) => {
    expect(slices(total, pieces)).toEqual(expected);
  });

  it("gives back exactly the whole, whatever the pieces", () => {
    fc.assert(fc.property(fc.maxSafeInteger(), fc.array(fc.integer({ min: 1, max: 10 ** 9 }), { minLength: 1, maxLength: 9 }), (total, pieces) => {
      expect(sum(slices(total, pieces))).toBe(total);
    }), { numRuns: 2000 });
  });

  it("refuses more than the whole", () => {
    const take = (before: number, now: number) => () => cumulativeShare({ totalMinor: 100, whole: 3000, before, take: now, mode: "halfUp" });
    expect(take(2000, 1001)).toThrow(expect.objectContaining({ code: "share_exceeds_whole" }));
    expect(take(-1, 1)).toThrow(expect.objectContaining({ code: "share_exceeds_whole" }));
    expect(take(2000, 1000)()).toBe(33);
  });
});
