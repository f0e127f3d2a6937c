import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import entity from "../../../entity/entity.service.ts";
import { startTestPlatform, type TestPlatform } from "../../../../test/support/platform.ts";
import { nobody, PASSWORD, signUp, signUpBody } from "../actions/people.ts";

describe("a sign-up that is cut short", () => {
  let platform: TestPlatform;
  beforeEach(async () => { platform = await startTestPlatform({ services: ["auth"] }); });
  afterEach(async () => { await platform.stop(); });

  const logIn = () => nobody(platform).call("auth.logIn", { email: "ada@alder.example", password: PASSWORD });
  /** Nobody's lease is waited for: who held it is gone. */
  async function sagasAtRest(): Promise<string[]> {
    await platform.sql("UPDATE auth.saga SET lease_until = now() WHERE status = 'running'");
    await platform.quiesce();
    return (await platform.sql<{ status: string }>("SELECT status FROM auth.saga ORDER BY created_at")).map((row) => row.status);
  }
  /** As a process leaves it that dies after entity has opened the tenant and before auth has heard of it. */
  async function dieBeforeTheEnd(): Promise<void> {
    await platform.sql("UPDATE auth.users SET activated_at = NULL");
    await platform.sql("UPDATE auth.saga SET status = 'running', lease_until = now() + interval '1 minute'");
  }

  it("finishes by itself when entity comes back, and the slug belongs to its owner", async () => {
    await expect(signUp(platform, "alder")).rejects.toMatchObject({ retryable: true });
    expect(await platform.sql("SELECT 1 FROM auth.users WHERE activated_at IS NOT NULL")).toEqual([]);
    platform.broker.createService(entity);
    expect(await sagasAtRest()).toEqual(["completed"]);
    expect(await logIn()).toMatchObject({ tenant: { slug: "alder" } });
    const again = await signUp(platform, "alder");
    expect(again.user.email).toBe("ada@alder.example");
    expect(await platform.sql("SELECT 1 FROM entity.tenant")).toHaveLength(1);
  });

  it("finishes after kill -9 between the two services; until then nobody gets in", async () => {
    platform.broker.createService(entity);
    const first = await signUp(platform, "alder");
    await dieBeforeTheEnd();
    await expect(logIn()).rejects.toMatchObject({ type: "invalid_credentials" });
    await expect(signUp(platform, "alder")).rejects.toMatchObject({ type: "idempotency_in_progress", retryable: true });
    expect(await sagasAtRest()).toEqual(["completed", "compensated"]);
    expect(await logIn()).toMatchObject({ user: { id: first.user.id } });
    expect(await platform.sql("SELECT 1 FROM entity.tenant")).toHaveLength(1);
  });

  it("is taken back when entity refuses it in the end", async () => {
    await expect(signUp(platform, "alder", { timezone: "Mars/Olympus" })).rejects.toMatchObject({ retryable: true });
    platform.broker.createService(entity);
    expect(await sagasAtRest()).toEqual(["compensated"]);
    for (const table of ["users", "role", "user_role", "signup"]) expect(await platform.sql(`SELECT 1 FROM auth.${table}`)).toEqual([]);
    await expect(nobody(platform).call("auth.signUp", signUpBody("alder"))).resolves.toMatchObject({ tenant: { slug: "alder" } });
  });
});
