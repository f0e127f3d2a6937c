import type { ServerResponse } from "node:http";
import { RateLimiterMemory, type RateLimiterRes } from "rate-limiter-flexible";
import { refuse } from "../../../lib/errors.ts";

const WINDOW_S = 60;
/** Sign-up, log-in and refused credentials of one address: each costs a password hash or a signature check. */
const ENTRY_PER_MINUTE = 300;
/** Guesses at one address of e-mail from one address of the network; auth locks the account besides. */
const GUESSES_PER_MINUTE = 30;

/** What the headers say when the limits are off: the fields have no word for it. */
const UNLIMITED = 999_999_999;

/** Budgets per credential (else per client address), in the RateLimit fields of the IETF draft. 0 a minute switches them off. */
export class RateLimits {
  readonly #everything: RateLimiterMemory | undefined;
  readonly #entry: RateLimiterMemory | undefined;
  readonly #guesses: RateLimiterMemory | undefined;
  readonly #policy: string;

  constructor(perMinute: number) {
    this.#policy = `"default";q=${perMinute || UNLIMITED};w=${WINDOW_S}`;
    if (perMinute === 0) return;
    const limiter = (points: number) => new RateLimiterMemory({ points, duration: WINDOW_S });
    this.#everything = limiter(perMinute);
    this.#entry = limiter(Math.min(ENTRY_PER_MINUTE, perMinute));
    this.#guesses = limiter(Math.min(GUESSES_PER_MINUTE, perMinute));
  }

  /** Counts one request and says what is left. @throws rate_limited (429) */
  async spend(key: string, res: ServerResponse): Promise<void> {
    if (!this.#everything) return this.#unlimited(res);
    const { state, refused } = await take(this.#everything, key);
    res.setHeader("RateLimit-Policy", this.#policy);
    res.setHeader("RateLimit", `"default";r=${Math.max(0, state.remainingPoints)};t=${Math.ceil(state.msBeforeNext / 1000)}`);
    if (refused) throw tooMany(state);
  }

  /** For what a stranger may try: sign-up, log-in, a wrong credential. @throws rate_limited (429) */
  async spendEntry(address: string, email: unknown): Promise<void> {
    if (!this.#entry || !this.#guesses) return;
    const entry = await take(this.#entry, address);
    if (entry.refused) throw tooMany(entry.state);
    if (typeof email !== "string") return;
    const guess = await take(this.#guesses, `${address} ${email.toLowerCase().slice(0, 254)}`);
    if (guess.refused) throw tooMany(guess.state);
  }

  #unlimited(res: ServerResponse): void {
    res.setHeader("RateLimit-Policy", this.#policy);
    res.setHeader("RateLimit", `"default";r=${UNLIMITED};t=${WINDOW_S}`);
  }
}

async function take(limiter: RateLimiterMemory, key: string): Promise<{ state: RateLimiterRes; refused: boolean }> {
  try {
    return { state: await limiter.consume(key), refused: false };
  } catch (state) {
    if (state instanceof Error) throw state;
    return { state: state as RateLimiterRes, refused: true };
  }
}

const tooMany = (state: RateLimiterRes) => refuse.rate_limited(undefined, { retryAfter: Math.max(1, Math.ceil(state.msBeforeNext / 1000)) });
