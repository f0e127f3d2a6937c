import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { createHash } from "node:crypto";
import { newId } from "../../../../lib/ids.ts";
import { startTestPlatform, type TestPlatform } from "../../../../test/support/platform.ts";

let platform: TestPlatform;
let alder: string, birch: string;
beforeAll(async () => { platform = await startTestPlatform({ services: ["entity"] }); });
afterAll(async () => { await platform.stop(); });

const createTenant = (id: string, more: object = {}) =>
  platform.service("auth", id).call("entity.createTenant", { id, name: "Alder", slug: `s-${id}`, country: "DE", currency: "EUR", timezone: "Europe/Berlin", ...more });
const as = (tenantId: string, permissions?: string[]) => platform.actor(tenantId, permissions);
beforeEach(async () => {
  alder = newId();
  birch = newId();
  await createTenant(alder, { slug: `alder-${alder}` });
  await createTenant(birch, { slug: `birch-${birch}` });
});

describe("a tenant", () => {
  it("starts with halves up, per line", async () => {
    expect(await as(alder).call("entity.getTenant", {})).toMatchObject({ id: alder, currency: "EUR", settings: { rounding: { mode: "halfUp", level: "line" } }, version: 1 });
  });

  it("is made once: the same id again changes nothing", async () => {
    const again = await createTenant(alder, { name: "Other", slug: "other" });
    expect(again).toMatchObject({ name: "Alder", slug: `alder-${alder}` });
    await expect(platform.service("auth", alder).call("entity.resolveSlug", { slug: "other" })).rejects.toMatchObject({ type: "not_found" });
  });

  it.each([
    ["timezone", { timezone: "Mars/Olympus" }, "invalid_timezone"],
    ["timezone as an offset", { timezone: "+01:00" }, "invalid_timezone"],
    ["currency", { currency: "XXQ" }, "invalid_currency"],
    ["country", { country: "Germany" }, "invalid_request"],
    ["slug", { slug: "Not A Slug" }, "invalid_request"],
  ])("with a senseless %s is refused, and nothing is kept", async (_, more, type) => {
    const id = newId();
    await expect(createTenant(id, more)).rejects.toMatchObject({ type });
    expect(await platform.sql("SELECT 1 FROM entity.tenant WHERE id = $1", [id])).toEqual([]);
  });

  it("cannot be made by a service that acts for another", async () => {
    await expect(platform.service("auth", birch).call("entity.createTenant", { id: newId(), name: "X", slug: "xx", country: "DE", currency: "EUR", timezone: "UTC" })).rejects.toMatchObject({ type: "not_found" });
    await expect(as(alder).call("entity.createTenant", { id: alder, name: "X", slug: "xx", country: "DE", currency: "EUR", timezone: "UTC" })).rejects.toMatchObject({ type: "forbidden" });
  });

  it("gets a slug that fifty sign up for at once, alone", async () => {
    const slug = `rush-${newId()}`, ids = Array.from({ length: 50 }, () => newId());
    const outcomes = await Promise.allSettled(ids.map((id) => createTenant(id, { slug })));
    const won = ids.filter((_, index) => outcomes[index]!.status === "fulfilled");
    expect(won).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome.status === "rejected" && outcome.reason.type === "slug_taken")).toHaveLength(49);
    expect(await platform.service("auth", birch).call("entity.resolveSlug", { slug })).toEqual({ tenantId: won[0] });
    expect(await platform.sql("SELECT id FROM entity.tenant WHERE slug = $1", [slug])).toEqual([{ id: won[0] }]);
  });

  it("changes its rounding, one field at a time, and nobody else's", async () => {
    const changed = await as(alder).call("entity.updateTenant", { settings: { rounding: { level: "order" } } }, { ifMatch: 1 });
    expect(changed).toMatchObject({ settings: { rounding: { mode: "halfUp", level: "order" } }, version: 2 });
    await expect(as(alder).call("entity.updateTenant", { name: "Late" }, { ifMatch: 1 })).rejects.toMatchObject({ type: "stale" });
    expect(await as(birch).call("entity.getTenant", {})).toMatchObject({ settings: { rounding: { level: "line" } }, version: 1 });
  });
});

describe("a store", () => {
  it("takes zone and currency of its tenant, and prices with tax, unless told otherwise", async () => {
    expect(await as(alder).call("entity.createStore", { code: "MAIN", name: "Main" })).toMatchObject({ timezone: "Europe/Berlin", currency: "EUR", pricesIncludeTax: true, cashRounding: null, archivedAt: null });
    expect(await as(alder).call("entity.createStore", { code: "NYC", name: "New York", timezone: "America/New_York", currency: "USD", pricesIncludeTax: false, cashRounding: 5 }))
      .toMatchObject({ timezone: "America/New_York", currency: "USD", pricesIncludeTax: false, cashRounding: 5 });
  });

  it("tells a sale all that it must know", async () => {
    const { id } = await as(alder).call("entity.createStore", { code: "MAIN", name: "Main", cashRounding: 10 });
    expect(await platform.service("order", alder).call("entity.storeContext", { storeId: id })).toEqual({
      storeId: id, code: "MAIN", storeName: "Main", timezone: "Europe/Berlin", currency: "EUR", pricesIncludeTax: true, cashRounding: 10,
      tenantName: "Alder", country: "DE", rounding: { mode: "halfUp", level: "line" }, archived: false,
    });
    await expect(platform.service("order", birch).call("entity.storeContext", { storeId: id })).rejects.toMatchObject({ type: "not_found" });
  });

  it("has a code of its own within the tenant", async () => {
    await as(alder).call("entity.createStore", { code: "MAIN", name: "Main" });
    await as(birch).call("entity.createStore", { code: "MAIN", name: "Main" });
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => as(alder).call("entity.createStore", { code: "TWO", name: "Two" })));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    await expect(as(alder).call("entity.createStore", { code: "MAIN", name: "Again" })).rejects.toMatchObject({ type: "already_exists", code: 409, data: { pointer: "/code" } });
  });

  it("is changed by those who may, under its version, and says so", async () => {
    const { id } = await as(alder).call("entity.createStore", { code: "MAIN", name: "Main", address: { city: "Kiel" } });
    await expect(as(alder, ["entity.stores.read"]).call("entity.updateStore", { id, name: "No" })).rejects.toMatchObject({ type: "forbidden" });
    await expect(as(birch).call("entity.updateStore", { id, name: "No" })).rejects.toMatchObject({ type: "not_found" });
    await expect(as(alder).call("entity.updateStore", { id, timezone: "Nowhere" })).rejects.toMatchObject({ type: "invalid_timezone" });
    expect(await as(alder).call("entity.updateStore", { id, name: "Harbour", address: null }, { ifMatch: 1 })).toMatchObject({ name: "Harbour", address: null, version: 2 });
    await platform.quiesce();
    expect(await platform.sql("SELECT data FROM entity.outbox WHERE subject = $1 ORDER BY seq DESC LIMIT 1", [id])).toEqual([{ data: { storeId: id, code: "MAIN", name: "Harbour", timezone: "Europe/Berlin", currency: "EUR" } }]);
  });

  it("that is deleted is archived: out of the lists, still there for what it sold", async () => {
    const { id } = await as(alder).call("entity.createStore", { code: "OLD", name: "Old" });
    expect(await as(alder).call("entity.deleteStore", { id })).toBeNull();
    expect((await as(alder).call("entity.listStores", {})).data).toEqual([]);
    expect((await as(alder).call("entity.getStore", { id })).archivedAt).not.toBeNull();
    expect(await platform.service("order", alder).call("entity.storeContext", { storeId: id })).toMatchObject({ archived: true });
    await expect(as(alder).call("entity.createRegister", { storeId: id, name: "Till" })).rejects.toMatchObject({ type: "conflict" });
  });
});

describe("a register", () => {
  it("shows its device token once, and keeps the hash only", async () => {
    const store = await as(alder).call("entity.createStore", { code: "MAIN", name: "Main" });
    const { deviceToken, ...register } = await as(alder).call("entity.createRegister", { storeId: store.id, name: "Till 1" });
    expect(deviceToken).toMatch(/^bd_[\w-]{43}$/);
    expect(await as(alder).call("entity.getRegister", { id: register.id })).toEqual(register);
    expect(await platform.sql("SELECT token_hash FROM entity.register WHERE id = $1", [register.id])).toEqual([{ token_hash: createHash("sha256").update(deviceToken).digest("hex") }]);
    expect(await platform.service("order", alder).call("entity.registerContext", { registerId: register.id })).toEqual({ registerId: register.id, storeId: store.id, name: "Till 1", archived: false });
  });

  it("shows the same token to the same Idempotency-Key, which keeps none", async () => {
    const store = await as(alder).call("entity.createStore", { code: "MAIN", name: "Main" });
    const claim = { idempotency: { key: "till-1", hash: "h" } };
    const made = await as(alder).call("entity.createRegister", { storeId: store.id, name: "Till 1" }, claim);
    expect(await as(alder).call("entity.createRegister", { storeId: store.id, name: "Till 1" }, claim)).toEqual(made);
    const other = await as(alder).call("entity.createRegister", { storeId: store.id, name: "Till 2" });
    expect(other.deviceToken).not.toBe(made.deviceToken);
    const [kept] = await platform.sql<{ response: string }>("SELECT response FROM entity.idempotency_key WHERE tenant_id = $1 AND key = 'till-1'", [alder]);
    expect(kept!.response).not.toContain(made.deviceToken);
  });

  it("stands in a store of its own tenant", async () => {
    const store = await as(alder).call("entity.createStore", { code: "MAIN", name: "Main" });
    await expect(as(birch).call("entity.createRegister", { storeId: store.id, name: "Till" })).rejects.toMatchObject({ type: "not_found" });
    expect(await platform.sql("SELECT 1 FROM entity.register WHERE tenant_id = $1", [birch])).toEqual([]);
  });

  it("is listed per store, renamed, and archived", async () => {
    const [one, two] = [await as(alder).call("entity.createStore", { code: "A", name: "A" }), await as(alder).call("entity.createStore", { code: "B", name: "B" })];
    const till = await as(alder).call("entity.createRegister", { storeId: one.id, name: "Till 1", reference: "T1" });
    await as(alder).call("entity.createRegister", { storeId: two.id, name: "Till 2" });
    expect((await as(alder).call("entity.listRegisters", { storeId: one.id })).data.map(({ name }) => name)).toEqual(["Till 1"]);
    expect(await as(alder).call("entity.updateRegister", { id: till.id, name: "Front" })).toMatchObject({ name: "Front", reference: "T1", version: 2 });
    await as(alder).call("entity.deleteRegister", { id: till.id });
    expect((await as(alder).call("entity.listRegisters", {})).data.map(({ name }) => name)).toEqual(["Till 2"]);
    expect(await platform.service("order", alder).call("entity.registerContext", { registerId: till.id })).toMatchObject({ name: "Front", archived: true });
  });
});
