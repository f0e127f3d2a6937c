import type { Service, ServiceBroker } from "moleculer";
import type { CloudEvent } from "../node/event-bus.ts";
import { reasonOf } from "../node/log/reason.ts";
import { platformOf } from "../node/platform.ts";
import { outsideTransaction, sql } from "./database.ts";
import { epochOf } from "./epoch.ts";
import { failpoint } from "./failpoint.ts";

interface Row { seq: number; id: string; tenant: string; type: string; subject: string; time: string; data: unknown; traceparent: string | null; requestId: string | null; actor: string | null }

/** Larger batches cost the consumers less per event, smaller ones show sooner: at 500 the projection still commits within a few 10 ms. */
const BATCH_MAX = 500;
/** Events gather this long, so that one projection transaction serves many sales: longer when there are many, because then it pays most. */
const GATHER_MS = 50;
const GATHER_BUSY_MS = 200;
const BUSY_BATCH = 20;
const POLL_MS = 1_000;
const RETRY_MAX_MS = 5_000;

// One leader per service: who holds the lock relays, the others' polls find nothing. It ends with the transaction, so kill -9 frees it.
const LEAD = sql("outbox.lead", "SELECT pg_try_advisory_xact_lock(hashtext('outbox ' || current_schema())) AS leads");
// By `published_at`, never by "last seq": identity values commit out of order.
const WAITING = sql("outbox.waiting", `SELECT seq, id, tenant_id AS tenant, type, subject, time, data, traceparent, request_id AS "requestId", actor FROM outbox
  WHERE published_at IS NULL ORDER BY seq LIMIT ${BATCH_MAX}`);
// The clock of this moment and not of the transaction's begin, and later than all before, also when the clock was set back: under the lock it makes an order in which the history is read.
const PUBLISHED = sql("outbox.published", `UPDATE outbox SET published_at = (SELECT greatest(clock_timestamp(), max(published_at) + interval '1 microsecond') FROM outbox), published_to = $2
  WHERE seq = ANY($1::bigint[])`);
/** A consumer that was away for longer than this when a store was lost has had an alarm ringing for a day. */
const LOST = sql("outbox.lost", `UPDATE outbox SET published_at = NULL
  WHERE published_at > now() - interval '24 hours' AND published_to <> $1 AND published_to <> 'local'`);

/** Mixin: carries the service's committed events to the bus, in order, at least once. */
export function outbox() {
  return {
    created(this: Service) {
      const relay = new Relay(this.broker, this.name);
      (this as unknown as { relay: Relay }).relay = relay;
      platformOf(this.broker).database(this.name).onEvents = () => relay.wake();
    },
    async started(this: Service) {
      (this as unknown as { relay: Relay }).relay.start();
    },
    async stopped(this: Service) {
      await (this as unknown as { relay: Relay }).relay.stop();
    },
  };
}

class Relay {
  readonly #broker: ServiceBroker;
  readonly #service: string;
  #store: string | undefined;
  #awake = false;
  #stopping = false;
  #running: Promise<void> = Promise.resolve();
  #wakeUp: () => void = () => undefined;

  constructor(broker: ServiceBroker, service: string) {
    this.#broker = broker;
    this.#service = service;
  }

  start(): void {
    this.#running = outsideTransaction(() => this.#loop());
  }

  wake(): void {
    this.#awake = true;
    this.#wakeUp();
  }

  /** Hands over what is committed, then ends. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.wake();
    await this.#running;
  }

  async #loop(): Promise<void> {
    let failures = 0, last = 0;
    for (;;) {
      if (!this.#awake) await this.#sleep(POLL_MS);
      this.#awake = false;
      const stopping = this.#stopping;
      try {
        if (!stopping) await new Promise((wake) => setTimeout(wake, last > BUSY_BATCH ? GATHER_BUSY_MS : GATHER_MS));
        do last = await this.#relayBatch(); while (last === BATCH_MAX);
        failures = 0;
      } catch (error) {
        failures++;
        this.#broker.getLogger("outbox").warn({ service: this.#service, failures, reason: reasonOf(error) }, "events wait: the relay tries again");
        if (!stopping) await new Promise((wake) => setTimeout(wake, Math.min(RETRY_MAX_MS, 100 * 2 ** failures)));
      }
      if (stopping) return;
    }
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((wake) => {
      const timer = setTimeout(wake, ms);
      this.#wakeUp = () => { clearTimeout(timer); wake(); };
    });
  }

  async #relayBatch(): Promise<number> {
    const { worker, bus, metrics } = platformOf(this.#broker);
    const store = await bus.incarnation();
    if (store !== this.#store && !(await this.#sendAgain(store))) return 0;
    const epoch = await epochOf(this.#broker, this.#service);
    return worker(this.#service).asWorker(async (tx) => {
      const [lead, rows] = await Promise.all([tx.query<{ leads: boolean }>(LEAD), tx.query<Row>(WAITING)]);
      if (!lead[0]!.leads || rows.length === 0) return 0;
      failpoint("relay:before");
      await outsideTransaction(() => this.#publish(rows.map((row) => this.#toEvent(row, epoch))));
      failpoint("relay:published");
      await tx.change(PUBLISHED, [rows.map((row) => row.seq), store]);
      metrics?.published(this.#service, rows);
      return rows.length;
    });
  }

  /** Each event goes on in the trace of the request that it came from. */
  async #publish(events: readonly CloudEvent[]): Promise<void> {
    const { bus, tracing } = platformOf(this.#broker);
    if (!tracing) return bus.publish(events);
    const traced = tracing.events(this.#service, "publish", events);
    await traced.around(() => bus.publish(traced.events));
  }

  /** What a lost store had taken and perhaps nobody had consumed. Under the lock of who leads: two nodes at it at once would wait for each other crosswise. @returns false when another leads */
  async #sendAgain(store: string): Promise<boolean> {
    const again = await platformOf(this.#broker).worker(this.#service).asWorker(async (tx) => ((await tx.query<{ leads: boolean }>(LEAD))[0]!.leads ? tx.change(LOST, [store]) : undefined));
    if (again === undefined) return false;
    if (again > 0) this.#broker.getLogger("outbox").warn({ service: this.#service, events: again }, "the event store is a new one: what the old one took is sent again");
    this.#store = store;
    return true;
  }

  #toEvent(row: Row, epoch: string): CloudEvent {
    return {
      specversion: "1.0", id: row.id, source: `/beaveros/${this.#service}`, type: row.type, subject: row.subject, time: row.time, tenantid: row.tenant,
      ...(row.traceparent ? { traceparent: row.traceparent } : {}), ...(row.requestId ? { requestid: row.requestId } : {}), ...(row.actor ? { actor: row.actor } : {}), ...(epoch ? { epoch } : {}), data: row.data,
    };
  }
}
