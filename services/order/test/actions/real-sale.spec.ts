import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { newId } from "../../../../lib/ids.ts";
import { startTestPlatform, type Actor, type TestPlatform } from "../../../../test/support/platform.ts";

/** A sale through the real catalog, payment and entity services: stock, ledger and order agree. */
const alder = newId();
const eur = (amount: number) => ({ amount, currency: "EUR" });
const STOCK = 50;
let platform: TestPlatform, owner: Actor, storeId: string, variantId: string;

beforeAll(async () => {
  platform = await startTestPlatform({ services: ["entity", "catalog", "payment", "order"] });
  await platform.service("auth", alder).call("entity.createTenant", { id: alder, name: "Alder", slug: `alder-${alder.slice(-6)}`, country: "DE", currency: "EUR", timezone: "Europe/Berlin" });
  owner = platform.actor(alder);
  storeId = (await owner.call("entity.createStore", { code: "S1", name: "Main street" })).id;
  const rate = await owner.call("catalog.createTaxRate", { name: "VAT", percent: 19 });
  const product = await owner.call("catalog.createProduct", { name: "Mug", taxRateId: rate.id, variants: [{ sku: "MUG-RED", price: eur(1099), cost: eur(400) }] });
  variantId = product.variants[0]!.id;
  await owner.call("catalog.createAdjustment", { storeId, reason: "opening", lines: [{ variantId, quantity: STOCK, unitCost: eur(400) }] });
});
afterAll(async () => { await platform.stop(); });

const sale = (quantity: number, payment: object = { method: "cash" }) => ({ storeId, channel: "pos" as const, lines: [{ variantId, quantity }], payments: [payment as { method: "cash" }] });
const onHand = async () => (await owner.call("catalog.listLevels", { storeId, variantId })).data[0]!;
const card = (number: string) => ({ method: "card", card: { number } });

/** What the edge answers with 503, and a till asks again: a machine may be too slow for two hundred at once. */
const LATER = ["unavailable", "idempotency_in_progress", "SERVICE_NOT_AVAILABLE", "REQUEST_TIMEOUT"];
async function buy(id: string): Promise<unknown> {
  for (;;) {
    try {
      return await owner.call("order.placeOrder", { id, ...sale(1) });
    } catch (error) {
      if (!LATER.includes((error as { type: string }).type)) throw error;
      await new Promise((wake) => setTimeout(wake, 200));
    }
  }
}

async function expectClean() {
  await platform.quiesce();
  const auditor = platform.service("report", alder);
  const { checks } = { checks: [...(await auditor.call("order.verify", {})).checks, ...(await auditor.call("catalog.verify", {})).checks, ...(await auditor.call("payment.verify", {})).checks] };
  expect(checks.filter(({ differences }) => differences.length > 0)).toEqual([]);
}

describe("a sale with everything real", () => {
  it("in cash moves stock and money once", async () => {
    const order = await owner.call("order.placeOrder", sale(2, { method: "cash", tendered: eur(2500) }));
    expect(order).toMatchObject({ total: eur(2198), change: eur(302), taxTotal: eur(351) });
    expect(await onHand()).toMatchObject({ onHand: STOCK - 2, reserved: 0 });
    await expectClean();
  });

  it("by card is captured, and comes back to the card", async () => {
    const order = await owner.call("order.placeOrder", sale(1, card("4242424242424242")));
    const back = await owner.call("order.returnLines", { id: order.id, reason: "broken", lines: [{ lineId: order.lines[0]!.id, quantity: 1, restock: true }] });
    expect(back.refund).toMatchObject({ amount: eur(1099), parts: [{ method: "card", amount: eur(1099) }] });
    expect(await onHand()).toMatchObject({ onHand: STOCK - 2, reserved: 0 });
    await expectClean();
  });

  it.each(["4000000000000002", "4000000000009995", "4000000000000341"])("declined (%s) leaves nothing", async (number) => {
    const before = await onHand(), id = newId();
    await expect(owner.call("order.placeOrder", { id, ...sale(1, card(number)) })).rejects.toMatchObject({ type: "payment_declined", code: 402 });
    await expect(owner.call("order.getOrder", { id })).rejects.toMatchObject({ type: "not_found" });
    expect(await onHand()).toEqual(before);
    await expectClean();
  });

  it("follows a changed rounding setting with the very next sale", async () => {
    await owner.call("entity.updateStore", { id: storeId, cashRounding: 5 });
    expect(await owner.call("order.placeOrder", sale(1))).toMatchObject({ total: eur(1100), rounding: eur(1) });
    await owner.call("entity.updateStore", { id: storeId, cashRounding: null });
    expect(await owner.call("order.placeOrder", sale(1))).toMatchObject({ total: eur(1099) });
  });

  it("cancelled gives goods and money back", async () => {
    const before = await onHand(), order = await owner.call("order.placeOrder", sale(3));
    expect(await owner.call("order.cancelOrder", { id: order.id })).toMatchObject({ status: "cancelled", refunded: eur(3297) });
    expect(await onHand()).toEqual(before);
    await expectClean();
  });

  it("200 buyers of what is left: exactly that many sales, numbered without a gap", async () => {
    const { onHand: left } = await onHand();
    const outcomes = await Promise.allSettled(Array.from({ length: 200 }, () => buy(newId())));
    for (const outcome of outcomes) if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ type: "out_of_stock" });
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(left);
    expect(await onHand()).toMatchObject({ onHand: 0, reserved: 0, available: 0 });
    await expectClean();
  });
});
