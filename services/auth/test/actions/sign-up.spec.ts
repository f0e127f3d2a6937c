import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { startTestPlatform, type TestPlatform } from "../../../../test/support/platform.ts";
import { holder, nobody, signUp, signUpBody } from "./people.ts";

describe("sign-up", () => {
  let platform: TestPlatform;
  beforeAll(async () => { platform = await startTestPlatform({ services: ["auth", "entity"] }); });
  afterAll(async () => { await platform.stop(); });

  it("opens a tenant with six roles and an owner who may do everything", async () => {
    const { tenant, user, tokens } = await signUp(platform, "alder");
    expect(tenant).toMatchObject({ slug: "alder", currency: "EUR" });
    expect(user).toMatchObject({ name: "Ada", email: "ada@alder.example", storeIds: [] });
    expect(user).not.toHaveProperty("passwordHash");
    const roles = await holder(platform, tokens.accessToken).call("auth.listRoles", { sort: "createdAt" });
    expect(roles.data.map((role) => role.name).sort()).toEqual(["accountant", "cashier", "manager", "owner", "stock", "viewer"]);
    expect(platform.platform.tokens.verify(tokens.accessToken)).toMatchObject({ tenantId: tenant.id, actorId: user.id, permissions: ["*"] });
  });

  it("keeps the password as Argon2id with 19 MiB, two passes and one lane", async () => {
    const [row] = await platform.sql<{ hash: string }>("SELECT password_hash AS hash FROM auth.users LIMIT 1");
    expect(row!.hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it("answers the same request again with the same tenant and user", async () => {
    const first = await signUp(platform, "again"), second = await signUp(platform, "again");
    expect(second.tenant.id).toBe(first.tenant.id);
    expect(second.user.id).toBe(first.user.id);
    expect(second.tokens.refreshToken).not.toBe(first.tokens.refreshToken);
  });

  it.each([
    ["another person", { email: "eve@evil.example" }],
    ["another password", { password: "not the password" }],
    ["another name of the shop", { name: "Elder" }],
  ])("refuses a slug that is taken: %s", async (_case, overrides) => {
    const before = await platform.sql("SELECT count(*)::int AS n FROM auth.users");
    await expect(signUp(platform, "alder", overrides)).rejects.toMatchObject({ type: "slug_taken", code: 409, data: { pointer: "/tenant/slug" } });
    expect(await platform.sql("SELECT count(*)::int AS n FROM auth.users")).toEqual(before);
  });

  it("lays nothing down when entity refuses the place, and the slug is still free", async () => {
    await expect(signUp(platform, "nowhere", { timezone: "Mars/Olympus" })).rejects.toMatchObject({ type: "invalid_timezone", data: { pointer: "/tenant/timezone" } });
    expect(await platform.sql("SELECT 1 FROM auth.users WHERE email = 'ada@nowhere.example'")).toEqual([]);
    await expect(signUp(platform, "nowhere")).resolves.toMatchObject({ tenant: { slug: "nowhere" } });
  });

  it("gives one slug to one of twenty who want it at once", async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => signUp(platform, "wanted", { email: `n${n}@wanted.example` })));
    expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome.status === "rejected").map((outcome) => outcome.reason.type)).toEqual(Array(19).fill("slug_taken"));
    expect(await platform.sql("SELECT 1 FROM auth.users WHERE email LIKE '%@wanted.example'")).toHaveLength(1);
  });

  it.each([
    ["a short password", { owner: { name: "Ada", email: "a@b.example", password: "1234567" } }, "/owner/password", "too_short"],
    ["an address without a domain", { owner: { name: "Ada", email: "ada", password: "12345678" } }, "/owner/email", "wrong_format"],
    ["an unknown field", { extra: 1 }, "/extra", "unknown_field"],
  ])("refuses %s", async (_case, body, pointer, code) => {
    const request = { ...signUpBody("mistake"), ...body } as never;
    await expect(nobody(platform).call("auth.signUp", request)).rejects.toMatchObject({ code: 400, data: { errors: expect.arrayContaining([expect.objectContaining({ pointer, code })]) } });
    expect(await platform.sql("SELECT 1 FROM entity.tenant WHERE slug = 'mistake'")).toEqual([]);
  });
});
