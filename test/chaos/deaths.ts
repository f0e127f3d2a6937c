import { on, pause, type Fault, type Random } from "./fault.ts";
import type { Rig } from "./rig.ts";

/* Nodes that die, one, several or all. */

/** kill -9 at a named place in the code, of whichever of the two nodes comes there first (only one of them leads a relay or a consumer); then both are as they were. */
const killedAt = (id: string, what: string, kind: "auth" | "order" | "catalog", point: string): Fault => ({
  id, what,
  async strike(rig) {
    const nodes = [rig.node(`${kind}-1`), rig.node(`${kind}-2`)];
    for (const node of nodes) {
      await node.end("SIGTERM");
      node.start({ FAILPOINT: `${point}:kill` });
      await rig.ready().catch(() => undefined); // it may be dead before it is ready
    }
    const dead = () => nodes.filter((node) => node.child.signalCode !== null);
    for (let waited = 0; dead().length === 0 && waited < 30_000; waited += 100) await pause(100);
    if (dead().length === 0) throw new Error(`nobody came to ${point}`);
    await pause(500);
    for (const node of nodes) { await node.end("SIGKILL"); node.start(); }
    await rig.ready();
  },
});

async function killAll(rig: Rig, random: Random): Promise<void> {
  await on(rig.cluster.nodes, (node) => node.end("SIGKILL"));
  for (const node of [...rig.cluster.nodes].sort(() => random.next() - 0.5)) node.start();
  await rig.ready();
}

async function rolling(rig: Rig): Promise<void> {
  for (const node of rig.cluster.nodes) {
    const code = await node.end("SIGTERM");
    if (code !== 0) throw new Error(`F14: ${node.name} ended with ${code}`);
    node.start();
    await rig.ready();
  }
}

export const DEATHS: readonly Fault[] = [
  killedAt("F01", "kill -9 of an order node before the stock is asked", "order", "catalog.takeStock:before"),
  killedAt("F02", "kill -9 of a catalog node after taking, before answering", "catalog", "catalog.takeStock:answered"),
  killedAt("F03", "kill -9 of an order node before the provider is asked", "order", "payment.authorize:before"),
  killedAt("F04", "kill -9 of a payment node after the provider charged, before our commit", "catalog", "payment.capture:charged"),
  killedAt("F05", "kill -9 after the payment is committed, before its events leave", "catalog", "relay:before"),
  killedAt("F06", "kill -9 of a relay after publishing, before it notes so", "order", "relay:published"),
  killedAt("F07", "kill -9 of a consumer after its commit, before its acknowledgement", "order", "report.inbox:applied"),
  killedAt("F08", "kill -9 of a consumer before its commit", "order", "report.inbox:before"),
  killedAt("F09", "kill -9 in the middle of an undo", "order", "catalog.reserveStock:undo:before"),
  { id: "F10", what: "kill -9 of an edge with requests open", async strike(rig, random) { const node = rig.node(`auth-${1 + random.below(2)}`); await node.end("SIGKILL"); await pause(1_000); node.start(); await rig.ready(); } },
  { id: "F13", what: "kill -9 of every node at once", strike: killAll },
  { id: "F14", what: "SIGTERM of every node in turn", strike: rolling },
];
