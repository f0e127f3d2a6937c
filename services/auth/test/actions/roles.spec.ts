import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { startTestPlatform, type Actor, type TestPlatform } from "../../../../test/support/platform.ts";
import { BUILT_IN_PERMISSIONS, BUILT_IN_ROLES } from "../../domain/built-in-roles.ts";
import { firstUnknown } from "../../domain/permission-catalogue.ts";
import { colleague, holder, nobody, PASSWORD, roleId, signUp } from "./people.ts";

describe("roles", () => {
  let platform: TestPlatform, tenantId: string, owner: Actor, stranger: Actor;
  const roles = () => platform.sql("SELECT id, name, permissions, version FROM auth.role WHERE tenant_id = $1 ORDER BY id", [tenantId]);

  beforeAll(async () => {
    platform = await startTestPlatform({ services: ["auth", "entity"] });
    const alder = await signUp(platform, "alder"), birch = await signUp(platform, "birch");
    tenantId = alder.tenant.id as string;
    owner = holder(platform, alder.tokens.accessToken);
    stranger = holder(platform, birch.tokens.accessToken);
  });
  afterAll(async () => { await platform.stop(); });

  it("open what they name to who has them, from the next token on", async () => {
    const role = await owner.call("auth.createRole", { name: "Auditor", permissions: ["auth.users.read"], reference: "r-1" });
    expect(role).toMatchObject({ name: "Auditor", builtIn: false, reference: "r-1", version: 1 });
    await owner.call("auth.createUser", { name: "Ann", email: "ann@alder.example", password: PASSWORD, roleIds: [role.id] });
    const first = await nobody(platform).call("auth.logIn", { email: "ann@alder.example", password: PASSWORD });
    await expect(holder(platform, first.tokens.accessToken).call("auth.listUsers", {})).resolves.toBeDefined();
    await expect(holder(platform, first.tokens.accessToken).call("auth.listRoles", {})).rejects.toMatchObject({ type: "forbidden" });
    await owner.call("auth.changeRole", { id: role.id, permissions: ["auth.roles.read"] });
    const next = await nobody(platform).call("auth.refresh", { refreshToken: first.tokens.refreshToken });
    await expect(holder(platform, next.tokens.accessToken).call("auth.listRoles", {})).resolves.toBeDefined();
  });

  it("have a name that is unique in the tenant, whatever its case", async () => {
    await expect(owner.call("auth.createRole", { name: "CASHIER", permissions: [] })).rejects.toMatchObject({ type: "already_exists" });
  });

  it.each([[["nothing.at.all"], 0], [["auth.users.read", "auth.users.raed"], 1]])("refuse the permissions %j, which open nothing", async (permissions, at) => {
    const before = await roles();
    await expect(owner.call("auth.createRole", { name: "Typo", permissions })).rejects.toMatchObject({ type: "unknown_permission", code: 422, data: { pointer: `/permissions/${at}` } });
    expect(await roles()).toEqual(before);
  });

  it.each(BUILT_IN_ROLES.map((name) => [name]))("name in the built-in role %s only permissions that open something", async (name) => {
    const known = (await owner.call("auth.listPermissions", {})).data.map((entry) => entry.permission);
    const wanted = BUILT_IN_PERMISSIONS[name];
    expect(wanted[firstUnknown(wanted, known)]).toBeUndefined();
  });

  it.each(BUILT_IN_ROLES.map((name) => [name]))("keep the built-in role %s from removal and from another name", async (name) => {
    const before = await roles(), id = await roleId(owner, name);
    await expect(owner.call("auth.removeRole", { id })).rejects.toMatchObject({ type: "built_in_role", code: 409 });
    await expect(owner.call("auth.changeRole", { id, name: "Boss" })).rejects.toMatchObject({ type: "built_in_role" });
    expect(await roles()).toEqual(before);
  });

  it("let a built-in role be fitted to the shop, but never the owner's", async () => {
    await expect(owner.call("auth.changeRole", { id: await roleId(owner, "viewer"), permissions: ["entity.stores.read"] })).resolves.toMatchObject({ builtIn: true, permissions: ["entity.stores.read"] });
    await expect(owner.call("auth.changeRole", { id: await roleId(owner, "owner"), permissions: [] })).rejects.toMatchObject({ type: "built_in_role" });
  });

  it("are removed only when nobody has them", async () => {
    const role = await owner.call("auth.createRole", { name: "Brief", permissions: [] });
    const { id } = await owner.call("auth.createUser", { name: "Bo", email: "bo@alder.example", password: PASSWORD, roleIds: [role.id] });
    await expect(owner.call("auth.removeRole", { id: role.id })).rejects.toMatchObject({ type: "in_use", code: 409 });
    await owner.call("auth.changeUser", { id, roleIds: [] });
    await expect(owner.call("auth.removeRole", { id: role.id }, { ifMatch: 9 })).rejects.toMatchObject({ type: "stale" });
    await expect(owner.call("auth.removeRole", { id: role.id })).resolves.toBeNull();
    await expect(owner.call("auth.readRole", { id: role.id })).rejects.toMatchObject({ type: "not_found" });
  });

  it("cannot be made wider than who makes them", async () => {
    const smith = await owner.call("auth.createRole", { name: "Smith", permissions: ["auth.roles.*", "auth.users.*", "catalog.*"] });
    await owner.call("auth.createUser", { name: "Sam", email: "sam@alder.example", password: PASSWORD, roleIds: [smith.id] });
    const { tokens } = await nobody(platform).call("auth.logIn", { email: "sam@alder.example", password: PASSWORD });
    const sam = holder(platform, tokens.accessToken);
    const before = await roles();
    for (const permissions of [["*"], ["*.read"], ["entity.stores.read"], ["entity.*"]]) {
      await expect(sam.call("auth.createRole", { name: "Wider", permissions })).rejects.toMatchObject({ type: "forbidden", data: { permission: permissions[0] } });
      await expect(sam.call("auth.changeRole", { id: smith.id, permissions })).rejects.toMatchObject({ type: "forbidden" });
    }
    await expect(sam.call("auth.changeRole", { id: await roleId(owner, "manager"), permissions: [] })).rejects.toMatchObject({ type: "forbidden" });
    expect(await roles()).toEqual(before);
    await expect(sam.call("auth.createRole", { name: "Narrower", permissions: ["auth.users.read"] })).resolves.toBeDefined();
  });

  it("of another tenant are missing", async () => {
    const before = await roles(), { data } = await owner.call("auth.listRoles", {});
    const id = data[0]!.id;
    for (const action of ["readRole", "changeRole", "removeRole"] as const) await expect(stranger.call(`auth.${action}`, { id })).rejects.toMatchObject({ type: "not_found", code: 404 });
    expect(await roles()).toEqual(before);
  });

  it("cannot be changed by a manager", async () => {
    const manager = await colleague(platform, owner, { email: "mia@alder.example", role: "manager" });
    const before = await roles();
    await expect(manager.actor.call("auth.createRole", { name: "Mine", permissions: [] })).rejects.toMatchObject({ type: "forbidden", data: { permission: "auth.roles.write" } });
    expect(await roles()).toEqual(before);
  });

  it("are made of permissions that are listed with what they open", async () => {
    const { data } = await owner.call("auth.listPermissions", {});
    expect(data.find((entry) => entry.permission === "auth.users.write")?.endpoints).toEqual(expect.arrayContaining([{ method: "PATCH", path: "/v1/users/{id}", summary: expect.any(String) }]));
    expect(data.map((entry) => entry.permission)).not.toEqual(expect.arrayContaining(["internal"]));
  });
});
