import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { newId } from "../../../../lib/ids.ts";
import { startTestPlatform, type Actor, type TestPlatform } from "../../../../test/support/platform.ts";
import { mug, startStubs, store, till as register, type Stubs } from "../stubs.ts";

const alder = newId(), birch = newId();
let platform: TestPlatform, stubs: Stubs, till: Actor;
const eur = (amount: number) => ({ amount, currency: "EUR" });
const sale = (rest: object = {}) => ({ storeId: store.storeId, channel: "pos" as const, lines: [{ variantId: mug.variantId, quantity: 1 }], payments: [{ method: "cash" as const }], ...rest });
const key = (name: string, hash = "same") => ({ idempotency: { key: name, hash } });
const count = async (table: string) => Number((await platform.sql<{ n: string }>(`SELECT count(*) AS n FROM "order".${table}`))[0]!.n);
const checks = async () => (await platform.service("report", alder).call("order.verify", {})).checks;

beforeAll(async () => {
  platform = await startTestPlatform({ services: ["order"] });
  stubs = await startStubs(platform.broker);
  till = platform.actor(alder);
});
afterAll(async () => {
  expect((await checks()).filter(({ differences }) => differences.length > 0)).toEqual([]);
  await platform.stop();
});
beforeEach(() => { stubs.reset(); Object.assign(store, { cashRounding: null, archived: false }); Object.assign(register, { storeId: store.storeId, archived: false }); });

describe("a sale", () => {
  it("answers lines, taxes, totals, change and history", async () => {
    const order = await till.call("order.placeOrder", sale({
      lines: [{ variantId: mug.variantId, quantity: 2, discount: { percent: 10 } }, { variantId: mug.variantId, quantity: 0.5 }], discount: { amount: eur(100), reason: "regular" },
      payments: [{ method: "external", amount: eur(1000) }, { method: "cash", tendered: eur(2000) }], reference: "T-1", metadata: { table: "4" },
    }));
    expect(order).toMatchObject({ status: "paid", number: "S1-000001", subtotal: eur(2748), discountTotal: eur(320), total: eur(2428), paid: eur(2428), refunded: eur(0), change: eur(572), reference: "T-1", metadata: { table: "4" }, version: 1 });
    const sum = (of: (line: (typeof order.lines)[number]) => number) => order.lines.reduce((total, line) => total + of(line), 0);
    expect([sum((line) => line.discount.amount), sum((line) => line.tax.amount), sum((line) => line.total.amount)]).toEqual([320, order.taxTotal.amount, 2428]);
    expect(order.payments).toMatchObject([{ method: "external", amount: eur(1000), status: "captured" }, { method: "cash", amount: eur(1428), tendered: eur(2000), change: eur(572) }]);
    expect(await till.call("order.getOrder", { id: order.id })).toEqual(order);
  });

  it("rounds what is paid in cash, with the setting of this very moment", async () => {
    store.cashRounding = 5;
    expect(await till.call("order.placeOrder", sale({ payments: [{ method: "cash", tendered: eur(1100) }] }))).toMatchObject({ total: eur(1100), rounding: eur(1), paid: eur(1100), change: eur(0) });
    expect(await till.call("order.placeOrder", sale({ payments: [{ method: "external" }] }))).toMatchObject({ total: eur(1099), rounding: eur(0) });
  });

  it("of nothing takes no payment and is paid", async () => {
    const order = await till.call("order.placeOrder", sale({ discount: { percent: 100 }, payments: [] }));
    expect(order).toMatchObject({ status: "paid", total: eur(0), payments: [] });
    expect(stubs.calls).toEqual(["catalog.takeStock"]);
  });

  it("keeps the time that the till says", async () => {
    expect(await till.call("order.placeOrder", sale({ placedAt: "2026-01-31T23:30:00+00:00" }))).toMatchObject({ placedAt: "2026-01-31T23:30:00.000Z" });
    expect(await platform.sql(`SELECT business_day::text FROM "order".orders WHERE placed_at = '2026-01-31T23:30:00Z'`)).toEqual([{ business_day: "2026-02-01" }]);
  });

  it.each<[string, object, string, number]>([
    ["an unknown store", { storeId: newId() }, "not_found", 404],
    ["an unknown variant", { lines: [{ variantId: newId(), quantity: 1 }] }, "not_found", 404],
    ["an unknown customer", { customerId: newId() }, "not_found", 404],
    ["too little money", { payments: [{ method: "cash", amount: eur(5) }] }, "amount_mismatch", 422],
    ["no payment", { payments: [] }, "amount_mismatch", 422],
    ["a foreign tender", { payments: [{ method: "cash", amount: { amount: 1099, currency: "USD" } }] }, "currency_mismatch", 422],
    ["a foreign discount", { discount: { amount: { amount: 1, currency: "USD" } } }, "currency_mismatch", 422],
    ["a card payment without its card", { payments: [{ method: "card" }] }, "invalid_request", 400],
    ["no lines", { lines: [] }, "invalid_request", 400],
    ["a quantity of 0", { lines: [{ variantId: mug.variantId, quantity: 0 }] }, "invalid_request", 400],
    ["a negative quantity", { lines: [{ variantId: mug.variantId, quantity: -1 }] }, "invalid_request", 400],
    ["four decimals", { lines: [{ variantId: mug.variantId, quantity: 0.0001 }] }, "invalid_request", 400],
    ["an amount beyond what can be kept", { lines: Array.from({ length: 500 }, () => ({ variantId: mug.variantId, quantity: 1_000_000_000 })) }, "amount_mismatch", 422],
    ["a day that is not", { placedAt: "2026-13-45T00:00:00Z" }, "invalid_request", 400],
    ["an unknown field", { shop: "x" }, "invalid_request", 400],
  ])("with %s is refused and leaves nothing", async (_name, rest, type, code) => {
    const before = await count("saga");
    const given = type === "amount_mismatch" && "lines" in rest ? { ...rest, payments: [{ method: "cash", amount: eur(1) }] } : rest;
    await expect(till.call("order.placeOrder", sale(given))).rejects.toMatchObject({ type, code });
    expect([stubs.calls, await count("saga")]).toEqual([[], before]);
  });

  it.each<[string, () => void, string, number, string]>([
    ["in an archived store", () => { store.archived = true; }, "store_archived", 409, "/storeId"],
    ["at an archived register", () => { register.archived = true; }, "register_archived", 409, "/registerId"],
    ["at a register of another store", () => { register.storeId = newId(); }, "register_elsewhere", 422, "/registerId"],
  ])("%s is neither made nor quoted", async (_name, change, type, code, pointer) => {
    const here = sale({ registerId: register.registerId }), before = [await count("saga"), await count("orders")];
    await till.call("order.quoteOrder", here);
    change();
    await expect(till.call("order.placeOrder", here)).rejects.toMatchObject({ type, code, data: { pointer } });
    await expect(till.call("order.quoteOrder", here)).rejects.toMatchObject({ type, code, data: { pointer } });
    expect([stubs.calls, await count("saga"), await count("orders")]).toEqual([[], ...before]);
  });

  it("of a store that was archived since can still come back, and is the answer to its key", async () => {
    const order = await till.call("order.placeOrder", sale(), key("k-closed"));
    store.archived = true;
    expect(await till.call("order.placeOrder", sale(), key("k-closed"))).toEqual(order);
    expect(await till.call("order.cancelOrder", { id: order.id })).toMatchObject({ status: "cancelled", refunded: eur(1099) });
  });

  it("names the field of what is not there", async () => {
    await expect(till.call("order.placeOrder", sale({ lines: [{ variantId: mug.variantId, quantity: 1 }, { variantId: newId(), quantity: 1 }] }))).rejects.toMatchObject({ data: { pointer: "/lines/1/variantId" } });
    await expect(till.call("order.placeOrder", sale({ storeId: newId() }))).rejects.toMatchObject({ data: { pointer: "/storeId" } });
  });

  it("needs its permission", async () => {
    await expect(platform.actor(alder, ["order.orders.read"]).call("order.placeOrder", sale())).rejects.toMatchObject({ type: "forbidden" });
    expect(stubs.calls).toEqual([]);
  });

  it("of another tenant is not there, to read, return or cancel", async () => {
    const order = await till.call("order.placeOrder", sale());
    const stranger = platform.actor(birch);
    const missing = { type: "not_found", code: 404 };
    await expect(stranger.call("order.getOrder", { id: order.id })).rejects.toMatchObject(missing);
    await expect(stranger.call("order.receiptText", { id: order.id })).rejects.toMatchObject(missing);
    await expect(stranger.call("order.cancelOrder", { id: order.id })).rejects.toMatchObject(missing);
    await expect(stranger.call("order.returnLines", { id: order.id, reason: "x", lines: [{ lineId: order.lines[0]!.id, quantity: 1 }] })).rejects.toMatchObject(missing);
    await expect(stranger.call("order.listReturns", { id: order.id })).rejects.toMatchObject(missing);
    expect((await stranger.call("order.listOrders", {})).data).toEqual([]);
    expect(await till.call("order.getOrder", { id: order.id })).toEqual(order);
  });
});

describe("the same sale again", () => {
  it("with its key is the first answer", async () => {
    const first = await till.call("order.placeOrder", sale(), key("k1"));
    const before = await count("orders");
    expect(JSON.stringify(await till.call("order.placeOrder", sale(), key("k1")))).toBe(JSON.stringify(first));
    await expect(till.call("order.placeOrder", sale({ channel: "web" }), key("k1", "other"))).rejects.toMatchObject({ type: "idempotency_key_reused", code: 422 });
    expect(await count("orders")).toBe(before);
  });

  it("with its key is the first answer, also when the variant is no longer sold", async () => {
    const first = await till.call("order.placeOrder", sale(), key("k-gone"));
    const { variantId } = mug;
    mug.variantId = newId();
    const again = till.call("order.placeOrder", sale({ lines: [{ variantId, quantity: 1 }] }), key("k-gone"));
    expect(await again.finally(() => { mug.variantId = variantId; })).toEqual(first);
  });

  it("with its key and its reference is the first answer, and another sale with both is told of the key", async () => {
    const web = (rest: object = {}) => sale({ channel: "web", reference: "WEB-7", ...rest });
    const first = await till.call("order.placeOrder", web(), key("k-web"));
    expect(await till.call("order.placeOrder", web(), key("k-web"))).toEqual(first);
    await expect(till.call("order.placeOrder", web({ metadata: { a: "b" } }), key("k-web", "other"))).rejects.toMatchObject({ type: "idempotency_key_reused", code: 422 });
    await expect(till.call("order.placeOrder", web(), key("k-web-2"))).rejects.toMatchObject({ type: "already_exists", data: { pointer: "/reference" } });
  });

  it("with its key is the first answer, also when its customer was archived since", async () => {
    const { id } = await till.call("order.createCustomer", { name: "Ada Alder" });
    const first = await till.call("order.placeOrder", sale({ customerId: id }), key("k-ada"));
    await till.call("order.archiveCustomer", { id });
    expect(await till.call("order.placeOrder", sale({ customerId: id }), key("k-ada"))).toEqual(first);
  });

  it("leaves the sales that come with it in one transaction", async () => {
    const first = await till.call("order.placeOrder", sale(), key("k-again")), { stats } = platform.platform.database("order");
    const before = stats.transactions;
    const [again, ...others] = await Promise.all([till.call("order.placeOrder", sale(), key("k-again")), ...Array.from({ length: 6 }, (_, n) => till.call("order.placeOrder", sale(), key(`k-beside-${n}`)))]);
    expect(again).toEqual(first);
    expect(new Set(others.map((order) => order.id)).size).toBe(6);
    // Their beginning, their end and the look-up of the one; a few more where they did not come at once.
    expect(stats.transactions - before).toBeLessThanOrEqual(6);
  });

  it("50 at once with one key make one order", async () => {
    const before = await count("orders");
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => till.call("order.placeOrder", sale(), key("k50"))));
    const ids = new Set(outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value.id] : [])));
    const refusals = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [(outcome.reason as { type: string }).type] : []));
    expect(ids.size).toBe(1);
    expect(new Set(refusals)).toEqual(new Set(refusals.length ? ["idempotency_in_progress"] : []));
    expect(await count("orders")).toBe(before + 1);
  });

  it("50 at once with one id make one order", async () => {
    const id = newId(), before = await count("orders");
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => till.call("order.placeOrder", sale({ id }))));
    for (const outcome of outcomes) {
      if (outcome.status === "fulfilled") expect(outcome.value.id).toBe(id);
      else expect(outcome.reason).toMatchObject({ type: "idempotency_in_progress" });
    }
    expect(await count("orders")).toBe(before + 1);
  });

  it("with its id is the order as it is; another sale under that id is refused", async () => {
    const id = newId(), order = await till.call("order.placeOrder", sale({ id }));
    expect(await till.call("order.placeOrder", sale({ id }))).toEqual(order);
    await expect(till.call("order.placeOrder", sale({ id, channel: "web" }))).rejects.toMatchObject({ type: "id_conflict", code: 409 });
  });

  it("remembers the refusal of a sale by its key, and nothing of a 404", async () => {
    stubs.fail("catalog.takeStock", "refuse");
    await expect(till.call("order.placeOrder", sale(), key("short"))).rejects.toMatchObject({ type: "out_of_stock" });
    await expect(till.call("order.placeOrder", sale(), key("short"))).rejects.toMatchObject({ type: "out_of_stock", data: { replayed: true } });
    await expect(till.call("order.placeOrder", sale({ storeId: newId() }), key("free"))).rejects.toMatchObject({ type: "not_found" });
    expect(await till.call("order.placeOrder", sale(), key("free", "corrected"))).toMatchObject({ status: "paid" });
  });

  it("with a reference that is taken is refused; a failed sale gives its reference back", async () => {
    stubs.fail("catalog.takeStock", "refuse");
    await expect(till.call("order.placeOrder", sale({ reference: "R-1" }))).rejects.toMatchObject({ type: "out_of_stock" });
    await till.call("order.placeOrder", sale({ reference: "R-1" }));
    await expect(till.call("order.placeOrder", sale({ reference: "R-1" }))).rejects.toMatchObject({ type: "already_exists", data: { pointer: "/reference" } });
  });
});

describe("numbers, lists and quotes", () => {
  it("numbers 30 sales at once without a gap", async () => {
    const orders = await Promise.all(Array.from({ length: 30 }, () => till.call("order.placeOrder", sale())));
    const numbers = orders.map((order) => Number(order.number.slice(3))).toSorted((a, b) => a - b);
    expect(numbers.at(-1)! - numbers[0]!).toBe(29);
    expect(new Set(numbers).size).toBe(30);
  });

  it("lists page by page, the latest first, each once", async () => {
    const seen: string[] = [];
    for (let cursor: string | null = null, pages = 0; pages === 0 || cursor; pages++) {
      const page: { data: { id: string; placedAt: string }[]; nextCursor: string | null } = await till.call("order.listOrders", { limit: 20, ...(cursor ? { cursor } : {}) });
      seen.push(...page.data.map((order) => order.id));
      cursor = page.nextCursor;
    }
    expect(seen).toHaveLength(await count("orders"));
    expect(new Set(seen).size).toBe(seen.length);
  });

  it("filters by day, instant, status and customer", async () => {
    const days = await till.call("order.listOrders", { from: "2026-02-01", to: "2026-02-01" });
    expect(days.data.map((order) => order.placedAt)).toEqual(["2026-01-31T23:30:00.000Z"]);
    expect((await till.call("order.listOrders", { to: "2026-01-31T23:59:00Z" })).data).toHaveLength(1);
    expect((await till.call("order.listOrders", { status: "refunded" })).data).toEqual([]);
    expect((await till.call("order.listOrders", { customerId: newId() })).data).toEqual([]);
    await expect(till.call("order.listOrders", { from: "2026-02-31" })).rejects.toMatchObject({ type: "invalid_request" });
    await expect(till.call("order.listOrders", { sort: "total" })).rejects.toMatchObject({ type: "invalid_request" });
  });

  it("quotes without payments and keeps nothing", async () => {
    store.cashRounding = 5;
    const before = [await count("orders"), await count("saga"), await count("document_counter")];
    const { payments: _, ...basket } = sale({ discount: { percent: 10 } });
    const quote = await till.call("order.quoteOrder", basket);
    expect(quote).toMatchObject({ total: eur(989), cashTotal: eur(990), discountTotal: eur(110), payments: [] });
    expect(quote.explain).toContainEqual(expect.objectContaining({ rule: "orderDiscount", applied: true, amount: eur(110) }));
    expect([await count("orders"), await count("saga"), await count("document_counter")]).toEqual(before);
  });

  it("sells to a customer by name, and to an archived one no more", async () => {
    const customer = await till.call("order.createCustomer", { name: "Ada", reference: "C-1" });
    const order = await till.call("order.placeOrder", sale({ customerId: customer.id }));
    expect(await platform.sql(`SELECT data->>'customerName' AS name FROM "order".outbox WHERE subject = $1`, [order.id])).toEqual([{ name: "Ada" }]);
    expect((await till.call("order.listOrders", { customerId: customer.id })).data).toHaveLength(1);
    expect(await till.call("order.updateCustomer", { id: customer.id, email: "ada@example.com" })).toMatchObject({ email: "ada@example.com", version: 2 });
    await expect(till.call("order.createCustomer", { name: "Eve", reference: "C-1" })).rejects.toMatchObject({ type: "already_exists" });
    await expect(platform.actor(birch).call("order.getCustomer", { id: customer.id })).rejects.toMatchObject({ type: "not_found" });
    await expect(platform.actor(birch).call("order.placeOrder", sale({ customerId: customer.id }))).rejects.toMatchObject({ type: "not_found", data: { pointer: "/customerId" } });
    await till.call("order.archiveCustomer", { id: customer.id });
    await expect(till.call("order.placeOrder", sale({ customerId: customer.id }))).rejects.toMatchObject({ type: "not_found" });
  });
});
