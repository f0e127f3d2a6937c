import { fork, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../node/free-port.ts";
import { startNatsServer } from "../scripts/nats-server.ts";
import { cpuOf } from "./measure.ts";
import { startProbe, TENANT } from "./probe.ts";

/** `us` from the call to its answer; `cpuUs` of caller, callee and NATS together. */
export interface Cost { readonly alone: { us: number; cpuUs: number }; readonly together: { perSecond: number; cpuUs: number } }
export type Hop = Record<"in the process" | "over NATS", Cost>;

const ALONE = 2_000, TOGETHER = 20_000, WIDTH = 64;

/** Calls `probe.echo` of this process, then that of another, through all middlewares: token, permission, validator, time-out, breaker. */
export async function measureHop(): Promise<Hop> {
  const folder = mkdtempSync(join(tmpdir(), "beaveros-hop-")), nats = await startNatsServer({ port: await freePort(), folder });
  const variables = { NATS_URL: nats.url, DATA_DIR: folder };
  const near = await startProbe(variables, "near"), far = fork(join(import.meta.dirname, "probe.ts"), ["far"], { env: { ...process.env, ...variables } });
  try {
    await near.broker.waitForServices("far", 20_000, 50);
    const token = near.platform.tokens.forService("order", TENANT);
    const echo = (service: string) => () => near.broker.call(`${service}.echo`, { text: "a line of an order, as long as an id or two" }, { meta: { token } });
    const cpu = () => process.cpuUsage().user + process.cpuUsage().system + (cpuOf(far.pid!) + cpuOf(nats.child.pid!)) * 1e6;
    return { "in the process": await measure(echo("near"), cpu), "over NATS": await measure(echo("far"), cpu) };
  } finally {
    await near.stop();
    await ended(far);
    await nats.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const CROWD = 20, CROWD_S = 5;

/** CPU µs that a node spends on hearing one heartbeat of another, its own share of telling included: twenty nodes that do nothing else, in this process. */
export async function measureHeartbeat(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "beaveros-hop-")), nats = await startNatsServer({ port: await freePort(), folder });
  const nodes = await Promise.all(Array.from({ length: CROWD }, (_, n) => startProbe({ NATS_URL: nats.url, DATA_DIR: folder }, `quiet${n}`)));
  try {
    await nodes[0]!.broker.waitForServices(Array.from({ length: CROWD }, (_, n) => `quiet${n}`), 20_000, 50);
    await new Promise((wake) => setTimeout(wake, 2_000)); // proofs are verified
    const before = process.cpuUsage();
    await new Promise((wake) => setTimeout(wake, CROWD_S * 1_000));
    const { user, system } = process.cpuUsage(before);
    return (user + system) / (CROWD * CROWD * CROWD_S);
  } finally {
    await Promise.all(nodes.map((node) => node.stop()));
    await nats.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(call: () => Promise<unknown>, cpu: () => number): Promise<Cost> {
  await repeat(call, { times: TOGETHER / 4, width: WIDTH }); // JIT
  const alone = await repeat(call, { times: ALONE, width: 1, cpu }), together = await repeat(call, { times: TOGETHER, width: WIDTH, cpu });
  return { alone: { us: (alone.ms * 1_000) / ALONE, cpuUs: alone.cpuUs / ALONE }, together: { perSecond: TOGETHER / (together.ms / 1_000), cpuUs: together.cpuUs / TOGETHER } };
}

async function repeat(call: () => Promise<unknown>, { times, width, cpu = () => 0 }: { times: number; width: number; cpu?: () => number }): Promise<{ ms: number; cpuUs: number }> {
  const before = cpu(), start = performance.now();
  let left = times;
  await Promise.all(Array.from({ length: width }, async () => { while (left-- > 0) await call(); }));
  return { ms: performance.now() - start, cpuUs: cpu() - before };
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((done) => { child.once("exit", () => done()); child.kill("SIGTERM"); });
}
