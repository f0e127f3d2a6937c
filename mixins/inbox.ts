import type { Service, ServiceBroker } from "moleculer";
import type { DataOf } from "../lib/contract.ts";
import type { CloudEvent } from "../node/event-bus.ts";
import { inScope, scopeOf } from "../node/log/scope.ts";
import { reasonOf } from "../node/log/reason.ts";
import { platformOf } from "../node/platform.ts";
import type { Events } from "../services/contracts.ts";
import { outsideTransaction, sql, type Tx } from "./database.ts";
import { epochOf } from "./epoch.ts";
import { failpoint } from "./failpoint.ts";

export type Received<K extends keyof Events> = Omit<CloudEvent, "data" | "type"> & { readonly type: K; readonly data: DataOf<Events[K]> };
/** Applies events of one type and one tenant, in their order, in the given transaction. */
export type EventHandler = { readonly type: string; apply(tx: Tx, events: never[], broker: ServiceBroker): Promise<void> };

/** One consumed event type: `events/order-completed.ts` exports one of these. */
export function onEvent<K extends keyof Events & string>(type: K, apply: (tx: Tx, events: Received<K>[], broker: ServiceBroker) => Promise<void>): EventHandler {
  return { type, apply } as EventHandler;
}

const ATTEMPTS_MAX = 5;
const CLAIM = sql("inbox.claim", "INSERT INTO inbox (event_id) SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING RETURNING event_id AS id");
const BURY = sql("inbox.bury", "INSERT INTO dead_letter (event_id, type, event, reason, attempts) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING");

// One consumer per service, so that events of one subject are applied in their order. It ends with the transaction, so kill -9 frees it.
const LEAD = sql("inbox.lead", "SELECT pg_try_advisory_xact_lock(hashtext('inbox ' || current_schema())) AS leads");
/** Whose rows the unreadable are: nobody's, so that no tenant sees them and the operator does. */
const NO_TENANT = "00000000-0000-0000-0000-000000000000";
/** The type of a dead letter that is no event. */
export const UNREADABLE = "unreadable";

function lead(broker: ServiceBroker, service: string, work: () => Promise<void>): Promise<boolean> {
  return platformOf(broker).worker(service).asWorker(async (tx) => {
    const [row] = await tx.query<{ leads: boolean }>(LEAD);
    if (row!.leads) await outsideTransaction(work);
    return row!.leads;
  });
}

/** Mixin: applies the events that the service consumes, each once: the event's id and its effect commit together. */
export function inbox(handlers: readonly EventHandler[]) {
  return {
    created(this: Service) {
      const { broker, name } = this;
      const attempts = new Map<string, number>();
      platformOf(broker).bus.subscribe({
        service: name,
        types: new Set(handlers.map((handler) => handler.type)),
        apply: (events) => outsideTransaction(() => applyBatch({ broker, service: name, handlers, attempts }, events)),
        lead: (work) => outsideTransaction(() => lead(broker, name, work)),
        bury: ({ id, text, reason }) => outsideTransaction(() => platformOf(broker).database(name).inTenant(NO_TENANT, async (tx) => {
          broker.getLogger("inbox").error({ service: name, event: id }, "a message is no event: it lies in dead_letter");
          await tx.change(BURY, [id, UNREADABLE, JSON.stringify({ text }), reason, 1]);
        })),
      });
    },
  };
}

interface Inbox { broker: ServiceBroker; service: string; handlers: readonly EventHandler[]; attempts: Map<string, number> }

async function applyBatch(box: Inbox, events: readonly CloudEvent[]): Promise<void> {
  failpoint(`${box.service}.inbox:before`);
  for (const ofTenant of Map.groupBy(await ofThisEpoch(box, events), (event) => event.tenantid).values()) {
    try {
      await applyFor(box, ofTenant, (these) => applyTogether(box, these));
    } catch (error) {
      if ((error as { type?: string }).type === "unavailable") throw error;
      // One event of the batch cannot be applied: one by one, so that it holds up none but itself.
      for (const event of ofTenant) await applyFor(box, [event], ([one]) => applyAlone(box, one!));
    }
  }
  failpoint(`${box.service}.inbox:applied`);
}

/** After a restore the stream may still hold events of the time that is no more: what they tell of did not happen. */
async function ofThisEpoch({ broker, service }: Inbox, events: readonly CloudEvent[]): Promise<readonly CloudEvent[]> {
  const epoch = await epochOf(broker, service);
  const ours = events.filter((event) => (event.epoch ?? "") === epoch);
  if (ours.length < events.length) broker.logger.warn({ service, events: events.length - ours.length }, "events of before the restore are not applied");
  return ours;
}

/** On behalf of the request that the event came from; what is applied together goes by its first. */
function applyFor(box: Inbox, events: readonly CloudEvent[], work: (events: readonly CloudEvent[]) => Promise<void>): Promise<void> {
  const traced = platformOf(box.broker).tracing?.events(box.service, "process", events);
  const these = traced?.events ?? events, { tenantid, traceparent, requestid: requestId, actor } = these[0]!;
  const apply = () => inScope(scopeOf(tenantid, box.service, { traceparent, requestId, actor }), () => work(these));
  return traced ? traced.around(apply) : apply();
}

async function applyTogether(box: Inbox, events: readonly CloudEvent[]): Promise<void> {
  const { broker, service, handlers } = box;
  const applied = await platformOf(broker).database(service).inTenant(events[0]!.tenantid, async (tx) => {
    const fresh = new Set((await tx.query<{ id: string }>(CLAIM, [events.map((event) => event.id)])).map((row) => row.id));
    const news = events.filter((event) => fresh.has(event.id));
    for (const handler of handlers) {
      const ofType = news.filter((event) => event.type === handler.type);
      if (ofType.length) await handler.apply(tx, ofType as never[], broker);
    }
    return news;
  });
  platformOf(broker).metrics?.applied(service, applied);
}

async function applyAlone(box: Inbox, event: CloudEvent): Promise<void> {
  try {
    await applyTogether(box, [event]);
    box.attempts.delete(event.id);
  } catch (error) {
    const attempts = (box.attempts.get(event.id) ?? 0) + 1;
    box.attempts.set(event.id, attempts);
    if (attempts < ATTEMPTS_MAX) throw error;
    box.broker.getLogger("inbox").error({ service: box.service, event: event.id, eventType: event.type, reason: reasonOf(error) }, "an event cannot be applied: it lies in dead_letter");
    await platformOf(box.broker).database(box.service).inTenant(event.tenantid, async (tx) => {
      await tx.query(CLAIM, [[event.id]]);
      await tx.change(BURY, [event.id, event.type, JSON.stringify(event), (error as Error).message, attempts]);
    });
    box.attempts.delete(event.id);
  }
}
