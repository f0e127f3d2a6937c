import { describe, it, expect } from "@jest/globals";
import fc from "fast-check";
import { QUANTITY_MAX, quantityToThousandths, thousandthsToQuantity } from "../quantity.ts";

describe("quantity", () => {
  it.each([[2, 2000], [0.355, 355], [1.005, 1005], [0.001, 1], [-4, -4000], [-0, 0], [0, 0], [QUANTITY_MAX, QUANTITY_MAX * 1000]])("%p is %p thousandths", (quantity, thousandths) => {
    expect(quantityToThousandths(quantity)).toBe(thousandths);
  });

  it.each([0.0001, 1.0005, 0.1 + 0.2, 1e-9, Number.NaN, Number.POSITIVE_INFINITY, QUANTITY_MAX + 0.001, 1e300])("refuses %p", (quantity) => {
    expect(() => quantityToThousandths(quantity)).toThrow(expect.objectContaining({ code: "invalid_quantity" }));
  });

  it.each([0.5, Number.NaN, QUANTITY_MAX * 1000 + 1])("refuses %p thousandths", (thousandths) => {
    expect(() => thousandthsToQuantity(thousandths)).toThrow(expect.objectContaining({ code: "invalid_quantity" }));
  });

  it("comes back as it went, through JSON", () => {
    const max = QUANTITY_MAX * 1000;
    fc.assert(fc.property(fc.integer({ min: -max, max }), (thousandths) => {
      const json = JSON.stringify(thousandthsToQuantity(thousandths));
      expect(quantityToThousandths(JSON.parse(json) as number)).toBe(thousandths);
    }), { numRuns: 2000 });
  });
});
