import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { newId } from "../../../../lib/ids.ts";
import { runSaga } from "../../../../mixins/saga.ts";
import { startTestPlatform, type Actor, type TestPlatform } from "../../../../test/support/platform.ts";
import { until } from "../../../../test/support/until.ts";
import { cardCheckout } from "../../sagas/checkout.ts";
import { mug, startStubs, store, type Stubs } from "../stubs.ts";

const alder = newId(), birch = newId();
let platform: TestPlatform, stubs: Stubs, till: Actor, operator: Actor;

beforeAll(async () => {
  platform = await startTestPlatform({ services: ["order"] });
  stubs = await startStubs(platform.broker);
  till = platform.actor(alder);
  operator = platform.operator();
});
afterAll(() => platform.stop());
afterEach(() => { stubs.reset(); });

const FOREVER = 1_000_000;
const card = (id: string) => ({ id, storeId: store.storeId, channel: "pos" as const, lines: [{ variantId: mug.variantId, quantity: 3 }], payments: [{ method: "card" as const, card: { number: "4242424242424242" } }] });
const cash = (id: string) => ({ ...card(id), payments: [{ method: "cash" as const }] });
const rows = async (text: string, id: string) => Number((await platform.sql<{ n: string }>(text, [id]))[0]!.n);
const ended = async (id: string) => [await rows('SELECT count(*) AS n FROM "order".orders WHERE id = $1', id), await rows('SELECT count(*) AS n FROM "order".outbox WHERE subject = $1', id)];
const saga = async (id: string) => (await platform.sql<{ status: string; input: never }>('SELECT status, input FROM "order".saga WHERE id = $1', [id]))[0]!;
const listed = async () => (await operator.call("order.listUnfinishedSagas", {})).data;
const age = (id: string, seconds: number) => platform.sql(`UPDATE "order".saga SET created_at = now() - make_interval(secs => $2) WHERE id = $1`, [id, seconds]);

async function stuckSale(step: string): Promise<string> {
  const id = newId();
  stubs.fail(step, "refuse", FOREVER);
  if (step === "catalog.releaseStock") stubs.fail("payment.capture", "refuse");
  await expect(till.call("order.placeOrder", card(id))).rejects.toMatchObject({ type: "unavailable", data: { sagaId: id } });
  expect((await saga(id)).status).toBe("stuck");
  return id;
}

describe("a stuck saga", () => {
  it("is listed with its step, its tries, its last error and its age", async () => {
    const id = await stuckSale("catalog.commitStock");
    await age(id, 90);
    expect(await listed()).toEqual([{ sagaId: id, tenantId: alder, kind: "order.cardCheckout", status: "stuck", step: "catalog.commitStock", error: "missing", attempts: 0, startedAt: expect.any(String), ageSeconds: expect.any(Number) }]);
    expect((await listed())[0]!.ageSeconds).toBeGreaterThanOrEqual(90);
    stubs.reset();
    await operator.call("order.resumeSaga", { sagaId: id });
    await platform.quiesce();
  });

  it("goes forward from where it stopped when the operator resumes it, and the sale is there", async () => {
    const id = await stuckSale("catalog.commitStock");
    expect(await ended(id)).toEqual([0, 0]);
    stubs.reset();
    expect(await operator.call("order.resumeSaga", { sagaId: id })).toEqual({ tenantId: alder, kind: "order.cardCheckout" });
    await platform.quiesce();
    expect([(await saga(id)).status, ...await ended(id)]).toEqual(["completed", 1, 1]);
    expect(await till.call("order.getOrder", { id })).toMatchObject({ id, status: "paid" });
    expect(await listed()).toEqual([]);
  });

  it("goes back when it was being undone, and leaves nothing", async () => {
    const id = await stuckSale("catalog.releaseStock");
    expect(await listed()).toMatchObject([{ sagaId: id, status: "stuck", step: "undo of catalog.reserveStock" }]);
    stubs.reset();
    await operator.call("order.resumeSaga", { sagaId: id });
    await platform.quiesce();
    expect([(await saga(id)).status, ...await ended(id)]).toEqual(["compensated", 0, 0]);
    expect(stubs.calls).toEqual(["payment.void", "catalog.releaseStock"]);
  });

  it("is stuck again, and listed again, when it was resumed before the cause was gone", async () => {
    const id = await stuckSale("catalog.commitStock");
    await operator.call("order.resumeSaga", { sagaId: id });
    await until(async () => (await saga(id)).status === "stuck");
    expect(await ended(id)).toEqual([0, 0]);
    stubs.reset();
    await operator.call("order.resumeSaga", { sagaId: id });
    await platform.quiesce();
    expect(await ended(id)).toEqual([1, 1]);
  });

  it("is finished once: the late write of a runner from before the resume is refused", async () => {
    const id = await stuckSale("catalog.commitStock"), { input } = await saga(id);
    stubs.reset();
    await operator.call("order.resumeSaga", { sagaId: id });
    // It was only asleep, and wakes with the fence that it began with, before anybody has taken the saga up.
    const host = { broker: platform.broker, service: "order", tenantId: alder };
    await expect(runSaga(host, cardCheckout, id, input)).rejects.toMatchObject({ type: "unavailable", data: { reason: "fenced" } });
    await platform.quiesce();
    expect([(await saga(id)).status, ...await ended(id)]).toEqual(["completed", 1, 1]);
  });

  it("takes no number from the sales that end with a late write, and holds up none of them", async () => {
    const id = await stuckSale("catalog.commitStock"), { input } = await saga(id);
    stubs.reset();
    await operator.call("order.resumeSaga", { sagaId: id });
    await platform.quiesce();
    const host = { broker: platform.broker, service: "order", tenantId: alder };
    const late = runSaga(host, cardCheckout, id, input);
    const sales = Promise.all(Array.from({ length: 8 }, () => till.call("order.placeOrder", card(newId()))));
    await expect(late).rejects.toMatchObject({ data: { reason: "fenced" } });
    const numbers = (await sales).map((order) => Number(order.number.split("-")[1])).sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 8 }, (_, n) => numbers[0]! + n));
    expect(await ended(id)).toEqual([1, 1]);
  });

  it("of a sale in cash has its order already, and books the money when it is resumed, once", async () => {
    const id = newId();
    stubs.fail("payment.settle", "refuse", FOREVER);
    await expect(till.call("order.placeOrder", cash(id))).rejects.toMatchObject({ type: "unavailable", data: { sagaId: id } });
    await until(async () => (await ended(id))[0] === 1);
    expect(await listed()).toMatchObject([{ sagaId: id, status: "stuck", step: "payment.settle", error: "missing" }]);
    stubs.reset();
    await operator.call("order.resumeSaga", { sagaId: id });
    await platform.quiesce();
    expect([(await saga(id)).status, ...await ended(id)]).toEqual(["completed", 1, 1]);
    expect(stubs.calls).toEqual(["catalog.takeStock", "payment.settle"]);
  });

  it("is nobody's to list or resume but the operator's", async () => {
    const id = await stuckSale("catalog.commitStock");
    for (const actor of [platform.actor(alder, ["*"]), platform.actor(birch, ["*"]), platform.service("order", alder), platform.service("payment", alder)]) {
      await expect(actor.call("order.listUnfinishedSagas", {})).rejects.toMatchObject({ type: "forbidden", code: 403 });
      await expect(actor.call("order.resumeSaga", { sagaId: id })).rejects.toMatchObject({ type: "forbidden", code: 403 });
    }
    expect((await saga(id)).status).toBe("stuck");
    stubs.reset();
    await operator.call("order.resumeSaga", { sagaId: id });
    await platform.quiesce();
  });
});

describe("a saga that is not stuck", () => {
  it("is listed when it has waited for half a minute, with the step that it waits for", async () => {
    const id = newId();
    stubs.fail("catalog.commitStock", "away", FOREVER);
    await expect(till.call("order.placeOrder", card(id))).rejects.toMatchObject({ type: "unavailable" });
    expect(await listed()).toEqual([]);
    await age(id, 31);
    await until(async () => (await listed())[0]?.step !== null);
    expect(await listed()).toMatchObject([{ sagaId: id, status: "running", step: "catalog.commitStock", error: "away" }]);
    await expect(operator.call("order.resumeSaga", { sagaId: id })).rejects.toMatchObject({ type: "conflict", code: 409 });
    stubs.reset();
    await platform.quiesce();
    expect(await ended(id)).toEqual([1, 1]);
  }, 60_000);

  it("cannot be resumed: neither one that has ended, nor one that never was", async () => {
    const id = newId();
    await till.call("order.placeOrder", card(id));
    await platform.quiesce();
    await expect(operator.call("order.resumeSaga", { sagaId: id })).rejects.toMatchObject({ type: "conflict", message: "The saga is completed and not stuck" });
    await expect(operator.call("order.resumeSaga", { sagaId: newId() })).rejects.toMatchObject({ type: "not_found", code: 404 });
  });
});
