import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { receivedStatus } from "../../domain/order-status.ts";
import { byVariant, discrepancies, lineValue, overReceipts, valueReceipt, type OrderedLine, type Split } from "../../domain/receipt.ts";

const line = (id: string, more: Partial<OrderedLine> = {}): [string, OrderedLine] => [id, { id, variantId: `v-${id}`, quantity: 10_000, received: 0, unitCostMinor: 500, ...more }];

describe("the value of a receipt", () => {
  it("is quantity times cost, rounded once per line", () => {
    expect(lineValue(333, 1_500)).toBe(500); // 4.995, half up
    expect(lineValue(1_999, 355)).toBe(710);
  });

  it.each<[Split, number[]]>([
    ["value", [750, 250]],
    ["equal", [500, 500]],
    ["quantity", [333, 667]],
  ])("shares landed cost by %s", (split, shares) => {
    const ordered = new Map([line("a", { unitCostMinor: 600 }), line("b", { unitCostMinor: 100 })]);
    const arrived = [{ lineId: "a", quantity: 5_000 }, { lineId: "b", quantity: 10_000 }];
    expect(valueReceipt(ordered, arrived, [{ name: "Freight", amountMinor: 1_000, split }]).map(({ landedMinor }) => landedMinor)).toEqual(shares);
  });

  it("shares by quantity when the goods cost nothing", () => {
    const ordered = new Map([line("a", { unitCostMinor: 0 }), line("b", { unitCostMinor: 0 })]);
    const arrived = [{ lineId: "a", quantity: 1_000 }, { lineId: "b", quantity: 3_000 }];
    expect(valueReceipt(ordered, arrived, [{ name: "Duty", amountMinor: 400, split: "value" }]).map(({ landedMinor }) => landedMinor)).toEqual([100, 300]);
  });

  it("takes the cost on the delivery note before the ordered one", () => {
    expect(valueReceipt(new Map([line("a")]), [{ lineId: "a", quantity: 2_000, unitCostMinor: 550 }], [])).toMatchObject([{ unitCostMinor: 550, goodsMinor: 1_100 }]);
  });

  it("loses no cent of the landed costs, whatever the lines", () => {
    fc.assert(fc.property(
      fc.array(fc.record({ quantity: fc.integer({ min: 1, max: 1_000_000 }), unitCostMinor: fc.integer({ min: 0, max: 1_000_000 }) }), { minLength: 1, maxLength: 20 }),
      fc.array(fc.record({ amountMinor: fc.integer({ min: 0, max: 10_000_000 }), split: fc.constantFrom<Split>("value", "equal", "quantity") }), { maxLength: 4 }),
      (lines, costs) => {
        const ordered = new Map(lines.map((given, index) => line(String(index), given)));
        const valued = valueReceipt(ordered, lines.map(({ quantity }, index) => ({ lineId: String(index), quantity })), costs.map((cost) => ({ name: "Cost", ...cost })));
        const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
        expect(sum(valued.map(({ landedMinor }) => landedMinor))).toBe(sum(costs.map(({ amountMinor }) => amountMinor)));
        expect(sum(byVariant(valued).map(({ valueMinor }) => valueMinor))).toBe(sum(valued.map(({ goodsMinor, landedMinor }) => goodsMinor + landedMinor)));
      },
    ), { numRuns: 500 });
  });

  it("joins two lines of one variant for the stock ledger", () => {
    const ordered = new Map([line("a", { variantId: "mug" }), line("b", { variantId: "mug", unitCostMinor: 700 })]);
    expect(byVariant(valueReceipt(ordered, [{ lineId: "a", quantity: 1_000 }, { lineId: "b", quantity: 2_000 }], []))).toEqual([{ variantId: "mug", quantityThousandths: 3_000, valueMinor: 1_900 }]);
  });
});

describe("what came", () => {
  const ordered = new Map([line("a", { received: 4_000 })]);
  it("is held against what is outstanding", () => {
    expect(overReceipts(ordered, [{ lineId: "a", quantity: 6_000 }])).toEqual([]);
    expect(overReceipts(ordered, [{ lineId: "a", quantity: 6_001 }])).toEqual([{ lineId: "a", outstanding: 6_000, quantity: 6_001 }]);
  });

  it("is noted where it differs in quantity or cost", () => {
    expect(discrepancies(ordered, [{ lineId: "a", quantity: 6_000, unitCostMinor: 500 }])).toEqual([]);
    expect(discrepancies(ordered, [{ lineId: "a", quantity: 5_000, unitCostMinor: 510 }])).toEqual([
      { lineId: "a", kind: "quantity", expected: 6_000, received: 5_000 }, { lineId: "a", kind: "unitCost", expected: 500, received: 510 },
    ]);
  });

  it.each([[[0, 0], "sent"], [[10, 0], "partiallyReceived"], [[5, 10], "partiallyReceived"], [[10, 10], "received"]])("%j of ten each makes the order %s", (received, status) => {
    expect(receivedStatus(received.map((n) => ({ quantity: 10, received: n })))).toBe(status);
  });
});
