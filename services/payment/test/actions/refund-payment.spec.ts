import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { newId } from "../../../../lib/ids.ts";
import type { TestPlatform } from "../../../../test/support/platform.ts";
import { card, cash, sale, type Sale, type Tender } from "./sale.builder.ts";

let armed: string | undefined;
jest.unstable_mockModule("../../../../mixins/failpoint.ts", () => ({
  failpoint: (name: string) => {
    if (armed !== name) return;
    armed = undefined;
    throw new Error(`failpoint ${name}`);
  },
}));
const { startTestPlatform } = await import("../../../../test/support/platform.ts");
const { requestHash } = await import("../../../../mixins/idempotency.ts");

const alder = newId(), birch = newId();
let platform: TestPlatform, storeId: string;
beforeAll(async () => {
  platform = await startTestPlatform({ services: ["payment", "entity"] });
  await platform.service("auth", alder).call("entity.createTenant", { id: alder, name: "Alder", slug: `alder-${alder}`, country: "NZ", currency: "EUR", timezone: "Pacific/Auckland" });
  storeId = (await platform.actor(alder).call("entity.createStore", { code: "MAIN", name: "Main street" })).id;
});
afterAll(async () => { await platform.stop(); });
afterEach(() => { armed = undefined; });

async function sold(payments: Tender[], more: Partial<Sale> = {}): Promise<Sale> {
  const made = sale(payments, { storeId, ...more });
  const order = platform.service("order", alder);
  if (payments.every((payment) => payment.method !== "card")) await order.call("payment.settle", made);
  else {
    await order.call("payment.authorize", made);
    await order.call("payment.capture", { orderId: made.orderId });
  }
  return made;
}
const eur = (amount: number) => ({ amount, currency: "EUR" });
const refund = (id: string, more: object = {}, meta: object = {}, tenant = alder) => platform.actor(tenant).call("payment.refundPayment", { id, reason: "a scratch", ...more }, meta);
const read = (id: string) => platform.actor(alder).call("payment.readPayment", { id });
const refunds = (made: Sale) => platform.sql("SELECT status FROM payment.refund WHERE order_id = $1", [made.orderId]);

describe("POST /v1/payments/:id/refunds", () => {
  it("gives a part back with its share of the tax, then the rest", async () => {
    const made = await sold([cash(1200)]);
    const { id } = made.payments[0]!;
    const part = await refund(id, { amount: eur(500), reference: "R-1", metadata: { desk: "2" } });
    expect(part).toMatchObject({ orderId: made.orderId, status: "made", amount: eur(500), tax: eur(83), rounding: eur(0), parts: [{ paymentId: id, method: "cash", amount: eur(500), providerRef: null }], reference: "R-1", metadata: { desk: "2" } });
    expect(await read(id)).toMatchObject({ status: "partiallyRefunded", refunded: eur(500), amount: eur(1200) });
    expect(await refund(id)).toMatchObject({ amount: eur(700), tax: eur(117) });
    expect(await read(id)).toMatchObject({ status: "refunded", refunded: eur(1200) });
    expect(await platform.actor(alder).call("payment.readRefund", { id: part.id })).toEqual(part);
    const { data } = await platform.actor(alder).call("payment.listEntries", { orderId: made.orderId });
    for (const account of ["1000", "2200", "4000"]) {
      const of = data.filter((entry) => entry.account === account);
      expect(of.reduce((sum, entry) => sum + entry.debit.amount - entry.credit.amount, 0)).toBe(0);
      expect(of).toHaveLength(3);
    }
  });

  it("never above what was captured, in its currency, and nothing changes", async () => {
    const made = await sold([cash(1200)]);
    const { id } = made.payments[0]!;
    await expect(refund(id, { amount: eur(1201) })).rejects.toMatchObject({ type: "refund_exceeds_captured", code: 409, data: { available: eur(1200) } });
    await expect(refund(id, { amount: { amount: 100, currency: "USD" } })).rejects.toMatchObject({ type: "refund_currency_mismatch", code: 422 });
    await expect(refund(id, { amount: eur(0) })).rejects.toMatchObject({ type: "invalid_request" });
    expect(await refunds(made)).toEqual([]);
    await refund(id);
    await expect(refund(id)).rejects.toMatchObject({ type: "refund_exceeds_captured", data: { available: eur(0) } });
  });

  it("of an authorised payment gives nothing back", async () => {
    const made = sale([card(1200)], { storeId });
    await platform.service("order", alder).call("payment.authorize", made);
    await expect(refund(made.payments[0]!.id)).rejects.toMatchObject({ type: "refund_exceeds_captured", data: { available: eur(0) } });
  });

  it("of another tenant's payment is a 404, with nothing changed", async () => {
    const made = await sold([cash(1200)]);
    const { id } = made.payments[0]!;
    await expect(refund(id, {}, {}, birch)).rejects.toMatchObject({ type: "not_found" });
    await expect(refund(newId())).rejects.toMatchObject({ type: "not_found" });
    const { id: refundId } = await refund(id, { amount: eur(100) });
    await expect(platform.actor(birch).call("payment.readRefund", { id: refundId })).rejects.toMatchObject({ type: "not_found" });
    expect(await read(id)).toMatchObject({ refunded: eur(100) });
  });

  it.each<[string, Tender[]]>([["cash", [cash(1000)]], ["card", [card(1000)]]])("by 10 at once over %s gives it back once", async (_name, tenders) => {
    const made = await sold(tenders);
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => refund(made.payments[0]!.id)));
    expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(1);
    expect(await read(made.payments[0]!.id)).toMatchObject({ status: "refunded", refunded: eur(1000) });
  });

  it.each<[string, Tender[]]>([["cash", [cash(1000)]], ["card", [card(1000)]]])("with the same key over %s answers the first refund again", async (_name, tenders) => {
    const made = await sold(tenders);
    const { id } = made.payments[0]!;
    const idempotency = { key: newId(), hash: requestHash(platform.broker, "payment.refundPayment", { id }) };
    const first = await refund(id, { amount: eur(400) }, { idempotency });
    expect(await refund(id, { amount: eur(400) }, { idempotency })).toEqual(first);
    await expect(refund(id, { amount: eur(500) }, { idempotency: { ...idempotency, hash: "other" } })).rejects.toMatchObject({ type: "idempotency_key_reused" });
    expect(await read(id)).toMatchObject({ refunded: eur(400) });
  });

  it("takes a reference once", async () => {
    const made = await sold([cash(1000)]);
    await refund(made.payments[0]!.id, { amount: eur(100), reference: "once" });
    await expect(refund(made.payments[0]!.id, { amount: eur(100), reference: "once" })).rejects.toMatchObject({ type: "already_exists" });
    expect(await read(made.payments[0]!.id)).toMatchObject({ refunded: eur(100) });
  });

  it("counts on the business day of the store", async () => {
    const made = await sold([cash(1000)]);
    const { id } = await refund(made.payments[0]!.id);
    const [row] = await platform.sql<{ day: string; there: string }>("SELECT business_day::text AS day, (at AT TIME ZONE 'Pacific/Auckland')::date::text AS there FROM payment.refund WHERE id = $1", [id]);
    expect(row!.day).toBe(row!.there);
  });

  it("that dies between the provider and the books is finished by the sweeper, once", async () => {
    const made = await sold([card(1000)]);
    const { id } = made.payments[0]!;
    armed = "payment.refund:charged";
    await expect(refund(id, { amount: eur(300) })).rejects.toThrow();
    expect(await refunds(made)).toEqual([{ status: "pending" }]);
    await platform.sql("UPDATE payment.saga SET lease_until = now() WHERE status = 'running'");
    await platform.quiesce();
    expect(await refunds(made)).toEqual([{ status: "made" }]);
    expect(await read(id)).toMatchObject({ status: "partiallyRefunded", refunded: eur(300) });
    expect(await platform.sql("SELECT refunded_minor::int AS n FROM payment.provider_charge WHERE payment_id = $1", [id])).toEqual([{ n: 300 }]);
  });

  it("refused by the provider is remembered as refused and holds nothing back", async () => {
    const made = await sold([card(1000)]);
    const { id } = made.payments[0]!;
    await platform.sql("UPDATE payment.provider_charge SET captured_minor = 0 WHERE payment_id = $1", [id]);
    await expect(refund(id, { reference: "again" })).rejects.toMatchObject({ type: "refund_refused", code: 422 });
    expect(await read(id)).toMatchObject({ status: "captured", refunded: eur(0) });
    await platform.sql("UPDATE payment.provider_charge SET captured_minor = amount_minor WHERE payment_id = $1", [id]);
    expect(await refund(id, { reference: "again" })).toMatchObject({ status: "made" });
  });
});

describe("the books as they are read", () => {
  it("list payments page by page, the latest first", async () => {
    const made = await sold([cash(100), cash(200), cash(300)]);
    const actor = platform.actor(alder);
    const first = await actor.call("payment.listPayments", { orderId: made.orderId, limit: 2 });
    const second = await actor.call("payment.listPayments", { orderId: made.orderId, limit: 2, cursor: first.nextCursor! });
    expect([...first.data, ...second.data].map((payment) => payment.id).sort()).toEqual(made.payments.map((payment) => payment.id).sort());
    expect(second.nextCursor).toBeNull();
    await expect(platform.actor(birch).call("payment.listPayments", { orderId: made.orderId, cursor: first.nextCursor! })).rejects.toMatchObject({ type: "invalid_cursor" });
    await expect(actor.call("payment.listPayments", { sort: "amount" })).rejects.toMatchObject({ type: "invalid_request" });
  });

  it("list entries by account, order and time, page by page without a gap", async () => {
    const made = await sold([cash(100), cash(200)], { at: "2025-06-30T12:00:00.000456Z" });
    const actor = platform.actor(alder);
    const all = await actor.call("payment.listEntries", { from: "2025-06-30", to: "2025-06-30" });
    expect(all.data).toHaveLength(4);
    expect(all.data[0]).toMatchObject({ transactionId: made.orderId, orderId: made.orderId, kind: "sale", storeId, businessDay: "2026-01-31" });
    const pages = [];
    for (let cursor: string | null | undefined = undefined; cursor !== null;) {
      const found: Awaited<ReturnType<typeof list>> = await list(cursor);
      pages.push(...found.data);
      cursor = found.nextCursor;
    }
    expect(pages).toEqual(all.data);
    expect((await actor.call("payment.listEntries", { orderId: made.orderId, accountCode: "1000" })).data.map((entry) => entry.debit.amount).sort()).toEqual([100, 200]);
    expect((await actor.call("payment.listEntries", { accountCode: "1000", to: "2025-06-30" })).data).toHaveLength(2);
    await expect(actor.call("payment.listEntries", { from: "2025-02-30" })).rejects.toMatchObject({ type: "invalid_request" });
    function list(cursor: string | undefined) {
      return actor.call("payment.listEntries", { from: "2025-06-30", to: "2025-06-30", limit: 1, ...(cursor ? { cursor } : {}) });
    }
  });

  it("balance at any instant, per currency", async () => {
    await sold([cash(120)], { at: "2025-01-01T00:00:00.000Z", currency: "USD" });
    const actor = platform.actor(alder);
    expect(await actor.call("payment.trialBalance", { at: "2025-01-01" })).toEqual({ at: "2025-01-01T23:59:59.999Z", data: [
      { account: "1000", name: "Cash", debit: { amount: 120, currency: "USD" }, credit: { amount: 0, currency: "USD" } },
      { account: "2200", name: "Tax payable", debit: { amount: 0, currency: "USD" }, credit: { amount: 20, currency: "USD" } },
      { account: "4000", name: "Sales revenue", debit: { amount: 0, currency: "USD" }, credit: { amount: 100, currency: "USD" } },
    ] });
    expect((await actor.call("payment.trialBalance", { at: "2024-12-31T23:59:59.999Z" })).data).toEqual([]);
    expect((await platform.actor(birch).call("payment.trialBalance", {})).data).toEqual([]);
    expect((await actor.call("payment.listAccounts", {})).data).toContainEqual({ account: "1000", name: "Cash", kind: "asset" });
  });

  it("agree with themselves after all this", async () => {
    const { checks } = await platform.service("api", alder).call("payment.verify", {});
    expect(checks.map((check) => check.differences)).toEqual([[], [], []]);
  });
});
