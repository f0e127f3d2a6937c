import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { newId } from "../../../../lib/ids.ts";
import { startTestPlatform, type Actor, type TestPlatform } from "../../../../test/support/platform.ts";
import { mug, startStubs, store, type Stubs } from "../stubs.ts";

const alder = newId();
let platform: TestPlatform, stubs: Stubs, till: Actor;
const eur = (amount: number) => ({ amount, currency: "EUR" });

beforeAll(async () => {
  platform = await startTestPlatform({ services: ["order"] });
  stubs = await startStubs(platform.broker);
  till = platform.actor(alder);
});
afterAll(async () => {
  const { checks } = await platform.service("report", alder).call("order.verify", {});
  expect(checks.filter(({ differences }) => differences.length > 0)).toEqual([]);
  await platform.stop();
});
beforeEach(() => { stubs.reset(); });

const sell = async (quantity: number) => {
  const order = await till.call("order.placeOrder", { storeId: store.storeId, channel: "pos", lines: [{ variantId: mug.variantId, quantity, discount: { amount: eur(100) } }], payments: [{ method: "cash" }] });
  stubs.reset();
  return { id: order.id, lineId: order.lines[0]!.id, order };
};
const back = (sold: { id: string; lineId: string }, quantity: number, rest: object = {}) =>
  till.call("order.returnLines", { id: sold.id, reason: "broken", lines: [{ lineId: sold.lineId, quantity }], ...rest });

describe("a return", () => {
  it("gives the share of the line back, piece by piece to exactly what was paid", async () => {
    const sold = await sell(3);
    const pieces = [await back(sold, 1), await back(sold, 1), await back(sold, 1)];
    expect(pieces.map((piece) => piece.refund.amount.amount)).toEqual([1066, 1065, 1066]);
    expect(pieces.reduce((sum, piece) => sum + piece.lines[0]!.tax.amount, 0)).toBe(sold.order.taxTotal.amount);
    expect(await till.call("order.getOrder", { id: sold.id })).toMatchObject({ status: "refunded", refunded: eur(3197), version: 4, lines: [{ returnedQuantity: 3 }], history: [{ status: "paid" }, { status: "partiallyRefunded", note: "broken" }, {}, { status: "refunded" }] });
    expect((await till.call("order.listReturns", { id: sold.id })).data).toEqual(pieces);
    expect(pieces[0]!.number).toMatch(/^S1-R0000\d\d$/);
  });

  it("takes the goods back at their share of the cost", async () => {
    const sold = await sell(2);
    await back(sold, 1, { lines: [{ lineId: sold.lineId, quantity: 1, restock: false }] });
    expect(stubs.calls).toEqual(["payment.refundOrder", "catalog.returnStock"]);
    expect(stubs.params[1]).toMatchObject({ orderId: sold.id, lines: [{ variantId: mug.variantId, quantityThousandths: 1000, costMinor: 400, restock: false }] });
  });

  it("10 at once of one piece each: only what is there", async () => {
    const sold = await sell(4);
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => back(sold, 1)));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(4);
    for (const outcome of outcomes) if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ type: "return_exceeds_sold", code: 409 });
    expect(await till.call("order.getOrder", { id: sold.id })).toMatchObject({ status: "refunded", refunded: sold.order.total });
  });

  it("above what is left is refused, also when two lines of one request share it", async () => {
    const sold = await sell(2);
    await expect(back(sold, 3)).rejects.toMatchObject({ type: "return_exceeds_sold", data: { lines: [{ requested: 3, left: 2 }] } });
    await expect(back(sold, 1, { lines: [{ lineId: sold.lineId, quantity: 1 }, { lineId: sold.lineId, quantity: 1.5 }] })).rejects.toMatchObject({ type: "return_exceeds_sold" });
    await expect(back({ ...sold, lineId: newId() }, 1)).rejects.toMatchObject({ type: "not_found", data: { pointer: "/lines/0/lineId" } });
    expect(stubs.calls).toEqual([]);
    expect(await till.call("order.getOrder", { id: sold.id })).toEqual(sold.order);
  });

  it("whose refund is refused leaves the goods sold", async () => {
    const sold = await sell(1);
    stubs.fail("payment.refundOrder", "refuse");
    await expect(back(sold, 1)).rejects.toMatchObject({ type: "refund_refused" });
    expect(await till.call("order.getOrder", { id: sold.id })).toEqual(sold.order);
    expect((await till.call("order.listReturns", { id: sold.id })).data).toEqual([]);
    expect(await back(sold, 1)).toMatchObject({ refund: { amount: eur(999) } });
  });

  it.each(["payment.refundOrder", "catalog.returnStock"])("asks %s again with the same ids when its answer is lost", async (step) => {
    const sold = await sell(1);
    stubs.fail(step, "lose");
    await back(sold, 1);
    const asked = stubs.params.filter((_, index) => stubs.calls[index] === step);
    expect(asked).toHaveLength(2);
    expect(asked[0]).toEqual(asked[1]);
  });

  it("with its key is made once", async () => {
    const sold = await sell(2), key = { idempotency: { key: "r1", hash: "r" } };
    const params = { id: sold.id, reason: "broken", lines: [{ lineId: sold.lineId, quantity: 1 }] };
    const first = await till.call("order.returnLines", params, key);
    expect(await till.call("order.returnLines", params, key)).toEqual(first);
    expect(await till.call("order.getOrder", { id: sold.id })).toMatchObject({ lines: [{ returnedQuantity: 1 }] });
  });

  it("of a version that is stale is refused", async () => {
    const sold = await sell(1);
    await expect(till.call("order.cancelOrder", { id: sold.id }, { ifMatch: 7 })).rejects.toMatchObject({ type: "stale", code: 412 });
  });
});

describe("a cancellation", () => {
  it("takes back what has not come back yet and gives the rest of the money back", async () => {
    const sold = await sell(3);
    await back(sold, 1);
    const order = await till.call("order.cancelOrder", { id: sold.id, reason: "mistake" });
    expect(order).toMatchObject({ status: "cancelled", refunded: sold.order.total, lines: [{ returnedQuantity: 3 }] });
    expect(await platform.sql(`SELECT data->>'kind' AS kind FROM "order".outbox WHERE subject = $1 ORDER BY seq`, [sold.id])).toEqual([{ kind: "sale" }, { kind: "return" }, { kind: "cancellation" }]);
    await expect(till.call("order.cancelOrder", { id: sold.id })).rejects.toMatchObject({ type: "order_cancelled" });
    await expect(back(sold, 1)).rejects.toMatchObject({ type: "order_cancelled" });
  });
});

describe("receipts and figures", () => {
  it("prints 42 columns, and a PDF", async () => {
    const sold = await sell(2);
    const text = await till.call("order.receiptText", { id: sold.id });
    const lines = text.body.split("\n");
    expect(lines.every((line) => line.length <= 42)).toBe(true);
    expect(text.body).toContain(sold.order.number);
    expect(lines).toContainEqual(expect.stringMatching(/^TOTAL EUR +20\.98$/));
    const pdf = await till.call("order.receiptPdf", { id: sold.id });
    expect(pdf).toMatchObject({ contentType: "application/pdf", encoding: "base64" });
    expect(Buffer.from(pdf.body, "base64").subarray(0, 5).toString()).toBe("%PDF-");
  });

  it("sums the documents per day, and finds a flipped byte", async () => {
    const auditor = platform.service("report", alder);
    const { days } = await auditor.call("order.figures", {});
    const sales = days.filter((day) => day.kind === "sale");
    const [found] = await platform.sql<{ total: string }>('SELECT sum(total_minor) AS total FROM "order".orders');
    expect(sales.reduce((sum, day) => sum + day.totalMinor, 0)).toBe(Number(found!.total));
    const shift = (by: number) => platform.sql(`UPDATE "order".order_line SET total_minor = total_minor + $1, net_minor = net_minor + $1 WHERE order_id = (SELECT min(id::text)::uuid FROM "order".orders)`, [by]);
    await shift(1);
    const broken = (await auditor.call("order.verify", {})).checks.filter(({ differences }) => differences.length > 0);
    await shift(-1);
    expect(broken.map(({ name }) => name)).toEqual(["order totals"]);
    expect(broken[0]!.differences).toHaveLength(1);
  });

  it("names the line and the tender whose order is not there", async () => {
    const stray = newId();
    for (const table of ["order_line", "order_tender"]) {
      await platform.sql(`CREATE TEMP TABLE stray AS SELECT * FROM "order".${table} LIMIT 1`);
      await platform.sql("UPDATE stray SET order_id = $1", [stray]);
      await platform.sql(`INSERT INTO "order".${table} SELECT * FROM stray`);
      await platform.sql("DROP TABLE stray");
    }
    const broken = (await platform.service("report", alder).call("order.verify", {})).checks.find(({ name }) => name === "rows of orders");
    for (const table of ["order_line", "order_tender"]) await platform.sql(`DELETE FROM "order".${table} WHERE order_id = $1`, [stray]);
    expect(broken).toMatchObject({ differences: [{ id: stray }, { id: stray }] });
  });
});
