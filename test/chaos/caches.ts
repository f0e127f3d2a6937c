import { freePort } from "../../node/free-port.ts";
import { startRedisServer } from "../../scripts/redis-server.ts";
import { pause, type Fault } from "./fault.ts";
import type { Rig } from "./rig.ts";

/* Redis holds nothing that cannot be lost: without it each edge counts by itself. */

/** The edges count together in a Redis that is emptied, then asleep, then dead. Nobody is refused for it, and a limit is a limit again when it is back. */
async function cacheLost(rig: Rig): Promise<string[]> {
  const port = await freePort(), edges = ["auth-1", "auth-2"].map((name) => rig.node(name));
  let redis = await startRedisServer({ port });
  const restart = async (variables: Record<string, string>) => {
    for (const edge of edges) { await edge.end("SIGTERM"); edge.start(variables); await rig.ready(); }
  };
  await restart({ REDIS_URL: redis.url, RATE_LIMIT_PER_MINUTE: "1000000" });
  const shared = await remaining(rig);
  redis.child.kill("SIGSTOP");
  await pause(4_000);
  redis.child.kill("SIGCONT");
  await redis.stop();
  await pause(4_000);
  redis = await startRedisServer({ port }); // empty
  await pause(4_000);
  const again = await remaining(rig);
  await restart({});
  await redis.stop();
  return shared < 1_000_000 && again < 1_000_000 ? [] : [`the edges did not count: ${shared} and ${again} were left`];
}

/** What the edge says is left of a stranger's budget. */
async function remaining(rig: Rig): Promise<number> {
  const answer = await fetch(`${rig.edges()[0]}/v1/me`);
  return Number(/;r=(\d+)/.exec(answer.headers.get("ratelimit") ?? "")?.[1] ?? 1_000_000);
}

export const CACHE_FAULTS: readonly Fault[] = [
  { id: "F61", what: "Redis sleeps, dies, and comes back empty", strike: cacheLost },
];
