import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { startTestPlatform, type Actor, type TestPlatform } from "../../../../test/support/platform.ts";
import { colleague, holder, signUp } from "./people.ts";

const NO_TENANT = "00000000-0000-0000-0000-000000000000";

describe("API keys", () => {
  let platform: TestPlatform, tenantId: string, owner: Actor, stranger: Actor;
  const enter = (secret: string) => platform.service("api", NO_TENANT).call("auth.authenticateKey", { secret });
  const make = (name: string, more = {}) => owner.call("auth.createApiKey", { name, permissions: ["entity.stores.read"], ...more });

  beforeAll(async () => {
    platform = await startTestPlatform({ services: ["auth", "entity"] });
    const alder = await signUp(platform, "alder"), birch = await signUp(platform, "birch");
    tenantId = alder.tenant.id as string;
    owner = holder(platform, alder.tokens.accessToken);
    stranger = holder(platform, birch.tokens.accessToken);
  });
  afterAll(async () => { await platform.stop(); });

  it("become a token of their tenant with their permissions and no more", async () => {
    const { secret, id } = await make("Web shop");
    expect(secret).toMatch(/^bk_[\w-]{86}$/);
    const entered = await enter(secret);
    expect(entered).toMatchObject({ tenantId, keyId: id, permissions: ["entity.stores.read"], expiresIn: 300 });
    const key = holder(platform, entered.accessToken);
    await expect(key.call("entity.listStores", {})).resolves.toBeDefined();
    await expect(key.call("auth.listUsers", {})).rejects.toMatchObject({ type: "forbidden" });
    expect(await key.call("auth.me", {})).toMatchObject({ user: null, tenant: { slug: "alder" }, permissions: ["entity.stores.read"] });
  });

  it("show their secret once, and keep it nowhere", async () => {
    const claim = { idempotency: { key: "key-1", hash: "h" } };
    const made = await owner.call("auth.createApiKey", { name: "Once", permissions: [] }, claim);
    expect(await owner.call("auth.createApiKey", { name: "Once", permissions: [] }, claim)).toEqual(made);
    expect(await owner.call("auth.readApiKey", { id: made.id })).not.toHaveProperty("secret");
    const [kept] = await platform.sql<{ response: string }>("SELECT response FROM auth.idempotency_key WHERE key = 'key-1'");
    expect(kept!.response).not.toContain(made.secret);
  });

  it.each([["nonsense", "bk_nonsense"], ["a forged secret", `bk_${Buffer.alloc(64, 7).toString("base64url")}`], ["another prefix", "br_x"]])("refuse %s", async (_case, secret) => {
    await expect(enter(secret)).rejects.toMatchObject({ type: "unauthenticated", code: 401 });
  });

  it("end when they are revoked, and when they expire", async () => {
    const revoked = await make("Revoked"), expired = await make("Expired", { expiresAt: "2020-01-01T00:00:00.000Z" }), soon = await make("Soon", { expiresAt: new Date(Date.now() + 60_000).toISOString() });
    await owner.call("auth.removeApiKey", { id: revoked.id });
    for (const { secret } of [revoked, expired]) await expect(enter(secret)).rejects.toMatchObject({ type: "unauthenticated" });
    expect((await enter(soon.secret)).expiresIn).toBeLessThanOrEqual(60);
    await expect(owner.call("auth.readApiKey", { id: revoked.id })).rejects.toMatchObject({ type: "not_found" });
    expect((await owner.call("auth.listApiKeys", {})).data.map((key) => key.name)).not.toContain("Revoked");
  });

  it("cannot hold more than who makes them", async () => {
    const manager = await colleague(platform, owner, { email: "mia@alder.example", role: "manager" });
    const strong = await make("Strong", { permissions: ["*"] });
    const before = await platform.sql("SELECT id, permissions, revoked_at FROM auth.api_key ORDER BY id");
    await expect(manager.actor.call("auth.createApiKey", { name: "Boss", permissions: ["*"] })).rejects.toMatchObject({ type: "forbidden" });
    await expect(manager.actor.call("auth.changeApiKey", { id: strong.id, name: "Mine" })).rejects.toMatchObject({ type: "forbidden" });
    await expect(manager.actor.call("auth.removeApiKey", { id: strong.id })).rejects.toMatchObject({ type: "forbidden" });
    expect(await platform.sql("SELECT id, permissions, revoked_at FROM auth.api_key ORDER BY id")).toEqual(before);
  });

  it("are changed like everything else", async () => {
    const { id } = await make("Draft");
    const changed = await owner.call("auth.changeApiKey", { id, name: "Final", expiresAt: "2099-01-01T00:00:00.000Z" }, { ifMatch: 1 });
    expect(changed).toMatchObject({ name: "Final", permissions: ["entity.stores.read"], expiresAt: "2099-01-01T00:00:00.000Z", version: 2 });
    await expect(owner.call("auth.changeApiKey", { id, name: "Stale" }, { ifMatch: 1 })).rejects.toMatchObject({ type: "stale" });
    expect(await owner.call("auth.changeApiKey", { id, expiresAt: null })).toMatchObject({ expiresAt: null });
  });

  it("of another tenant are missing", async () => {
    const { id, secret } = await make("Mine");
    for (const action of ["readApiKey", "changeApiKey", "removeApiKey"] as const) await expect(stranger.call(`auth.${action}`, { id })).rejects.toMatchObject({ type: "not_found" });
    await expect(enter(secret)).resolves.toBeDefined();
  });

  it("are turned into tokens for services only", async () => {
    const { secret } = await make("Private");
    await expect(owner.call("auth.authenticateKey", { secret })).rejects.toMatchObject({ type: "forbidden" });
  });
});
