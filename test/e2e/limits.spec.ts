import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { newId } from "../../lib/ids.ts";
import { openShop } from "../../scripts/client.ts";
import { startTestPlatform, type TestPlatform } from "../support/platform.ts";

/* What a stranger may try. The edge stands behind one proxy, so that clients have addresses. */

const REFUSED = 429;
let lastAddress = 0;
/** A client that the limits have not seen. */
const someone = () => `198.51.100.${++lastAddress}`;
interface Answer { readonly status: number; readonly code: string; readonly retryAfter: number }

const send = async (base: string, address: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<Answer> => {
  const response = await fetch(base + path, {
    method: body ? "POST" : "GET", headers: { "x-forwarded-for": address, ...(body ? { "content-type": "application/json" } : {}), ...headers }, ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: response.status, code: (await response.json() as { code?: string }).code ?? "", retryAfter: Number(response.headers.get("retry-after")) };
};
const logIn = (base: string, address: string, email: string, password = "a wrong password") => send(base, address, "/v1/auth/login", { email, password });

describe("the edge", () => {
  let edge: TestPlatform;
  // auth is away: what the edge lets through is a 503, and costs no password hash.
  beforeAll(async () => { edge = await startTestPlatform({ services: ["api"], variables: { TRUSTED_PROXIES: "1", RATE_LIMIT_PER_MINUTE: "100000" } }); });
  afterAll(() => edge.stop());
  const many = async (times: number, work: (n: number) => Promise<Answer>) => (await Promise.all(Array.from({ length: times }, (_, n) => work(n)))).filter(({ status }) => status === REFUSED).length;

  it("lets one address try 300 times a minute, whatever accounts it tries", async () => {
    const address = someone();
    expect(await many(300, (n) => logIn(edge.baseUrl, address, `user-${n}@alder.example`))).toBe(0);
    const refused = await logIn(edge.baseUrl, address, "one-more@alder.example");
    expect(refused).toMatchObject({ status: REFUSED, code: "rate_limited" });
    expect(refused.retryAfter).toBeGreaterThan(0);
    expect(refused.retryAfter).toBeLessThanOrEqual(60);
    expect(await send(edge.baseUrl, address, "/v1/signup", { tenant: {}, owner: {} })).toMatchObject({ status: REFUSED });
    expect((await logIn(edge.baseUrl, someone(), "user-0@alder.example")).status).toBe(503);
  });

  it("counts a wrong credential as a try; who has a good one at that address goes on", async () => {
    const address = someone(), wrong = { authorization: "Bearer not.a.token" };
    expect(await many(300, () => send(edge.baseUrl, address, "/v1/categories", undefined, wrong))).toBe(0);
    expect(await send(edge.baseUrl, address, "/v1/categories", undefined, wrong)).toMatchObject({ status: REFUSED });
    const token = edge.platform.tokens.signAccess({ tenantId: newId(), userId: newId(), sessionId: newId(), permissions: ["*"], storeIds: [] });
    expect((await send(edge.baseUrl, address, "/v1/categories", undefined, { authorization: `Bearer ${token}` })).status).toBe(503);
  });

  it("lets one address guess 30 times a minute at one account, in whatever case it is written", async () => {
    const address = someone();
    expect(await many(30, (n) => logIn(edge.baseUrl, address, n % 2 ? "ada@alder.example" : "ADA@Alder.example"))).toBe(0);
    expect(await logIn(edge.baseUrl, address, "Ada@alder.EXAMPLE")).toMatchObject({ status: REFUSED, code: "rate_limited" });
    expect((await logIn(edge.baseUrl, address, "bob@alder.example")).status).toBe(503);
    expect((await logIn(edge.baseUrl, someone(), "ada@alder.example")).status).toBe(503);
  });

  it("does not believe what stands left of the proxy's own word", async () => {
    const address = someone();
    expect(await many(30, (n) => logIn(edge.baseUrl, `203.0.113.${n}, ${address}`, "eve@alder.example"))).toBe(0);
    expect(await logIn(edge.baseUrl, `203.0.113.200, ${address}`, "eve@alder.example")).toMatchObject({ status: REFUSED });
  });
});

describe("an edge without a proxy", () => {
  it("believes no header at all", async () => {
    const bare = await startTestPlatform({ services: ["api"], variables: { RATE_LIMIT_PER_MINUTE: "3" } });
    const statuses = [];
    for (let n = 0; n < 4; n++) statuses.push((await send(bare.baseUrl, someone(), "/v1/categories")).status);
    expect(statuses).toEqual([401, 401, 401, REFUSED]);
    await bare.stop();
  });
});

describe("an account", () => {
  let platform: TestPlatform, shop: Awaited<ReturnType<typeof openShop>>, other: Awaited<ReturnType<typeof openShop>>;
  beforeAll(async () => {
    platform = await startTestPlatform({ services: ["auth", "entity", "api"], variables: { TRUSTED_PROXIES: "1", RATE_LIMIT_PER_MINUTE: "100000" } });
    [shop, other] = [await openShop(platform.baseUrl, { name: "Alder" }), await openShop(platform.baseUrl, { name: "Birch" })];
  });
  afterAll(() => platform.stop());

  it("is locked after ten wrong passwords, from wherever they come, for the right one too; nobody else is", async () => {
    const guesses = [];
    for (let n = 0; n < 10; n++) guesses.push((await logIn(platform.baseUrl, someone(), shop.email)).status);
    expect(guesses).toEqual(Array.from({ length: 10 }, () => 401));
    const locked = await logIn(platform.baseUrl, someone(), shop.email.toUpperCase(), shop.password);
    expect(locked).toMatchObject({ status: REFUSED, code: "login_locked" });
    expect(locked.retryAfter).toBeGreaterThan(20);
    expect(locked.retryAfter).toBeLessThanOrEqual(30);
    expect((await logIn(platform.baseUrl, someone(), other.email, other.password)).status).toBe(200);
    // Who is signed in works on.
    expect((await shop.client.get("/v1/me")).user.email).toBe(shop.email);
    await platform.sql("UPDATE auth.login_failure SET locked_until = now() - interval '1 second'");
    expect((await logIn(platform.baseUrl, someone(), shop.email, shop.password)).status).toBe(200);
  });
});
