import { describe, expect, it } from "@jest/globals";
import { afterRefunds, statusAfter } from "../../domain/after-refund.ts";
import type { Order } from "../../domain/order-document.ts";

const eur = (amount: number) => ({ amount, currency: "EUR" });
const order = (returned: number[], rest: object = {}) => ({ status: "paid", total: eur(3000), refunded: eur(0), version: 1, history: [], lines: returned.map((returnedQuantity) => ({ quantity: 1, returnedQuantity })), ...rest }) as unknown as Order;

describe("the status of an order of which something came back", () => {
  it.each<[string, Order, number, string]>([
    ["a part of the money", order([0, 0]), 2999, "partiallyRefunded"],
    ["all of the money, and no goods", order([0, 0]), 3000, "refunded"],
    ["all of the goods, less than all of the money", order([1, 1]), 2900, "refunded"],
    ["one of two gifts", order([1, 0], { total: eur(0) }), 0, "partiallyRefunded"],
    ["both gifts", order([1, 1], { total: eur(0) }), 0, "refunded"],
    ["the rest of what is cancelled", order([1, 1], { status: "cancelled" }), 3000, "cancelled"],
  ])("%s", (_what, given, refundedMinor, status) => {
    expect(statusAfter(given, refundedMinor)).toBe(status);
  });

  it("is told refund by refund", () => {
    const after = afterRefunds(order([0]), [{ amountMinor: 1000, reason: "late", at: "2026-02-01T10:00:00.000Z" }, { amountMinor: 2000, reason: null, at: "2026-02-02T10:00:00.000Z" }]);
    expect(after).toMatchObject({ status: "refunded", refunded: eur(3000), version: 3, updatedAt: "2026-02-02T10:00:00.000Z" });
    expect(after.history).toEqual([
      { at: "2026-02-01T10:00:00.000Z", status: "partiallyRefunded", by: null, note: "late" }, { at: "2026-02-02T10:00:00.000Z", status: "refunded", by: null, note: null },
    ]);
  });

  it("of nothing changes nothing", () => {
    const before = order([0]);
    expect(afterRefunds(before, [])).toBe(before);
  });
});
