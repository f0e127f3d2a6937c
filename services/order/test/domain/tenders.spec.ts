import { describe, it, expect } from "@jest/globals";
import { priceOrder } from "../../domain/price-order.ts";
import { settleTenders } from "../../domain/tenders.ts";
import type { TenderInput } from "../../domain/tenders.ts";
import { line, order, tax } from "./order.builder.ts";

const cash = (rest: Omit<TenderInput, "method"> = {}): TenderInput => ({ method: "cash", ...rest });
const card = (amountMinor?: number): TenderInput => ({ method: "card", ...(amountMinor !== undefined && { amountMinor }) });
const settle = (totalMinor: number, cashStep: number | null, ...payments: TenderInput[]) => settleTenders({ totalMinor, cashStep, payments });

describe("cash rounding", () => {
  it.each([
    ["C02 5.98", 598, 5, 600],
    ["C02 5.97", 597, 5, 595],
    ["C06 CHF 1.02", 102, 5, 100],
    ["C06 CHF 1.03", 103, 5, 105],
    ["C06 CHF 1.07", 107, 5, 105],
    ["C06 CHF 1.08", 108, 5, 110],
    ["T14 payable 1469.13 + 0.02", 146_913, 5, 146_915],
  ])("%s", (_name, total, step, payableMinor) => {
    expect(settle(total, step, cash())).toMatchObject({ payableMinor, roundingMinor: payableMinor - total, changeMinor: 0 });
  });

  it("C04 689.93 and 12 %: tax 82.79, total 772.72, cash 772.70", () => {
    const { taxTotalMinor, totalMinor, cashTotalMinor } = priceOrder(order([line(68_993, { taxes: [tax(12)] })], { currency: "CAD", cashRounding: 5 }));
    expect([taxTotalMinor, totalMinor, cashTotalMinor]).toEqual([8279, 77_272, 77_270]);
    expect(settle(totalMinor, 5, cash())).toMatchObject({ payableMinor: 77_270, roundingMinor: -2 });
  });

  it.each([["10.95", 1095, 0], ["10.94", 1094, 10]])("C08 %s in steps of 0.10, 11.00 tendered", (_name, total, changeMinor) => {
    expect(settle(total, 10, cash({ tenderedMinor: 1100 }))).toMatchObject({ changeMinor, payments: [{ tenderedMinor: 1100, changeMinor }] });
  });

  it("C10 rounds only the cash part of a split: card 10.00, cash 2.90, rounding -0.01", () => {
    const expected = {
      payments: [{ method: "card", amountMinor: 1000 }, { method: "cash", amountMinor: 290, tenderedMinor: 290, changeMinor: 0 }],
      roundingMinor: -1,
      payableMinor: 1290,
      changeMinor: 0,
    };
    expect(settle(1291, 5, card(1000), cash())).toEqual(expected);
    expect(settle(1291, 5, card(1000), cash({ amountMinor: 290 }))).toEqual(expected);
  });

  it("rounds nothing where no cash is paid, or a card takes what remains", () => {
    expect(settle(1291, 5, card())).toMatchObject({ payableMinor: 1291, roundingMinor: 0 });
    expect(settle(1291, 5, cash({ amountMinor: 290 }), card())).toMatchObject({ payments: [{ amountMinor: 290 }, { amountMinor: 1001 }], roundingMinor: 0 });
  });

  it("rounds the sum of several cash payments once", () => {
    expect(settle(1291, 5, cash({ amountMinor: 101 }), cash())).toMatchObject({ payments: [{ amountMinor: 101 }, { amountMinor: 1189 }], payableMinor: 1290 });
  });

  it("rounds a sum below half a step to nothing", () => {
    expect(settle(2, 5, cash({ tenderedMinor: 0 }))).toMatchObject({ payableMinor: 0, roundingMinor: -2 });
  });
});

describe("tenders", () => {
  it("takes no payment for a total of 0", () => {
    expect(settle(0, 5)).toEqual({ payments: [], roundingMinor: 0, payableMinor: 0, changeMinor: 0 });
    expect(settle(0, null, cash())).toMatchObject({ payments: [{ amountMinor: 0 }] });
  });

  it("lets one payment take what remains and keeps the order of the payments", () => {
    expect(settle(5000, null, card(), { method: "giftCard", amountMinor: 3000 })).toMatchObject({ payments: [{ method: "card", amountMinor: 2000 }, { method: "giftCard", amountMinor: 3000 }] });
  });

  it("computes change as tendered less amount", () => {
    expect(settle(1999, null, cash({ amountMinor: 1999, tenderedMinor: 5000 }))).toMatchObject({ changeMinor: 3001 });
    expect(settle(1999, null, card(1000), cash({ tenderedMinor: 1000 }))).toMatchObject({ changeMinor: 1, payments: [{}, { amountMinor: 999 }] });
  });

  it.each<[string, number, number | null, TenderInput[], number, string]>([
    ["nothing paid", 100, null, [], 100, "less than"],
    ["too little by card", 1000, null, [card(999)], 1000, "less than"],
    ["too much by card", 1000, null, [card(1001)], 1000, "more than"],
    ["too much by card beside open cash", 1000, 5, [card(1001), cash()], 1000, "more than"],
    ["exact cash where cash is rounded", 598, 5, [cash({ amountMinor: 598 })], 600, "less than"],
    ["cash rounded the wrong way", 597, 5, [cash({ amountMinor: 600 })], 595, "more than"],
    ["cash off the step beside an open card", 1291, 5, [cash({ amountMinor: 291 }), card()], 1291, "steps of 5"],
    ["a card that pays the rounded total", 598, 5, [card(600)], 598, "more than"],
    ["two open payments", 1000, null, [card(), cash()], 1000, "Only one"],
    ["less tendered than due", 1000, null, [cash({ tenderedMinor: 999 })], 1000, "Less cash"],
    ["less tendered than the amount", 1000, null, [cash({ amountMinor: 1000, tenderedMinor: 500 })], 1000, "Less cash"],
    ["a tendered card", 1000, null, [{ method: "card", tenderedMinor: 2000 }], 1000, "Only cash"],
    ["a negative amount", 1000, null, [card(-500), cash({ amountMinor: 1500 })], 1000 , "negative"],
    ["a payment for nothing", 0, null, [card(1)], 0, "more than"],
  ])("refuses %s", (_name, total, step, payments, expectedMinor, detail) => {
    expect(settle(total, step, ...payments)).toEqual({ refused: "amount_mismatch", detail: expect.stringContaining(detail), expectedMinor });
  });
});
