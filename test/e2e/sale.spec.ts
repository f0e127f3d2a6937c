import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { newId } from "../../lib/ids.ts";
import { startTestPlatform, type TestPlatform } from "../support/platform.ts";
import { cardSale, cashSale, eur, everyOrder, level, onHand, stockedShop, type Shop } from "../support/shop.ts";

let platform: TestPlatform;
beforeAll(async () => { platform = await startTestPlatform(); }, 60_000);
afterAll(() => platform.stop());

const shopWith = (stock: Record<string, number>, store: Record<string, unknown> = {}) => stockedShop(platform.baseUrl, { stock, store });
const refusal = (sending: Promise<unknown>) => expect(sending).rejects;

describe("a cash sale", () => {
  it("is paid, priced with the tax inside, gives change, and takes the stock", async () => {
    const shop = await shopWith({ "MUG-RED": 10 });
    const order = await shop.client.post("/v1/orders", cashSale(shop, { "MUG-RED": 3 }));
    expect(order).toMatchObject({ status: "paid", subtotal: eur(3297), discountTotal: eur(0), taxTotal: eur(526), total: eur(3297), paid: eur(3297), refunded: eur(0), change: eur(96_703), rounding: eur(0) });
    expect(order.lines[0]).toMatchObject({ sku: "MUG-RED", quantity: 3, unitPrice: eur(1099), tax: eur(526), total: eur(3297) });
    expect(await shop.client.get(`/v1/orders/${order.id}`)).toEqual(order);
    expect(await level(shop, "MUG-RED")).toMatchObject({ onHand: 7, reserved: 0, available: 7 });
  });

  it("with two lines of one variant takes them together, or not at all", async () => {
    const shop = await shopWith({ "MUG-RED": 5 });
    const two = { ...cashSale(shop, { "MUG-RED": 3 }), lines: [3, 3].map((quantity) => ({ variantId: shop.variants["MUG-RED"], quantity })) };
    await refusal(shop.client.post("/v1/orders", two)).toMatchObject({ status: 409, code: "out_of_stock" });
    expect(await level(shop, "MUG-RED")).toMatchObject({ onHand: 5, reserved: 0 });
    two.lines[1]!.quantity = 2;
    await shop.client.post("/v1/orders", two);
    expect(await onHand(shop, "MUG-RED")).toBe(0);
  });

  it("C02: rounds to the store's cash step, change from the rounded amount", async () => {
    const shop = await shopWith({ "MUG-RED": 10 }, { cashRounding: 5 });
    const order = await shop.client.post("/v1/orders", { ...cashSale(shop, { "MUG-RED": 1 }), payments: [{ method: "cash", tendered: eur(2000) }] });
    expect(order).toMatchObject({ total: eur(1100), rounding: eur(1), paid: eur(1100), change: eur(900) });
  });

  it("C10: with a card beside it only the cash part is rounded", async () => {
    const shop = await shopWith({ "MUG-RED": 10 }, { cashRounding: 5 });
    const order = await shop.client.post("/v1/orders", { ...cashSale(shop, { "MUG-RED": 1 }), payments: [{ method: "card", amount: eur(500), card: { number: "4242424242424242" } }, { method: "cash" }] });
    expect(order).toMatchObject({ total: eur(1100), rounding: eur(1) });
    expect(order.payments.map((payment: { method: string; amount: object }) => [payment.method, payment.amount])).toEqual([["card", eur(500)], ["cash", eur(600)]]);
  });

  it("T04: in a store without tax in its prices adds it", async () => {
    const shop = await shopWith({ "MUG-RED": 10 }, { pricesIncludeTax: false });
    const order = await shop.client.post("/v1/orders", cashSale(shop, { "MUG-RED": 1 }));
    expect(order).toMatchObject({ subtotal: eur(1099), taxTotal: eur(209), total: eur(1308) });
  });

  it("T16: a fixed discount comes off the price that the customer sees", async () => {
    const shop = await shopWith({ "MUG-RED": 10 });
    const order = await shop.client.post("/v1/orders", { ...cashSale(shop, { "MUG-RED": 1 }), discount: { amount: eur(99), reason: "a scratch" } });
    expect(order).toMatchObject({ discountTotal: eur(99), total: eur(1000), taxTotal: eur(160) });
  });

  it("T18: with everything off can be closed without money", async () => {
    const shop = await shopWith({ "MUG-RED": 10 });
    const order = await shop.client.post("/v1/orders", { ...cashSale(shop, { "MUG-RED": 1 }), discount: { percent: 100 }, payments: [] });
    expect(order).toMatchObject({ total: eur(0), taxTotal: eur(0), status: "paid", payments: [] });
  });

  it("whose payments do not add up changes nothing", async () => {
    const shop = await shopWith({ "MUG-RED": 10 });
    await refusal(shop.client.post("/v1/orders", { ...cashSale(shop, { "MUG-RED": 1 }), payments: [{ method: "cash", amount: eur(1) }] })).toMatchObject({ status: 422, code: "amount_mismatch" });
    await refusal(shop.client.post("/v1/orders", { ...cashSale(shop, { "MUG-RED": 1 }), payments: [{ method: "cash", tendered: { amount: 5000, currency: "USD" } }] })).toMatchObject({ status: 422, code: "currency_mismatch" });
    expect(await everyOrder(shop)).toEqual([]);
    expect(await onHand(shop, "MUG-RED")).toBe(10);
  });

  it("can be quoted before, and a quote keeps nothing", async () => {
    const shop = await shopWith({ "MUG-RED": 10 });
    const { payments: _none, ...basket } = cashSale(shop, { "MUG-RED": 2 });
    expect(await shop.client.post("/v1/orders/quote", basket)).toMatchObject({ total: eur(2198), explain: expect.any(Array) });
    expect(await everyOrder(shop)).toEqual([]);
  });

  it("has a receipt on paper: 42 columns of text, and a PDF", async () => {
    const shop = await shopWith({ "MUG-RED": 10 });
    const order = await shop.client.post("/v1/orders", cashSale(shop, { "MUG-RED": 3 }));
    const text = (await shop.client.send<string>("GET", `/v1/orders/${order.id}/receipt.txt`)).body;
    expect(text).toContain("32.97");
    expect(text).toContain(order.number);
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(42);
    const pdf = await fetch(`${platform.baseUrl}/v1/orders/${order.id}/receipt.pdf`, { headers: { authorization: `Bearer ${shop.client.token}` } });
    expect(pdf.headers.get("content-type")).toBe("application/pdf");
    expect(Buffer.from(await pdf.arrayBuffer()).subarray(0, 5).toString()).toBe("%PDF-");
  });
});

describe("a card sale", () => {
  it.each([["4000000000000002", "declined"], ["4000000000009995", "insufficient funds"], ["4000000000000341", "the capture fails"]])("with card %s (%s) leaves no order, no hold, no money, and no number used", async (number) => {
    const shop = await shopWith({ "MUG-RED": 10 });
    const id = newId();
    await refusal(shop.client.post("/v1/orders", { id, ...cardSale(shop, { "MUG-RED": 1 }, number) })).toMatchObject({ status: 402, code: "payment_declined" });
    await refusal(shop.client.get(`/v1/orders/${id}`)).toMatchObject({ status: 404 });
    expect(await level(shop, "MUG-RED")).toMatchObject({ onHand: 10, reserved: 0 });
    const next = await shop.client.post("/v1/orders", cardSale(shop, { "MUG-RED": 1 }));
    expect(next.number).toMatch(/0*1$/);
    expect(next.payments[0]).toMatchObject({ method: "card", status: "captured", amount: eur(1099) });
    expect(JSON.stringify(next)).not.toContain("424242424242");
  });
});

describe("the same request again", () => {
  it("with its key gets the first answer, byte for byte", async () => {
    const shop = await shopWith({ "MUG-RED": 10 });
    const send = () => fetch(`${platform.baseUrl}/v1/orders`, { method: "POST", headers: { authorization: `Bearer ${shop.client.token}`, "content-type": "application/json", "idempotency-key": "till-1" }, body: JSON.stringify(cashSale(shop, { "MUG-RED": 1 })) });
    const [first, again] = [await send(), await send()];
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(await again.text()).toBe(await first.text());
    expect(await onHand(shop, "MUG-RED")).toBe(9);
  });

  const DECLINED = "4000000000000002";
  it.each<[string, number, (shop: Shop) => Promise<[string, object]>]>([
    ["a declined card", 402, async (shop) => ["/v1/orders", cardSale(shop, { "MUG-RED": 1 }, DECLINED)]],
    ["a shelf that was too empty, although there is more by now", 409, async (shop) => ["/v1/orders", cashSale(shop, { "MUG-RED": 3 })]],
    ["a refund by a method that nothing was paid with", 422, async (shop) => {
      const { id, lines } = await shop.client.post("/v1/orders", cashSale(shop, { "MUG-RED": 1 }));
      return [`/v1/orders/${id}/returns`, { lines: [{ lineId: lines[0].id, quantity: 1 }], reason: "broken", refund: { method: "card" } }];
    }],
  ])("with its key gets the first refusal, byte for byte: %s", async (_why, status, asked) => {
    const shop = await shopWith({ "MUG-RED": 2 });
    const [path, body] = await asked(shop);
    const send = (requestId: string) => fetch(platform.baseUrl + path, { method: "POST", headers: { authorization: `Bearer ${shop.client.token}`, "content-type": "application/json", "idempotency-key": "till-2", "x-request-id": requestId }, body: JSON.stringify(body) });
    const first = await send("request-one");
    await shop.client.post("/v1/inventory/adjustments", { storeId: shop.storeId, reason: "correction", lines: [{ variantId: shop.variants["MUG-RED"], quantity: 10 }] });
    const before = [await onHand(shop, "MUG-RED"), (await everyOrder(shop)).length], again = await send("request-two"), text = await again.text();
    expect([first.status, again.status, first.headers.get("idempotent-replayed"), again.headers.get("idempotent-replayed")]).toEqual([status, status, null, "true"]);
    expect(text).toBe(await first.text());
    // The body speaks of the request that was refused, the header of this one.
    expect([JSON.parse(text).requestId, again.headers.get("x-request-id")]).toEqual(["request-one", "request-two"]);
    expect([await onHand(shop, "MUG-RED"), (await everyOrder(shop)).length]).toEqual(before);
  });

  it("with its key and another body is refused", async () => {
    const shop = await shopWith({ "MUG-RED": 10 });
    await shop.client.post("/v1/orders", cashSale(shop, { "MUG-RED": 1 }), { "idempotency-key": "till-1" });
    await refusal(shop.client.post("/v1/orders", cashSale(shop, { "MUG-RED": 2 }), { "idempotency-key": "till-1" })).toMatchObject({ status: 422, code: "idempotency_key_reused" });
    expect(await onHand(shop, "MUG-RED")).toBe(9);
  });

  it("50 times at once makes one order", async () => {
    const shop = await shopWith({ "MUG-RED": 100 });
    const tries = await Promise.allSettled(Array.from({ length: 50 }, () => shop.client.post("/v1/orders", cashSale(shop, { "MUG-RED": 1 }), { "idempotency-key": "impatient" })));
    const refusals = tries.filter((one) => one.status === "rejected").map((one) => (one.reason as { code: string }).code);
    expect(refusals.filter((code) => code !== "idempotency_in_progress")).toEqual([]);
    const ids = new Set(tries.filter((one) => one.status === "fulfilled").map((one) => one.value.id));
    expect(ids.size).toBe(1);
    expect(await onHand(shop, "MUG-RED")).toBe(99);
  });

  it("with the client's own id and no key answers 200 and the order as it is; with another body 409", async () => {
    const shop = await shopWith({ "MUG-RED": 10 });
    const body = { id: newId(), ...cashSale(shop, { "MUG-RED": 1 }) };
    const first = await shop.client.send("POST", "/v1/orders", body);
    const again = await shop.client.send("POST", "/v1/orders", body);
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body).toEqual(first.body);
    await refusal(shop.client.post("/v1/orders", { ...body, ...cashSale(shop, { "MUG-RED": 2 }) })).toMatchObject({ status: 409, code: "id_conflict" });
    expect(await onHand(shop, "MUG-RED")).toBe(9);
  });
});

describe("200 buyers of 50 units", () => {
  it("make exactly 50 sales, with numbers from 1 to 50", async () => {
    const shop = await shopWith({ "MUG-RED": 50 });
    const tries = await Promise.allSettled(Array.from({ length: 200 }, () => shop.client.post("/v1/orders", cashSale(shop, { "MUG-RED": 1 }))));
    const codes = tries.filter((one) => one.status === "rejected").map((one) => (one.reason as { code: string }).code);
    expect(new Set(codes)).toEqual(new Set(["out_of_stock"]));
    expect(codes).toHaveLength(150);
    expect(await level(shop, "MUG-RED")).toMatchObject({ onHand: 0, reserved: 0, available: 0 });
    const numbers = (await everyOrder(shop)).map((order) => Number(order.number.match(/\d+$/)[0])).sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
  }, 120_000);
});

describe("what comes back", () => {
  it("F02: one by one, the parts add up to what was paid, and never more comes back than was sold", async () => {
    const shop = await shopWith({ "MUG-RED": 10 });
    const order = await shop.client.post("/v1/orders", { ...cashSale(shop, { "MUG-RED": 3 }), discount: { amount: eur(100) } });
    const back = () => shop.client.post(`/v1/orders/${order.id}/returns`, { lines: [{ lineId: order.lines[0].id, quantity: 1, restock: true }], reason: "changed mind", refund: { method: "cash" } });
    const refunds = [await back(), await back(), await back()].map((one) => one.refund.amount.amount);
    expect(refunds.reduce((a, b) => a + b)).toBe(order.total.amount);
    await refusal(back()).toMatchObject({ status: 409 });
    expect(await shop.client.get(`/v1/orders/${order.id}`)).toMatchObject({ status: "refunded", refunded: order.total });
    expect(await onHand(shop, "MUG-RED")).toBe(10);
  });

  it("ten returns of everything at once: one", async () => {
    const shop = await shopWith({ "MUG-RED": 10 });
    const order = await shop.client.post("/v1/orders", cardSale(shop, { "MUG-RED": 2 }));
    const tries = await Promise.allSettled(Array.from({ length: 10 }, () => shop.client.post(`/v1/orders/${order.id}/returns`, { lines: [{ lineId: order.lines[0].id, quantity: 2, restock: false }], reason: "broken", refund: { method: "original" } })));
    expect(tries.filter((one) => one.status === "fulfilled")).toHaveLength(1);
    expect(await onHand(shop, "MUG-RED")).toBe(8);
  });

  it.each([["cash", cashSale], ["card", cardSale]] as const)("a refund of the %s payment alone stands on the order, and no goods with it", async (_method, saleOf) => {
    const shop = await shopWith({ "MUG-RED": 10 });
    const order = await shop.client.post("/v1/orders", saleOf(shop, { "MUG-RED": 3 }));
    const giveBack = (body: object) => shop.client.post(`/v1/payments/${order.payments[0].id}/refunds`, { reason: "a scratch", ...body });
    await giveBack({ amount: eur(1000) });
    await platform.quiesce();
    expect(await shop.client.get(`/v1/orders/${order.id}`)).toMatchObject({ status: "partiallyRefunded", paid: order.total, refunded: eur(1000), lines: [{ returnedQuantity: 0 }] });
    await giveBack({});
    await platform.quiesce();
    expect(await shop.client.get(`/v1/orders/${order.id}`)).toMatchObject({ status: "refunded", refunded: order.total });
    expect(await onHand(shop, "MUG-RED")).toBe(7);
    expect((await shop.client.get("/v1/audit/verify")).ok).toBe(true);
  });

  it("a cancelled order gives back stock and money", async () => {
    const shop = await shopWith({ "MUG-RED": 10 });
    const order = await shop.client.post("/v1/orders", cardSale(shop, { "MUG-RED": 2 }));
    const cancelled = await shop.client.post(`/v1/orders/${order.id}/cancel`, { reason: "ordered twice" }).catch(() => shop.client.post(`/v1/orders/${order.id}/cancel`, {}));
    expect(cancelled).toMatchObject({ status: "cancelled", refunded: order.total });
    expect(await onHand(shop, "MUG-RED")).toBe(10);
    const { data } = await shop.client.get("/v1/ledger/trial-balance");
    const sum = (side: string) => data.reduce((total: number, row: Record<string, { amount: number }>) => total + row[side]!.amount, 0);
    expect(sum("debit")).toBe(sum("credit"));
  });
});

describe("after all of it", () => {
  it("the audit finds nothing, and the report tells the same as the orders", async () => {
    const shop = await shopWith({ "MUG-RED": 100 });
    for (let n = 0; n < 5; n++) await shop.client.post("/v1/orders", cashSale(shop, { "MUG-RED": 2 }));
    await platform.quiesce();
    const report = await shop.client.get("/v1/reports/sales?groupBy=day");
    expect(report.totals).toMatchObject({ orders: 5, units: 10, gross: eur(10_990), total: eur(10_990), returns: eur(0) });
    const audit = await shop.client.get("/v1/audit/verify");
    expect(audit.ok).toBe(true);
    expect(audit.checks.map((check: { name: string }) => check.name)).toEqual(expect.arrayContaining(["stock levels", "money ledger", "order totals", "report figures"]));
    for (const check of audit.checks) expect([check.name, check.differences]).toEqual([check.name, []]);
  });

  it("one wrong byte is found, and its row named", async () => {
    const shop = await shopWith({ "MUG-RED": 100 });
    await shop.client.post("/v1/orders", cashSale(shop, { "MUG-RED": 2 }));
    await platform.quiesce();
    await platform.sql("UPDATE catalog.stock_level SET on_hand = on_hand + 1 WHERE variant_id = $1", [shop.variants["MUG-RED"]]);
    const audit = await shop.client.get("/v1/audit/verify");
    expect(audit.ok).toBe(false);
    expect(JSON.stringify(audit.checks.find((check: { name: string }) => check.name === "stock levels").differences)).toContain(shop.variants["MUG-RED"]);
  });
});
