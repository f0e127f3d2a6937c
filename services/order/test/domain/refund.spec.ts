import { describe, it, expect } from "@jest/globals";
import { priceOrder } from "../../domain/price-order.ts";
import { refundShare, restockingFee } from "../../domain/refund.ts";
import { refundOverTenders } from "../../domain/refund-tenders.ts";
import type { PaidTender } from "../../domain/refund-tenders.ts";
import { line, order, tax } from "./order.builder.ts";

const parts = (refund: ReturnType<typeof refundOverTenders>): number[] => refund.parts.map(({ amountMinor }) => amountMinor);
const paid = (method: string, paidMinor: number, rest: Partial<PaidTender> = {}): PaidTender => ({ method, paidMinor, refundedMinor: 0, ...rest });

describe("refund of a line", () => {
  it("F02 3 x 9.99 at 8.25 %, one by one: tax 0.82, 0.83, 0.82", () => {
    const sold = priceOrder(order([line(999, { quantityThousandths: 3000, taxes: [tax(8.25)] })])).lines[0]!;
    const slices = [0, 1000, 2000].map((returnedBefore) => refundShare({ sold, returnedBefore, returning: 1000 }));
    expect(sold.taxMinor).toBe(247);
    expect(slices.map(({ taxMinor }) => taxMinor)).toEqual([82, 83, 82]);
    expect(slices.map(({ netMinor }) => netMinor)).toEqual([999, 999, 999]);
    expect(slices.map(({ totalMinor }) => totalMinor)).toEqual([1081, 1082, 1081]);
  });

  it("gives the whole line back at once as it was sold", () => {
    const sold = priceOrder(order([line(1999, { quantityThousandths: 1500, taxes: [tax(5), tax(9.975)], discount: { percentPpm: 100_000 } })])).lines[0]!;
    const { quantityThousandths, grossMinor, discountMinor, taxMinor, taxes, netMinor, totalMinor } = sold;
    expect(refundShare({ sold, returnedBefore: 0, returning: 1500 })).toEqual({ quantityThousandths, grossMinor, discountMinor, taxMinor, taxes, netMinor, totalMinor });
  });

  it("refuses more than was sold, less what came back", () => {
    const sold = priceOrder(order([line(999, { quantityThousandths: 3000 })])).lines[0]!;
    expect(() => refundShare({ sold, returnedBefore: 2000, returning: 1001 })).toThrow(expect.objectContaining({ code: "share_exceeds_whole" }));
  });

  it("F06 29.99 and 8 % back, fee 15 % of net, untaxed: fee 4.50, refund 27.89", () => {
    const sold = priceOrder(order([line(2999, { taxes: [tax(8)] })])).lines[0]!;
    expect(restockingFee({ ...refundShare({ sold, returnedBefore: 0, returning: 1000 }), feePpm: 150_000, mode: "halfUp" })).toEqual({ feeMinor: 450, refundMinor: 2789 });
  });

  it("F06 never asks a fee above the refund", () => {
    expect(restockingFee({ netMinor: 100, totalMinor: 108, feePpm: 2_000_000, mode: "halfUp" })).toEqual({ feeMinor: 108, refundMinor: 0 });
  });
});

describe("refund over the tenders", () => {
  it("F04 25.00 of 30.00 gift card + 20.00 cash: 15.00 + 10.00", () => {
    const refund = refundOverTenders({ amountMinor: 2500, cashStep: null, tenders: [paid("giftCard", 3000), paid("cash", 2000)] });
    expect(refund).toMatchObject({ amountMinor: 2500, unappliedMinor: 0 });
    expect(parts(refund)).toEqual([1500, 1000]);
  });

  it.each<[string, number, number | null, PaidTender[], number[], number]>([
    ["F04 a used-up tender leaves its share to the others", 2500, null, [paid("giftCard", 3000), paid("cash", 2000, { refundedMinor: 1500 })], [2000, 500], 0],
    ["never above what was paid", 6000, null, [paid("giftCard", 3000), paid("cash", 2000)], [3000, 2000], 1000],
    ["nothing left", 100, null, [paid("card", 500, { refundedMinor: 500 })], [0], 100],
    ["nothing to refund", 0, 5, [paid("card", 500), paid("cash", 500)], [0, 0], 0],
    ["cash again to the step: 5.02", 502, 5, [paid("cash", 2000)], [500], 0],
    ["C10 the whole split comes back as it was paid", 1291, 5, [paid("card", 1000), paid("cash", 290, { roundingMinor: -1 })], [1000, 290], 0],
    ["rounded up on the sale, rounded up on the refund", 303, 5, [paid("cash", 305, { roundingMinor: 2 })], [305], 0],
    ["a card is not rounded", 502, 5, [paid("card", 2000)], [502], 0],
  ])("%s", (_name, amountMinor, cashStep, tenders, expected, unappliedMinor) => {
    const refund = refundOverTenders({ amountMinor, cashStep, tenders });
    expect(parts(refund)).toEqual(expected);
    expect(refund).toMatchObject({ unappliedMinor, amountMinor: expected.reduce((a, b) => a + b, 0) });
  });

  it("gives rounded cash back in full, piece by piece: 3 x 1.01 paid with 3.05", () => {
    let tender = paid("cash", 305, { roundingMinor: 2, refundRoundingMinor: 0 });
    const pieces = [101, 101, 101].map((amountMinor) => {
      const part = refundOverTenders({ amountMinor, cashStep: 5, tenders: [tender] }).parts[0]!;
      tender = { ...tender, refundedMinor: tender.refundedMinor + part.amountMinor, refundRoundingMinor: tender.refundRoundingMinor! + part.roundingMinor };
      return part.amountMinor;
    });
    expect(pieces).toEqual([100, 100, 105]);
  });
});
