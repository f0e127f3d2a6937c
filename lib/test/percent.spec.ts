import { describe, it, expect } from "@jest/globals";
import fc from "fast-check";
import { PERCENT_MAX, percentToPpm, ppmRatio, ppmToPercent } from "../percent.ts";

describe("percent", () => {
  it.each([[20, 200_000], [8.875, 88_750], [9.975, 99_750], [0.0001, 1], [100, 1_000_000], [0, 0], [-0, 0]])("%p %% is %p ppm", (percent, ppm) => {
    expect(percentToPpm(percent)).toBe(ppm);
    expect(ppmToPercent(ppm)).toBe(percent === 0 ? 0 : percent);
  });

  it.each([0.00001, 8.87505, Number.NaN, Number.NEGATIVE_INFINITY, PERCENT_MAX + 1])("refuses %p %%", (percent) => {
    expect(() => percentToPpm(percent)).toThrow(expect.objectContaining({ code: "invalid_percent" }));
  });

  it.each([0.5, Number.NaN, 1e15])("refuses %p ppm", (ppm) => {
    expect(() => ppmToPercent(ppm)).toThrow(expect.objectContaining({ code: "invalid_percent" }));
  });

  it("comes back as it went", () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: PERCENT_MAX * 10_000 }), (ppm) => {
      expect(percentToPpm(ppmToPercent(ppm))).toBe(ppm);
    }), { numRuns: 2000 });
  });

  it("is a fraction of a million", () => {
    expect(ppmRatio(88_750)).toEqual({ num: 88_750, den: 1_000_000 });
  });
});
