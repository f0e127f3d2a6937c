import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from "@jest/globals";
import fc from "fast-check";
import { newId } from "../../../../lib/ids.ts";
import type { TestPlatform } from "../../../../test/support/platform.ts";
import { card, cash, external, sale, type Sale, type Tender } from "./sale.builder.ts";

let armed: string | undefined;
jest.unstable_mockModule("../../../../mixins/failpoint.ts", () => ({
  failpoint: (name: string) => {
    if (armed !== name) return;
    armed = undefined;
    throw new Error(`failpoint ${name}`);
  },
}));
const { startTestPlatform } = await import("../../../../test/support/platform.ts");

const alder = newId(), birch = newId();
let platform: TestPlatform;
beforeAll(async () => { platform = await startTestPlatform({ services: ["payment"] }); });
afterAll(async () => { await platform.stop(); });
afterEach(() => { armed = undefined; });

const order = (tenant = alder) => platform.service("order", tenant);

async function sold(payments: Tender[], more: Partial<Sale> = {}): Promise<Sale> {
  const made = sale(payments, more);
  if (payments.every((payment) => payment.method !== "card")) await order().call("payment.settle", made);
  else {
    await order().call("payment.authorize", made);
    await order().call("payment.capture", { orderId: made.orderId });
  }
  return made;
}

type Method = "original" | "cash" | "card" | "external";
const refund = (made: Sale, amountMinor: number, more: { refundId?: string; method?: Method; cashRounding?: number | null; taxMinor?: number } = {}, tenant = alder) => {
  const { taxMinor = 0, cashRounding = null, refundId = newId(), method } = more;
  return order(tenant).call("payment.refundOrder", {
    refundId, orderId: made.orderId, amountMinor, netMinor: amountMinor - taxMinor, taxMinor, cashRounding, businessDay: "2026-02-01", at: "2026-02-01T10:00:00.000Z", reason: "broken", ...(method ? { method } : {}),
  });
};
const entries = (refundId: string) => platform.sql("SELECT account, amount_minor::int AS amount FROM payment.ledger_entry WHERE transaction_id = $1 ORDER BY line", [refundId]);
const payments = (made: Sale) => platform.sql("SELECT method, status, refunded_minor::int AS refunded FROM payment.payment WHERE order_id = $1 ORDER BY no", [made.orderId]);
const events = (made: Sale) => platform.sql("SELECT data->>'method' AS method, (data->>'amountMinor')::int AS amount FROM payment.outbox WHERE type = 'payment.refunded' AND data->>'orderId' = $1 ORDER BY seq", [made.orderId]);

describe("a refund of an order", () => {
  it("F04 25.00 of 30.00 external + 20.00 cash: 15.00 + 10.00, and the books mirror it", async () => {
    const made = await sold([external(3000), cash(2000)], { taxMinor: 0 });
    const refundId = newId();
    expect((await refund(made, 2500, { refundId, taxMinor: 0 })).parts.map((part) => part.amountMinor).sort()).toEqual([1000, 1500]);
    expect((await entries(refundId)).sort((a, b) => Number(a.amount) - Number(b.amount))).toEqual([{ account: 1150, amount: -1500 }, { account: 1000, amount: -1000 }, { account: 4000, amount: 2500 }]);
    expect(await payments(made)).toEqual([{ method: "external", status: "partiallyRefunded", refunded: 1500 }, { method: "cash", status: "partiallyRefunded", refunded: 1000 }]);
  });

  it("in cash is rounded again: 5.02 in steps of 0.05 gives 5.00, the rest is cash rounding", async () => {
    const made = await sold([cash(2000)], { taxMinor: 8 });
    const refundId = newId();
    expect(await refund(made, 502, { refundId, cashRounding: 5, taxMinor: 2 })).toMatchObject({ amountMinor: 500, roundingMinor: -2 });
    expect(await entries(refundId)).toEqual([{ account: 1000, amount: -500 }, { account: 4000, amount: 500 }, { account: 2200, amount: 2 }, { account: 4900, amount: -2 }]);
    expect(await events(made)).toEqual([{ method: "cash", amount: 500 }]);
  });

  it("C10 the whole split sale comes back as it was paid, card over the provider", async () => {
    const made = await sold([card(1000), cash(290)], { taxMinor: 0, roundingMinor: -1 });
    expect(await refund(made, 1291, { cashRounding: 5 })).toMatchObject({ amountMinor: 1290, roundingMinor: -1 });
    expect(await payments(made)).toEqual([{ method: "card", status: "refunded", refunded: 1000 }, { method: "cash", status: "refunded", refunded: 290 }]);
    expect(await platform.sql("SELECT refunded_minor::int AS n FROM payment.provider_charge WHERE payment_id = $1", [made.payments[0]!.id])).toEqual([{ n: 1000 }]);
    expect((await events(made)).map((event) => event.amount).sort()).toEqual([1000, 290]);
  });

  it("by a named method goes there; a card sale can come back in cash, a cash sale not over a card", async () => {
    const split = await sold([external(1000), cash(1000)]);
    expect((await refund(split, 800, { method: "cash" })).parts).toEqual([{ paymentId: split.payments[1]!.id, method: "cash", amountMinor: 800 }]);
    const byCard = await sold([card(1000)]);
    const refundId = newId();
    expect((await refund(byCard, 400, { refundId, method: "cash" })).parts).toEqual([{ paymentId: byCard.payments[0]!.id, method: "cash", amountMinor: 400 }]);
    expect(await entries(refundId)).toEqual([{ account: 1000, amount: -400 }, { account: 4000, amount: 400 }]);
    await expect(refund(split, 1100, { method: "card" })).rejects.toMatchObject({ type: "refund_refused", code: 422 });
    expect(await payments(split)).toMatchObject([{ refunded: 0 }, { refunded: 800 }]);
  });

  it("never exceeds what was captured, and a refused one changes nothing", async () => {
    const made = await sold([cash(1000)]);
    await refund(made, 600);
    await expect(refund(made, 401)).rejects.toMatchObject({ type: "refund_exceeds_captured", code: 409, data: { available: 400 } });
    expect(await payments(made)).toEqual([{ method: "cash", status: "partiallyRefunded", refunded: 600 }]);
    expect(await events(made)).toHaveLength(1);
  });

  it("waits for a sale that is not booked yet, and knows nothing of another tenant's", async () => {
    const made = await sold([cash(1000)]);
    await expect(refund({ ...made, orderId: newId() }, 1)).rejects.toMatchObject({ type: "unavailable", code: 503 });
    await expect(refund(made, 100, {}, birch)).rejects.toMatchObject({ type: "unavailable", code: 503 });
    expect(await payments(made)).toEqual([{ method: "cash", status: "captured", refunded: 0 }]);
  });

  it("asked again with its id answers the same and moves nothing; with another amount it is a conflict", async () => {
    const made = await sold([card(1000)]);
    const refundId = newId();
    const first = await refund(made, 600, { refundId });
    expect(await refund(made, 600, { refundId })).toEqual(first);
    await expect(refund(made, 500, { refundId })).rejects.toMatchObject({ type: "id_conflict" });
    expect(await payments(made)).toMatchObject([{ refunded: 600 }]);
    expect(await events(made)).toHaveLength(1);
  });

  it.each<[string, Tender[]]>([["cash", [cash(1000)]], ["card", [card(1000)]]])("in full by 10 at once over %s: one of them gets the money", async (_name, tenders) => {
    const made = await sold(tenders);
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => refund(made, 1000)));
    expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(1);
    for (const outcome of outcomes) if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ type: "refund_exceeds_captured" });
    expect(await payments(made)).toMatchObject([{ status: "refunded", refunded: 1000 }]);
  });

  it("that the provider refuses frees what was set aside", async () => {
    const made = await sold([card(1000)]);
    await platform.sql("UPDATE payment.provider_charge SET captured_minor = 100 WHERE payment_id = $1", [made.payments[0]!.id]);
    await expect(refund(made, 600)).rejects.toMatchObject({ type: "refund_refused" });
    expect(await payments(made)).toEqual([{ method: "card", status: "captured", refunded: 0 }]);
    expect(await events(made)).toEqual([]);
    await platform.sql("UPDATE payment.provider_charge SET captured_minor = 1000 WHERE payment_id = $1", [made.payments[0]!.id]);
  });

  it("after a crash between the provider and the books is given back once", async () => {
    const made = await sold([card(1000)]);
    const refundId = newId();
    armed = "payment.refund:charged";
    await expect(refund(made, 600, { refundId })).rejects.toThrow(/failpoint/);
    expect(await entries(refundId)).toEqual([]);
    await expect(refund(made, 500)).rejects.toMatchObject({ type: "refund_exceeds_captured", data: { available: 400 } });
    await refund(made, 600, { refundId });
    expect(await entries(refundId)).toHaveLength(2);
    expect(await platform.sql("SELECT refunded_minor::int AS n FROM payment.provider_charge WHERE payment_id = $1", [made.payments[0]!.id])).toEqual([{ n: 600 }]);
  });

  it("in any pieces gives back exactly what was paid (property)", async () => {
    await fc.assert(fc.asyncProperty(fc.record({
      cashMinor: fc.integer({ min: 0, max: 400 }).map((n) => n * 5), externalMinor: fc.integer({ min: 1, max: 2000 }), roundingMinor: fc.integer({ min: -2, max: 2 }), cuts: fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 4 }),
    }), async ({ cashMinor, externalMinor, roundingMinor, cuts }) => {
      const rounding = cashMinor > 10 ? roundingMinor : 0;
      const made = await sold([cash(cashMinor), external(externalMinor)], { taxMinor: 0, roundingMinor: rounding });
      let left = cashMinor + externalMinor - rounding, back = 0;
      for (const cut of [...cuts, left]) {
        const piece = Math.min(cut, left);
        left -= piece;
        back += (await refund(made, piece, { cashRounding: 5 })).amountMinor;
      }
      if (left > 0) back += (await refund(made, left, { cashRounding: 5 })).amountMinor;
      expect(back).toBe(cashMinor + externalMinor);
    }), { numRuns: 40 });
  });
});

describe("the audit", () => {
  const check = async (name: string) => (await platform.service("api", alder).call("payment.verify", {})).checks.find((found) => found.name === name)!;

  it("finds nothing after all this, and the trial balance is even", async () => {
    const { checks } = await platform.service("api", alder).call("payment.verify", {});
    expect(checks.map((found) => found.differences)).toEqual([[], [], []]);
    const { data } = await platform.actor(alder).call("payment.trialBalance", {});
    const sum = (side: "debit" | "credit") => data.reduce((total, row) => total + row[side].amount, 0);
    expect(sum("debit")).toBe(sum("credit"));
    expect(sum("debit")).toBeGreaterThan(0);
  });

  it.each([
    ["money ledger", "UPDATE payment.ledger_entry SET amount_minor = amount_minor + 1 WHERE account = 4000 AND transaction_id = $1", "UPDATE payment.ledger_entry SET amount_minor = amount_minor - 1 WHERE account = 4000 AND transaction_id = $1"],
    ["payments", "UPDATE payment.payment SET refunded_minor = refunded_minor + 1 WHERE order_id = $1", "UPDATE payment.payment SET refunded_minor = refunded_minor - 1 WHERE order_id = $1"],
    ["provider charges", "UPDATE payment.provider_charge SET refunded_minor = 1 WHERE payment_id = (SELECT id FROM payment.payment WHERE order_id = $1)", "UPDATE payment.provider_charge SET refunded_minor = 0 WHERE payment_id = (SELECT id FROM payment.payment WHERE order_id = $1)"],
  ])("finds one wrong unit in: %s", async (name, falsify, mend) => {
    const made = await sold([card(1000)]);
    await platform.sql(falsify, [made.orderId]);
    expect((await check(name)).differences).toHaveLength(1);
    await platform.sql(mend, [made.orderId]);
    expect((await check(name)).differences).toEqual([]);
  });

  it("is told captured and refunded per order, page by page", async () => {
    const { orders } = await platform.service("api", alder).call("payment.orderTotals", { after: null, limit: 2 });
    expect(orders).toHaveLength(2);
    const next = await platform.service("api", alder).call("payment.orderTotals", { after: orders[1]!.orderId, limit: 2 });
    expect(next.orders[0]!.orderId > orders[1]!.orderId).toBe(true);
  });
});
