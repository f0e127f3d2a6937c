import type { ServiceBroker } from "moleculer";
import { refuse } from "../lib/errors.ts";
import type { ResultOf } from "../lib/contract.ts";
import type { OperatorActions } from "../lib/operator-contract.ts";
import type { CloudEvent } from "../node/event-bus.ts";
import { reasonOf } from "../node/log/reason.ts";
import { inScope, scopeOf } from "../node/log/scope.ts";
import { platformOf } from "../node/platform.ts";
import { sql } from "./database.ts";
import { UNREADABLE, type EventHandler } from "./inbox.ts";

export interface Place { readonly broker: ServiceBroker; readonly service: string }
type DeadLetter = ResultOf<OperatorActions["listDeadLetters"]>["data"][number];
interface Found { readonly tenant: string; readonly type: string }
type Told = { readonly tenantId: string; readonly type: string };

// What could not be read may hold what PostgreSQL cannot take apart.
const LIST = sql("dead-letter.list", `SELECT event_id AS "eventId", tenant_id AS "tenantId", type, CASE WHEN type <> '${UNREADABLE}' THEN event->>'subject' END AS subject, reason, attempts, failed_at AS "failedAt",
  extract(epoch FROM now() - failed_at)::int AS "ageSeconds" FROM dead_letter ORDER BY failed_at, event_id LIMIT 200`);
const FIND = sql("dead-letter.find", "SELECT tenant_id AS tenant, type FROM dead_letter WHERE event_id = $1");
const TAKE = sql("dead-letter.take", "DELETE FROM dead_letter WHERE event_id = $1 RETURNING event");
const FAILED = sql("dead-letter.failed", "UPDATE dead_letter SET attempts = attempts + 1, reason = $2, failed_at = now() WHERE event_id = $1");

export function deadLetters({ broker, service }: Place): Promise<DeadLetter[]> {
  return platformOf(broker).worker(service).asWorker((tx) => tx.query<DeadLetter>(LIST));
}

/** Whoever removes the letter applies it, in the same transaction: two operators at once apply it once. Its place in the inbox it has kept since it was laid aside,
 *  so that a broker that delivers it again changes nothing.
 *  @throws not_found; conflict when it is no event, nobody here wants it, or it fails as before: then it stays, with the new reason */
export async function resend(place: Place, handlers: readonly EventHandler[], eventId: string): Promise<Told> {
  const { broker, service } = place, { tenant, type } = await find(place, eventId);
  if (type === UNREADABLE) throw refuse.conflict("No event can be read out of it: discard it");
  const mine = handlers.filter((handler) => handler.type === type);
  if (mine.length === 0) throw refuse.conflict(`${service} does not consume ${type} any more: discard it`);
  const database = platformOf(broker).database(service);
  try {
    await database.inTenant(tenant, async (tx) => {
      const [row] = await tx.query<{ event: CloudEvent }>(TAKE, [eventId]);
      if (!row) throw refuse.not_found("There is no such dead letter");
      const { traceparent, requestid: requestId, actor } = row.event;
      for (const handler of mine) await inScope(scopeOf(tenant, service, { traceparent, requestId, actor }), () => handler.apply(tx, [row.event] as never[], broker));
    });
  } catch (error) {
    if (["not_found", "unavailable"].includes((error as { type?: string }).type ?? "")) throw error;
    await database.inTenant(tenant, (tx) => tx.change(FAILED, [eventId, (error as Error).message]));
    broker.getLogger("operator").warn({ service, event: eventId, eventType: type, reason: reasonOf(error) }, "a dead letter was sent again and failed again");
    throw refuse.conflict(`It cannot be applied yet: ${reasonOf(error)}`);
  }
  broker.getLogger("operator").info({ service, event: eventId, eventType: type }, "a dead letter was applied");
  return { tenantId: tenant, type };
}

/** @throws not_found */
export async function discard(place: Place, eventId: string): Promise<Told> {
  const { broker, service } = place, { tenant, type } = await find(place, eventId);
  if ((await platformOf(broker).database(service).inTenant(tenant, (tx) => tx.change(TAKE, [eventId]))) === 0) throw refuse.not_found("There is no such dead letter");
  broker.getLogger("operator").warn({ service, event: eventId, eventType: type }, "a dead letter was discarded");
  return { tenantId: tenant, type };
}

async function find({ broker, service }: Place, eventId: string): Promise<Found> {
  const [found] = await platformOf(broker).worker(service).asWorker((tx) => tx.query<Found>(FIND, [eventId]));
  if (!found) throw refuse.not_found("There is no such dead letter");
  return found;
}
