import pg from "pg";
import { invariant } from "../lib/errors.ts";
import { columnTypes } from "./column-types.ts";
import type { Asked, Pipelined } from "./pipelined-client.ts";
import { sql, type Statement } from "./statement.ts";

export interface DatabaseStats { transactions: number; statements: number }

/** A tick comes after all microtasks: whatever continues from one answer has asked its next question by then. */
export const endOfTurn = (): Promise<void> => new Promise((tick) => process.nextTick(tick));

/** In one message, which is one answer less to wait for and to read. A name cannot be had for two, and neither is planned. */
const beginFor = (tenantId: string | undefined): string => (tenantId === undefined ? "BEGIN" : `BEGIN; SET LOCAL app.tenant_id = '${tenantId}'`);
/** The same where there is no BEGIN: true is LOCAL. */
const TENANT = sql("tx.tenant", "SELECT set_config('app.tenant_id', $1, true)");
const COMMIT = { name: "tx.commit", text: "COMMIT" };
const ROLLBACK = { name: "tx.rollback", text: "ROLLBACK" };
const PROBE = { name: "tx.probe", text: "SELECT 1" };

/** A transaction as PostgreSQL sees it. Nothing is sent before something is asked: where the commit is asked for in the same turn, and the connection knows every statement already,
 *  all of it goes in one message without BEGIN and COMMIT. */
export class WireTransaction {
  readonly client: Pipelined;
  readonly #tenantId: string | undefined;
  readonly #stats: DatabaseStats;
  /** What was asked before anything was sent. */
  readonly #unsent: Asked[] = [];
  /** Where the commit was asked for before anything was sent. */
  #commits: PromiseWithResolvers<void> | undefined;
  #isOpen = false;
  #start: Promise<unknown> = Promise.resolve();
  #answered: Promise<pg.QueryResult> | undefined;

  /** @param tenantId a UUID: it goes into a text */
  constructor(client: Pipelined, tenantId: string | undefined, stats: DatabaseStats) {
    this.client = client;
    this.#tenantId = tenantId;
    this.#stats = stats;
    stats.transactions++;
    client.holdBack(() => this.#open());
  }

  ask(statement: Statement, values: readonly unknown[]): Promise<pg.QueryResult> {
    if (this.#isOpen) return this.#query(statement, values);
    return new Promise((done, failed) => {
      // Two ticks on, whoever asks for the commit in this turn has asked for it.
      if (this.#unsent.push({ statement, values, done, failed }) === 1) void endOfTurn().then(endOfTurn).then(() => this.#flush());
    });
  }

  /** @throws what the commit failed with, or a statement before it */
  commit(): Promise<void> {
    if (this.#isOpen) return this.#commitOpen();
    if (this.#unsent.length > 0) return (this.#commits = Promise.withResolvers()).promise;
    this.client.holdBack(undefined); // nobody has asked anything
    return Promise.resolve();
  }

  /** @returns false when the connection cannot be used again */
  async rollback(): Promise<boolean> {
    try {
      if (!this.#isOpen && this.#commits) await this.#endOfAll(this.#commits.promise);
      else if (this.#unsent.length > 0 && !this.#isOpen) this.#open(); // whoever has asked is answered
      // A COMMIT that was answered has ended it, one way or the other.
      if (this.#isOpen) await (this.#answered ?? this.client.query(ROLLBACK));
      else this.client.holdBack(undefined);
      return true;
    } catch {
      return false;
    }
  }

  /** What failed at once is rolled back already; whether the connection lives, it must say itself. */
  async #endOfAll(committed: Promise<void>): Promise<void> {
    const isKept = await committed.then(() => true, () => false);
    if (!isKept && !this.#isOpen) await this.client.query(PROBE);
  }

  #flush(): void {
    if (this.#isOpen) return;
    const all = this.#tenantId === undefined ? this.#unsent : [{ statement: TENANT, values: [this.#tenantId], done: () => undefined, failed: () => undefined }, ...this.#unsent];
    if (!this.#commits || !this.client.hasPrepared(all.map(({ statement }) => statement))) return this.#open();
    this.#stats.statements += all.length;
    this.#commits.resolve(this.client.atOnce(all));
  }

  #open(): void {
    this.#isOpen = true;
    this.client.holdBack(undefined);
    this.#start = this.#begin();
    this.#start.catch(() => undefined); // the first query fails with it, and says so
    for (const asked of this.#unsent) void this.#query(asked.statement, asked.values).then(asked.done, asked.failed);
    this.#commits?.resolve(this.#commitOpen());
  }

  async #begin(): Promise<void> {
    const tenantId = this.#tenantId;
    this.#stats.statements += tenantId === undefined ? 1 : 2;
    if (tenantId === undefined || this.client.hasPrepared([TENANT])) await this.client.query(beginFor(tenantId));
    else await Promise.all([this.client.query(beginFor(undefined)), this.client.query({ ...TENANT, values: [tenantId] })]);
  }

  async #commitOpen(): Promise<void> {
    this.#stats.statements++;
    const answered = (this.#answered = this.client.query(COMMIT));
    const [, { command }] = await Promise.all([this.#start, answered]);
    // COMMIT of a transaction in which a statement failed answers ROLLBACK, and would otherwise look like success.
    invariant(command === "COMMIT", "a failed transaction was committed");
  }

  #query({ name, text }: Statement, values: readonly unknown[]): Promise<pg.QueryResult> {
    this.#stats.statements++;
    return this.client.query({ name, text, values: values as unknown[], types: columnTypes } as pg.QueryConfig);
  }
}
