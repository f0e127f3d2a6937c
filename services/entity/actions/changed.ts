import type { OutgoingEvent } from "../../../mixins/append-events.ts";
import type { RegisterRow } from "../models/registers.ts";
import type { StoreRow } from "../models/stores.ts";

/** The events of this service, out of the rows that changed. */
export function storeChanged({ id, code, name, timezone, currency }: StoreRow): OutgoingEvent {
  return { type: "entity.storeChanged", subject: id, data: { storeId: id, code, name, timezone, currency } };
}

export function registerChanged({ id, storeId, name }: RegisterRow): OutgoingEvent {
  return { type: "entity.registerChanged", subject: id, data: { registerId: id, storeId, name } };
}
