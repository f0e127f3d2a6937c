import { join } from "node:path";
import { isReady } from "../../scripts/local-cluster.ts";
import { on, pause, type Fault } from "./fault.ts";
import type { Rig } from "./rig.ts";

/* Nodes that sleep, and clocks that lie. */

async function asleep(rig: Rig, names: readonly string[], forMs: number): Promise<void> {
  for (const name of names) rig.node(name).child.kill("SIGSTOP");
  await pause(forMs);
  for (const name of names) rig.node(name).child.kill("SIGCONT");
  await rig.ready();
}

/** One order node starts an hour ahead: it may not serve. Then the other one's clock jumps ahead, and a catalog node's falls back, while they serve. */
async function wrongClocks(rig: Rig): Promise<string[]> {
  const wrong: string[] = [], late = rig.node("order-1"), jumping = [rig.node("order-2"), rig.node("catalog-2")];
  const skewed = (skewMs: number) => ({ SKEW_MS: String(skewMs), NODE_OPTIONS: `--import ${join(import.meta.dirname, "skew.ts")}` });
  await late.end("SIGTERM");
  late.start(skewed(3_600_000));
  await pause(6_000);
  if (await isReady(late.base)) wrong.push("a node whose clock is an hour ahead is ready");
  await late.end("SIGTERM");
  late.start();
  await rig.ready();
  for (const [index, node] of jumping.entries()) { await node.end("SIGTERM"); node.start({ ...skewed(index ? -600_000 : 600_000), SKEW_LATER: "yes" }); await rig.ready(); }
  await on(jumping, (node) => node.child.kill("SIGUSR2"));
  await pause(6_000);
  for (const node of jumping) if (await isReady(node.base)) wrong.push(`${node.name} is ready although its clock jumped`);
  await on(jumping, (node) => node.child.kill("SIGUSR2"));
  await rig.ready();
  return wrong;
}

export const CLOCK_FAULTS: readonly Fault[] = [
  { id: "F40", what: "a node starts an hour ahead; two clocks jump by ten minutes", strike: wrongClocks },
  { id: "F42", what: "a node sleeps for 20 s, longer than any lease, and wakes", strike: (rig, random) => asleep(rig, [`order-${1 + random.below(2)}`], 20_000) },
  { id: "F43", what: "a node's event loop stands for 15 s", strike: (rig, random) => asleep(rig, [`catalog-${1 + random.below(2)}`], 15_000) },
  { id: "F68", what: "both order nodes sleep in turn: sagas change hands", async strike(rig) { await asleep(rig, ["order-1"], 9_000); await asleep(rig, ["order-2"], 9_000); } },
];
