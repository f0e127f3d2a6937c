import { createPublicKey, verify as verifySignature } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { startTestPlatform, type TestPlatform } from "../../../../test/support/platform.ts";
import { FREE_FAILURES } from "../../domain/lockout.ts";
import { colleague, holder, nobody, PASSWORD, signUp, type Entered } from "./people.ts";

describe("sessions", () => {
  let platform: TestPlatform, alder: Entered, birch: Entered;
  const logIn = (email: string, password = PASSWORD, tenant?: string) => nobody(platform).call("auth.logIn", { email, password, ...(tenant ? { tenant } : {}) });
  const refresh = (refreshToken: string) => nobody(platform).call("auth.refresh", { refreshToken });
  const sessionOf = (accessToken: string) => platform.platform.tokens.verify(accessToken)!.sessionId!;
  const stateOf = (entered: Entered) => platform.service("api", entered.tenant.id).call("auth.sessionState", { sessionId: sessionOf(entered.tokens.accessToken) });

  beforeAll(async () => {
    platform = await startTestPlatform({ services: ["auth", "entity"] });
    alder = await signUp(platform, "alder");
    birch = await signUp(platform, "birch");
  });
  afterAll(async () => { await platform.stop(); });

  describe("log-in", () => {
    it("answers tenant, user and tokens, whatever the case of the address", async () => {
      const entered = await logIn("ADA@Alder.Example");
      expect(entered).toMatchObject({ tenant: { id: alder.tenant.id }, user: { id: alder.user.id }, tokens: { tokenType: "Bearer", expiresIn: 900 } });
    });

    it.each([["an unknown address", "nobody@alder.example", PASSWORD, undefined], ["a wrong password", "ada@alder.example", "not the password", undefined],
      ["another tenant", "ada@alder.example", PASSWORD, "birch"], ["an unknown tenant", "ada@alder.example", PASSWORD, "no-such-shop"]])("answers alike for %s", async (_case, email, password, tenant) => {
      const error = await logIn(email, password, tenant).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ type: "invalid_credentials", code: 401, data: {} });
    });

    it("takes as long for an unknown address as for a wrong password", async () => {
      const timed = async (email: string) => {
        const start = performance.now();
        await logIn(email, "not the password").catch(() => undefined);
        return performance.now() - start;
      };
      const median = (times: number[]) => times.sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
      const known: number[] = [], unknown: number[] = [];
      for (let n = 0; n < 5; n++) {
        known.push(await timed("ada@birch.example"));
        unknown.push(await timed("stranger@birch.example"));
      }
      expect(median(unknown) / median(known)).toBeGreaterThan(0.25);
      expect(median(unknown) / median(known)).toBeLessThan(4);
    });

    it("asks who knows the password for the tenant when the address is in several", async () => {
      const shared = "accountant@office.example";
      for (const slug of ["cedar", "dogwood"]) await signUp(platform, slug, { email: shared });
      await expect(logIn(shared)).rejects.toMatchObject({ type: "tenant_required", code: 422 });
      await expect(logIn(shared, "not the password")).rejects.toMatchObject({ type: "invalid_credentials" });
      expect(await logIn(shared, PASSWORD, "dogwood")).toMatchObject({ tenant: { slug: "dogwood" } });
    });

    it.each([["known", "locked@alder.example"], ["unknown", "locked@nowhere.example"]])("locks a %s address for a while after too many failures, and forgives with time", async (_case, email) => {
      if (email.endsWith("alder.example")) await holder(platform, alder.tokens.accessToken).call("auth.createUser", { name: "Lock", email, password: PASSWORD });
      for (let n = 0; n < FREE_FAILURES; n++) await expect(logIn(email, "not the password")).rejects.toMatchObject({ type: "invalid_credentials" });
      await expect(logIn(email)).rejects.toMatchObject({ type: "login_locked", code: 429, retryable: true, data: { retryAfter: expect.any(Number) } });
      expect(await logIn("ada@alder.example")).toBeDefined();
      await platform.sql("UPDATE auth.login_failure SET locked_until = now() - interval '1 second'");
      const later = await logIn(email).catch((error: { type: string }) => error.type);
      expect(later).toEqual(email.endsWith("alder.example") ? expect.objectContaining({ user: expect.anything() }) : "invalid_credentials");
    });
  });

  describe("refresh", () => {
    it("answers new tokens of the same session", async () => {
      const first = await logIn("ada@alder.example"), second = await refresh(first.tokens.refreshToken);
      expect(second.tokens.refreshToken).not.toBe(first.tokens.refreshToken);
      expect(sessionOf(second.tokens.accessToken)).toBe(sessionOf(first.tokens.accessToken));
      await expect(refresh(second.tokens.refreshToken)).resolves.toBeDefined();
    });

    it("ends the whole family when an old token is used again, and no other", async () => {
      const first = await logIn("ada@alder.example"), bystander = await logIn("ada@alder.example");
      const second = await refresh(first.tokens.refreshToken);
      await expect(refresh(first.tokens.refreshToken)).rejects.toMatchObject({ type: "invalid_refresh_token", code: 401 });
      await expect(refresh(second.tokens.refreshToken)).rejects.toMatchObject({ type: "invalid_refresh_token" });
      expect(await stateOf(first)).toMatchObject({ active: false, permissions: [] });
      expect(await stateOf(bystander)).toMatchObject({ active: true, permissions: ["*"] });
    });

    it("lets one of twenty parallel uses through, and the others end the session", async () => {
      const entered = await logIn("ada@alder.example");
      const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => refresh(entered.tokens.refreshToken)));
      const won = outcomes.filter((outcome) => outcome.status === "fulfilled");
      expect(won).toHaveLength(1);
      await expect(refresh(won[0]!.value.tokens.refreshToken)).rejects.toMatchObject({ type: "invalid_refresh_token" });
      expect(await stateOf(entered)).toMatchObject({ active: false });
    });

    it.each([["nonsense", "nonsense"], ["a right shape", `br_${Buffer.alloc(64, 7).toString("base64url")}`]])("refuses a forged token: %s", async (_case, forged) => {
      await expect(refresh(forged)).rejects.toMatchObject({ type: "invalid_refresh_token", code: 401 });
    });

    it("does not end a session for a forged secret with a right id", async () => {
      const entered = await logIn("ada@alder.example");
      const bytes = Buffer.from(entered.tokens.refreshToken.slice(3), "base64url");
      bytes[63]! ^= 1;
      await expect(refresh(`br_${bytes.toString("base64url")}`)).rejects.toMatchObject({ type: "invalid_refresh_token" });
      expect(await stateOf(entered)).toMatchObject({ active: true });
    });

    it("keeps no token in the database as it is", async () => {
      const entered = await logIn("ada@alder.example");
      const secret = Buffer.from(entered.tokens.refreshToken.slice(3), "base64url").subarray(32).toString("hex");
      const [dump] = await platform.sql<{ text: string }>("SELECT string_agg(encode(secret_hash, 'hex'), ' ') AS text FROM auth.refresh_token");
      expect(dump!.text).not.toContain(secret);
    });
  });

  describe("log-out", () => {
    it("ends the session of the access token only", async () => {
      const leaving = await logIn("ada@alder.example"), staying = await logIn("ada@alder.example");
      await expect(holder(platform, leaving.tokens.accessToken).call("auth.logOut", {})).resolves.toBeNull();
      await expect(refresh(leaving.tokens.refreshToken)).rejects.toMatchObject({ type: "invalid_refresh_token" });
      expect(await stateOf(leaving)).toMatchObject({ active: false });
      expect(await stateOf(staying)).toMatchObject({ active: true });
    });

    it("does not end somebody else's session by their refresh token", async () => {
      const other = await colleague(platform, holder(platform, alder.tokens.accessToken), { email: "carl@alder.example", role: "cashier" });
      for (const victim of [await logIn("ada@alder.example"), await logIn("ada@birch.example")]) {
        await other.actor.call("auth.logOut", { refreshToken: victim.tokens.refreshToken });
        expect(await stateOf(victim)).toMatchObject({ active: true });
      }
    });

    it("needs a credential", async () => {
      await expect(nobody(platform).call("auth.logOut", {})).rejects.toMatchObject({ type: "unauthenticated" });
    });
  });

  it("says that a session of another tenant is not active", async () => {
    const { tokens } = await logIn("ada@alder.example");
    expect(await platform.service("api", birch.tenant.id).call("auth.sessionState", { sessionId: sessionOf(tokens.accessToken) })).toMatchObject({ active: false });
    await expect(holder(platform, tokens.accessToken).call("auth.sessionState", { sessionId: sessionOf(tokens.accessToken) })).rejects.toMatchObject({ type: "forbidden" });
  });

  it("shows who is signed in, with permissions written out", async () => {
    const cashier = await colleague(platform, holder(platform, alder.tokens.accessToken), { email: "till@alder.example", role: "cashier" });
    const me = await cashier.actor.call("auth.me", {});
    expect(me).toMatchObject({ user: { email: "till@alder.example" }, tenant: { slug: "alder" }, storeIds: [] });
    expect(me.permissions).toContain("entity.stores.read");
    expect(me.permissions).not.toContain("auth.users.read");
    const owner = await holder(platform, alder.tokens.accessToken).call("auth.me", {});
    expect(owner.permissions).toEqual(expect.arrayContaining(["auth.users.write", "auth.roles.write", "entity.tenant.write"]));
    expect(owner.permissions).not.toContain("*");
  });

  it("publishes the key that access tokens verify with", async () => {
    const { keys } = await nobody(platform).call("auth.jwks", {});
    const [header, payload, signature] = alder.tokens.accessToken.split(".") as [string, string, string];
    const { kid, alg } = JSON.parse(Buffer.from(header, "base64url").toString()) as { kid: string; alg: string };
    const jwk = keys.find((key) => key.kid === kid)!;
    expect(jwk).toMatchObject({ alg, use: "sig" });
    expect(jwk).not.toHaveProperty("d");
    const key = createPublicKey({ key: jwk, format: "jwk" } as never);
    expect(verifySignature("sha256", Buffer.from(`${header}.${payload}`), { key, dsaEncoding: "ieee-p1363" }, Buffer.from(signature, "base64url"))).toBe(true);
  });
});
