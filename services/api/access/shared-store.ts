import { Redis } from "ioredis";
import type { ServiceBroker } from "moleculer";
import { reasonOf } from "../../../node/log/reason.ts";
import { platformOf } from "../../../node/platform.ts";

/** So long a request waits for Redis: longer, and a slow Redis would be worse than none. */
const PATIENCE_MS = 150;
/** After a failure nobody asks for this long, so that not every request waits in vain. */
const PAUSE_MS = 1_000;
const RECONNECT_MAX_MS = 2_000;

/** The Redis that all edges share, if there is one just now. Whoever uses it has another way for when there is not. */
export class SharedStore {
  readonly client: Redis;
  readonly #broker: ServiceBroker;
  #pausedUntil = 0;
  #look: NodeJS.Timeout | undefined;
  /** undefined until it is known for the first time. */
  #isThere: boolean | undefined;

  /** @param url redis:// or rediss:// */
  constructor(broker: ServiceBroker, url: string) {
    this.#broker = broker;
    this.client = new Redis(url, {
      connectionName: "beaveros-edge", enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: PATIENCE_MS, connectTimeout: 2_000,
      retryStrategy: (tries) => Math.min(RECONNECT_MAX_MS, 50 * 2 ** Math.min(tries, 10)),
    });
    this.client.on("ready", () => this.#note(true));
    this.client.on("error", (error) => this.#note(false, error));
    this.client.on("close", () => this.#note(false));
  }

  /** @returns undefined when Redis is away, slow, or answers nonsense: never throws for that */
  async use<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.client.status !== "ready" || Date.now() < this.#pausedUntil) return undefined;
    try {
      const result = await work();
      this.#note(true);
      return result;
    } catch (error) {
      this.#pause();
      this.#note(false, error);
      return undefined;
    }
  }

  close(): void {
    clearTimeout(this.#look);
    this.client.removeAllListeners("close");
    this.client.disconnect();
  }

  /** After it somebody looks, whether there are requests or not. */
  #pause(): void {
    this.#pausedUntil = Date.now() + PAUSE_MS;
    clearTimeout(this.#look);
    this.#look = setTimeout(() => {
      this.#pausedUntil = 0;
      void this.use(() => this.client.ping());
    }, PAUSE_MS).unref();
  }

  /** One line per change, not per request. */
  #note(isThere: boolean, error?: unknown): void {
    if (this.#isThere === isThere) return;
    const log = this.#broker.getLogger("redis");
    if (!isThere) log.warn({ reason: error === undefined ? "the connection ended" : reasonOf(error) }, "Redis is away: each edge counts its limits by itself");
    else if (this.#isThere === false) log.info("Redis is back: the edges count their limits together");
    this.#isThere = isThere;
    platformOf(this.#broker).metrics?.instruments.rateLimitsShared.set({ store: "redis" }, isThere ? 1 : 0);
  }
}
