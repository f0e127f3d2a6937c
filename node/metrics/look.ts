import type { ServiceBroker } from "moleculer";
import { sql, type Database, type Tx } from "../../mixins/database.ts";
import { DATABASE_SERVICES } from "../environment.ts";
import { platformOf, type Pool } from "../platform.ts";
import { readinessOf } from "../readiness.ts";
import { within } from "../within.ts";
import type { NodeMetrics } from "./node-metrics.ts";

/* What is read when somebody asks for the page: pools, outboxes, sagas, dead letters. */

const OUTBOX = sql("metrics.outbox", "SELECT count(*) AS waiting, coalesce(extract(epoch FROM now() - min(time)), 0)::float8 AS age FROM outbox WHERE published_at IS NULL");
const DEAD_LETTERS = sql("metrics.dead-letters", "SELECT count(*) AS n FROM dead_letter");
// Two halves, each on an index of its own: together they would read every saga that ever was.
const SAGAS = sql("metrics.sagas", `SELECT kind, status AS state, count(*) AS n FROM saga WHERE status IN ('running', 'compensating') GROUP BY 1, 2
  UNION ALL SELECT kind, status, count(*) FROM saga WHERE status = 'stuck' GROUP BY 1, 2`);

interface Look { outbox: { waiting: number; age: number }; letters: number; sagas: { kind: string; state: string; n: number }[] }

/** A scraper that asks more often gets the same figures again: counting is work for the database too. */
const FRESH_MS = 2_000;
const LOOK_TIMEOUT_MS = 2_000;

/** The page as Prometheus reads it. A database that is away leaves its gauges out and says so in beaveros_database_up. */
export class MetricsPage {
  readonly #broker: ServiceBroker;
  readonly #metrics: NodeMetrics;
  #fresh: Promise<unknown> | undefined;

  constructor(broker: ServiceBroker, metrics: NodeMetrics) {
    this.#broker = broker;
    this.#metrics = metrics;
  }

  get contentType(): string {
    return this.#metrics.registry.contentType;
  }

  async text(): Promise<string> {
    this.#readPools(platformOf(this.#broker).pools());
    await (this.#fresh ??= this.#lookAround());
    return this.#metrics.registry.metrics();
  }

  async #lookAround(): Promise<void> {
    const { outboxWaiting, outboxOldestAge, deadLetters, sagas, natsConnected, ready } = this.#metrics.instruments;
    for (const gauge of [outboxWaiting, outboxOldestAge, deadLetters, sagas]) gauge.reset();
    const hosted = DATABASE_SERVICES.filter((name) => this.#broker.getLocalService(name));
    const readiness = readinessOf(this.#broker);
    const [unready] = await Promise.all([readiness.whyNotReady(), ...hosted.map((name) => this.#lookAt(name))]);
    ready.set(unready ? 0 : 1);
    if (readiness.natsConnected === undefined) natsConnected.remove(); // without labels it would say 0, and wake somebody up
    else natsConnected.set(readiness.natsConnected ? 1 : 0);
    setTimeout(() => { this.#fresh = undefined; }, FRESH_MS).unref();
  }

  async #lookAt(service: string): Promise<void> {
    const { databaseUp, outboxWaiting, outboxOldestAge, deadLetters, sagas } = this.#metrics.instruments;
    const look = await within(LOOK_TIMEOUT_MS, lookInto(platformOf(this.#broker).worker(service)));
    databaseUp.set({ service }, look ? 1 : 0);
    if (!look) return;
    outboxWaiting.set({ service }, look.outbox.waiting);
    outboxOldestAge.set({ service }, look.outbox.age);
    deadLetters.set({ service }, look.letters);
    for (const { kind, state, n } of look.sagas) sagas.set({ service, kind, state }, n);
  }

  #readPools(pools: readonly Pool[]): void {
    const { poolConnections, poolSize, poolWaiting, databaseTransactions, databaseStatements } = this.#metrics.instruments;
    databaseTransactions.reset();
    databaseStatements.reset();
    for (const { service, role, database } of pools) {
      const { inUse, idle, waiting, size } = database.connections();
      poolConnections.set({ service, role, state: "in_use" }, inUse);
      poolConnections.set({ service, role, state: "idle" }, idle);
      poolWaiting.set({ service, role }, waiting);
      poolSize.set({ service, role }, size);
      databaseTransactions.inc({ service, role }, database.stats.transactions);
      databaseStatements.inc({ service, role }, database.stats.statements);
    }
  }
}

function lookInto(database: Database): Promise<Look> {
  return database.asWorker(async (tx: Tx) => {
    const [outbox, letters, sagas] = await Promise.all([tx.query<Look["outbox"]>(OUTBOX), tx.query<{ n: number }>(DEAD_LETTERS), tx.query<Look["sagas"][number]>(SAGAS)]);
    return { outbox: outbox[0]!, letters: letters[0]!.n, sagas };
  });
}
