import { AsyncLocalStorage } from "node:async_hooks";
import pg from "pg";
import { Sequelize, Transaction } from "sequelize";
import { invariant } from "../lib/errors.ts";
import { UUID_PATTERN } from "../lib/ids.ts";
import { originOf, type Origin } from "../node/log/scope.ts";
import type { Tracing } from "../node/tracing/tracing.ts";
import { APPEND, toLists, type EventLists, type OutgoingEvent } from "./append-events.ts";
import { asRefusal } from "./database-refusal.ts";
import { Lane, type Work } from "./lane.ts";
import { PipelinedClient, type Pipelined } from "./pipelined-client.ts";
import { sequenceOf, type Statement, type Texts } from "./statement.ts";
import { endOfTurn, WireTransaction, type DatabaseStats } from "./wire-transaction.ts";

export { sql, type Statement } from "./statement.ts";

/** One open transaction of one tenant. Statements started without awaiting the one before travel together. */
export interface Tx {
  readonly tenantId: string;
  query<R = Record<string, unknown>>(statement: Statement, values?: readonly unknown[]): Promise<R[]>;
  /** For a statement that takes rows as a JSON array in $1, each numbered in `n`, and answers at most one row for each, with its `n`: what is asked of it
   *  in one turn (by the works of a shared transaction) goes together. What a row has many of comes in $2 and on, a list for each kind with the `n` of whose they are:
   *  inside the row PostgreSQL would read it three times. Texts are for `rowsWithTexts`. @returns undefined where there is no answer */
  merged<R = Record<string, unknown>>(statement: Statement, row: object, ...lists: readonly (readonly object[] | Texts)[]): Promise<R | undefined>;
  /** For a statement that takes an array of keys in $1: the keys that are asked for in one turn go together, each once. @returns the rows of all of them, from which each picks its own */
  gathered<R = Record<string, unknown>>(statement: Statement, keys: readonly string[]): Promise<readonly R[]>;
  /** The row count of a change: what a conditional update must look at. */
  change(statement: Statement, values?: readonly unknown[]): Promise<number>;
  /** Appends an event to the outbox: written just before the commit, all of a transaction in one statement. */
  emit(event: OutgoingEvent): void;
  /** Events that a statement of the work appends to the outbox itself, with what they tell of (`appendEvents`): nothing has to come back before they can be told. @returns two lists for it */
  toAppend(events: readonly OutgoingEvent[]): EventLists;
  /** For a statement that puts its events together itself. @returns for which request they are */
  tells(): Origin;
  /** `asked` is the last that this work asks. When all works of the transaction have said so, the commit leaves right behind their last statements and not a round trip later.
   *  Behind it nothing may be emitted, and nothing refused that is to be undone. */
  done<T>(asked: Promise<T>): Promise<T>;
  /** For Sequelize models and moleculer-db, which take part in this very transaction. */
  readonly sequelize: Transaction;
}

export interface PoolOptions {
  readonly url: string; readonly user: string; readonly password: string; readonly size: number; readonly service: string;
  readonly tracing?: Tracing | undefined;
}

const open = new AsyncLocalStorage<Map<string, unknown>>();
Sequelize.useCLS({
  bind: (work: unknown) => AsyncLocalStorage.bind(work as () => unknown),
  run: (work: (context: unknown) => void) => open.run(new Map(open.getStore() ?? []), () => work(open.getStore())),
  get: (key: string) => open.getStore()?.get(key),
  set: (key: string, value: unknown) => (open.getStore()?.set(key, value), value),
} as unknown as object);

/** True inside `inTenant`: nothing may call another service there, it would hold one connection while it waits for another. */
export const insideTransaction = (): boolean => open.getStore()?.has("transaction") ?? false;

/** Runs `work` as if no transaction were open: the same in one process as over the wire. */
export const outsideTransaction = <T>(work: () => T): T => open.run(new Map(), work);

const dialectModule = { ...pg, Client: PipelinedClient, types: pg.types };

/** All mean the same to us: an encrypted connection to a server whose certificate and name are verified. */
export const TLS_MODES: ReadonlySet<string> = new Set(["require", "verify-ca", "verify-full"]);

/** The pool of one service, or of its worker. */
export class Database {
  readonly sequelize: Sequelize;
  readonly stats: DatabaseStats = { transactions: 0, statements: 0 };
  readonly #lanes = new Map<string, Lane>();
  readonly #service: string;
  readonly #tracing: Tracing | undefined;
  /** Called after a commit that appended events: wakes the relay. */
  onEvents: () => void = () => undefined;

  constructor(options: PoolOptions) {
    this.#service = options.service;
    this.#tracing = options.tracing;
    const url = new URL(options.url);
    this.sequelize = new Sequelize({
      dialect: "postgres", dialectModule, host: url.searchParams.get("host") ?? url.hostname, port: Number(url.port || 5432), database: url.pathname.slice(1),
      username: options.user, password: options.password, logging: false, timezone: "+00:00",
      dialectOptions: { application_name: `beaveros-${options.service}`, keepAlive: true, clientMinMessages: "ignore", ...(TLS_MODES.has(url.searchParams.get("sslmode") ?? "") ? { ssl: true } : {}) },
      pool: { max: options.size, min: 0, idle: 60_000, acquire: 8_000, evict: 10_000 },
      define: { timestamps: false, underscored: true, freezeTableName: true },
    });
    if (options.tracing) options.tracing.ofModels(this.sequelize, options.service);
  }

  /** One transaction in which exactly one tenant's rows exist. Commits when `work` resolves, rolls back when it throws.
   *  @throws unavailable (503) when the database is away, busy or out of connections */
  async inTenant<T>(tenantId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    invariant(!insideTransaction(), "a transaction was opened inside another");
    return this.#transaction({ tenantId, works: 1 }, work);
  }

  /** As `inTenant`, but requests that come while the lane's last transaction is under way share the next one: one BEGIN, one flush to the disk, each statement once
   *  for all of them. `work` must touch nothing but `tx`, because it runs again, alone, when another of the batch fails.
   *  A refusal that is no fault is better returned than thrown: it would undo the others' work, to be done again. */
  shared<T>(tenantId: string, lane: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    invariant(!insideTransaction(), "a transaction was opened inside another");
    const key = `${lane} ${tenantId}`;
    let batcher = this.#lanes.get(key);
    if (!batcher) this.#lanes.set(key, (batcher = new Lane((works) => this.#together(tenantId, works), () => this.#lanes.delete(key))));
    const added = batcher;
    return this.#traced("shared transaction", () => added.add(work) as Promise<T>);
  }

  /** What became of each. @throws what one of them threw, when nothing was kept */
  #together(tenantId: string, works: readonly Work[]): Promise<PromiseSettledResult<unknown>[]> {
    return this.#transaction({ tenantId, works: works.length }, async (tx) => {
      // All have ended before the transaction does: a straggler's statement would run after the rollback.
      const outcomes = await Promise.allSettled(works.map((work) => work(tx)));
      const failed = outcomes.find((outcome) => outcome.status === "rejected");
      if (failed && !(await tx.isKept())) throw failed.reason;
      return outcomes;
    });
  }

  /** One transaction of the worker's role, which sees the rows that `platform.worker_table` opened to it, of all tenants. */
  async asWorker<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#transaction({ tenantId: undefined, works: 1 }, work);
  }

  /** The pool right now. */
  connections(): { inUse: number; idle: number; waiting: number; size: number } {
    const { using, available, waiting, maxSize } = (this.sequelize.connectionManager as unknown as { pool: { using: number; available: number; waiting: number; maxSize: number } }).pool;
    return { inUse: using, idle: available, waiting, size: maxSize };
  }

  close(): Promise<void> {
    return this.sequelize.close();
  }

  #transaction<T>(given: Given, work: (tx: OpenTransaction) => Promise<T>): Promise<T> {
    return this.#traced("transaction", () => this.#run(given, work));
  }

  #traced<T>(name: string, work: () => Promise<T>): Promise<T> {
    return this.#tracing ? this.#tracing.span({ service: this.#service, name }, work) : work();
  }

  async #run<T>(given: Given, work: (tx: OpenTransaction) => Promise<T>): Promise<T> {
    invariant(given.tenantId === undefined || UUID.test(given.tenantId), "a tenant's id is a UUID");
    const client = await this.#acquire();
    const wire = new WireTransaction(client, given.tenantId, this.stats);
    const transaction = new OpenTransaction(wire, this.sequelize, { ...given, tracing: this.#tracing, service: this.#service });
    let healthy = true;
    try {
      const result = await open.run(new Map([["transaction", transaction.sequelize as unknown]]), () => work(transaction));
      await transaction.commit();
      if (transaction.hasEvents) this.onEvents();
      return result;
    } catch (error) {
      healthy = await wire.rollback();
      throw asRefusal(error);
    } finally {
      this.#release(client, healthy);
    }
  }

  async #acquire(): Promise<Pipelined> {
    try {
      return await (this.sequelize.connectionManager as unknown as Pool).getConnection({ type: "write" });
    } catch (error) {
      throw asRefusal(error);
    }
  }

  #release(client: Pipelined, healthy: boolean): void {
    const manager = this.sequelize.connectionManager as unknown as Pool;
    if (healthy) manager.releaseConnection(client);
    else void manager.destroyConnection(client);
  }
}

const UUID = new RegExp(UUID_PATTERN);
interface Pool { getConnection(options: object): Promise<Pipelined>; releaseConnection(client: Pipelined): void; destroyConnection(client: Pipelined): Promise<void> }

/** `works`: how many must be done before it can be committed. */
interface Given { readonly tenantId: string | undefined; readonly works: number }
interface TransactionOf extends Given { readonly service: string; readonly tracing: Tracing | undefined }

interface Collected<C, A> { readonly collected: C; readonly answers: Promise<A> }

class OpenTransaction implements Tx {
  readonly #wire: WireTransaction;
  readonly #sequelize: Sequelize;
  readonly #tenantId: string | undefined;
  readonly #service: string;
  readonly #tracing: Tracing | undefined;
  readonly #events: { readonly heads: object[]; readonly data: { readonly texts: string[] } } = { heads: [], data: { texts: [] } };
  #appends = false;
  readonly #asked = new Map<Statement, Collected<unknown, unknown>>();
  #works: number;
  #isBroken = false;
  #committed: Promise<void> | undefined;
  readonly #inFirstScope = AsyncLocalStorage.snapshot();
  #model: Transaction | undefined;
  #ended = false;

  constructor(wire: WireTransaction, sequelize: Sequelize, { tenantId, works, service, tracing }: TransactionOf) {
    this.#wire = wire;
    this.#sequelize = sequelize;
    this.#tenantId = tenantId;
    this.#works = works;
    this.#service = service;
    this.#tracing = tracing;
  }

  get tenantId(): string {
    invariant(this.#tenantId, "this transaction has no tenant");
    return this.#tenantId;
  }

  get hasEvents(): boolean {
    return this.#appends || this.#events.heads.length > 0;
  }

  get sequelize(): Transaction {
    if (!this.#model) {
      this.#model = new (Transaction as unknown as new (sequelize: Sequelize, options: object) => Transaction)(this.#sequelize, {});
      (this.#model as unknown as { connection: Pipelined }).connection = this.#wire.client;
    }
    return this.#model;
  }

  async query<R>(statement: Statement, values: readonly unknown[] = []): Promise<R[]> {
    return (await this.#run(statement, values)).rows as R[];
  }

  merged<R>(statement: Statement, row: object, ...given: readonly (readonly object[] | Texts)[]): Promise<R | undefined> {
    const start = () => ({ rows: [] as object[], lists: given.map((list) => ("texts" in list ? { texts: [] as string[] } : ([] as object[]))) });
    const send = async ({ rows, lists }: ReturnType<typeof start>) => {
      const answered = await this.#send(statement, [rows, ...lists].map((list) => ("texts" in list ? sequenceOf(list) : JSON.stringify(list))));
      return new Map((answered.rows as { n: number }[]).map((answer) => [answer.n, answer]));
    };
    const { collected: { rows, lists }, answers } = this.#together(statement, start, send), n = rows.push({ n: rows.length + 1, ...row });
    given.forEach((list, kind) => {
      const all = lists[kind]!;
      if ("texts" in list) (all as { texts: string[] }).texts.push(...list.texts);
      else (all as object[]).push(...list.map((one) => ({ n, ...one })));
    });
    // Each that asks has its span of the one statement.
    return this.#leaf(statement.name, () => answers.then((byNumber) => byNumber.get(n) as R | undefined));
  }

  gathered<R>(statement: Statement, keys: readonly string[]): Promise<readonly R[]> {
    const send = async (all: Set<string>) => (await this.#send(statement, [[...all]])).rows as R[];
    const { collected, answers } = this.#together(statement, () => new Set<string>(), send);
    for (const key of keys) collected.add(key);
    return this.#leaf(statement.name, () => answers);
  }

  /** What is asked of a statement in one turn is collected, and sent at the end of it. */
  #together<C, A>(statement: Statement, start: () => C, send: (collected: C) => Promise<A>): Collected<C, A> {
    const asked = this.#asked.get(statement) as Collected<C, A> | undefined;
    if (asked) return asked;
    const collected = start();
    const answers = endOfTurn().then(() => {
      this.#asked.delete(statement);
      return send(collected);
    });
    this.#asked.set(statement, { collected, answers });
    return { collected, answers };
  }

  async change(statement: Statement, values: readonly unknown[] = []): Promise<number> {
    return (await this.#run(statement, values)).rowCount ?? 0;
  }

  emit(event: OutgoingEvent): void {
    invariant(!this.#ended, "an event came after the end of its transaction");
    const [heads, { texts }] = toLists([event]);
    this.#events.heads.push(...heads);
    this.#events.data.texts.push(...texts);
  }

  toAppend(events: readonly OutgoingEvent[]): EventLists {
    this.#appends = true;
    return toLists(events);
  }

  tells(): Origin {
    this.#appends = true;
    return originOf();
  }

  done<T>(asked: Promise<T>): Promise<T> {
    asked.catch(() => { this.#isBroken = true; });
    if (--this.#works === 0) {
      // Behind the statements of this turn, which were asked for before; on behalf of the first and not of the last.
      this.#committed = endOfTurn().then(() => this.#inFirstScope(() => this.#sendCommit()));
      this.#committed.catch(() => undefined); // `commit` says so
    }
    return asked;
  }

  commit(): Promise<void> {
    return (this.#committed ??= this.#sendCommit());
  }

  /** True when the works were committed before the last of them was answered: then none of them is done again. */
  async isKept(): Promise<boolean> {
    return this.#committed !== undefined && this.#committed.then(() => true, () => false);
  }

  async #sendCommit(): Promise<void> {
    // A statement that fails makes PostgreSQL roll back. A work that fails before it has asked must not be committed either.
    if (this.#isBroken) throw new Error("a work of the transaction failed");
    const { heads, data } = this.#events;
    const appended = heads.length > 0 ? this.#run(APPEND, [JSON.stringify(heads), sequenceOf(data)]) : undefined;
    this.#ended = true;
    await Promise.all([appended, this.#leaf("tx.commit", () => this.#wire.commit())]);
  }

  #run(statement: Statement, values: readonly unknown[]): Promise<pg.QueryResult> {
    return this.#leaf(statement.name, () => this.#send(statement, values));
  }

  /** The statement's name and nothing of its values. */
  #leaf<T>(name: string, work: () => Promise<T>): Promise<T> {
    return this.#tracing ? this.#tracing.leaf({ service: this.#service, name, kind: "CLIENT", attributes: POSTGRESQL }, work) : work();
  }

  #send(statement: Statement, values: readonly unknown[]): Promise<pg.QueryResult> {
    // The connection may be another's by now.
    return this.#ended ? Promise.reject(new Error(`invariant broken: ${statement.name} came after the end of its transaction`)) : this.#wire.ask(statement, values);
  }
}


const POSTGRESQL = { "db.system.name": "postgresql" };
