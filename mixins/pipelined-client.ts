import { createRequire } from "node:module";
import pg from "pg";
import { columnTypes } from "./column-types.ts";
import type { Statement } from "./statement.ts";

/** A statement that waits to be sent, and for its answer. */
export interface Asked { readonly statement: Statement; readonly values: readonly unknown[]; done(result: pg.QueryResult): void; failed(reason: unknown): void }

/** A connection to PostgreSQL on which statements do not wait for each other's answers. What is asked in one tick leaves in one write: a system call is the dearest thing
 *  that a statement costs in this process, and each write wakes the other side. */
export class PipelinedClient extends pg.Client {
  #corked = false;
  #heldBack: (() => void) | undefined;

  constructor(config: pg.ClientConfig) {
    super({ ...config, pipeline: true } as pg.ClientConfig);
  }

  /** `opening` is run before the next query, whoever asks it: what opens a transaction need not be sent before there is something in it. */
  holdBack(opening: (() => void) | undefined): void {
    this.#heldBack = opening;
  }

  override query(...given: unknown[]): never {
    const opening = this.#heldBack;
    this.#heldBack = undefined;
    opening?.();
    this.#cork();
    return (super.query as (...all: unknown[]) => never).apply(this, given);
  }

  /** True when this connection knows all of them by name. */
  hasPrepared(statements: readonly Statement[]): boolean {
    const { parsedStatements } = wireOf(this);
    return statements.every(({ name, text }) => parsedStatements[name] === text);
  }

  /** Prepared statements as one transaction without BEGIN and COMMIT: between two Syncs PostgreSQL keeps all or nothing. https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
   *  Nothing else is asked of the connection meanwhile. @returns when it is committed @throws what a statement or the commit failed with */
  async atOnce(asked: readonly Asked[]): Promise<void> {
    this.#heldBack = undefined;
    const values = valuesOf(asked);
    await new Promise<void>((done, failed) => {
      this.#cork();
      (super.query as (query: pg.Query) => void).call(this, new AtOnce(asked, values, (error) => (error ? failed(error) : done())));
    });
  }

  #cork(): void {
    if (this.#corked) return;
    const { stream } = wireOf(this);
    this.#corked = true;
    stream.cork();
    process.nextTick(() => { this.#corked = false; stream.uncork(); });
  }
}

/** With pg's own types of `query`. */
export type Pipelined = pg.Client & Pick<PipelinedClient, "holdBack" | "hasPrepared" | "atOnce">;

/** The parts of pg that its types leave out. */
interface Wire {
  readonly stream: { cork(): void; uncork(): void };
  readonly parsedStatements: Readonly<Record<string, string>>;
  bind(given: { portal: string; statement: string; values: readonly unknown[]; binary: boolean }): void;
  describe(given: { type: "P"; name: string }): void;
  execute(given: { portal: string; rows: number }): void;
  flush(): void;
  sync(): void;
}
interface Answer extends pg.QueryResult { addFields(fields: unknown): void; parseRow(fields: unknown): pg.QueryResultRow; addRow(row: pg.QueryResultRow): void; addCommandComplete(message: unknown): void }
const { prepareValue } = createRequire(import.meta.url)("pg/lib/utils") as { prepareValue: (value: unknown) => unknown };
const wireOf = (client: pg.Client): Wire => (client as unknown as { connection: Wire }).connection;
/** As they are sent: what cannot be must be known before the first has left. */
function valuesOf(asked: readonly Asked[]): unknown[][] {
  try {
    return asked.map(({ values }) => values.map((value) => prepareValue(value)));
  } catch (error) {
    for (const { failed } of asked) failed(error);
    throw error;
  }
}
const emptyAnswer = () => new pg.Result(undefined as never, columnTypes as never) as unknown as Answer;

/** One query for pg, several statements for PostgreSQL, and one Sync behind the last. */
class AtOnce extends pg.Query {
  readonly #asked: readonly Asked[];
  readonly #values: readonly (readonly unknown[])[];
  readonly #ended: (error: unknown) => void;
  #at = 0;
  #answer = emptyAnswer();
  #unreadable: unknown;

  constructor(asked: readonly Asked[], values: readonly (readonly unknown[])[], ended: (error: unknown) => void) {
    super("");
    this.#asked = asked;
    this.#values = values;
    this.#ended = ended;
    this.submit = (connection) => this.#send(connection as unknown as Wire);
  }

  #send(wire: Wire): null {
    for (const [index, { statement }] of this.#asked.entries()) {
      wire.bind({ portal: "", statement: statement.name, values: this.#values[index]!, binary: false });
      wire.describe({ type: "P", name: "" });
      wire.execute({ portal: "", rows: 0 });
    }
    wire.flush(); // the answers are read here while PostgreSQL brings the commit to the disk
    wire.sync();
    return null;
  }

  handleRowDescription({ fields }: { fields: unknown }): void {
    this.#answer.addFields(fields);
  }

  handleDataRow({ fields }: { fields: unknown }): void {
    try {
      this.#answer.addRow(this.#answer.parseRow(fields));
    } catch (error) {
      this.#unreadable ??= error;
    }
  }

  handleCommandComplete(message: unknown): void {
    const { done, failed } = this.#asked[this.#at++]!, answer = this.#answer;
    answer.addCommandComplete(message);
    if (this.#unreadable) failed(this.#unreadable);
    else done(answer);
    this.#answer = emptyAnswer();
    this.#unreadable = undefined;
  }

  /** By PostgreSQL or by a connection that is gone: those that were answered were not kept either, which the end says. */
  handleError(error: unknown): void {
    for (const { failed } of this.#asked.slice(this.#at)) failed(error);
    this.#ended(error);
  }

  handleReadyForQuery(): void {
    this.#ended(undefined);
  }
}
