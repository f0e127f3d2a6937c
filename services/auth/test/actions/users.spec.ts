import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { newId } from "../../../../lib/ids.ts";
import { startTestPlatform, type Actor, type TestPlatform } from "../../../../test/support/platform.ts";
import { colleague, holder, nobody, PASSWORD, roleId, signUp, type Entered } from "./people.ts";

const carl = (overrides = {}) => ({ name: "Carl", email: "carl@alder.example", password: PASSWORD, ...overrides });

describe("users", () => {
  let platform: TestPlatform, alder: Entered, birch: Entered, owner: Actor, stranger: Actor, storeId: string, theirStoreId: string;
  const users = (tenantId: string) => platform.sql("SELECT id, name, email, store_ids, archived_at, version FROM auth.users WHERE tenant_id = $1 ORDER BY id", [tenantId]);

  beforeAll(async () => {
    platform = await startTestPlatform({ services: ["auth", "entity"] });
    alder = await signUp(platform, "alder");
    birch = await signUp(platform, "birch");
    owner = holder(platform, alder.tokens.accessToken);
    stranger = holder(platform, birch.tokens.accessToken);
    storeId = (await owner.call("entity.createStore", { code: "MAIN", name: "Main" })).id;
    theirStoreId = (await stranger.call("entity.createStore", { code: "MAIN", name: "Main" })).id;
  });
  afterAll(async () => { await platform.stop(); });

  it("are created with roles and stores, and can log in at once", async () => {
    const cashier = await roleId(owner, "cashier");
    const made = await owner.call("auth.createUser", carl({ roleIds: [cashier], storeIds: [storeId], reference: "hr-7", metadata: { shift: "early" } }));
    expect(made).toMatchObject({ name: "Carl", roleIds: [cashier], storeIds: [storeId], reference: "hr-7", metadata: { shift: "early" }, archivedAt: null, version: 1 });
    const { tokens } = await nobody(platform).call("auth.logIn", { email: "carl@alder.example", password: PASSWORD });
    expect(platform.platform.tokens.verify(tokens.accessToken)).toMatchObject({ storeIds: [storeId], permissions: expect.arrayContaining(["order.orders.write"]) });
    expect(await owner.call("auth.readUser", { id: made.id })).toEqual(made);
  });

  it("have an address that is unique in the tenant, whatever its case, and free in another", async () => {
    await expect(owner.call("auth.createUser", carl({ email: "CARL@alder.example" }))).rejects.toMatchObject({ type: "already_exists", code: 409 });
    await expect(stranger.call("auth.createUser", carl())).resolves.toMatchObject({ email: "carl@alder.example" });
  });

  it("get one address once when fifty want it at the same time", async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => owner.call("auth.createUser", carl({ email: "rush@alder.example" }))));
    expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(1);
    expect(await platform.sql("SELECT 1 FROM auth.users WHERE email = 'rush@alder.example'")).toHaveLength(1);
  });

  it("are created once for one Idempotency-Key", async () => {
    const claim = { idempotency: { key: "user-1", hash: "h" } };
    const first = await owner.call("auth.createUser", carl({ email: "once@alder.example" }), claim);
    expect(await owner.call("auth.createUser", carl({ email: "once@alder.example" }), claim)).toEqual(first);
    await expect(owner.call("auth.createUser", carl({ email: "other@alder.example" }), { idempotency: { key: "user-1", hash: "other" } })).rejects.toMatchObject({ type: "idempotency_key_reused" });
  });

  it("leave no fast hash of their password in the idempotency record", async () => {
    expect(await platform.sql("SELECT 1 FROM auth.idempotency_key WHERE key = 'user-1' AND request_hash <> 'h'")).toHaveLength(1);
  });

  describe("of another tenant", () => {
    it.each(["readUser", "changeUser", "removeUser"] as const)("are missing: %s", async (action) => {
      const before = await users(birch.tenant.id);
      await expect(owner.call(`auth.${action}`, { id: birch.user.id })).rejects.toMatchObject({ type: "not_found", code: 404 });
      await expect(owner.call(`auth.${action}`, { id: newId() })).rejects.toMatchObject({ type: "not_found", code: 404 });
      expect(await users(birch.tenant.id)).toEqual(before);
    });

    it("do not stand in the list, and their cursor is refused", async () => {
      const { data } = await owner.call("auth.listUsers", { limit: 200 });
      expect(data.map((user) => user.id)).not.toContain(birch.user.id);
      const { nextCursor } = await stranger.call("auth.listUsers", { limit: 1 });
      await expect(owner.call("auth.listUsers", { cursor: nextCursor! })).rejects.toMatchObject({ type: "invalid_cursor" });
    });

    it("lend neither role nor store", async () => {
      const before = await users(alder.tenant.id);
      const theirRole = await roleId(stranger, "cashier");
      await expect(owner.call("auth.createUser", carl({ email: "x@alder.example", roleIds: [theirRole] }))).rejects.toMatchObject({ type: "not_found", data: { pointer: "/roleIds/0" } });
      await expect(owner.call("auth.createUser", carl({ email: "x@alder.example", storeIds: [storeId, theirStoreId] }))).rejects.toMatchObject({ type: "not_found", data: { pointer: "/storeIds/1" } });
      await expect(owner.call("auth.changeUser", { id: alder.user.id, roleIds: [theirRole] })).rejects.toMatchObject({ type: "not_found" });
      expect(await users(alder.tenant.id)).toEqual(before);
    });
  });

  describe("rights", () => {
    let manager: Actor, cashier: Actor, cashierId: string;
    beforeAll(async () => {
      manager = (await colleague(platform, owner, { email: "mia@alder.example", role: "manager" })).actor;
      ({ actor: cashier, id: cashierId } = await colleague(platform, owner, { email: "cem@alder.example", role: "cashier" }));
    });

    it("are needed", async () => {
      const before = await users(alder.tenant.id);
      await expect(cashier.call("auth.listUsers", {})).rejects.toMatchObject({ type: "forbidden" });
      await expect(cashier.call("auth.createUser", carl({ email: "y@alder.example" }))).rejects.toMatchObject({ type: "forbidden" });
      await expect(cashier.call("auth.removeUser", { id: alder.user.id })).rejects.toMatchObject({ type: "forbidden" });
      expect(await users(alder.tenant.id)).toEqual(before);
    });

    it("can be given only by who holds them", async () => {
      await expect(manager.call("auth.createUser", carl({ email: "y@alder.example", roleIds: [await roleId(owner, "owner")] }))).rejects.toMatchObject({ type: "forbidden", data: { permission: "*" } });
      await expect(manager.call("auth.changeUser", { id: cashierId, roleIds: [await roleId(owner, "owner")] })).rejects.toMatchObject({ type: "forbidden" });
      await expect(manager.call("auth.createUser", carl({ email: "y@alder.example", roleIds: [await roleId(owner, "stock")] }))).resolves.toMatchObject({ email: "y@alder.example" });
      expect((await owner.call("auth.readUser", { id: cashierId })).roleIds).toEqual([await roleId(owner, "cashier")]);
    });

    it("keep a manager from giving the owner a password", async () => {
      await expect(manager.call("auth.changeUser", { id: alder.user.id, password: "the manager's choice" })).rejects.toMatchObject({ type: "forbidden" });
      await expect(manager.call("auth.removeUser", { id: alder.user.id })).rejects.toMatchObject({ type: "forbidden" });
      await expect(nobody(platform).call("auth.logIn", { email: "ada@alder.example", password: PASSWORD })).resolves.toBeDefined();
    });

    it("that were taken away end at once here, though the token still names them", async () => {
      const fallen = await colleague(platform, owner, { email: "fay@alder.example", role: "manager" });
      await owner.call("auth.changeUser", { id: fallen.id, roleIds: [] });
      await expect(fallen.actor.call("auth.createUser", carl({ email: "z@alder.example", roleIds: [await roleId(owner, "stock")] }))).rejects.toMatchObject({ type: "forbidden" });
    });

    it("of a user who is kept to stores do not open other stores", async () => {
      const managerRole = await roleId(owner, "manager");
      await owner.call("auth.createUser", carl({ email: "local@alder.example", roleIds: [managerRole], storeIds: [storeId] }));
      const { tokens } = await nobody(platform).call("auth.logIn", { email: "local@alder.example", password: PASSWORD });
      const local = holder(platform, tokens.accessToken);
      await expect(local.call("auth.createUser", carl({ email: "w@alder.example" }))).rejects.toMatchObject({ type: "forbidden" });
      await expect(local.call("auth.createUser", carl({ email: "w@alder.example", storeIds: [storeId] }))).resolves.toBeDefined();
    });
  });

  describe("change", () => {
    it("leaves alone what is not sent, clears with null, counts the version, and is refused when stale", async () => {
      const made = await owner.call("auth.createUser", carl({ email: "pat@alder.example", reference: "p-1", metadata: { a: "1", b: "2" } }));
      const changed = await owner.call("auth.changeUser", { id: made.id, name: "Pat", reference: null, metadata: { a: null, c: "3" } }, { ifMatch: 1 });
      expect(changed).toMatchObject({ name: "Pat", email: "pat@alder.example", reference: null, metadata: { b: "2", c: "3" }, version: 2 });
      await expect(owner.call("auth.changeUser", { id: made.id, name: "Stale" }, { ifMatch: 1 })).rejects.toMatchObject({ type: "stale", code: 412 });
      expect(await owner.call("auth.readUser", { id: made.id })).toEqual(changed);
    });

    it("of the password ends the user's sessions", async () => {
      const { id } = await colleague(platform, owner, { email: "pw@alder.example", role: "cashier" });
      const { tokens } = await nobody(platform).call("auth.logIn", { email: "pw@alder.example", password: PASSWORD });
      await owner.call("auth.changeUser", { id, password: "a new passphrase" });
      await expect(nobody(platform).call("auth.refresh", { refreshToken: tokens.refreshToken })).rejects.toMatchObject({ type: "invalid_refresh_token" });
      await expect(nobody(platform).call("auth.logIn", { email: "pw@alder.example", password: PASSWORD })).rejects.toMatchObject({ type: "invalid_credentials" });
      await expect(nobody(platform).call("auth.logIn", { email: "pw@alder.example", password: "a new passphrase" })).resolves.toBeDefined();
    });
  });

  describe("removal", () => {
    it("archives the user, ends the sessions and frees the address", async () => {
      const { id } = await colleague(platform, owner, { email: "gone@alder.example", role: "cashier" });
      const { tokens } = await nobody(platform).call("auth.logIn", { email: "gone@alder.example", password: PASSWORD });
      await expect(owner.call("auth.removeUser", { id })).resolves.toBeNull();
      await expect(nobody(platform).call("auth.refresh", { refreshToken: tokens.refreshToken })).rejects.toMatchObject({ type: "invalid_refresh_token" });
      await expect(nobody(platform).call("auth.logIn", { email: "gone@alder.example", password: PASSWORD })).rejects.toMatchObject({ type: "invalid_credentials" });
      expect(await owner.call("auth.readUser", { id })).toMatchObject({ archivedAt: expect.any(String) });
      expect((await owner.call("auth.listUsers", { email: "GONE@alder.example" })).data).toEqual([]);
      await expect(owner.call("auth.createUser", carl({ email: "gone@alder.example" }))).resolves.toBeDefined();
    });

    it("never takes the last owner", async () => {
      await expect(owner.call("auth.removeUser", { id: alder.user.id })).rejects.toMatchObject({ type: "last_owner", code: 409 });
      await expect(owner.call("auth.changeUser", { id: alder.user.id, roleIds: [await roleId(owner, "viewer")] })).rejects.toMatchObject({ type: "last_owner" });
      expect(await owner.call("auth.readUser", { id: alder.user.id })).toMatchObject({ archivedAt: null, roleIds: [await roleId(owner, "owner")], version: 1 });
    });

    it("leaves one owner when all owners remove each other at once", async () => {
      const cedar = await signUp(platform, "cedar");
      const first = holder(platform, cedar.tokens.accessToken);
      const others = await Promise.all(["b", "c", "d"].map((name) => colleague(platform, first, { email: `${name}@cedar.example`, role: "owner" })));
      const everybody = [{ id: cedar.user.id, actor: first }, ...others];
      await Promise.allSettled(everybody.flatMap((one) => everybody.map((other) => one.actor.call("auth.removeUser", { id: other.id }))));
      const left = await platform.sql("SELECT 1 FROM auth.users u JOIN auth.user_role ur ON ur.tenant_id = u.tenant_id AND ur.user_id = u.id WHERE u.tenant_id = $1 AND archived_at IS NULL", [cedar.tenant.id]);
      expect(left.length).toBeGreaterThanOrEqual(1);
    });
  });

  it("are listed newest first, page by page", async () => {
    const all = await owner.call("auth.listUsers", { limit: 200 });
    expect(all.data.map((user) => user.id)).toEqual(all.data.map((user) => user.id).sort().reverse());
    const first = await owner.call("auth.listUsers", { limit: 2 }), second = await owner.call("auth.listUsers", { limit: 2, cursor: first.nextCursor! });
    expect([...first.data, ...second.data]).toEqual(all.data.slice(0, 4));
    await expect(owner.call("auth.listUsers", { sort: "shoeSize" })).rejects.toMatchObject({ type: "invalid_request", code: 400 });
  });
});
