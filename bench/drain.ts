import pg from "pg";
import { connect } from "nats";
import { SERVICE_NAMES } from "../node/environment.ts";
import { STREAM } from "../node/jetstream-bus.ts";
import type { LocalCluster } from "../scripts/local-cluster.ts";
import { withCluster } from "./cluster.ts";
import { load } from "./measure.ts";
import { sale, stockShop, type Shop } from "./shop.ts";

export interface Rate { readonly events: number; readonly ms: number; readonly perSecond: number }
export interface Drain { readonly relayed: Rate; readonly consumed: Rate }

/** So many wait, at least, when the clock starts. */
const PILE = 10_000;
const LOOK_MS = 20;

/** A pile before each half of the way of an event: NATS is away and outboxes fill; the report is away and the stream fills. */
export async function measureDrain(): Promise<Drain> {
  return withCluster([SERVICE_NAMES.filter((name) => name !== "report"), ["report"]], async (cluster) => {
    const [rest, report] = cluster.nodes, shop = await stockShop({ base: rest!.base }), database = new pg.Client({ connectionString: cluster.database.url });
    await database.connect();
    try {
      await report!.end("SIGTERM");
      await sellUntil(rest!.base, shop, async () => (await beforeReport(cluster)) >= PILE);
      const consumed = await timed(() => beforeReport(cluster), () => report!.start());
      await cluster.nats.stop();
      await sellUntil(rest!.base, shop, async () => (await inOutboxes(database)) >= PILE);
      const relayed = await timed(() => inOutboxes(database), () => cluster.startNats());
      return { relayed, consumed };
    } finally {
      await database.end();
    }
  });
}

async function sellUntil(base: string, shop: Shop, isEnough: () => Promise<boolean>): Promise<void> {
  while (!(await isEnough())) await load({ base, token: shop.client.token!, width: 32, seconds: 2, next: sale(shop) });
}

/** From the first one that leaves to the last: how long the other side takes to start is another matter. */
async function timed(waiting: () => Promise<number>, start: () => unknown): Promise<Rate> {
  const events = await waiting();
  await start();
  let first = 0;
  for (;;) {
    const left = await waiting();
    if (left < events && !first) first = performance.now();
    if (left === 0) return { events, ms: performance.now() - first, perSecond: (events * 1_000) / (performance.now() - first) };
    await new Promise((wake) => setTimeout(wake, LOOK_MS));
  }
}

const OUTBOXES = ["order", "payment", "catalog"].map((schema) => `(SELECT count(*) FROM "${schema}".outbox WHERE published_at IS NULL)`).join(" + ");
const inOutboxes = async (database: pg.Client): Promise<number> => Number((await database.query<{ n: string }>(`SELECT ${OUTBOXES} AS n`)).rows[0]!.n);

/** In the stream for the report and not yet applied by it. */
async function beforeReport({ natsPort, operator }: LocalCluster): Promise<number> {
  const connection = await connect({ servers: `nats://127.0.0.1:${natsPort}`, ...operator });
  const { num_pending: pending, num_ack_pending: unacknowledged } = await (await connection.jetstreamManager()).consumers.info(STREAM, "report");
  await connection.close();
  return pending + unacknowledged;
}
