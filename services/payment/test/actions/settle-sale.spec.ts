import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { newId } from "../../../../lib/ids.ts";
import { sql } from "../../../../mixins/database.ts";
import { startTestPlatform, type TestPlatform } from "../../../../test/support/platform.ts";
import { card, cash, external, sale } from "./sale.builder.ts";

const alder = newId(), birch = newId();
let platform: TestPlatform;
beforeAll(async () => { platform = await startTestPlatform({ services: ["payment"] }); });
afterAll(async () => { await platform.stop(); });
const order = (tenant = alder) => platform.service("order", tenant);
const entriesOf = (id: string) => platform.sql("SELECT account, amount_minor::int AS amount, payment_id AS payment FROM payment.ledger_entry WHERE transaction_id = $1 ORDER BY line", [id]);

describe("a cash sale", () => {
  it("is captured and posted: Dr cash, Cr sales, Cr tax, Cr rounding", async () => {
    const made = sale([cash(1205, { tenderedMinor: 2000, changeMinor: 795 })], { taxMinor: 204, roundingMinor: 1 });
    const { payments } = await order().call("payment.settle", made);
    const id = made.payments[0]!.id;
    expect(payments).toEqual([{ id, method: "cash", amountMinor: 1205, status: "captured", providerRef: null }]);
    expect(await entriesOf(made.orderId)).toEqual([
      { account: 1000, amount: 1205, payment: id }, { account: 4000, amount: -1000, payment: null }, { account: 2200, amount: -204, payment: null }, { account: 4900, amount: -1, payment: null },
    ]);
    expect(await platform.actor(alder).call("payment.readPayment", { id })).toMatchObject({
      orderId: made.orderId, provider: "cash", status: "captured", amount: { amount: 1205, currency: "EUR" }, tendered: { amount: 2000, currency: "EUR" }, change: { amount: 795, currency: "EUR" },
      refunded: { amount: 0, currency: "EUR" }, capturedAt: made.at, card: null,
    });
  });

  it("costs one statement, and one for whose it is", async () => {
    const { stats } = platform.platform.database("payment");
    const before = { ...stats };
    await order().call("payment.settle", sale([cash(500)]));
    expect({ transactions: stats.transactions - before.transactions, statements: stats.statements - before.statements }).toEqual({ transactions: 1, statements: 2 }); // the tenant and the sale
  });

  it("tells of each tender, once", async () => {
    const made = sale([cash(500), external(700)]);
    await order().call("payment.settle", made);
    expect(await platform.sql("SELECT data->>'method' AS method, (data->>'amountMinor')::int AS amount FROM payment.outbox WHERE data->>'orderId' = $1 ORDER BY seq", [made.orderId]))
      .toEqual([{ method: "cash", amount: 500 }, { method: "external", amount: 700 }]);
  });

  it("posted again by 20 at once is posted once", async () => {
    const made = sale([cash(500), external(700)]);
    const answers = await Promise.all(Array.from({ length: 20 }, () => order().call("payment.settle", made)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer.payments.map((payment) => payment.status)))).size).toBe(1);
    expect(await platform.sql("SELECT count(*)::int AS n FROM payment.payment WHERE order_id = $1", [made.orderId])).toEqual([{ n: 2 }]);
    expect(await platform.sql("SELECT count(*)::int AS n FROM payment.outbox WHERE data->>'orderId' = $1", [made.orderId])).toEqual([{ n: 2 }]);
    expect(await entriesOf(made.orderId)).toHaveLength(4);
  });

  it("of total 0 is paid without a tender", async () => {
    const made = sale([]);
    expect(await order().call("payment.settle", made)).toEqual({ payments: [] });
    expect(await entriesOf(made.orderId)).toEqual([]);
  });

  it("whose tenders are not net + tax + rounding is our own bug, and leaves nothing", async () => {
    const made = { ...sale([cash(500)]), netMinor: 1 };
    await expect(order().call("payment.settle", made)).rejects.toThrow(/invariant/);
    await expect(order().call("payment.settle", sale([card(500)]))).rejects.toThrow(/invariant/);
    expect(await platform.sql("SELECT 1 FROM payment.settlement WHERE order_id = $1", [made.orderId])).toEqual([]);
  });
});

describe("the ledger", () => {
  const unbalanced = sql("test.unbalanced", `WITH t AS (INSERT INTO ledger_transaction (id, kind, order_id, store_id, business_day, at) VALUES ($1, 'sale', $1, $1, '2026-01-31', now()) RETURNING id)
    INSERT INTO ledger_entry (transaction_id, line, account, currency, amount_minor, at) SELECT id, n, 1000, CASE n WHEN 2 THEN $2 ELSE 'EUR' END, CASE n WHEN 1 THEN 100 ELSE $3::int END, now() FROM t, generate_series(1, 2) n`);
  const write = (currency: string, amount: number) => platform.platform.database("payment").inTenant(alder, (tx) => tx.change(unbalanced, [newId(), currency, amount]));

  it.each([["does not sum to zero", "EUR", -99], ["sums to zero over two currencies only", "USD", -100]])("refuses what %s", async (_name, currency, amount) => {
    const count = () => platform.sql("SELECT count(*) FROM payment.ledger_transaction");
    const before = await count();
    await expect(write(currency, amount)).rejects.toThrow(/do not sum to zero/);
    expect(await count()).toEqual(before);
  });

  it("takes what sums to zero", async () => { expect(await write("EUR", -100)).toBe(2); });

  it("cannot be changed nor shortened by the service", async () => {
    for (const text of ["UPDATE ledger_entry SET amount_minor = 1", "DELETE FROM ledger_entry", "TRUNCATE ledger_entry"]) {
      await expect(platform.platform.database("payment").inTenant(birch, (tx) => tx.change(sql(`test.${text.slice(0, 3)}`, text)))).rejects.toThrow(/permission denied/);
    }
  });
});

describe("another tenant", () => {
  it("gets a 404 for the payment and an empty ledger, and changes nothing with the same order id", async () => {
    const made = sale([cash(500)]);
    await order().call("payment.settle", made);
    const stranger = platform.actor(birch);
    await expect(stranger.call("payment.readPayment", { id: made.payments[0]!.id })).rejects.toMatchObject({ type: "not_found" });
    expect(await stranger.call("payment.listPayments", { orderId: made.orderId })).toEqual({ data: [], nextCursor: null });
    expect((await stranger.call("payment.listEntries", {})).data).toEqual([]);
    await order(birch).call("payment.void", { orderId: made.orderId });
    expect(await platform.actor(alder).call("payment.readPayment", { id: made.payments[0]!.id })).toMatchObject({ status: "captured" });
  });

  it("and a missing permission are refused", async () => {
    const clerk = platform.actor(alder, ["payment.payments.read"]);
    await expect(clerk.call("payment.trialBalance", {})).rejects.toMatchObject({ type: "forbidden" });
    await expect(clerk.call("payment.refundPayment", { id: newId(), reason: "x" })).rejects.toMatchObject({ type: "forbidden" });
    await expect(clerk.call("payment.settle", sale([cash(1)]))).rejects.toMatchObject({ type: "forbidden" });
  });
});
