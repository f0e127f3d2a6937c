import { rmSync } from "node:fs";
import { join } from "node:path";
import { connect } from "nats";
import { STREAM, SUBJECTS } from "../../node/jetstream-bus.ts";
import { badWay, pause, type Fault } from "./fault.ts";
import type { Rig } from "./rig.ts";

/* What goes wrong between the nodes: calls and events over NATS. */

async function asOperator<T>({ cluster }: Rig, work: (connection: Awaited<ReturnType<typeof connect>>) => Promise<T>): Promise<T> {
  const connection = await connect({ servers: `nats://127.0.0.1:${cluster.natsPort}`, ...cluster.operator });
  try {
    return await work(connection);
  } finally {
    await connection.close();
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

export const BUS_FAULTS: readonly Fault[] = [
  { id: "F15", what: "kill -9 of NATS, started again at once", strike: (rig) => natsAway(rig, 0) },
  { id: "F16", what: "NATS away for 20 s", strike: (rig) => natsAway(rig, 20_000) },
  { id: "F18", what: "a node loses NATS and keeps its database", strike: (rig, random) => badWay(rig, `order-${1 + random.below(2)}`, "nats", "cut", 15_000) },
  { id: "F20", what: "requests reach a node, its answers are lost", strike: (rig, random) => badWay(rig, `catalog-${1 + random.below(2)}`, "nats", "silent", 10_000) },
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
  { id: "F67", what: "NATS comes back with an empty store", strike: (rig) => natsAway(rig, 1_000, true) },
];
