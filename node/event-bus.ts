/** CloudEvents 1.0 attributes, with the tenant, the trace and the epoch as extensions. */
export interface CloudEvent {
  readonly specversion: "1.0";
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly tenantid: string;
  readonly traceparent?: string;
  /** For whom it came about: ids for the log, see node/log/scope.ts. */
  readonly requestid?: string;
  readonly actor?: string;
  /** Of the data that it came from, see mixins/epoch.ts; none before the first restore from a backup. */
  readonly epoch?: string;
  readonly data: unknown;
}

export interface Consumer {
  readonly service: string;
  readonly types: ReadonlySet<string>;
  /** Applies a batch in its own transactions; resolves after their commit. */
  apply(events: readonly CloudEvent[]): Promise<void>;
  /** Does the work as the only node that consumes for this service. @returns false when another node does */
  lead(work: () => Promise<void>): Promise<boolean>;
  /** Keeps what no event can be read out of, so that it holds up nothing and is not lost. */
  bury(unreadable: { readonly id: string; readonly text: string; readonly reason: string }): Promise<void>;
}

/** Where the outbox relay hands its events. `publish` resolves when they are safe: in one process when every consumer has committed them, over NATS when JetStream has stored them. */
export interface EventBus {
  subscribe(consumer: Consumer): void;
  publish(events: readonly CloudEvent[]): Promise<void>;
  /** Names the store that holds what was published. A new name says that the old store is lost, and with it what nobody had consumed. */
  incarnation(): Promise<string>;
  /** Consumers are subscribed by then. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Events inside one process. A consumer that fails makes the relay send the batch again; the inboxes of the others know it already. */
export class LocalEventBus implements EventBus {
  readonly #consumers: Consumer[] = [];

  subscribe(consumer: Consumer): void {
    this.#consumers.push(consumer);
  }

  async publish(events: readonly CloudEvent[]): Promise<void> {
    const deliveries = this.#consumers.map((consumer) => {
      const wanted = events.filter((event) => consumer.types.has(event.type));
      return wanted.length ? consumer.apply(wanted) : Promise.resolve();
    });
    const outcomes = await Promise.allSettled(deliveries);
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (failed) throw failed.reason;
  }

  incarnation(): Promise<string> {
    return Promise.resolve("local");
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }
}
