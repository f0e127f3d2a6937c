import type { ServiceBroker } from "moleculer";
import { platformOf } from "../node/platform.ts";
import { sql, type Tx } from "./database.ts";
import { poller } from "./poller.ts";

const HOUR_MS = 3_600_000;
/** The relays go first: an event that was applied before a long halt, and not noted as published, comes once more, and an inbox that has forgotten it would apply it twice. */
const RELAYS_FIRST_MS = 600_000;
/** Rows of one table in one transaction: gone within some 10 ms, so that nobody waits for their locks. */
const BATCH_MAX = 1_000;

// One node per service: who has the lock prunes, the others look again in an hour. It ends with the transaction, so kill -9 frees it.
const LEAD = sql("pruning.lead", "SELECT pg_try_advisory_xact_lock(hashtext('pruning ' || current_schema())) AS leads");
const prune = (table: string, key: string, old: string, age: string) =>
  sql(`pruning.${table}`, `DELETE FROM ${table} WHERE (tenant_id, ${key}) IN (SELECT tenant_id, ${key} FROM ${table} WHERE ${old} ORDER BY ${age} LIMIT ${BATCH_MAX})`);

/** Each by its index of age. Nothing that is unpublished, unanswered or unfinished, however old. The times: docs/operations.md. */
const OLD = {
  // Twice what the contract promises, since the answer.
  idempotency_key: prune("idempotency_key", "key", "created_at < now() - interval '48 hours' AND status IS NOT NULL AND coalesce(answered_at, created_at) < now() - interval '48 hours'", "created_at"),
  outbox: prune("outbox", "id", "published_at < now() - interval '7 days'", "published_at"),
  // Twice as long as the event store keeps what it could deliver again.
  inbox: prune("inbox", "event_id", "applied_at < now() - interval '14 days'", "applied_at"),
  saga: prune("saga", "id", "status IN ('completed', 'compensated') AND updated_at < now() - interval '30 days'", "updated_at"),
};

export const pruningOf = (service: string): string => `${service}.pruning`;

/** Mixin: takes away what the service's own tables no longer need, every hour, batch by batch. */
export function pruning(service: string) {
  return poller({ name: pruningOf(service), everyMs: HOUR_MS, firstAfterMs: RELAYS_FIRST_MS, concurrency: 1, work: ({ broker }) => pruneBatch(broker, service) });
}

/** @returns true when there may be more */
async function pruneBatch(broker: ServiceBroker, service: string): Promise<boolean> {
  const gone = await platformOf(broker).worker(service).asWorker(async (tx): Promise<Record<string, number>> => ((await leads(tx)) ? removeOld(tx) : {}));
  const removed = Object.fromEntries(Object.entries(gone).filter(([, rows]) => rows > 0));
  if (Object.keys(removed).length > 0) broker.getLogger("pruning").info({ service, ...removed }, "old rows were removed");
  return Object.values(removed).includes(BATCH_MAX);
}

const leads = async (tx: Tx): Promise<boolean> => (await tx.query<{ leads: boolean }>(LEAD))[0]!.leads;

async function removeOld(tx: Tx): Promise<Record<string, number>> {
  return Object.fromEntries(await Promise.all(Object.entries(OLD).map(async ([table, statement]) => [table, await tx.change(statement)] as const)));
}
