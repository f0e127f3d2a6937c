import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { newId } from "../../../../lib/ids.ts";
import type { CloudEvent } from "../../../../node/event-bus.ts";
import { startTestPlatform, type Actor, type TestPlatform } from "../../../../test/support/platform.ts";
import { document, event, line } from "../support.ts";

const alder = newId(), birch = newId(), storeId = newId(), mug = newId();
let platform: TestPlatform, operator: Actor;

beforeAll(async () => {
  platform = await startTestPlatform({ services: ["report"] });
  operator = platform.operator();
});
afterAll(() => platform.stop());

const POISON = "POISON-1";
const sale = (tenantId: string, number: string): CloudEvent => event(tenantId, "order.completed", document({ storeId, number, lines: [line({ variantId: mug, priceMinor: 1099 })] }));
const projected = async () => (await platform.sql<{ number: string }>("SELECT number FROM report.fact_document ORDER BY number")).map(({ number }) => number);
const letters = async () => (await operator.call("report.listDeadLetters", {})).data;
/** In one process a relay sends a batch again until it is through; over NATS the broker does. */
async function delivered(events: readonly CloudEvent[]): Promise<number> {
  for (let tries = 1; ; tries++) {
    const failed = await platform.deliver(events).then(() => false, () => true);
    if (!failed) return tries;
    expect(tries).toBeLessThan(10);
  }
}
/** As a bug would: the handler throws whenever it meets that document. */
const breakHandler = () => platform.sql(`ALTER TABLE report.fact_document ADD CONSTRAINT poison CHECK (number <> '${POISON}')`);
const mendHandler = () => platform.sql("ALTER TABLE report.fact_document DROP CONSTRAINT poison");

describe("an event that cannot be applied", () => {
  const poison = sale(alder, POISON);

  it("is laid aside with its reason after five tries, and those behind it go on", async () => {
    await breakHandler();
    await delivered([sale(alder, "A-1"), poison, sale(alder, "A-2"), sale(birch, "B-1")]);
    expect(await projected()).toEqual(["A-1", "A-2", "B-1"]);
    expect(await letters()).toEqual([{ eventId: poison.id, tenantId: alder, type: "order.completed", subject: poison.subject, reason: expect.stringContaining('violates check constraint "poison"'), attempts: 5, failedAt: expect.any(String), ageSeconds: expect.any(Number) }]);
  }, 60_000);

  it("is not applied when the broker delivers it again", async () => {
    await delivered([poison]);
    expect(await projected()).toEqual(["A-1", "A-2", "B-1"]);
    expect((await letters()).map(({ eventId, attempts }) => [eventId, attempts])).toEqual([[poison.id, 5]]);
  });

  it("stays, with another try on its count, when it is sent again before the cause is gone", async () => {
    await expect(operator.call("report.resendDeadLetter", { eventId: poison.id })).rejects.toMatchObject({ type: "conflict", code: 409, message: expect.stringContaining("23514") });
    expect(await projected()).toEqual(["A-1", "A-2", "B-1"]);
    expect((await letters()).map(({ attempts }) => attempts)).toEqual([6]);
  });

  it("is nobody's to send, list or discard but the operator's", async () => {
    for (const actor of [platform.actor(alder, ["*"]), platform.actor(birch, ["*"]), platform.service("report", alder), platform.service("workflow", alder)]) {
      await expect(actor.call("report.listDeadLetters", {})).rejects.toMatchObject({ type: "forbidden", code: 403 });
      await expect(actor.call("report.resendDeadLetter", { eventId: poison.id })).rejects.toMatchObject({ type: "forbidden", code: 403 });
      await expect(actor.call("report.discardDeadLetter", { eventId: poison.id })).rejects.toMatchObject({ type: "forbidden", code: 403 });
    }
    expect(await letters()).toHaveLength(1);
  });

  it("is applied once when the cause is gone, by however many operators at once", async () => {
    await mendHandler();
    const asked = await Promise.allSettled(Array.from({ length: 5 }, () => operator.call("report.resendDeadLetter", { eventId: poison.id })));
    expect(asked.filter(({ status }) => status === "fulfilled")).toEqual([{ status: "fulfilled", value: { tenantId: alder, type: "order.completed" } }]);
    expect(asked.filter(({ status }) => status === "rejected").map((refused) => (refused as { reason: { type: string } }).reason.type)).toEqual(Array(4).fill("not_found"));
    expect(await projected()).toEqual(["A-1", "A-2", "B-1", POISON]);
    expect(await letters()).toEqual([]);
  });

  it("is not applied a second time by the broker after that", async () => {
    await delivered([poison]);
    expect(await projected()).toEqual(["A-1", "A-2", "B-1", POISON]);
    expect((await platform.sql(`SELECT 1 FROM report.fact_sale_line WHERE variant_id = '${mug}'`))).toHaveLength(4);
  });
});

describe("a message that is no event", () => {
  const eventId = "00000000-0000-0000-0000-0000000000ff";
  it("cannot be sent again: it is discarded", async () => {
    await platform.sql(`INSERT INTO report.dead_letter (tenant_id, event_id, type, event, reason, attempts) VALUES ('00000000-0000-0000-0000-000000000000', $1, 'unreadable', $2, 'no JSON', 1)`, [eventId, JSON.stringify({ text: "30 %\u0000" })]);
    expect(await letters()).toEqual([expect.objectContaining({ eventId, type: "unreadable", subject: null, reason: "no JSON" })]);
    await expect(operator.call("report.resendDeadLetter", { eventId })).rejects.toMatchObject({ type: "conflict" });
    expect(await operator.call("report.discardDeadLetter", { eventId })).toMatchObject({ type: "unreadable" });
    expect(await letters()).toEqual([]);
    await expect(operator.call("report.discardDeadLetter", { eventId })).rejects.toMatchObject({ type: "not_found", code: 404 });
  });
});
