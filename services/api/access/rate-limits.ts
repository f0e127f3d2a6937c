import { createHmac } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { ServiceBroker } from "moleculer";
import { RateLimiterMemory, RateLimiterRedis, type RateLimiterAbstract, type RateLimiterRes } from "rate-limiter-flexible";
import { refuse } from "../../../lib/errors.ts";
import { platformOf } from "../../../node/platform.ts";
import { SharedStore } from "./shared-store.ts";

const WINDOW_S = 60;
/** Sign-up, log-in and refused credentials of one address: each costs a password hash or a signature check. */
const ENTRY_PER_MINUTE = 300;
/** Guesses at one address of e-mail from one address of the network; auth locks the account besides. */
const GUESSES_PER_MINUTE = 30;

/** What the headers say when the limits are off: the fields have no word for it. */
const UNLIMITED = 999_999_999;

interface Budget { readonly local: RateLimiterMemory; readonly shared: RateLimiterRedis | undefined }
interface Outcome { readonly state: RateLimiterRes; readonly refused: boolean }

/** Budgets per credential (else per client address), in the RateLimit fields of the IETF draft. 0 a minute switches them off.
 *  With REDIS_URL all edges count together; while Redis is away each counts by itself, so that a client may have its budget at each of them. */
export class RateLimits {
  readonly #everything: Budget | undefined;
  readonly #entry: Budget | undefined;
  readonly #guesses: Budget | undefined;
  readonly #policy: string;
  readonly #store: SharedStore | undefined;
  readonly #broker: ServiceBroker;

  constructor(broker: ServiceBroker) {
    const { rateLimitPerMinute: perMinute, redisUrl } = platformOf(broker).environment;
    this.#broker = broker;
    this.#policy = `"default";q=${perMinute || UNLIMITED};w=${WINDOW_S}`;
    if (perMinute === 0) return;
    this.#store = redisUrl === undefined ? undefined : new SharedStore(broker, redisUrl);
    this.#everything = this.#budget("all", perMinute);
    this.#entry = this.#budget("entry", Math.min(ENTRY_PER_MINUTE, perMinute));
    this.#guesses = this.#budget("guesses", Math.min(GUESSES_PER_MINUTE, perMinute));
  }

  close(): void {
    this.#store?.close();
  }

  /** Counts one request and says what is left. @throws rate_limited (429) */
  async spend(key: string, res: ServerResponse): Promise<void> {
    if (!this.#everything) return this.#unlimited(res);
    const { state, refused } = await this.#take(this.#everything, key);
    res.setHeader("RateLimit-Policy", this.#policy);
    res.setHeader("RateLimit", `"default";r=${Math.max(0, state.remainingPoints)};t=${Math.ceil(state.msBeforeNext / 1000)}`);
    if (refused) throw tooMany(state);
  }

  /** For what a stranger may try: sign-up, log-in, a wrong credential. @throws rate_limited (429) */
  async spendEntry(address: string, email: unknown): Promise<void> {
    if (!this.#entry || !this.#guesses) return;
    const entry = await this.#take(this.#entry, address);
    if (entry.refused) throw tooMany(entry.state);
    if (typeof email !== "string") return;
    const guess = await this.#take(this.#guesses, `${address} ${email.toLowerCase().slice(0, 254)}`);
    if (guess.refused) throw tooMany(guess.state);
  }

  #budget(name: string, points: number): Budget {
    const given = { points, duration: WINDOW_S, keyPrefix: `beaveros:limit:${name}` };
    return { local: new RateLimiterMemory(given), shared: this.#store && new RateLimiterRedis({ ...given, storeClient: this.#store.client }) };
  }

  async #take({ local, shared }: Budget, key: string): Promise<Outcome> {
    const together = shared && await this.#store!.use(() => outcome(shared, this.#pseudonym(key)));
    return together ?? outcome(local, key);
  }

  /** Redis is told no address and nobody's e-mail, and who can read it can aim at nobody. */
  #pseudonym(key: string): string {
    return createHmac("sha256", platformOf(this.#broker).secrets.secretKey("rate-limit")).update(key).digest("base64url");
  }

  #unlimited(res: ServerResponse): void {
    res.setHeader("RateLimit-Policy", this.#policy);
    res.setHeader("RateLimit", `"default";r=${UNLIMITED};t=${WINDOW_S}`);
  }
}

/** @throws what the store threw */
async function outcome(limiter: RateLimiterAbstract, key: string): Promise<Outcome> {
  try {
    return { state: await limiter.consume(key), refused: false };
  } catch (state) {
    if (state instanceof Error) throw state;
    return { state: state as RateLimiterRes, refused: true };
  }
}

const tooMany = (state: RateLimiterRes) => refuse.rate_limited(undefined, { retryAfter: Math.max(1, Math.ceil(state.msBeforeNext / 1000)) });
