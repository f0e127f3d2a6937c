import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { planPaymentRefund, planRefund, taxAtMost, taxWithin, type PaidPayment } from "../../domain/refund-plan.ts";

const paid = (method: PaidPayment["method"], amountMinor: number, more: Partial<PaidPayment> = {}): PaidPayment => ({ id: method, method, amountMinor, roundingMinor: 0, refundedMinor: 0, refundRoundingMinor: 0, ...more });
const plan = (dueMinor: number, method: "original" | PaidPayment["method"], payments: PaidPayment[], cashStep: number | null = null) => planRefund({ dueMinor, method, cashStep, payments });

describe("the plan of a refund", () => {
  it.each<[string, ReturnType<typeof plan>, unknown]>([
    ["F04 pro rata over the tenders", plan(2500, "original", [paid("external", 3000), paid("cash", 2000)]), [["external", 1500], ["cash", 1000]]],
    ["to the method named", plan(800, "external", [paid("external", 1000), paid("cash", 1000)]), [["external", 800]]],
    ["cash that covers more than was paid in cash takes it off every tender", plan(1500, "cash", [paid("card", 1000), paid("cash", 1000)]), [["cash", 750], ["cash", 750]]],
    ["of nothing has no parts", plan(0, "original", [paid("cash", 1000)]), []],
  ])("%s", (_name, result, parts) => {
    expect(typeof result === "string" ? result : result.parts.map((part) => [part.method, part.amountMinor])).toEqual(parts);
  });

  it.each<[string, ReturnType<typeof plan>, string]>([
    ["more than is left", plan(1001, "original", [paid("cash", 1000)]), "exceeds_captured"],
    ["more than is left, also in cash", plan(600, "cash", [paid("card", 1000, { refundedMinor: 500 })]), "exceeds_captured"],
    ["more than was paid by the card", plan(1500, "card", [paid("card", 1000), paid("cash", 1000)]), "method_has_no_room"],
  ])("refuses %s", (_name, result, refused) => { expect(result).toBe(refused); });
});

describe("the tax of a refund", () => {
  it.each([
    ["is what the goods carried", { dueMinor: 600, taxMinor: 100, leftNetMinor: 1000, leftTaxMinor: 200 }, 100],
    ["is no more than the sale has left", { dueMinor: 600, taxMinor: 100, leftNetMinor: 1000, leftTaxMinor: 80 }, 80],
    ["takes what the net has no room for", { dueMinor: 600, taxMinor: 100, leftNetMinor: 450, leftTaxMinor: 200 }, 150],
  ])("%s", (_name, given, expected) => { expect(taxAtMost(given)).toBe(expected); });
});

describe("a refund of one payment", () => {
  it("takes the rounding of the sale with the last piece", () => {
    const payment = paid("cash", 290, { roundingMinor: -1 });
    expect(planPaymentRefund(payment, 100)).toEqual({ dueMinor: 100, part: { paymentId: "cash", method: "cash", amountMinor: 100, roundingMinor: 0 } });
    expect(planPaymentRefund({ ...payment, refundedMinor: 100 }, 190)).toMatchObject({ dueMinor: 191, part: { amountMinor: 190, roundingMinor: -1 } });
    expect(planPaymentRefund(payment, 291)).toBeUndefined();
  });

  it("in pieces claims exactly the sale and its tax (property)", () => {
    fc.assert(fc.property(fc.integer({ min: 10, max: 100_000 }), fc.integer({ min: -2, max: 2 }), fc.nat(9), fc.array(fc.integer({ min: 1, max: 5_000 }), { maxLength: 6 }), (amountMinor, roundingMinor, tenths, cuts) => {
      const claim = amountMinor - roundingMinor, taxMinor = Math.floor(claim * tenths / 10);
      let payment = paid("cash", amountMinor, { roundingMinor }), leftNetMinor = claim - taxMinor, leftTaxMinor = taxMinor;
      for (const cut of [...cuts, Infinity]) {
        const piece = Math.min(cut, payment.amountMinor - payment.refundedMinor);
        if (piece === 0) break;
        const { dueMinor, part } = planPaymentRefund(payment, piece)!;
        const tax = taxWithin({ dueMinor, leftNetMinor, leftTaxMinor });
        leftTaxMinor -= tax;
        leftNetMinor -= dueMinor - tax;
        payment = { ...payment, refundedMinor: payment.refundedMinor + part.amountMinor, refundRoundingMinor: payment.refundRoundingMinor + part.roundingMinor };
        expect(Math.min(leftTaxMinor, leftNetMinor)).toBeGreaterThanOrEqual(0);
      }
      expect([leftNetMinor, leftTaxMinor, payment.refundedMinor]).toEqual([0, 0, amountMinor]);
    }));
  });
});
