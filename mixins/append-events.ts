import { newId } from "../lib/ids.ts";
import { originOf, type Origin } from "../node/log/scope.ts";
import { namesOf, sql } from "./statement.ts";

export interface OutgoingEvent { readonly type: string; readonly subject: string; readonly data: unknown; readonly id?: string }

/** As it goes into the outbox: with the request that it comes from. */
export type EventRow = OutgoingEvent & Origin & { readonly id: string };
export const toRow = (event: OutgoingEvent): EventRow => ({ id: newId(), ...event, ...originOf() });

/** The columns of such rows in JSON, for `json_to_recordset`. `data` as its text, so that it is read once and not twice. */
const EVENT_COLUMNS = `"id" uuid, "type" text, "subject" text, "data" text, "traceparent" text, "requestId" text, "actor" text`;
/** Such rows as a list of `Tx.merged`, each with the `n` of the row that it belongs to and its `place` in the list.
 *  @param parameter as `$2` */
export const eventList = (parameter: string): string => `ROWS FROM (json_to_recordset(${parameter}) AS (n int, ${EVENT_COLUMNS})) WITH ORDINALITY AS e(n, ${namesOf(EVENT_COLUMNS)}, place)`;
/** @param events a FROM item that ends in the alias e and has these columns; with an ORDER BY where some of them belong together */
export const appendEvents = (events: string): string => `INSERT INTO outbox (id, type, subject, data, traceparent, request_id, actor)
  SELECT e.id, e.type, e.subject, e.data::json, e.traceparent, e."requestId", e.actor FROM ${events}`;
export const APPEND = sql("outbox.append", appendEvents(`json_to_recordset($1) AS e(${EVENT_COLUMNS})`));
