import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { refuse } from "../../../../lib/errors.ts";
import { newId } from "../../../../lib/ids.ts";
import type { TestPlatform } from "../../../../test/support/platform.ts";
import { openShop, startPurchasing, type FakeCatalog, type Shop } from "../support.ts";

let platform: TestPlatform, catalog: FakeCatalog, alder: Shop, order: { id: string; mugs: string };
beforeAll(async () => { ({ platform, catalog } = await startPurchasing()); });
afterAll(async () => { await platform.stop(); });
beforeEach(async () => {
  Object.assign(catalog, { failures: [], failAfter: false });
  alder = await openShop(platform);
  const { id } = await as().call("purchasing.createPurchaseOrder", { supplierId: alder.supplierId, storeId: alder.storeId, lines: [{ variantId: catalog.variant(), quantity: 10, unitCost: { amount: 500, currency: "EUR" } }] });
  const { lines } = await as().call("purchasing.sendPurchaseOrder", { id });
  order = { id, mugs: lines[0]!.id };
});

const as = () => platform.actor(alder.tenantId);
const receive = (id: string, key?: string) =>
  as().call("purchasing.receivePurchaseOrder", { id, purchaseOrderId: order.id, lines: [{ lineId: order.mugs, quantity: 4 }] }, key ? { idempotency: { key, hash: "hash" } } : {});
const stateOf = async (id: string) => {
  const [receipt] = await platform.sql<{ status: string; saga: string }>("SELECT r.status, s.status AS saga FROM purchasing.goods_receipt r JOIN purchasing.saga s ON s.id = r.id WHERE r.id = $1", [id]);
  const { status, lines } = await as().call("purchasing.getPurchaseOrder", { id: order.id });
  const events = await platform.sql("SELECT 1 FROM purchasing.outbox WHERE type = 'purchasing.received' AND subject = $1", [id]);
  return { receipt: receipt?.status, saga: receipt?.saga, order: status, received: lines[0]!.received, booked: catalog.booked.has(id), events: events.length };
};
const DONE = { receipt: "posted", saga: "completed", order: "partiallyReceived", received: 4, booked: true, events: 1 };

describe("a goods receipt", () => {
  it("asks catalog again when it is away for a moment", async () => {
    catalog.failures = [refuse.unavailable(), refuse.unavailable()];
    const id = newId();
    expect((await receive(id)).status).toBe("posted");
    expect(await stateOf(id)).toEqual(DONE);
  });

  it("whose answer was lost is booked once", async () => {
    Object.assign(catalog, { failures: [refuse.unavailable()], failAfter: true });
    const id = newId();
    expect((await receive(id)).status).toBe("posted");
    expect(await stateOf(id)).toEqual(DONE);
  });

  it("that catalog refuses never happened: the order awaits its goods as before", async () => {
    catalog.failures = [refuse.not_found("The variant is gone")];
    const id = newId();
    await expect(receive(id)).rejects.toMatchObject({ type: "not_found" });
    expect(await stateOf(id)).toEqual({ receipt: "refused", saga: "compensated", order: "sent", received: 0, booked: false, events: 0 });
    expect((await receive(newId())).status).toBe("posted");
  });

  it("goes on by itself after its runner gave up, and then answers its key", async () => {
    const fault = new Error("the callee crashed");
    catalog.failures = [fault];
    const id = newId();
    await expect(receive(id, "key-1")).rejects.toThrow();
    expect(await stateOf(id)).toEqual({ receipt: "pending", saga: "running", order: "partiallyReceived", received: 4, booked: false, events: 0 });
    await expect(receive(id, "key-1")).rejects.toMatchObject({ type: "idempotency_in_progress" });
    await platform.quiesce(); // the sweeper takes it when the lease has run out
    expect(await stateOf(id)).toEqual(DONE);
    expect(await receive(id, "key-1")).toMatchObject({ id, status: "posted" });
    expect(await stateOf(id)).toEqual(DONE);
  });

  it("may find its order closed meanwhile, which stays closed when catalog refuses", async () => {
    await receive(newId());
    catalog.failures = [new Error("the callee crashed"), refuse.not_found()];
    const id = newId();
    await expect(receive(id)).rejects.toThrow();
    await as().call("purchasing.closePurchaseOrder", { id: order.id });
    await platform.quiesce();
    expect(await stateOf(id)).toMatchObject({ receipt: "refused", order: "closed", received: 4, booked: false, events: 0 });
  });
});
