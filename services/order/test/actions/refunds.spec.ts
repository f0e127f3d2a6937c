import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { newId } from "../../../../lib/ids.ts";
import { startTestPlatform, type Actor, type TestPlatform } from "../../../../test/support/platform.ts";
import { until } from "../../../../test/support/until.ts";
import { mug, startStubs, store, type Stubs } from "../stubs.ts";

const alder = newId(), birch = newId();
let platform: TestPlatform, stubs: Stubs, till: Actor;
const eur = (amount: number) => ({ amount, currency: "EUR" });
const TOTAL = 3297;

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

const sell = (rest: object = {}) => till.call("order.placeOrder", { storeId: store.storeId, channel: "pos", lines: [{ variantId: mug.variantId, quantity: 3 }], payments: [{ method: "cash" }], ...rest });
const read = (id: string) => till.call("order.getOrder", { id });
const refunded = (orderId: string, amountMinor: number, { tenantId = alder, refundId = newId() } = {}) => ({
  specversion: "1.0" as const, id: newId(), source: "/beaveros/payment", type: "payment.refunded", subject: refundId, time: new Date().toISOString(), tenantid: tenantId,
  data: { refundId, paymentId: newId(), orderId, storeId: store.storeId, registerId: null, method: "cash", provider: "till", amountMinor, currency: "EUR", businessDay: "2026-02-01", at: new Date().toISOString(), reason: "a scratch" },
});

describe("money that payment gives back apart from any goods", () => {
  it("stands on the order: a part, then the rest", async () => {
    const order = await sell();
    await platform.deliver([refunded(order.id, 1000)]);
    const part = await read(order.id);
    expect(part).toMatchObject({ status: "partiallyRefunded", paid: eur(TOTAL), refunded: eur(1000), version: 2, history: [{ status: "paid" }, { status: "partiallyRefunded", note: "a scratch" }], lines: [{ returnedQuantity: 0 }] });
    await platform.deliver([refunded(order.id, 297), refunded(order.id, 2000)]);
    expect(await read(order.id)).toMatchObject({ status: "refunded", paid: eur(TOTAL), refunded: eur(TOTAL), version: 4 });
    expect((await till.call("order.listOrders", { status: "refunded" })).data.map(({ id }) => id)).toContain(order.id);
  });

  it("counts once, however often it is told, and in no other order or tenant", async () => {
    const [order, other] = [await sell(), await sell()];
    const refundId = newId(), told = refunded(order.id, 500, { refundId });
    await platform.deliver([told]);
    await platform.deliver([told]);
    // The same refund under another event id, as after a replay from elsewhere.
    await platform.deliver([{ ...told, id: newId() }]);
    await platform.deliver([refunded(order.id, 700, { tenantId: birch })]);
    expect(await read(order.id)).toMatchObject({ refunded: eur(500), version: 2 });
    expect(await read(other.id)).toEqual(other);
  });

  it("of a return is the return's own and is not counted again", async () => {
    const order = await sell();
    const back = await till.call("order.returnLines", { id: order.id, reason: "broken", lines: [{ lineId: order.lines[0]!.id, quantity: 1 }] });
    const after = await read(order.id);
    await platform.deliver([refunded(order.id, 1099, { refundId: back.id })]);
    expect(await read(order.id)).toEqual(after);
    await platform.deliver([refunded(order.id, 2198)]);
    expect(await read(order.id)).toMatchObject({ status: "refunded", refunded: eur(TOTAL), lines: [{ returnedQuantity: 1 }] });
  });

  it("that comes before the sale is finished waits for it", async () => {
    const id = newId();
    stubs.fail("catalog.commitStock", "away", 1000);
    await expect(sell({ id, payments: [{ method: "card", card: { number: "4242424242424242" } }] })).rejects.toMatchObject({ type: "unavailable" });
    await platform.deliver([refunded(id, 1000)]);
    await expect(read(id)).rejects.toMatchObject({ type: "not_found" });
    stubs.reset();
    await until(() => read(id).then((order) => order.version === 2, () => false));
    expect(await read(id)).toMatchObject({ status: "partiallyRefunded", paid: eur(TOTAL), refunded: eur(1000) });
    expect(await platform.sql(`SELECT 1 FROM "order".dead_letter`)).toEqual([]);
  });
});
