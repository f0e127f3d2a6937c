import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { Redis } from "ioredis";
import { freePort } from "../../node/free-port.ts";
import { newId } from "../../lib/ids.ts";
import { startRedisServer, type RedisServer } from "../../scripts/redis-server.ts";
import { scrape, valuesOf } from "../support/metrics.ts";
import { startTestPlatform, type TestPlatform } from "../support/platform.ts";
import { until } from "../support/until.ts";

const BUDGET = 6;
const tenantId = newId();
let port: number, redis: RedisServer, looker: Redis, edges: TestPlatform[];

beforeAll(async () => {
  port = await freePort();
  redis = await startRedisServer({ port });
  looker = new Redis(redis.url, { lazyConnect: true, retryStrategy: () => 100, maxRetriesPerRequest: null });
  looker.on("error", () => undefined);
  const variables = { RATE_LIMIT_PER_MINUTE: String(BUDGET), REDIS_URL: redis.url, METRICS_PORT: "0" };
  edges = await Promise.all([1, 2].map(() => startTestPlatform({ services: ["api"], variables })));
  await together();
});
afterAll(async () => {
  await Promise.all(edges.map((edge) => edge.stop()));
  looker.disconnect();
  await redis.stop();
});
// Each test acts for somebody whom the limits have not seen.
let userId: string;
beforeEach(() => { userId = newId(); });

const shared = async (edge: TestPlatform) => valuesOf(await scrape(edge), "beaveros_rate_limits_shared")[0];
const together = () => until(async () => (await Promise.all(edges.map(shared))).every((value) => value === 1));
const tokenOf = () => edges[0]!.platform.tokens.signAccess({ tenantId, userId, sessionId: newId(), permissions: ["*"], storeIds: [] });

/** One request at the edge of that number. @returns status, and what is left of the budget */
async function ask(edge: number, token = tokenOf()): Promise<[number, number]> {
  const { status, headers } = await fetch(`${edges[edge]!.baseUrl}/v1/categories`, { headers: { authorization: `Bearer ${token}` } });
  return [status, Number(/r=(\d+)/.exec(headers.get("ratelimit")!)![1])];
}
/** The catalog is not there: what is let through is a 503. */
const LET_IN = 503, REFUSED = 429;
const statuses = async (edgesAsked: number[]) => { const seen = []; for (const edge of edgesAsked) seen.push((await ask(edge))[0]); return seen; };

describe("a budget, with REDIS_URL", () => {
  it("is one for all edges", async () => {
    const left = [];
    for (const edge of [0, 1, 0, 1, 0, 1]) left.push((await ask(edge))[1]);
    expect(left).toEqual([5, 4, 3, 2, 1, 0]);
    expect(await statuses([0, 1])).toEqual([REFUSED, REFUSED]);
  });

  it("is spent once by each of many at the same time", async () => {
    const token = tokenOf();
    const asked = await Promise.all(Array.from({ length: 20 }, (_, n) => ask(n % 2, token)));
    expect(asked.filter(([status]) => status === LET_IN)).toHaveLength(BUDGET);
  });

  it("belongs to the credential: another's is not touched", async () => {
    for (let n = 0; n <= BUDGET; n++) await ask(n % 2);
    userId = newId();
    expect(await ask(0)).toEqual([LET_IN, BUDGET - 1]);
  });

  it("of guesses at one account is one for all edges too", async () => {
    const logIn = async (edge: number) => (await fetch(`${edges[edge]!.baseUrl}/v1/auth/login`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ email: "ada@alder.example", password: "guess" }) })).status;
    const seen = [];
    for (let n = 0; n < BUDGET + 2; n++) seen.push(await logIn(n % 2));
    expect(seen.slice(0, BUDGET)).not.toContain(REFUSED);
    expect(seen.slice(BUDGET)).toEqual([REFUSED, REFUSED]);
  });

  it("tells Redis no tenant, user, address or e-mail, and each key ends by itself", async () => {
    await ask(0);
    const keys = await looker.keys("*");
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) expect(key).toMatch(/^beaveros:limit:(all|entry|guesses):[\w-]{43}$/);
    const ends = await Promise.all(keys.map((key) => looker.pttl(key)));
    expect(ends.every((ms) => ms > 0 && ms <= 60_000)).toBe(true);
  });
});

describe("when Redis", () => {
  afterEach(async () => {
    if (redis.child.exitCode !== null || redis.child.signalCode !== null) redis = await startRedisServer({ port });
    redis.child.kill("SIGCONT");
    await together();
  });

  it("forgets everything, budgets begin anew", async () => {
    await statuses([0, 1, 0]);
    await looker.flushall();
    expect((await ask(1))[1]).toBe(BUDGET - 1);
  });

  it("holds nonsense under a key, the edge counts by itself", async () => {
    await ask(0);
    const [key] = await looker.keys("beaveros:limit:all:*");
    for (const poisoned of await looker.keys("beaveros:limit:all:*")) {
      await looker.del(poisoned);
      await looker.lpush(poisoned, "nonsense");
    }
    expect(key).toBeDefined();
    expect((await ask(0))[0]).toBe(LET_IN);
    await looker.flushall();
  });

  it("dies, each edge counts by itself, at once and without an error; when it is back they count together again", async () => {
    await redis.stop();
    const begun = performance.now();
    expect(await statuses([0, 0, 0, 0, 0, 0, 0])).toEqual([...Array.from({ length: BUDGET }, () => LET_IN), REFUSED]);
    expect(performance.now() - begun).toBeLessThan(5_000);
    // The other edge does not know of it: this is what is lost.
    expect((await ask(1))[0]).toBe(LET_IN);
    expect(await Promise.all(edges.map(shared))).toEqual([0, 0]);
    redis = await startRedisServer({ port });
    await together();
    userId = newId();
    expect([(await ask(0))[1], (await ask(1))[1]]).toEqual([BUDGET - 1, BUDGET - 2]);
  });

  it("hangs, a request waits for it once, and not as long as its client would", async () => {
    redis.child.kill("SIGSTOP");
    const times = [];
    for (let n = 0; n < 4; n++) {
      const begun = performance.now();
      expect((await ask(0))[0]).toBe(LET_IN);
      times.push(performance.now() - begun);
    }
    expect(times.filter((ms) => ms > 140)).toHaveLength(1);
    expect(Math.max(...times)).toBeLessThan(2_000);
  });
});
