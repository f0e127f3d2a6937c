import { currentScope, inScope, type Scope } from "../node/log/scope.ts";
import type { Tx } from "./database.ts";

export type Work = (tx: Tx) => Promise<unknown>;
interface Waiting { work: Work; scope: Readonly<Scope>; done: (value: unknown) => void; failed: (reason: unknown) => void }

/** More would keep the first of a batch waiting for the last; fewer would flush more often. */
const BATCH_MAX = 32;
/** While one flushes to the disk the next can compute. A third would only make the batches smaller. */
const UNDER_WAY_MAX = 2;

/** Group commit for one kind of work of one tenant. Nobody waits for company: an idle lane starts at once, and what comes meanwhile goes together next. */
export class Lane {
  readonly #run: (works: readonly Work[]) => Promise<PromiseSettledResult<unknown>[]>;
  readonly #idle: () => void;
  readonly #waiting: Waiting[] = [];
  #underWay = 0;

  constructor(run: (works: readonly Work[]) => Promise<PromiseSettledResult<unknown>[]>, idle: () => void) {
    this.#run = run;
    this.#idle = idle;
  }

  add(work: Work): Promise<unknown> {
    const scope = currentScope() ?? {};
    return new Promise((done, failed) => {
      this.#waiting.push({ work: (tx) => inScope(scope, () => work(tx)), scope, done, failed });
      if (this.#underWay < UNDER_WAY_MAX) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#underWay++;
    while (this.#waiting.length > 0) {
      await new Promise((wake) => setImmediate(wake)); // whatever has arrived by now comes along
      const batch = this.#waiting.splice(0, BATCH_MAX);
      if (batch.length > 0) await this.#commit(batch);
    }
    this.#underWay--;
    if (this.#underWay === 0) this.#idle();
  }

  /** Each work is done for its own request, and what is done for all of them goes by the first. */
  async #commit(batch: readonly Waiting[]): Promise<void> {
    try {
      const outcomes = await inScope(batch[0]!.scope, () => this.#run(batch.map(({ work }) => work)));
      batch.forEach((one, index) => settle(one, outcomes[index]!));
    } catch (error) {
      if (batch.length === 1) batch[0]!.failed(error);
      else await Promise.all(batch.map((one) => this.#alone(one)));
    }
  }

  /** Nothing of the batch was kept: each in a transaction of its own, so that one's failure is its own. */
  async #alone(one: Waiting): Promise<void> {
    try {
      settle(one, (await inScope(one.scope, () => this.#run([one.work])))[0]!);
    } catch (error) {
      one.failed(error);
    }
  }
}

function settle({ done, failed }: Waiting, outcome: PromiseSettledResult<unknown>): void {
  if (outcome.status === "fulfilled") done(outcome.value);
  else failed(outcome.reason);
}
