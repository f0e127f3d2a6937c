import { newId } from "../lib/ids.ts";
import { originOf, type Origin } from "../node/log/scope.ts";
import { rowsWithTexts, sql, textsOf, type Texts } from "./statement.ts";

export interface OutgoingEvent { readonly type: string; readonly subject: string; readonly data: unknown; readonly id?: string }

/** Events on their way into the outbox: what is said about each (with the request that it comes from), and the JSON of what each tells, in the same order. */
export type EventLists = readonly [heads: readonly EventHead[], data: Texts];
type EventHead = Omit<OutgoingEvent, "data"> & Origin & { readonly id: string };
export function toLists(events: readonly OutgoingEvent[]): EventLists {
  return [events.map(({ type, subject, id = newId() }) => ({ id, type, subject, ...originOf() })), textsOf(events.map(({ data }) => data))];
}

const COLUMNS = `"id" uuid, "type" text, "subject" text, "traceparent" text, "requestId" text, "actor" text`;
/** @param events a FROM item that ends in the alias e and has these columns and `data`, a text; with an ORDER BY where some of them belong together */
export const appendEvents = (events: string): string => `INSERT INTO outbox (id, type, subject, data, traceparent, request_id, actor)
  SELECT e.id, e.type, e.subject, e.data::json, e.traceparent, e."requestId", e.actor FROM ${events}`;
/** The two lists of events as the last two of `Tx.merged`: each with the `n` of the row that it belongs to and its `place`.
 *  @param heads, data parameters, as `$2` */
export const eventList = (heads: string, data: string): string => rowsWithTexts({ rows: heads, columns: `"n" int, ${COLUMNS}`, texts: data, text: "data", as: "e" });
export const APPEND = sql("outbox.append", appendEvents(`${rowsWithTexts({ rows: "$1", columns: COLUMNS, texts: "$2", text: "data", as: "e" })} ORDER BY e.place`));
