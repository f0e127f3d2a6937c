import type { Service, ServiceBroker } from "moleculer";
import { DomainError, invariant, isRefusal, refuse } from "../lib/errors.ts";
import { reasonOf } from "../node/log/reason.ts";
import { inScope, originOf, scopeOf, type Origin } from "../node/log/scope.ts";
import { platformOf } from "../node/platform.ts";
import type { IdempotencyClaim } from "./call.ts";
import { outsideTransaction, sql, type Database, type Tx } from "./database.ts";
import { failpoint } from "./failpoint.ts";
import { asError, asStored, settleAnswer, takeKeys, type StoredRefusal } from "./idempotency.ts";
import { rowsWithTexts, textsOf } from "./statement.ts";

/** Who runs a saga: what its steps need to call others on the service's account. */
export interface SagaHost { readonly broker: ServiceBroker; readonly service: string; readonly tenantId: string }

/** compensatable: may be refused, can be undone. pivot: may be refused; after it there is only forward. retriable: must succeed, retried until it does. */
export type StepKind = "compensatable" | "pivot" | "retriable";
export interface Step<I> {
  readonly kind: StepKind;
  readonly name: string;
  /** Idempotent by the saga's id. What it returns is kept for the steps behind it. */
  run(host: SagaHost, input: I, results: Results): Promise<unknown>;
  /** Accepts that the step never happened, and keeps it from happening later. */
  undo?(host: SagaHost, input: I): Promise<unknown>;
}
export type Results = Record<string, unknown>;

interface SagaOf<I> {
  readonly kind: string;
  readonly steps: readonly Step<I>[];
  /** Committed together with the end of a saga that was undone. */
  compensated(tx: Tx, saga: { id: string; input: I; refusal: StoredRefusal }): Promise<void>;
}
interface EndedAlone<I, R> extends SagaOf<I> {
  /** The last transaction: the outcome and its events, committed together with the saga's end. */
  complete(tx: Tx, saga: { id: string; input: I; results: Results }): Promise<R>;
  /** What the client's Idempotency-Key is answered, with the end; `undefined` where there was no key. */
  answer?(input: I, result: R): { readonly key: string; readonly status: number; readonly body: unknown } | undefined;
}
interface EndedTogether<I, R> extends SagaOf<I> {
  /** Retriable, and the outcome needs nothing of it: it is asked while the outcome is written, and the request waits for both. */
  readonly beside?: Step<I>;
  /** The outcome, its events and the answer, of sagas that are still this runner's (`heldSagas`), in one statement, which the commit follows at once; sagas that get there at once share it. Reads nothing
   *  that another's may change: within one transaction no lock keeps them apart. A second time it writes nothing and answers the same: the saga itself is ended later (`endLater`).
   *  @returns undefined when another node has taken the saga over: nothing was written */
  completeTogether(tx: Tx, saga: { id: string; fence: number; input: I; results: Results }): Promise<R | undefined>;
}
export type Saga<I = unknown, R = unknown> = EndedAlone<I, R> | EndedTogether<I, R>;

export const defineSaga = <I, R>(saga: Saga<I, R>): Saga<I, R> => saga;

/** A request waits for a dependency this long, then answers 503 while the sweeper goes on. */
const PATIENCE_MS = 4_000;
/** Longer than a request's patience, so that two never work on one saga unless one is asleep; short, so that a dead one's saga goes on soon. */
const LEASE_S = 6;
const SWEEP_MS = 1_000;
/** Sagas whose work is done gather this long, so that one statement ends many. */
const ENDED_GATHER_MS = 200;
/** An hour of tries, with the pause below: then a person must look. */
const ATTEMPTS_MAX = 400;

// A key goes to the first that asks for it, and a saga without its key is not begun.
const INSERT = sql("saga.insert", `WITH given AS MATERIALIZED (
    SELECT * FROM ${rowsWithTexts({ rows: "$1", columns: `"n" int, "id" uuid, "kind" text, "key" text, "hash" text, "traceparent" text, "requestId" text, "actor" text`, texts: "$2", text: "input", as: "s" })}
  ), taken AS (${takeKeys("given")}), begun AS (
    INSERT INTO saga (id, kind, status, input, lease_until, traceparent, request_id, actor)
    SELECT g.id, g.kind, 'running', g.input::json, now() + interval '${LEASE_S} seconds', g.traceparent, g."requestId", g.actor FROM given g
    WHERE g.key IS NULL OR (g.key IN (SELECT key FROM taken) AND NOT EXISTS (SELECT FROM given earlier WHERE earlier.key = g.key AND earlier.n < g.n)) RETURNING id
  ) SELECT n FROM given JOIN begun USING (id)`);
// Those that their runner still owns: the fencing token. The CASE keeps `saga_due` out of the plan: while sales come in, that index is full of what is no more.
const owned = (sagas: string) => `s.id = g.id AND s.fence = g.fence AND CASE s.status WHEN 'running' THEN true END AND s.id = ANY (ARRAY (SELECT id FROM ${sagas}))`;
/** Which sagas of a relation with the columns n, id and fence this runner still owns, and nobody takes over before the commit: for a statement that writes their outcome. */
export const heldSagas = (sagas: string): string => `SELECT g.n, g.id FROM ${sagas} g, saga s WHERE ${owned(sagas)} FOR NO KEY UPDATE OF s`;
const complete = (also: string) => `WITH given AS MATERIALIZED (SELECT * FROM json_to_recordset($1) AS c("n" int, "id" uuid, "fence" bigint))
  UPDATE saga s SET status = 'completed', updated_at = now()${also} FROM given g WHERE ${owned("given")} RETURNING g.n`;
const COMPLETE = sql("saga.complete", complete(""));
// The row stays, and not what went in: nobody goes on with it any more.
const END = sql("saga.end", complete(", input = 'null'"));
const FAIL = sql("saga.fail", "UPDATE saga SET status = 'compensating', failed_step = $3, refusal = $4, updated_at = now() WHERE id = $1 AND fence = $2 AND status = 'running'");
const COMPENSATED = sql("saga.compensated", "UPDATE saga SET status = 'compensated', updated_at = now() WHERE id = $1 AND fence = $2 AND status IN ('running', 'compensating')");
const STUCK = sql("saga.stuck", "UPDATE saga SET status = 'stuck', reason = $3, updated_at = now() WHERE id = $1 AND fence = $2");
const WAITS = sql("saga.waits", "UPDATE saga SET reason = $3 WHERE id = $1 AND fence = $2 AND status IN ('running', 'compensating')");
const DUE = sql("saga.due", "SELECT tenant_id AS tenant, id FROM saga WHERE status IN ('running', 'compensating') AND lease_until < now() ORDER BY lease_until LIMIT 50");
const TAKE = sql("saga.take", `UPDATE saga SET fence = fence + 1, attempts = attempts + 1, updated_at = now(), lease_until = now() + interval '${LEASE_S} seconds'
  WHERE id = $1 AND status IN ('running', 'compensating') AND lease_until < now() RETURNING id, kind, status, input, failed_step AS "failedStep", refusal, fence, attempts,
  traceparent, request_id AS "requestId", actor`);

interface Row { id: string; kind: string; status: "running" | "compensating"; input: unknown; failedStep: number | null; refusal: StoredRefusal | null; fence: number; attempts: number }

/** Written in the transaction that accepts the request: from here on the saga is finished by whoever lives.
 *  @param claim the client's key, which is taken with it
 *  @returns false when the key is somebody's already: nothing was written, and its first answer is somewhere (`firstAnswer`) or on its way */
export async function openSaga(tx: Tx, saga: Saga, id: string, input: unknown, claim?: IdempotencyClaim): Promise<boolean> {
  return (await tx.merged(INSERT, { id, kind: saga.kind, ...claim, ...originOf() }, textsOf([input]))) !== undefined;
}

/** Runs a saga that `openSaga` has just written, in the caller's request.
 *  @throws the refusal that ended it, after everything was undone; unavailable (503) when a step's outcome is still open: it goes on by itself */
export function runSaga<I, R>(host: SagaHost, saga: Saga<I, R>, id: string, input: I): Promise<R> {
  return advance(host, saga as Saga, { id, kind: saga.kind, status: "running", input, failedStep: null, refusal: null, fence: 1, attempts: 0 }) as Promise<R>;
}

function advance(host: SagaHost, saga: Saga, row: Row): Promise<unknown> {
  const { tracing } = platformOf(host.broker);
  const run = () => runSteps(host, saga, row);
  return tracing ? tracing.span({ service: host.service, name: `saga ${row.kind}`, attributes: { "beaveros.saga.id": row.id, "beaveros.saga.attempts": row.attempts } }, run) : run();
}

async function runSteps(host: SagaHost, saga: Saga, row: Row): Promise<unknown> {
  if (row.status === "compensating") return compensate(host, saga, row);
  const deadline = Date.now() + PATIENCE_MS;
  const results: Results = {};
  const take = async (step: Step<unknown>) => {
    failpoint(`${step.name}:before`);
    const result = await persist(() => step.run(host, row.input, results), deadline);
    failpoint(`${step.name}:after`);
    return result;
  };
  for (const [index, step] of saga.steps.entries()) {
    try {
      results[step.name] = await take(step);
    } catch (error) {
      return fail(host, saga, { ...row, failedStep: index }, step, error);
    }
  }
  failpoint("complete:before");
  const beside = "completeTogether" in saga ? saga.beside : undefined;
  const [outcome, besides] = await Promise.allSettled([orPark(host, row, "complete", () => persist(() => end(host, saga, row, results), deadline)), beside && take(beside)]);
  if (outcome.status === "rejected") throw outcome.reason;
  if (beside && besides.status === "rejected") return fail(host, saga, { ...row, failedStep: saga.steps.length }, beside, besides.reason);
  failpoint("complete:after");
  if ("completeTogether" in saga) endLater(host, row);
  platformOf(host.broker).metrics?.sagaEnded(host.service, saga.kind, "completed");
  return outcome.value;
}

async function end(host: SagaHost, saga: Saga, { id, fence, input }: Row, results: Results): Promise<unknown> {
  if ("completeTogether" in saga) {
    const together = databaseOf(host).shared(host.tenantId, `end of ${saga.kind}`, (tx) => tx.done(saga.completeTogether(tx, { id, fence, input, results })));
    return (await together) ?? fenced(); // not in there: the others of the batch have got there
  }
  return inTenant(host, async (tx) => {
    const [owned, result] = await Promise.allSettled([tx.merged(COMPLETE, { id, fence }), saga.complete(tx, { id, input, results })]);
    if (owned.status === "rejected") throw owned.reason;
    if (owned.value === undefined) fenced();
    if (result.status === "rejected") throw result.reason;
    const answer = saga.answer?.(input, result.value);
    if (answer) await tx.done(settleAnswer(tx, answer.key, answer.status, answer.body));
    return result.value;
  });
}

/** All that it had to do is done and committed, so nobody waits for its end: many go together, and one that is lost with its process is gone through once more by the sweeper, which changes nothing. */
function endLater(host: SagaHost, { id, fence }: Row): void {
  const database = databaseOf(host), ended = endings.get(database);
  if (ended) ended.push({ host, id, fence });
  else {
    endings.set(database, [{ host, id, fence }]);
    setTimeout(() => void endNow(database), ENDED_GATHER_MS).unref();
  }
}
const endings = new WeakMap<Database, { host: SagaHost; id: string; fence: number }[]>();

async function endNow(database: Database): Promise<void> {
  const ended = endings.get(database) ?? [];
  endings.delete(database);
  await outsideTransaction(() => Promise.all(ended.map(({ host, id, fence }) => database.shared(host.tenantId, "ended sagas", (tx) => tx.done(tx.merged(END, { id, fence })))
    .catch((error: unknown) => logOf(host).debug({ saga: id, reason: reasonOf(error) }, "a saga that is done is ended by the sweeper")))));
}

/** A runner that was only asleep finds its saga taken, and its late write is refused. */
function fenced(): never {
  throw refuse.unavailable("Another node has taken this over", { reason: "fenced" });
}

/** Refused: nothing happened at the participant, undo what came before. Unknown: leave it to the sweeper, which asks again with the same id. */
async function fail(host: SagaHost, saga: Saga, row: Row & { failedStep: number }, step: Step<unknown>, error: unknown): Promise<never> {
  const refused = saysNo(error);
  if (refused && step.kind !== "retriable") {
    const refusal = asStored(error);
    const undoable = saga.steps.slice(0, row.failedStep).some((done) => done.undo);
    if (undoable) await inTenant(host, (tx) => own(tx, FAIL, [row.id, row.fence, row.failedStep, JSON.stringify(refusal)]));
    return compensate(host, saga, { ...row, status: "compensating", refusal });
  }
  if (refused || row.attempts > ATTEMPTS_MAX) return park(host, row, step.name, error as Error);
  note(host, row, step.name, error as Error);
  logOf(host).warn({ saga: row.id, kind: row.kind, step: step.name, reason: reasonOf(error) }, "a saga waits: its step will be asked again");
  throw isRefusal(error) ? refuse.unavailable("The request is accepted but not finished: it goes on by itself", { sagaId: row.id }) : error;
}

async function compensate(host: SagaHost, saga: Saga, row: Row): Promise<never> {
  invariant(row.refusal && row.failedStep !== null, "a saga is undone for a reason");
  const { refusal } = row;
  const deadline = Date.now() + PATIENCE_MS;
  for (const step of saga.steps.slice(0, row.failedStep).reverse()) {
    if (!step.undo) continue;
    failpoint(`${step.name}:undo:before`);
    await orPark(host, row, `undo of ${step.name}`, () => persist(() => step.undo!(host, row.input), deadline));
    failpoint(`${step.name}:undo:after`);
  }
  await inTenant(host, async (tx) => {
    await saga.compensated(tx, { id: row.id, input: row.input, refusal });
    await own(tx, COMPENSATED, [row.id, row.fence]);
  });
  platformOf(host.broker).metrics?.sagaEnded(host.service, saga.kind, "compensated");
  const answer = asError(refusal);
  delete answer.data.replayed;
  throw answer;
}

const saysNo = (error: unknown): error is DomainError => isRefusal(error) && !error.retryable && error.code < 500;

/** What must succeed, and has said no or has been tried for an hour: the saga can go neither way. */
async function orPark<T>(host: SagaHost, row: Row, step: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (saysNo(error) || row.attempts > ATTEMPTS_MAX) return park(host, row, step, error as Error);
    note(host, row, step, error as Error);
    throw error;
  }
}

/** For the operator's list. Nobody waits for it: the client hears its 503 at once, and the log has the reason too. */
function note(host: SagaHost, row: Row, step: string, error: Error): void {
  inTenant(host, (tx) => tx.change(WAITS, [row.id, row.fence, `${step}: ${error.message}`])).catch(() => undefined);
}

async function park(host: SagaHost, row: Row, step: string, error: Error): Promise<never> {
  await inTenant(host, (tx) => own(tx, STUCK, [row.id, row.fence, `${step}: ${error.message}`]));
  platformOf(host.broker).metrics?.sagaEnded(host.service, row.kind, "stuck");
  logOf(host).error({ saga: row.id, kind: row.kind, step, reason: reasonOf(error) }, "a saga is stuck: npm run operator -- sagas");
  throw refuse.unavailable("The request could not be finished and is being looked at", { sagaId: row.id });
}

/** Retries what may succeed in a moment; a refusal that says no is passed on at once. */
async function persist<T>(work: () => Promise<T>, deadline: number): Promise<T> {
  for (let pause = 25; ; pause *= 2) {
    try {
      return await work();
    } catch (error) {
      const retryable = isRefusal(error) ? error.retryable : (error as { retryable?: boolean }).retryable === true;
      if (!retryable || Date.now() + pause > deadline) throw error;
      await new Promise((wake) => setTimeout(wake, pause));
    }
  }
}

async function own(tx: Tx, statement: ReturnType<typeof sql>, values: readonly unknown[]): Promise<void> {
  if ((await tx.change(statement, values)) !== 1) fenced();
}

const databaseOf = ({ broker, service }: SagaHost): Database => platformOf(broker).database(service);
const inTenant = <T>(host: SagaHost, work: (tx: Tx) => Promise<T>): Promise<T> => databaseOf(host).inTenant(host.tenantId, work);

/** Mixin: finishes the sagas whose runner died or gave up. */
export function sagas(definitions: readonly Saga<never, unknown>[]) {
  const byKind = new Map(definitions.map((saga) => [saga.kind, saga as unknown as Saga]));
  return {
    started(this: Service & { sweeper?: NodeJS.Timeout; sweeping?: Promise<void> }) {
      const sweepSoon = () => {
        this.sweeper = setTimeout(() => {
          this.sweeping = outsideTransaction(() => sweep(this.broker, this.name, byKind)).catch((error: unknown) => this.logger.warn({ reason: reasonOf(error) }, "the saga sweeper tries again"));
          void this.sweeping.then(sweepSoon);
        }, SWEEP_MS);
      };
      sweepSoon();
      return Promise.resolve();
    },
    async stopped(this: Service & { sweeper?: NodeJS.Timeout; sweeping?: Promise<void> }) {
      clearTimeout(this.sweeper);
      await this.sweeping;
      clearTimeout(this.sweeper);
      await endNow(platformOf(this.broker).database(this.name));
    },
  };
}

async function sweep(broker: ServiceBroker, service: string, byKind: ReadonlyMap<string, Saga>): Promise<void> {
  const due = await platformOf(broker).worker(service).asWorker((tx) => tx.query<{ tenant: string; id: string }>(DUE));
  for (const { tenant, id } of due) {
    const host: SagaHost = { broker, service, tenantId: tenant };
    const row = (await inTenant(host, (tx) => tx.query<Row & Origin>(TAKE, [id])))[0];
    const saga = row && byKind.get(row.kind);
    if (row && saga) await inScope(scopeOf(tenant, service, row), () => goOn(host, saga, row));
  }
}

async function goOn(host: SagaHost, saga: Saga, row: Row): Promise<void> {
  const { id, kind } = row;
  try {
    await outsideTransaction(() => advance(host, saga, row));
    logOf(host).info({ saga: id, kind }, "a saga was finished after its runner had gone");
  } catch (error) {
    if (!(error instanceof DomainError)) logOf(host).warn({ saga: id, kind, reason: reasonOf(error) }, "a saga goes on later");
  }
}

const logOf = ({ broker }: SagaHost) => broker.getLogger("saga");
