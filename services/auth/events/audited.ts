import { onEvent } from "../../../mixins/inbox.ts";
import { DATABASE_SERVICES } from "../../../node/environment.ts";
import { platformOf } from "../../../node/platform.ts";
import { seal, type SealedEntry } from "../domain/audit-chain.ts";
import { append, holdHead } from "../models/audit-log.model.ts";

/** The changes that clients made through any of the services go into the tenant's audit log, in the order of their arrival. */
export const audited = DATABASE_SERVICES.map((service) => onEvent(`${service}.audited` as "auth.audited", async (tx, events, broker) => {
  const key = platformOf(broker).secrets.secretKey("audit-log");
  const entries: SealedEntry[] = [];
  let last = await holdHead(tx);
  for (const { id, time, requestid = null, data } of events) {
    const { action, actorId, actorKind, resourceId, fields, address } = data;
    const entry = seal(key, last, { id, at: time, action, actorId, actorKind, resourceId, fields, requestId: requestid, address });
    entries.push(entry);
    last = entry;
  }
  await append(tx, entries);
}));
