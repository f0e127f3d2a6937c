import type { Service, ServiceBroker } from "moleculer";
import { reasonOf } from "../node/log/reason.ts";
import { outsideTransaction } from "./database.ts";

export interface PollerOptions {
  readonly name: string;
  readonly everyMs: number;
  /** The first look after a start; without it, at once. */
  readonly firstAfterMs?: number;
  /** How many pieces of work this process has in hand at once. */
  readonly concurrency: number;
  /** Takes one piece of work that is due, under a lease, and does it. @returns false when nothing was due */
  work(host: { broker: ServiceBroker; service: string; signal: AbortSignal }): Promise<boolean>;
}

const pollers = new WeakMap<object, Map<string, Poller[]>>();

/** Mixin: looks for work that is due and does it, one piece after the other. Leases in the rows keep two processes off the same piece. */
export function poller(options: PollerOptions) {
  return {
    created(this: Service) {
      const all = pollers.get(this.broker) ?? new Map<string, Poller[]>();
      pollers.set(this.broker, all.set(options.name, Array.from({ length: options.concurrency }, () => new Poller(this.broker, this.name, options))));
    },
    started(this: Service) {
      for (const each of pollers.get(this.broker)!.get(options.name)!) each.start();
      return Promise.resolve();
    },
    async stopped(this: Service) {
      await Promise.all(pollers.get(this.broker)!.get(options.name)!.map((each) => each.stop()));
    },
  };
}

/** Work was just written: no need to wait for the next look. */
export function wake(broker: ServiceBroker, name: string): void {
  for (const each of pollers.get(broker)?.get(name) ?? []) each.wake();
}

class Poller {
  readonly #options: PollerOptions;
  readonly #host: { broker: ServiceBroker; service: string; signal: AbortSignal };
  readonly #stop = new AbortController();
  #awake = false;
  #wakeUp: () => void = () => undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(broker: ServiceBroker, service: string, options: PollerOptions) {
    this.#options = options;
    this.#host = { broker, service, signal: this.#stop.signal };
  }

  start(): void {
    this.#running = outsideTransaction(() => this.#loop());
  }

  wake(): void {
    this.#awake = true;
    this.#wakeUp();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.wake();
    await this.#running;
  }

  async #loop(): Promise<void> {
    const { firstAfterMs } = this.#options;
    if (firstAfterMs !== undefined) await this.#sleep(firstAfterMs);
    while (!this.#stop.signal.aborted) {
      this.#awake = false;
      const busy = await this.#options.work(this.#host).catch((error: unknown) => {
        this.#host.broker.getLogger("poller").warn({ poller: this.#options.name, reason: reasonOf(error) }, "due work could not be taken: it is tried again");
        return false;
      });
      if (!busy && !this.#awake) await this.#sleep(this.#options.everyMs);
    }
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((wake) => {
      const timer = setTimeout(wake, ms);
      this.#wakeUp = () => { clearTimeout(timer); wake(); };
      if (this.#stop.signal.aborted) this.#wakeUp();
    });
  }
}
