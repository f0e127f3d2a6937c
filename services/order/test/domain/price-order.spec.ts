import { describe, it, expect } from "@jest/globals";
import { priceOrder } from "../../domain/price-order.ts";
import { line, order, tax } from "./order.builder.ts";

const lineTaxes = (priced: ReturnType<typeof priceOrder>): number[] => priced.lines.map(({ taxMinor }) => taxMinor);

describe("tax", () => {
  it("T02 115.98 + 69.98 at 24 %: 44.64 per line, 44.63 per order", () => {
    const lines = [line(11_598, { taxes: [tax(24)] }), line(6998, { taxes: [tax(24)] })];
    const perLine = priceOrder(order(lines));
    expect(lineTaxes(perLine)).toEqual([2784, 1680]);
    expect(perLine).toMatchObject({ taxTotalMinor: 4464, totalMinor: 23_060 });
    const perOrder = priceOrder(order(lines, { level: "order" }));
    expect(perOrder).toMatchObject({ taxTotalMinor: 4463, totalMinor: 23_059 });
    expect(lineTaxes(perOrder).reduce((a, b) => a + b)).toBe(4463);
  });

  it("T04 17.99 and 5 %: tax 0.90, total 18.89", () => {
    expect(priceOrder(order([line(1799, { taxes: [tax(5)] })]))).toMatchObject({ taxTotalMinor: 90, totalMinor: 1889 });
  });

  it("T06 2.99 including 4 %: the tax is rounded, 0.12, and the net is what is left, 2.87", () => {
    const { lines: [priced] } = priceOrder(order([line(299, { taxes: [tax(4)] })], { pricesIncludeTax: true }));
    expect(priced).toMatchObject({ taxMinor: 12, netMinor: 287, totalMinor: 299 });
  });

  it.each([["line", 73_211], ["unit", 73_212]] as const)("T08 2 x 399.00 including 9 %%, per %s: net %p", (level, netMinor) => {
    const { lines: [priced] } = priceOrder(order([line(39_900, { quantityThousandths: 2000, taxes: [tax(9)] })], { pricesIncludeTax: true, level }));
    expect(priced).toMatchObject({ netMinor, totalMinor: 79_800, taxMinor: 79_800 - netMinor });
  });

  it.each(["line", "unit", "order"] as const)("T10 100.00, 5 %% and 10 %% on top of both, per %s: 5.00 + 10.50", (level) => {
    const taxes = [tax(5, { name: "GST" }), tax(10, { name: "PST", compound: true })];
    const priced = priceOrder(order([line(10_000, { taxes })], { level }));
    expect(priced.totalMinor).toBe(11_550);
    expect(priced.lines[0]!.taxes).toEqual([
      { name: "GST", ratePpm: 50_000, amountMinor: 500 },
      { name: "PST", ratePpm: 100_000, amountMinor: 1050 },
    ]);
    const including = priceOrder(order([line(11_550, { taxes })], { level, pricesIncludeTax: true }));
    expect(including.lines[0]).toMatchObject({ netMinor: 10_000, taxMinor: 1550 });
    expect(including.lines[0]!.taxes.map(({ amountMinor }) => amountMinor)).toEqual([500, 1050]);
  });

  it("keeps parallel taxes apart, and compounds on what stands before", () => {
    const amounts = (taxes: Parameters<typeof line>[1]): number[] => priceOrder(order([line(10_000, taxes)])).lines[0]!.taxes.map((t) => t.amountMinor);
    expect(amounts({ taxes: [tax(5), tax(9.975)] })).toEqual([500, 998]);
    expect(amounts({ taxes: [tax(10, { compound: true }), tax(5)] })).toEqual([1000, 500]);
    expect(amounts({ taxes: [tax(10), tax(10, { compound: true }), tax(10, { compound: true }), tax(10, { compound: true })] })).toEqual([1000, 1100, 1210, 1331]);
  });

  it("shares one rounded tax over the taxes that a price includes", () => {
    const { lines: [priced] } = priceOrder(order([line(10_000, { taxes: [tax(5), tax(9.975)] })], { pricesIncludeTax: true }));
    expect(priced).toMatchObject({ taxMinor: 1302, netMinor: 8698 });
    expect(priced!.taxes.map(({ amountMinor }) => amountMinor)).toEqual([435, 867]);
  });

  it("T12 JPY 1234 at 10 % and 567 at 8 %, truncating: 123 + 45 = 168, total 1969", () => {
    const lines = [line(1234, { taxes: [tax(10)] }), line(567, { taxes: [tax(8)] })];
    const priced = priceOrder(order(lines, { currency: "JPY", mode: "down", level: "order" }));
    expect(lineTaxes(priced)).toEqual([123, 45]);
    expect(priced).toMatchObject({ taxTotalMinor: 168, totalMinor: 1969 });
  });

  it("rounds once per rate, whatever the names; two taxes of one rate on one line stay apart", () => {
    const taxed = (names: readonly string[]) => line(110, { taxes: names.map((name) => tax(5, { name })) });
    const taxTotal = (...lines: ReturnType<typeof taxed>[]): number => priceOrder(order(lines, { level: "order" })).taxTotalMinor;
    expect(taxTotal(taxed(["food"]))).toBe(6); // 5.5
    expect(taxTotal(taxed(["food"]), taxed(["drinks"]))).toBe(11);
    expect(taxTotal(taxed(["state", "city"]))).toBe(12);
  });

  it.each([
    ["halfUp", 51],
    ["halfEven", 50],
    ["down", 50],
  ] as const)("R01 rounds 0.505 %s to %p", (mode, taxMinor) => {
    expect(priceOrder(order([line(505, { taxes: [tax(10)] })], { mode })).taxTotalMinor).toBe(taxMinor);
  });

  it("rounds per unit with broken quantities and discounts", () => {
    const unit = (rest: Parameters<typeof line>[1], price = 999): number => priceOrder(order([line(price, { taxes: [tax(10)], ...rest })], { level: "unit" })).taxTotalMinor;
    expect(unit({ quantityThousandths: 3000 })).toBe(300); // 0.999 → 1.00 each
    expect(unit({ quantityThousandths: 355 })).toBe(36); // 1.00 × 0.355
    expect(unit({ quantityThousandths: 2000, discount: { percentPpm: 500_000 } })).toBe(100); // 4.995 each → 0.50
    expect(unit({ quantityThousandths: 2000, discount: { percentPpm: 1_000_000 } })).toBe(0);
  });

  it("never takes more tax than the price includes, however fine the price and high the rate", () => {
    const { lines: [priced] } = priceOrder(order([line(0, { unitPriceDecimal: "0.006", quantityThousandths: 10_000, taxes: [tax(900)] })], { level: "unit", pricesIncludeTax: true }));
    expect(priced).toMatchObject({ grossMinor: 6, taxMinor: 6, netMinor: 0 });
  });
});

describe("discounts", () => {
  it("T16 50.00 including 10 %, 10.00 off: total 40.00, tax 3.64, net 36.36", () => {
    const { totalMinor, lines: [priced] } = priceOrder(order([line(5000, { taxes: [tax(10)], discount: { amountMinor: 1000 } })], { pricesIncludeTax: true }));
    expect(totalMinor).toBe(4000);
    expect(priced).toMatchObject({ taxMinor: 364, netMinor: 3636, discountMinor: 1000 });
  });

  it.each(["line", "unit", "order"] as const)("T18 1300.00 including 18 %%, 100 %% off, per %s: 0 / 0 / 0", (level) => {
    const sale = (discount?: { percentPpm: number }) =>
      priceOrder(order([line(130_000, { taxes: [tax(18)], ...(discount && { discount }) })], { pricesIncludeTax: true, level })).lines[0];
    expect(sale()).toMatchObject({ taxMinor: 19_831, netMinor: 110_169 });
    expect(sale({ percentPpm: 1_000_000 })).toMatchObject({ taxMinor: 0, netMinor: 0, totalMinor: 0, discountMinor: 130_000 });
  });

  it("D01 10.00 off 33.33, 33.33 and 33.34: 3.33, 3.33, 3.34", () => {
    const { lines } = priceOrder(order([line(3333), line(3333), line(3334)], { discount: { amountMinor: 1000 } }));
    expect(lines.map((l) => l.orderDiscountMinor)).toEqual([333, 333, 334]);
  });

  it("D05 50.00 off 18.00 and 15.00: 18.00, 15.00, and 17.00 reported as unapplied", () => {
    const priced = priceOrder(order([line(1800), line(1500)], { discount: { amountMinor: 5000, reason: "voucher" } }));
    expect(priced.lines.map((l) => l.orderDiscountMinor)).toEqual([1800, 1500]);
    expect(priced.totalMinor).toBe(0);
    expect(priced.explain).toContainEqual({ rule: "orderDiscount", applied: true, reason: "voucher: no more than there is", amountMinor: 3300, unappliedMinor: 1700 });
  });

  it("caps a line discount at its line and leaves the others alone", () => {
    const priced = priceOrder(order([line(1800, { discount: { amountMinor: 2000 } }), line(1500)]));
    expect(priced.lines.map((l) => l.discountMinor)).toEqual([1800, 0]);
    expect(priced.explain).toContainEqual(expect.objectContaining({ rule: "lineDiscount", lineIndex: 0, amountMinor: 1800, unappliedMinor: 200 }));
  });

  it("D07 10 % off three lines of 0.05: 0.02, shared as 0.01, 0.01, 0.00", () => {
    const priced = priceOrder(order([line(5), line(5), line(5)], { discount: { percentPpm: 100_000 } }));
    expect(priced.discountTotalMinor).toBe(2);
    expect(priced.lines.map((l) => l.orderDiscountMinor)).toEqual([1, 1, 0]);
  });

  it("D09 0.97 off seven equal lines: six of 0.14 and one of 0.13", () => {
    const { lines } = priceOrder(order(Array.from({ length: 7 }, () => line(100)), { discount: { amountMinor: 97 } }));
    expect(lines.map((l) => l.orderDiscountMinor)).toEqual([14, 14, 14, 14, 14, 14, 13]);
  });

  it("D11 100.00, first 10 % that stops, second 20 %: 90.00, and says so", () => {
    const discount = [{ percentPpm: 100_000, rule: "SUMMER", stopAfter: true }, { percentPpm: 200_000, rule: "CLUB" }];
    const priced = priceOrder(order([line(10_000)], { discount }));
    expect(priced.totalMinor).toBe(9000);
    expect(priced.explain).toContainEqual({ rule: "CLUB", applied: false, reason: "not applied after SUMMER" });
  });

  it("lets each discount work on what those before it left: line first, order second, tax last", () => {
    const priced = priceOrder(order(
      [line(10_000, { discount: [{ percentPpm: 100_000 }, { amountMinor: 1000 }], taxes: [tax(10)] })],
      { discount: { percentPpm: 500_000 } },
    ));
    expect(priced.lines[0]).toMatchObject({ lineDiscountMinor: 2000, orderDiscountMinor: 4000, discountMinor: 6000, netMinor: 4000, taxMinor: 400, totalMinor: 4400 });
    expect(priced).toMatchObject({ subtotalMinor: 10_000, discountTotalMinor: 6000, taxTotalMinor: 400, totalMinor: 4400 });
  });

  it("gives a line of zero nothing", () => {
    const { lines } = priceOrder(order([line(0), line(100)], { discount: { amountMinor: 10 } }));
    expect(lines.map((l) => l.orderDiscountMinor)).toEqual([0, 10]);
  });

  it.each([{}, { percentPpm: 1, amountMinor: 1 }, { amountMinor: -1 }, { percentPpm: 0.5 }])("refuses the discount %p", (discount) => {
    expect(() => priceOrder(order([line(100, { discount })]))).toThrow(expect.objectContaining({ code: "invalid_discount" }));
  });
});

describe("lines", () => {
  it("rounds a price of four decimals once, on the line", () => {
    const priced = priceOrder(order([line(0, { unitPriceDecimal: "0.0425", quantityThousandths: 12_000 })]));
    expect(priced.lines[0]).toMatchObject({ grossMinor: 51, unitPriceMinor: 4 });
    expect(priceOrder(order([line(0, { unitPriceDecimal: "12.5" })], { currency: "BHD" })).totalMinor).toBe(12_500);
    expect(priceOrder(order([line(0, { unitPriceDecimal: "12.5", quantityThousandths: 3000 })], { currency: "JPY" })).totalMinor).toBe(38);
  });

  it("sells by weight: 0.355 of 9.99 is 3.55", () => {
    expect(priceOrder(order([line(999, { quantityThousandths: 355 })])).totalMinor).toBe(355);
  });

  it.each(["line", "unit", "order"] as const)("mirrors goods taken back, per %s", (level) => {
    const settings = { level, pricesIncludeTax: true } as const;
    const rest = { taxes: [tax(9)], discount: { percentPpm: 125_000 } };
    const [sold] = priceOrder(order([line(1999, { ...rest, quantityThousandths: 3000 })], settings)).lines;
    const [back] = priceOrder(order([line(1999, { ...rest, quantityThousandths: -3000 })], settings)).lines;
    expect(back).toMatchObject({ grossMinor: -sold!.grossMinor, discountMinor: -sold!.discountMinor, taxMinor: -sold!.taxMinor, netMinor: -sold!.netMinor, totalMinor: -sold!.totalMinor });
  });

  it("takes no amount off goods taken back, and shares an order discount over the others", () => {
    const priced = priceOrder(order([line(500, { quantityThousandths: -1000, discount: { amountMinor: 100 } }), line(1000)], { discount: { amountMinor: 300 } }));
    expect(priced.lines.map((l) => l.discountMinor)).toEqual([0, 300]);
    expect(priced.totalMinor).toBe(200);
  });

  it("prices nothing at nothing, and carries ids", () => {
    expect(priceOrder(order([]))).toMatchObject({ lines: [], subtotalMinor: 0, taxTotalMinor: 0, totalMinor: 0 });
    expect(priceOrder(order([line(1, { id: "L1" })])).lines[0]).toMatchObject({ id: "L1", variantId: "MUG-RED" });
  });

  it("says what the order would cost in cash, and leaves the total alone", () => {
    const priced = priceOrder(order([line(598)], { cashRounding: 5 }));
    expect(priced).toMatchObject({ totalMinor: 598, cashTotalMinor: 600 });
    expect(priced.explain).toContainEqual(expect.objectContaining({ rule: "cashRounding", applied: true, amountMinor: 2 }));
  });

  it.each([
    ["no quantity", line(100, { quantityThousandths: 0 }), "invalid_line"],
    ["a broken thousandth", line(100, { quantityThousandths: 0.5 }), "invalid_line"],
    ["a negative price", line(-1), "invalid_line"],
    ["a negative decimal price", line(0, { unitPriceDecimal: "-1" }), "invalid_line"],
    ["two prices", { ...line(1), unitPriceDecimal: "1" }, "invalid_line"],
    ["a price that is no number", line(0, { unitPriceDecimal: "1,5" }), "invalid_amount"],
    ["more than integers hold", line(Number.MAX_SAFE_INTEGER, { quantityThousandths: 2000 }), "amount_out_of_range"],
  ])("refuses %s", (_name, bad, code) => {
    expect(() => priceOrder(order([bad]))).toThrow(expect.objectContaining({ code }));
  });

  it("refuses a currency that it does not know, and sums beyond the safe integers", () => {
    expect(() => priceOrder(order([line(1)], { currency: "ABC" }))).toThrow(expect.objectContaining({ code: "unknown_currency" }));
    const huge = line(Number.MAX_SAFE_INTEGER);
    expect(() => priceOrder(order([huge, huge]))).toThrow(expect.objectContaining({ code: "amount_out_of_range" }));
  });
});
