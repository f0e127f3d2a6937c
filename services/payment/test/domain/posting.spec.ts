import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { refundPosting, salePosting } from "../../domain/posting.ts";

const tender = (method: "cash" | "card" | "external", amountMinor: number) => ({ paymentId: method, method, amountMinor });
const amounts = (entries: readonly { account: number; amountMinor: number }[]) => entries.map(({ account, amountMinor }) => [account, amountMinor]);

describe("the posting of a sale", () => {
  it("is Dr tenders, Cr sales, Cr tax", () => {
    expect(amounts(salePosting({ netMinor: 1000, taxMinor: 200, roundingMinor: 0 }, [tender("card", 700), tender("external", 500)])))
      .toEqual([[1100, 700], [1150, 500], [4000, -1000], [2200, -200]]);
  });

  it.each([[1, -1], [-1, 1]])("C10 books cash rounding of %d as %d", (roundingMinor, booked) => {
    expect(amounts(salePosting({ netMinor: 1291, taxMinor: 0, roundingMinor }, [tender("cash", 1291 + roundingMinor)]))).toContainEqual([4900, booked]);
  });

  it("keeps lines of 0 out of the books", () => {
    expect(salePosting({ netMinor: 0, taxMinor: 0, roundingMinor: 0 }, [tender("cash", 0)])).toEqual([]);
  });

  it("refuses tenders that are not net + tax + rounding", () => {
    expect(() => salePosting({ netMinor: 1000, taxMinor: 0, roundingMinor: 0 }, [tender("cash", 999)])).toThrow(/off by -1/);
  });

  it("sums to zero, and a refund of the same takes it all back (property)", () => {
    fc.assert(fc.property(fc.nat(1e9), fc.nat(1e8), fc.integer({ min: -5, max: 5 }), fc.nat(1e6), (netMinor, taxMinor, roundingMinor, cardMinor) => {
      const sale = { netMinor: netMinor + 1e6 + 5, taxMinor, roundingMinor };
      const tenders = [tender("card", cardMinor), tender("cash", sale.netMinor + taxMinor + roundingMinor - cardMinor)];
      const [there, back] = [salePosting(sale, tenders), refundPosting(sale, tenders)];
      const sum = [...there].reduce((total, entry) => total + entry.amountMinor, 0);
      expect(sum).toBe(0);
      expect(amounts(back)).toEqual(amounts(there).map(([account, amount]) => [account, -amount!]));
    }));
  });
});
