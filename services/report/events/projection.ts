import type { DataOf } from "../../../lib/contract.ts";
import { onEvent, type EventHandler } from "../../../mixins/inbox.ts";
import type { Tx } from "../../../mixins/database.ts";
import type { Events } from "../../contracts.ts";
import { advance } from "../models/projection.ts";

/** An event type and what it does to the star schema. The watermark moves in the same transaction, in the same round trip. */
export function projects<K extends keyof Events & string>(type: K, project: (tx: Tx, data: DataOf<Events[K]>[]) => Promise<void>): EventHandler {
  return onEvent(type, async (tx, events) => {
    const newest = events.reduce((latest, event) => (event.time > latest.time ? event : latest));
    await Promise.all([project(tx, events.map((event) => event.data)), advance(tx, { ...newest, source: sourceOf(type) })]);
  });
}

/** `order.completed` comes from `order`. */
const sourceOf = (type: string): string => type.slice(0, type.indexOf("."));
