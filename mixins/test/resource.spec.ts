import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Service } from "moleculer";
import { newId } from "../../lib/ids.ts";
import { stores } from "../../services/entity/models/stores.ts";
import { startTestPlatform, type TestPlatform } from "../../test/support/platform.ts";
import type { Ctx } from "../call.ts";
import { sql, type Tx } from "../database.ts";

const alder = newId(), birch = newId();
const PID = sql("test.pid", "SELECT pg_backend_pid() AS pid");
const fields = (code: string) => ({ id: newId(), code, name: code, timezone: "UTC", currency: "EUR", pricesIncludeTax: true });

describe("a plain resource through moleculer-db", () => {
  let platform: TestPlatform;
  beforeAll(async () => { platform = await startTestPlatform({ services: ["entity"] }); });
  afterAll(async () => { await platform.stop(); });

  const ctxOf = (tenantId: string, meta: object = {}) => ({
    broker: platform.broker, service: platform.broker.getLocalService("entity") as Service, meta, locals: { identity: { tenantId } },
  }) as unknown as Ctx;
  const inTenant = <T>(tenantId: string, work: (tx: Tx, ctx: Ctx) => Promise<T>, meta?: object) =>
    platform.platform.database("entity").inTenant(tenantId, (tx) => work(tx, ctxOf(tenantId, meta)));

  it("writes in the tenant's own transaction: what is rolled back was never there", async () => {
    const store = fields("GONE");
    await expect(inTenant(alder, async (_tx, ctx) => {
      await stores.create(ctx, store);
      expect((await stores.get(ctx, store.id)).version).toBe(1);
      throw new Error("after the insert");
    })).rejects.toThrow("after the insert");
    expect(await platform.sql("SELECT 1 FROM entity.store WHERE code = 'GONE'")).toEqual([]);
  });

  it("uses the connection of that transaction, and takes no other", async () => {
    const { sequelize } = platform.platform.database("entity");
    await inTenant(alder, async (tx) => {
      const [ours] = await tx.query<{ pid: number }>(PID);
      expect(await sequelize.query(PID.text)).toMatchObject([[ours], {}]);
    });
  });

  it("has no row without a tenant, and another tenant's is not found", async () => {
    const store = await inTenant(alder, (_tx, ctx) => stores.create(ctx, fields("MAIN")));
    await expect(inTenant(birch, (_tx, ctx) => stores.get(ctx, store.id))).rejects.toMatchObject({ type: "not_found" });
    await expect(inTenant(birch, (_tx, ctx) => stores.patch(ctx, store.id, { name: "Stolen" }))).rejects.toMatchObject({ type: "not_found" });
    await expect(inTenant(birch, (_tx, ctx) => stores.archive(ctx, store.id))).rejects.toMatchObject({ type: "not_found" });
    expect((await inTenant(birch, (_tx, ctx) => stores.list(ctx, {}, { map: (row) => row.code }))).data).toEqual([]);
    expect(await platform.platform.database("entity").sequelize.models.store!.findAll()).toEqual([]);
    expect(await platform.sql("SELECT name, version, archived_at FROM entity.store WHERE id = $1", [store.id])).toEqual([{ name: "MAIN", version: 1, archived_at: null }]);
  });

  it("keeps interleaved tenants apart on one pool", async () => {
    const tenants = [newId(), newId()];
    await Promise.all(Array.from({ length: 40 }, (_, n) => inTenant(tenants[n % 2]!, (_tx, ctx) => stores.create(ctx, fields(`S${n}`)))));
    for (const [index, tenant] of tenants.entries()) {
      const { data } = await inTenant(tenant, (_tx, ctx) => stores.list(ctx, { limit: 200 }, { map: (row) => Number(row.code.slice(1)) % 2 }));
      expect(data).toEqual(Array(20).fill(index));
    }
  });

  it("merges a partial body, raises the version, and refuses a stale one", async () => {
    const { id } = await inTenant(alder, (_tx, ctx) => stores.create(ctx, { ...fields("EDGE"), cashRounding: 5, metadata: { a: "1", b: "2" } }));
    const changed = await inTenant(alder, (_tx, ctx) => stores.patch(ctx, id, { name: "Edge", cashRounding: null, metadata: { a: null, c: "3" } }), { ifMatch: 1 });
    expect(changed).toMatchObject({ name: "Edge", cashRounding: null, metadata: { b: "2", c: "3" }, version: 2 });
    await expect(inTenant(alder, (_tx, ctx) => stores.patch(ctx, id, { name: "Late" }), { ifMatch: 1 })).rejects.toMatchObject({ type: "stale", code: 412 });
    expect((await inTenant(alder, (_tx, ctx) => stores.get(ctx, id))).name).toBe("Edge");
  });

  it("lets one of many writers with the same version win", async () => {
    const { id } = await inTenant(alder, (_tx, ctx) => stores.create(ctx, fields("RACE")));
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, (_, n) => inTenant(alder, (_tx, ctx) => stores.patch(ctx, id, { name: `Writer ${n}` }), { ifMatch: 1 })));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect((await inTenant(alder, (_tx, ctx) => stores.get(ctx, id))).version).toBe(2);
  });

  it("pages by key in any order it offers, each row once, and refuses other orders", async () => {
    const tenant = newId();
    for (const code of ["C", "A", "B", "E", "D"]) await inTenant(tenant, (_tx, ctx) => stores.create(ctx, fields(code)));
    const walk = async (sort?: string) => {
      const seen: string[] = [];
      for (let cursor: string | undefined; ;) {
        const found = await inTenant(tenant, (_tx, ctx) => stores.list(ctx, { limit: 2, sort, cursor }, { map: (row) => row.code }));
        seen.push(...found.data);
        if (!found.nextCursor) return seen.join("");
        cursor = found.nextCursor;
      }
    };
    expect(await walk("code")).toBe("ABCDE");
    expect(await walk("-code")).toBe("EDCBA");
    expect((await walk()).split("").sort().join("")).toBe("ABCDE");
    await expect(walk("tokenHash")).rejects.toMatchObject({ type: "invalid_request" });
  });

  it("names the field of a key that is taken, and says nothing of another tenant's", async () => {
    await inTenant(alder, (_tx, ctx) => stores.create(ctx, fields("TWICE")));
    await expect(inTenant(alder, (_tx, ctx) => stores.create(ctx, fields("TWICE")))).rejects.toMatchObject({ type: "already_exists", data: { pointer: "/code" } });
    await inTenant(birch, (_tx, ctx) => stores.create(ctx, fields("TWICE")));
  });

  it("brings none of moleculer-db's automatic actions with it", () => {
    const service = platform.broker.getLocalService("entity") as unknown as { actions: object };
    for (const name of ["find", "count", "list", "create", "insert", "get", "update", "remove"]) expect(Object.keys(service.actions)).not.toContain(name);
  });
});
