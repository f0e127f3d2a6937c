import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { newId } from "../../../../lib/ids.ts";
import type { TestPlatform } from "../../../../test/support/platform.ts";
import { CARDS, card, cash, sale, type Sale } from "./sale.builder.ts";

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
const authorize = (made: Sale, tenant = alder) => order(tenant).call("payment.authorize", made);
const capture = (made: Sale, tenant = alder) => order(tenant).call("payment.capture", { orderId: made.orderId });
const undo = (made: Sale, tenant = alder) => order(tenant).call("payment.void", { orderId: made.orderId });
const statuses = (made: Sale) => platform.sql("SELECT method, status FROM payment.payment WHERE order_id = $1 ORDER BY method", [made.orderId]);
const charges = (made: Sale) => platform.sql("SELECT status, captured_minor::int AS captured, refunded_minor::int AS refunded FROM payment.provider_charge WHERE payment_id = ANY($1::uuid[]) ORDER BY payment_id", [made.payments.map((payment) => payment.id)]);
const entries = (made: Sale) => platform.sql("SELECT account, amount_minor::int AS amount FROM payment.ledger_entry WHERE transaction_id = $1 ORDER BY line", [made.orderId]);
const events = (made: Sale) => platform.sql("SELECT type FROM payment.outbox WHERE data->>'orderId' = $1", [made.orderId]);

describe("a card sale", () => {
  it.each([["approved", CARDS.approved], ["disputed later", CARDS.disputed]])("%s: authorised, then captured and posted", async (_name, number) => {
    const made = sale([card(1200, number)]);
    expect((await authorize(made)).payments).toMatchObject([{ status: "authorized", providerRef: expect.stringMatching(/^sim_/) }]);
    expect(await entries(made)).toEqual([]);
    expect((await capture(made)).payments).toMatchObject([{ status: "captured" }]);
    expect(await entries(made)).toEqual([{ account: 1100, amount: 1200 }, { account: 4000, amount: -1000 }, { account: 2200, amount: -200 }]);
    expect(await charges(made)).toEqual([{ status: "captured", captured: 1200, refunded: 0 }]);
    expect(await events(made)).toEqual([{ type: "payment.captured" }]);
  });

  it.each([["declined", CARDS.declined], ["insufficient_funds", CARDS.insufficient], ["declined", "5555555555554444"]])("refused: %s by %s", async (reason, number) => {
    const made = sale([card(1200, number)]);
    for (let attempt = 0; attempt < 2; attempt++) await expect(authorize(made)).rejects.toMatchObject({ type: "payment_declined", code: 402, data: { reason } });
    expect(await statuses(made)).toEqual([{ method: "card", status: "declined" }]);
    await expect(capture(made)).rejects.toMatchObject({ type: "payment_declined" });
    expect(await entries(made)).toEqual([]);
    expect(await events(made)).toEqual([]);
  });

  it("approved whose capture fails: declined, nothing held, nothing posted", async () => {
    const made = sale([card(1200, CARDS.captureFails), card(300), cash(100)]);
    await authorize(made);
    for (let attempt = 0; attempt < 2; attempt++) await expect(capture(made)).rejects.toMatchObject({ type: "payment_declined", code: 402, data: { reason: "capture_failed" } });
    for (const charge of await charges(made)) expect(charge).toMatchObject({ status: "voided" });
    expect(await entries(made)).toEqual([]);
    expect(await events(made)).toEqual([]);
  });

  it.each([["a wrong digit", "4242424242424241"], ["letters", "4242-4242-4242-4242"], ["nothing", ""]])("with %s for a number is refused by the field's name, and leaves no trace", async (_name, number) => {
    const made = sale([cash(100), card(1200, number)]);
    await expect(authorize(made)).rejects.toMatchObject({ type: "invalid_card", code: 422, data: { pointer: "/payments/1/card/number" } });
    expect(await platform.sql("SELECT 1 FROM payment.settlement WHERE order_id = $1", [made.orderId])).toEqual([]);
  });

  it("keeps brand and last four digits, and the number nowhere", async () => {
    const made = sale([card(1200)]);
    await authorize(made);
    expect(await platform.actor(alder).call("payment.readPayment", { id: made.payments[0]!.id })).toMatchObject({ card: { brand: "visa", last4: "4242" } });
    for (const table of ["settlement", "payment", "provider_charge", "outbox", "saga"]) {
      expect(await platform.sql(`SELECT 1 FROM payment.${table} t WHERE t::text LIKE '%42424242%'`)).toEqual([]);
    }
  });

  it("of two cards, one declined: the other is released", async () => {
    const made = sale([card(700), card(500, CARDS.declined)]);
    await expect(authorize(made)).rejects.toMatchObject({ type: "payment_declined" });
    expect((await charges(made)).map((charge) => charge.status).sort()).toEqual(["declined", "voided"]);
  });

  it("declined may be tried again with another card, or paid in cash, under the same order", async () => {
    const made = sale([card(1200, CARDS.declined)]);
    await expect(authorize(made)).rejects.toMatchObject({ type: "payment_declined" });
    const again = { ...made, payments: [card(1200)] };
    await authorize(again);
    expect((await capture(again)).payments).toMatchObject([{ id: again.payments[0]!.id, status: "captured" }]);
    const other = sale([card(1200, CARDS.declined)]);
    await expect(authorize(other)).rejects.toMatchObject({ type: "payment_declined" });
    expect((await order().call("payment.settle", { ...other, payments: [cash(1200)] })).payments).toMatchObject([{ method: "cash", status: "captured" }]);
    expect(await entries(other)).toHaveLength(3);
  });

  it("split with cash posts both at the capture", async () => {
    const made = sale([card(1000), cash(290)], { taxMinor: 0, roundingMinor: -1 });
    await authorize(made);
    await capture(made);
    expect(await entries(made)).toEqual([{ account: 1100, amount: 1000 }, { account: 1000, amount: 290 }, { account: 4000, amount: -1291 }, { account: 4900, amount: 1 }]);
  });

  it("captured by 10 at once is posted once", async () => {
    const made = sale([card(1200)]);
    await Promise.all(Array.from({ length: 10 }, () => authorize(made)));
    await Promise.all(Array.from({ length: 10 }, () => capture(made)));
    expect(await entries(made)).toHaveLength(3);
    expect(await events(made)).toHaveLength(1);
    expect(await charges(made)).toEqual([{ status: "captured", captured: 1200, refunded: 0 }]);
  });
});

describe("an undone card sale", () => {
  it("gives the authorisation up, twice is once, and cannot be captured", async () => {
    const made = sale([card(1200), cash(100)]);
    await authorize(made);
    await undo(made);
    await undo(made);
    expect(await statuses(made)).toEqual([{ method: "card", status: "voided" }, { method: "cash", status: "voided" }]);
    expect(await charges(made)).toEqual([{ status: "voided", captured: 0, refunded: 0 }]);
    await expect(capture(made)).rejects.toMatchObject({ type: "payment_ended" });
  });

  it("that never happened never will: the late authorisation is refused before the provider hears of it", async () => {
    const made = sale([card(1200)]);
    await undo(made);
    await expect(authorize(made)).rejects.toMatchObject({ type: "payment_ended", code: 409 });
    expect(await charges(made)).toEqual([]);
    await authorize(made, birch).then(() => capture(made, birch));
  });

  it("is no way back for captured money", async () => {
    const made = sale([card(1200)]);
    await authorize(made);
    await capture(made);
    await expect(undo(made)).rejects.toMatchObject({ type: "payment_ended" });
    expect(await charges(made)).toEqual([{ status: "captured", captured: 1200, refunded: 0 }]);
  });

  it("racing with its authorisation and capture ends with no money held, or with a sale", async () => {
    for (let round = 0; round < 10; round++) {
      const made = sale([card(1200)]);
      await Promise.allSettled([authorize(made), undo(made), capture(made)]);
      await Promise.allSettled([undo(made)]);
      const [charge] = await charges(made);
      const posted = (await entries(made)).length > 0;
      const held = charge === undefined || charge.status === "voided" ? 0 : 1200;
      expect(held).toBe(posted ? 1200 : 0);
    }
  });
});

describe("a crash between the provider and the commit", () => {
  it("of an authorisation is mended by asking again: one charge", async () => {
    const made = sale([card(1200)]);
    armed = "payment.authorize:charged";
    await expect(authorize(made)).rejects.toThrow(/failpoint/);
    expect(await statuses(made)).toEqual([{ method: "card", status: "pending" }]);
    expect(await charges(made)).toEqual([{ status: "authorized", captured: 0, refunded: 0 }]);
    expect((await authorize(made)).payments).toMatchObject([{ status: "authorized" }]);
    expect(await charges(made)).toHaveLength(1);
  });

  it("of an authorisation that is given up is undone at the provider too", async () => {
    const made = sale([card(1200)]);
    armed = "payment.authorize:charged";
    await expect(authorize(made)).rejects.toThrow(/failpoint/);
    await undo(made);
    expect(await charges(made)).toEqual([{ status: "voided", captured: 0, refunded: 0 }]);
  });

  it("of a capture is mended by asking again: captured once, posted once", async () => {
    const made = sale([card(1200)]);
    await authorize(made);
    armed = "payment.capture:charged";
    await expect(capture(made)).rejects.toThrow(/failpoint/);
    expect(await entries(made)).toEqual([]);
    await capture(made);
    expect(await entries(made)).toHaveLength(3);
    expect(await charges(made)).toEqual([{ status: "captured", captured: 1200, refunded: 0 }]);
  });
});

describe("the audit", () => {
  it("finds nothing after all this", async () => {
    for (const tenant of [alder, birch]) {
      const { checks } = await platform.service("api", tenant).call("payment.verify", {});
      expect(checks.map((check) => [check.name, check.differences])).toEqual([["money ledger", []], ["payments", []], ["provider charges", []]]);
      expect(checks.every((check) => check.compared > 0)).toBe(true);
    }
  });
});
