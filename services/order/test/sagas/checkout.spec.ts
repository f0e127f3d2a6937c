import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { newId } from "../../../../lib/ids.ts";
import { startTestPlatform, type Actor, type TestPlatform } from "../../../../test/support/platform.ts";
import { mug, startStubs, store, type Deed, type Stubs } from "../stubs.ts";

const alder = newId();
const CARD = "4242424242424242";
let platform: TestPlatform, stubs: Stubs, till: Actor;
const basket = { storeId: store.storeId, channel: "pos" as const, lines: [{ variantId: mug.variantId, quantity: 3 }] };
const cash = () => ({ id: newId(), ...basket, payments: [{ method: "cash" as const }] });
const card = () => ({ id: newId(), ...basket, payments: [{ method: "card" as const, card: { number: CARD } }] });

beforeAll(async () => {
  platform = await startTestPlatform({ services: ["order"] });
  stubs = await startStubs(platform.broker);
  till = platform.actor(alder);
});
afterAll(async () => { await platform.stop(); });
beforeEach(() => { stubs.reset(); });

const one = async (text: string, id: string) => (await platform.sql<Record<string, unknown>>(text, [id]))[0];
const orderRows = async (id: string) => Number((await one('SELECT count(*) AS n FROM "order".orders WHERE id = $1', id))!.n);
const sagaStatus = async (id: string) => (await one('SELECT status FROM "order".saga WHERE id = $1', id))?.status;
const lastNumber = async () => Number((await platform.sql<{ last: string }>(`SELECT last FROM "order".document_counter WHERE kind = 'sale'`))[0]?.last ?? 0);
const eventsOf = async (id: string) => Number((await one('SELECT count(*) AS n FROM "order".outbox WHERE subject = $1', id))!.n);

describe("the checkout of a cash sale", () => {
  it("takes the goods, then takes the money and writes the order at once", async () => {
    const sale = cash();
    const order = await till.call("order.placeOrder", sale);
    expect(stubs.calls).toEqual(["catalog.takeStock", "payment.settle"]);
    expect(order).toMatchObject({ id: sale.id, status: "paid", total: { amount: 3297, currency: "EUR" }, payments: [{ method: "cash", status: "captured" }] });
    expect(await platform.sql('SELECT cost_minor::int FROM "order".order_line WHERE order_id = $1', [sale.id])).toEqual([{ cost_minor: 1200 }]);
    expect([await orderRows(sale.id), await eventsOf(sale.id)]).toEqual([1, 1]);
    await platform.quiesce();
    expect(await sagaStatus(sale.id)).toBe("completed");
  });

  it("is answered when both the money is taken and the order is written, whichever is later", async () => {
    const sale = cash(), seen: unknown[] = [];
    stubs.during("payment.settle", async () => {
      while ((await orderRows(sale.id)) === 0) await new Promise((wake) => setTimeout(wake, 5));
      seen.push("order");
    });
    await till.call("order.placeOrder", sale).then(() => seen.push("answer"));
    expect(seen).toEqual(["order", "answer"]);
  });

  it("writes the order although the money cannot be taken now, says 503, and takes it later with the same ids", async () => {
    const sale = cash();
    stubs.fail("payment.settle", "away", Infinity);
    await expect(till.call("order.placeOrder", sale)).rejects.toMatchObject({ type: "unavailable", code: 503 });
    expect([await orderRows(sale.id), await sagaStatus(sale.id)]).toEqual([1, "running"]);
    stubs.fail("payment.settle", "away", 0);
    await platform.quiesce();
    const asked = stubs.params.filter((_, index) => stubs.calls[index] === "payment.settle");
    expect(new Set(asked.map((params) => JSON.stringify(params))).size).toBe(1);
    expect([await orderRows(sale.id), await eventsOf(sale.id), await sagaStatus(sale.id)]).toEqual([1, 1, "completed"]);
  });

  it("keeps what the sale needs until it is done, and no longer", async () => {
    const sale = cash(), kept: unknown[] = [];
    const look = async () => { kept.push((await one('SELECT input FROM "order".saga WHERE id = $1', sale.id))!.input); };
    stubs.during("payment.settle", look);
    await till.call("order.placeOrder", sale);
    await platform.quiesce();
    await look();
    expect(kept).toEqual([expect.objectContaining({ ids: expect.objectContaining({ orderId: sale.id }) }), null]);
  });

  it.each<[string, Deed]>([["catalog.takeStock", "lose"], ["catalog.takeStock", "away"], ["payment.settle", "lose"], ["payment.settle", "away"]])("asks %s again with the same ids when the answer is %s", async (step, deed) => {
    const sale = cash();
    stubs.fail(step, deed);
    await till.call("order.placeOrder", sale);
    const asked = stubs.params.filter((_, index) => stubs.calls[index] === step);
    expect(asked).toHaveLength(2);
    expect(asked[0]).toEqual(asked[1]);
    expect([await orderRows(sale.id), await eventsOf(sale.id)]).toEqual([1, 1]);
  });

  it("leaves no order and uses no number when the goods are short", async () => {
    const sale = cash(), before = await lastNumber();
    stubs.fail("catalog.takeStock", "refuse");
    await expect(till.call("order.placeOrder", sale)).rejects.toMatchObject({ type: "out_of_stock", code: 409 });
    expect(stubs.calls).toEqual(["catalog.takeStock"]);
    expect([await orderRows(sale.id), await eventsOf(sale.id), await lastNumber()]).toEqual([0, 0, before]);
    await expect(till.call("order.getOrder", { id: sale.id })).rejects.toMatchObject({ type: "not_found" });
  });

  it("lets the same id sell later when nothing had happened", async () => {
    const sale = cash();
    stubs.fail("catalog.takeStock", "refuse");
    await expect(till.call("order.placeOrder", sale)).rejects.toMatchObject({ type: "out_of_stock" });
    expect(await till.call("order.placeOrder", sale)).toMatchObject({ id: sale.id, status: "paid" });
  });
});

describe("the checkout of a card sale", () => {
  const FORWARD = ["catalog.reserveStock", "payment.authorize", "payment.capture", "catalog.commitStock"];

  it("reserves, authorises, captures, commits, then writes the order", async () => {
    const sale = card();
    await till.call("order.placeOrder", sale);
    expect(stubs.calls).toEqual(FORWARD);
    expect(await orderRows(sale.id)).toBe(1);
  });

  it.each<[string, string[]]>([
    ["catalog.reserveStock", ["catalog.reserveStock"]],
    ["payment.authorize", ["catalog.reserveStock", "payment.authorize", "catalog.releaseStock"]],
    ["payment.capture", ["catalog.reserveStock", "payment.authorize", "payment.capture", "payment.void", "catalog.releaseStock"]],
  ])("undoes what came before when %s is refused, and leaves nothing", async (step, expected) => {
    const sale = card(), before = await lastNumber();
    stubs.fail(step, "refuse");
    await expect(till.call("order.placeOrder", sale)).rejects.toMatchObject({ name: "DomainError" });
    expect(stubs.calls).toEqual(expected);
    expect([await orderRows(sale.id), await eventsOf(sale.id), await lastNumber(), await sagaStatus(sale.id)]).toEqual([0, 0, before, "compensated"]);
  });

  it.each(FORWARD)("runs %s twice to the same end", async (step) => {
    const sale = card();
    stubs.fail(step, "lose");
    await till.call("order.placeOrder", sale);
    expect(stubs.calls.filter((name) => name === step)).toHaveLength(2);
    expect([await orderRows(sale.id), await eventsOf(sale.id)]).toEqual([1, 1]);
  });

  it.each(["payment.void", "catalog.releaseStock"])("runs the undo %s twice to the same end", async (undo) => {
    const sale = card();
    stubs.fail("payment.capture", "refuse");
    stubs.fail(undo, "lose");
    await expect(till.call("order.placeOrder", sale)).rejects.toMatchObject({ type: "payment_declined" });
    expect(stubs.calls.filter((name) => name === undo)).toHaveLength(2);
    expect([await orderRows(sale.id), await sagaStatus(sale.id)]).toEqual([0, "compensated"]);
  });

  it("never writes the card number down", async () => {
    const sale = card();
    let kept: string | undefined;
    stubs.during("payment.capture", async () => { kept = JSON.stringify(await one('SELECT input FROM "order".saga WHERE id = $1', sale.id)); });
    const order = await till.call("order.placeOrder", sale);
    expect(kept).toContain(sale.id);
    expect(kept).not.toContain(CARD);
    expect(order.payments).toMatchObject([{ card: { brand: "visa", last4: "4242" } }]);
  });
});

describe("a sale whose process died", () => {
  const revive = (id: string) => platform.sql(`UPDATE "order".saga SET lease_until = now() - interval '1 second' WHERE id = $1`, [id]);
  /** A card sale, and all that its saga kept while it was under way. */
  const sell = async (sale: object, key?: object): Promise<{ id: string; input: unknown }> => {
    let input: unknown;
    stubs.during("payment.capture", async () => { input = (await platform.sql<{ input: unknown }>(`SELECT input FROM "order".saga WHERE status = 'running' ORDER BY created_at DESC LIMIT 1`))[0]!.input; });
    const { id } = await till.call("order.placeOrder", sale as never, key);
    await platform.quiesce();
    stubs.reset();
    return { id, input };
  };
  const rewind = async ({ id, input }: { id: string; input: unknown }) => {
    await platform.sql('DELETE FROM "order".order_tender WHERE order_id = $1', [id]);
    await platform.sql('DELETE FROM "order".order_line WHERE order_id = $1', [id]);
    await platform.sql('DELETE FROM "order".orders WHERE id = $1', [id]);
    await platform.sql(`UPDATE "order".saga SET status = 'running', input = $2, lease_until = now() - interval '1 second' WHERE id = $1`, [id, JSON.stringify(input)]);
  };

  it("is finished by the sweeper with the same ids, without the card number", async () => {
    const sold = await sell(card());
    const lineIds = await platform.sql('SELECT id FROM "order".order_line WHERE order_id = $1', [sold.id]);
    await rewind(sold);
    await platform.quiesce();
    expect(stubs.calls).toEqual(["catalog.reserveStock", "payment.capture", "catalog.commitStock"]);
    expect(await platform.sql('SELECT id FROM "order".order_line WHERE order_id = $1', [sold.id])).toEqual(lineIds);
  });

  it("when it died behind its order, is gone through once more and changes nothing: no second order, number or event", async () => {
    const key = { idempotency: { key: `behind-${newId()}`, hash: "h" } }, sale = card();
    const sold = await sell(sale, key), first = await till.call("order.getOrder", { id: sold.id }), last = await lastNumber();
    await platform.sql(`UPDATE "order".saga SET status = 'running', input = $2, lease_until = now() - interval '1 second' WHERE id = $1`, [sold.id, JSON.stringify(sold.input)]);
    await platform.quiesce();
    expect(stubs.calls).toEqual(["catalog.reserveStock", "payment.capture", "catalog.commitStock"]);
    expect([await sagaStatus(sold.id), await orderRows(sold.id), await eventsOf(sold.id), await lastNumber()]).toEqual(["completed", 1, 1, last]);
    expect(await till.call("order.placeOrder", sale, key)).toEqual(first);
  });

  it("is undone by the sweeper when the money had not been promised, and its key remembers the refusal", async () => {
    const { id: _, ...sale } = card();
    const key = { idempotency: { key: `revive-${newId()}`, hash: "h" } };
    const sold = await sell(sale, key);
    await rewind(sold);
    await platform.sql('UPDATE "order".idempotency_key SET status = NULL, response = NULL WHERE key = $1', [key.idempotency.key]);
    await expect(till.call("order.placeOrder", sale, key)).rejects.toMatchObject({ type: "idempotency_in_progress" });
    stubs.fail("payment.capture", "refuse");
    await revive(sold.id);
    await platform.quiesce();
    expect(stubs.calls).toEqual(["catalog.reserveStock", "payment.capture", "payment.void", "catalog.releaseStock"]);
    await expect(till.call("order.placeOrder", sale, key)).rejects.toMatchObject({ type: "payment_declined" });
  });
});

describe("a node that is stopped", () => {
  it("ends the sagas that have nothing left to do, and leaves none to the sweeper", async () => {
    const sale = cash();
    await till.call("order.placeOrder", sale);
    await platform.broker.destroyService(platform.broker.getLocalService("order")!);
    expect(await sagaStatus(sale.id)).toBe("completed");
  });
});
