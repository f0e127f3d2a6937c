import { describe, it, expect } from "@jest/globals";
import fc from "fast-check";
import { averageCost, EMPTY_STOCK, issue, lateLandedCost, receive, returnToSupplier } from "../../domain/moving-average.ts";
import type { StockValue } from "../../domain/moving-average.ts";

const stock = (pieces: number, valueMinor: number): StockValue => ({ quantityThousandths: pieces * 1000, valueMinor });
const pieces = (count: number): { quantityThousandths: number } => ({ quantityThousandths: count * 1000 });

describe("moving average", () => {
  it("K02 an issue does not change the average", () => {
    const { stock: left, costMinor } = issue(stock(12, 14_400), pieces(10));
    expect(costMinor).toBe(12_000);
    expect(left).toEqual(stock(2, 2400));
    expect(averageCost(left)).toBe(1200);
  });

  it("K04 three pieces of 10.00 leave as 3.33, 3.34, 3.33 and no value stays at quantity zero", () => {
    let left = stock(3, 1000);
    const costs = [1, 1, 1].map(() => {
      const issued = issue(left, pieces(1));
      left = issued.stock;
      return issued.costMinor;
    });
    expect(costs).toEqual([333, 334, 333]);
    expect(left).toEqual(EMPTY_STOCK);
  });

  it("K08 freight after a partial sale: 6.00 to stock, 4.00 to cost of sales", () => {
    const afterSale = issue(receive(EMPTY_STOCK, { ...pieces(10), valueMinor: 5000 }).stock, pieces(4)).stock;
    const landed = lateLandedCost(afterSale, { amountMinor: 1000, receivedThousandths: 10_000 });
    expect(landed).toEqual({ stock: stock(6, 3600), toStockMinor: 600, costOfSalesMinor: 400 });
    expect(averageCost(landed.stock)).toBe(600);
  });

  it.each([
    ["all gone", stock(0, 0), 0, 1000],
    ["oversold", stock(-3, -900), 0, 1000],
    ["all here, with older stock", stock(25, 5000), 1000, 0],
  ])("shares late freight: %s", (_name, before, toStockMinor, costOfSalesMinor) => {
    expect(lateLandedCost(before, { amountMinor: 1000, receivedThousandths: 10_000 })).toMatchObject({ toStockMinor, costOfSalesMinor });
  });

  it("averages two receipts by quantity", () => {
    const { stock: both, costOfSalesMinor } = receive(stock(10, 10_000), { ...pieces(10), valueMinor: 20_000 });
    expect([both, costOfSalesMinor, averageCost(both)]).toEqual([stock(20, 30_000), 0, 1500]);
  });

  it("lets a return to the supplier leave at average cost and names the price difference", () => {
    expect(returnToSupplier(stock(10, 5000), { ...pieces(2), creditMinor: 900 })).toEqual({ stock: stock(8, 4000), costMinor: 1000, priceDifferenceMinor: -100 });
  });

  it("goes on at the same average when more is issued than is there", () => {
    expect(issue(stock(5, 2500), pieces(8))).toEqual({ stock: stock(-3, -1500), costMinor: 4000 });
    expect(issue(stock(-3, -1500), pieces(1))).toEqual({ stock: stock(-4, -2000), costMinor: 500 });
  });

  it("takes the variant's own cost where there is no average, and nothing where there is none", () => {
    expect(issue(EMPTY_STOCK, { ...pieces(2), fallbackUnitCostMinor: 700 })).toEqual({ stock: stock(-2, -1400), costMinor: 1400 });
    expect(issue(EMPTY_STOCK, pieces(2))).toEqual({ stock: stock(-2, 0), costMinor: 0 });
    expect(averageCost(EMPTY_STOCK)).toBeNull();
  });

  it.each([
    ["covers all and fills the shelf", stock(-5, -2500), 10, 6000, stock(5, 3000), 500],
    ["covers a part", stock(-5, -2500), 3, 1800, stock(-2, -1000), 300],
    ["covers exactly", stock(-5, -2500), 5, 2000, stock(0, 0), -500],
  ])("puts oversold goods right at the next receipt: %s", (_name, before, count, valueMinor, after, costOfSalesMinor) => {
    expect(receive(before, { ...pieces(count), valueMinor })).toEqual({ stock: after, costOfSalesMinor });
  });

  it.each([0, -1000, 0.5, Number.NaN])("refuses a movement of %p thousandths", (quantityThousandths) => {
    const refusal = expect.objectContaining({ code: "invalid_stock_quantity" });
    expect(() => issue(stock(1, 1), { quantityThousandths })).toThrow(refusal);
    expect(() => receive(stock(1, 1), { quantityThousandths, valueMinor: 1 })).toThrow(refusal);
    expect(() => lateLandedCost(stock(1, 1), { amountMinor: 1, receivedThousandths: quantityThousandths })).toThrow(refusal);
  });

  it("loses no cent: received = cost of sales + value left, and none is left at quantity zero", () => {
    const step = fc.record({ isReceipt: fc.boolean(), quantityThousandths: fc.integer({ min: 1, max: 20_000 }), valueMinor: fc.nat(100_000) });
    fc.assert(fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let current = EMPTY_STOCK;
      let received = 0;
      let costOfSales = 0;
      for (const { isReceipt, quantityThousandths, valueMinor } of steps) {
        if (isReceipt) {
          const result = receive(current, { quantityThousandths, valueMinor });
          [current, received, costOfSales] = [result.stock, received + valueMinor, costOfSales + result.costOfSalesMinor];
        } else {
          const result = issue(current, { quantityThousandths, fallbackUnitCostMinor: 150 });
          [current, costOfSales] = [result.stock, costOfSales + result.costMinor];
        }
        expect(costOfSales + current.valueMinor).toBe(received);
        if (current.quantityThousandths === 0) expect(current.valueMinor).toBe(0);
        expect(current.valueMinor * Math.sign(current.quantityThousandths)).toBeGreaterThanOrEqual(0);
      }
    }), { numRuns: 1000 });
  });
});
