import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { newId } from "../../../../lib/ids.ts";
import { startTestPlatform, type Actor, type TestPlatform } from "../../../../test/support/platform.ts";

let platform: TestPlatform;
const alder = newId(), birch = newId();
let owner: Actor;

beforeAll(async () => {
  platform = await startTestPlatform();
  owner = platform.actor(alder);
  for (const id of [alder, birch]) await platform.service("auth", id).call("entity.createTenant", { id, name: "Shop", slug: `s-${id}`, country: "DE", currency: "EUR", timezone: "Europe/Berlin" });
});
afterAll(() => platform.stop());

type Page = Awaited<ReturnType<typeof read>>;
const read = (params: { after?: string; limit?: number } = {}, actor = owner) => actor.call("workflow.listEvents", params);

/** All from there on, page by page. */
async function readAll(limit: number, after?: string): Promise<{ events: Page["data"]; pages: number; end: string }> {
  const events: Page["data"] = [];
  for (let pages = 1, from = after; ; pages++) {
    const page = await read({ limit, ...(from ? { after: from } : {}) });
    expect(page.data.length).toBeLessThanOrEqual(limit);
    events.push(...page.data);
    if (page.nextCursor === null) return { events, pages, end: page.resumeAfter };
    from = page.nextCursor;
  }
}

/** Behind the relay's back, so that the test says when each was published; to the store that there is, or the relay would send it again. */
async function published(service: string, tenantId: string, at: string, type = `${service}.tested`, data: object = {}): Promise<string> {
  const id = newId();
  await platform.sql(`INSERT INTO "${service}".outbox (tenant_id, id, type, subject, data, published_at, published_to)
    VALUES ($1, $2, $3, 'subject', $4, $5, (SELECT published_to FROM entity.outbox WHERE published_to IS NOT NULL LIMIT 1))`, [tenantId, id, type, JSON.stringify(data), at]);
  return id;
}
const day = (minute: number, micros = 0) => `2026-11-01T10:${String(minute).padStart(2, "0")}:00.${String(micros).padStart(6, "0")}Z`;

describe("the history of events", () => {
  it("tells what really happened, once each, with what every event is", async () => {
    const store = await owner.call("entity.createStore", { code: "S1", name: "Main street" });
    const rate = await owner.call("catalog.createTaxRate", { name: "VAT", percent: 19 });
    await owner.call("catalog.createProduct", { name: "Mug", taxRateId: rate.id, variants: [{ sku: "MUG-RED", price: { amount: 1099, currency: "EUR" } }] });
    await platform.quiesce();
    const { events } = await readAll(200);
    expect(events.map(({ type }) => type).sort()).toEqual(["catalog.variantChanged", "entity.storeChanged"]);
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    const told = await platform.sql<{ id: string }>(`SELECT id FROM entity.outbox WHERE tenant_id = $1 AND type NOT LIKE '%.audited' UNION ALL SELECT id FROM catalog.outbox WHERE tenant_id = $1 AND type NOT LIKE '%.audited'`, [alder]);
    expect(events.map(({ id }) => id).sort()).toEqual(told.map(({ id }) => id).sort());
    expect(events.find(({ subject }) => subject === store.id)).toMatchObject({ specversion: "1.0", source: "/beaveros/entity", tenantid: alder, time: expect.stringMatching(/Z$/), data: expect.any(Object) });
  });

  it("goes on after the last that a client has seen, and misses none that came meanwhile", async () => {
    const { end } = await readAll(200);
    expect(await read({ after: end })).toEqual({ data: [], nextCursor: null, resumeAfter: end });
    const { id } = await owner.call("entity.createStore", { code: "S2", name: "Side street" });
    await platform.quiesce();
    const next = await read({ after: end });
    expect(next.data.map(({ subject }) => subject)).toEqual([id]);
    expect((await read({ after: next.resumeAfter })).data).toEqual([]);
  });

  it("is the same in pages of any size, across services and within one instant", async () => {
    const { end } = await readAll(200);
    const later = "2099-01-01T00:00:00";
    const ids: string[] = [];
    for (const [service, micros] of [["order", 1], ["order", 2], ["payment", 2], ["order", 3], ["catalog", 4], ["payment", 4], ["payment", 4], ["order", 5]] as const) ids.push(await published(service, alder, `${later}.${String(micros).padStart(6, "0")}Z`));
    const whole = (await readAll(200, end)).events.map(({ id }) => id);
    expect(whole).toHaveLength(8);
    expect(whole[0]).toBe(ids[0]);
    expect(new Set(whole)).toEqual(new Set(ids));
    for (const limit of [1, 2, 3, 7]) {
      const paged = await readAll(limit, end);
      expect(paged.events.map(({ id }) => id)).toEqual(whole);
    }
  });

  it("holds no other tenant's events, and no audit log", async () => {
    const hidden = await published("auth", alder, day(1), "auth.audited"), theirs = await published("order", birch, day(1));
    const seen = (await readAll(200)).events.map(({ id }) => id);
    expect(seen).not.toContain(hidden);
    expect(seen).not.toContain(theirs);
    expect((await read({ limit: 200 }, platform.actor(birch))).data.map(({ id }) => id)).toContain(theirs);
  });

  it("does not hold what is not published yet", async () => {
    const id = newId();
    await platform.sql(`INSERT INTO report.outbox (tenant_id, id, type, subject, data, time, published_at, published_to) VALUES ($1, $2, 'report.tested', 's', '{}', now(), now(), 'test')`, [alder, id]);
    await platform.sql("UPDATE report.outbox SET published_at = NULL WHERE id = $1", [id]);
    await platform.quiesce(); // the relay publishes it, and only then
    expect((await readAll(200)).events.map((event) => event.id)).toContain(id);
  });

  it("has a place behind all others for what is published when the clock of the database was set back", async () => {
    const future = await published("entity", alder, "2099-03-01T00:00:00Z"), { end } = await readAll(200);
    const { id } = await owner.call("entity.createStore", { code: "S3", name: "Back street" });
    await platform.quiesce();
    expect((await read({ after: end })).data.map(({ subject }) => subject)).toEqual([id]);
    expect((await readAll(200)).events.map((event) => event.id).indexOf(future)).toBeGreaterThan(-1);
  });

  it("comes in smaller pages when its events are large", async () => {
    const { end } = await readAll(200);
    const ids: string[] = [];
    for (let n = 0; n < 6; n++) ids.push(await published("purchasing", alder, `2099-02-01T00:00:00.00000${n}Z`, "purchasing.tested", { text: "x".repeat(200_000) }));
    const { events, pages } = await readAll(200, end);
    expect(events.filter(({ type }) => type === "purchasing.tested").map(({ id }) => id)).toEqual(ids);
    expect(pages).toBe(6);
  });
});

describe("a cursor of the history", () => {
  it("is no other tenant's, no other list's and nobody's own making", async () => {
    const { resumeAfter } = await read();
    for (const after of [`${resumeAfter}x`, "W10.AAAA", resumeAfter.replace(/^./, "Y")]) await expect(read({ after })).rejects.toMatchObject({ type: "invalid_cursor", code: 400 });
    await expect(read({ after: resumeAfter }, platform.actor(birch))).rejects.toMatchObject({ type: "invalid_cursor" });
  });
});

describe("the right to read events", () => {
  it("is a permission of its own", async () => {
    await expect(read({}, platform.actor(alder, ["order.*", "workflow.mails.read"]))).rejects.toMatchObject({ type: "forbidden", code: 403, data: { permission: "workflow.events.read" } });
    expect((await read({ limit: 1 }, platform.actor(alder, ["workflow.events.read"]))).data).toHaveLength(1);
  });

  it("is not given to who is kept to some stores", async () => {
    const token = platform.platform.tokens.signAccess({ tenantId: alder, userId: newId(), sessionId: newId(), permissions: ["*"], storeIds: [newId()] });
    await expect(platform.broker.call("workflow.listEvents", {}, { meta: { token } })).rejects.toMatchObject({ type: "forbidden", code: 403 });
  });

  it("is not the service's own that is asked: only another service may", async () => {
    await expect(owner.call("order.readHistory", { after: null, limit: 1 })).rejects.toMatchObject({ type: "forbidden" });
  });
});
