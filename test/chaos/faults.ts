import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { connect } from "nats";
import { STREAM, SUBJECTS } from "../../node/jetstream-bus.ts";
import { isReady } from "../../scripts/local-cluster.ts";
import { CROWD_FAULTS } from "./crowds.ts";
import type { Fault, Random } from "./fault.ts";
import type { Rig } from "./rig.ts";

const pause = (ms: number) => new Promise<void>((wake) => setTimeout(wake, ms));

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

const on = <T>(list: readonly T[], deed: (item: T) => unknown) => Promise.all(list.map(deed));

async function asOperator<T>({ cluster }: Rig, work: (connection: Awaited<ReturnType<typeof connect>>) => Promise<T>): Promise<T> {
  const connection = await connect({ servers: `nats://127.0.0.1:${cluster.natsPort}`, ...cluster.operator });
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}

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

async function natsAway(rig: Rig, forMs: number, emptied = false): Promise<void> {
  await rig.cluster.nats.stop("SIGKILL");
  await pause(forMs);
  if (emptied) rmSync(join(rig.cluster.natsFolder, "jetstream"), { recursive: true, force: true });
  await rig.cluster.startNats();
}

/** Everything that the stream holds, once more, without the ids by which it would know them. */
const sendAllAgain = (rig: Rig, backwards: boolean) => asOperator(rig, async (connection) => {
  const manager = await connection.jetstreamManager(), { state } = await manager.streams.info(STREAM);
  const last = state.last_seq, first = Math.max(state.first_seq, last - 500);
  for (let step = 0; step <= last - first; step++) {
    const stored = await manager.streams.getMessage(STREAM, { seq: backwards ? last - step : first + step });
    connection.publish(stored.subject, stored.data);
  }
  await connection.flush();
});

const POISON = "no event, 30 % \u0001";

/** As the operator of the database may do it: the server aborts, and comes back by itself. */
async function databaseAborts(rig: Rig): Promise<void> {
  const postmaster = rig.cluster.database.pid;
  const backends = execFileSync("ps", ["--ppid", String(postmaster), "-o", "pid=,args="]).toString().split("\n").filter((line) => /beaver_/.test(line)).map((line) => Number.parseInt(line, 10));
  // A backend that dies of SIGKILL makes the postmaster throw everybody out and recover from its log, as after a crash.
  process.kill(backends[0]!, "SIGKILL");
  await pause(3_000);
}

async function terminateBackends(rig: Rig): Promise<void> {
  for (let round = 0; round < 8; round++) {
    await rig.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE 'beaver_%'`);
    await pause(2_000);
  }
}

async function badWay(rig: Rig, name: string, to: "nats" | "database", weather: "stall" | "silent" | "cut", forMs: number): Promise<void> {
  const way = rig.ways.get(name)![to];
  way.change(weather);
  await pause(forMs);
  way.change("pass");
  await rig.ready();
}

async function slowDatabase(rig: Rig): Promise<void> {
  for (const { database } of rig.ways.values()) database.change("pass", 150);
  await pause(10_000);
  for (const { database } of rig.ways.values()) database.change("pass");
}

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

/** Somebody's console holds every stock level for a while. */
async function rowsHeld(rig: Rig): Promise<void> {
  await rig.sql("BEGIN");
  await rig.sql("SELECT 1 FROM catalog.stock_level FOR UPDATE");
  await pause(10_000);
  await rig.sql("ROLLBACK");
}

const NODE_FAULTS: readonly Fault[] = [
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
  { id: "F15", what: "kill -9 of NATS, started again at once", strike: (rig) => natsAway(rig, 0) },
  { id: "F16", what: "NATS away for 20 s", strike: (rig) => natsAway(rig, 20_000) },
  { id: "F18", what: "a node loses NATS and keeps its database", strike: (rig, random) => badWay(rig, `order-${1 + random.below(2)}`, "nats", "cut", 15_000) },
  { id: "F19", what: "a node loses its database and keeps NATS", strike: (rig, random) => badWay(rig, `catalog-${1 + random.below(2)}`, "database", "cut", 15_000) },
  { id: "F20", what: "requests reach a node, its answers are lost", strike: (rig, random) => badWay(rig, `catalog-${1 + random.below(2)}`, "nats", "silent", 10_000) },
  { id: "F21", what: "PostgreSQL aborts and recovers", strike: databaseAborts },
  { id: "F22", what: "every database session terminated each 2 s", strike: terminateBackends },
  { id: "F23", what: "the database answers 300 ms later", strike: slowDatabase },
  { id: "F24", what: "commits succeed, their answers are lost", strike: (rig, random) => badWay(rig, `order-${1 + random.below(2)}`, "database", "silent", 8_000) },
  { id: "F36", what: "the last 500 events delivered again", strike: (rig) => sendAllAgain(rig, false) },
  { id: "F37", what: "the last 500 events delivered again, the latest first", strike: (rig) => sendAllAgain(rig, true) },
  {
    id: "F38", what: "a message that is no event",
    strike: (rig) => asOperator(rig, async (connection) => { connection.publish(`${SUBJECTS}.order.completed`, POISON); await connection.flush(); await pause(4_000); }),
    async verdict(rig) {
      const [{ n }] = await rig.sql<{ n: number }>("SELECT count(*)::int AS n FROM report.dead_letter WHERE type = 'unreadable'") as [{ n: number }];
      return n > 0 ? undefined : "the message is in no dead_letter";
    },
  },
  { id: "F40", what: "a node starts an hour ahead; two clocks jump by ten minutes", strike: wrongClocks },
  { id: "F42", what: "a node sleeps for 20 s, longer than any lease, and wakes", strike: (rig, random) => asleep(rig, [`order-${1 + random.below(2)}`], 20_000) },
  { id: "F43", what: "a node's event loop stands for 15 s", strike: (rig, random) => asleep(rig, [`catalog-${1 + random.below(2)}`], 15_000) },
  { id: "F53", what: "somebody's transaction holds every stock level for 10 s", strike: rowsHeld },
  { id: "F67", what: "NATS comes back with an empty store", strike: (rig) => natsAway(rig, 1_000, true) },
  { id: "F68", what: "both order nodes sleep in turn: sagas change hands", async strike(rig) { await asleep(rig, ["order-1"], 9_000); await asleep(rig, ["order-2"], 9_000); } },
];

/** In the order of the design's table. */
export const FAULTS: readonly Fault[] = [...NODE_FAULTS, ...CROWD_FAULTS].sort((a, b) => a.id.localeCompare(b.id));
