import type { DataOf, EventContract } from "../lib/contract.ts";
import { AuditedChange } from "../lib/contract.ts";
import { identityOf } from "../middlewares/identity.ts";
import type { Ctx } from "./call.ts";
import type { OutgoingEvent } from "./append-events.ts";
import type { Tx } from "./database.ts";

declare module "moleculer" {
  /** A change that a client can ask for: `command` tells it to the audit log. */
  interface ActionSchema { audited?: boolean }
}

/** Who asks for a change, from where, and for which: kept by a saga until it knows whether there is one. */
export type AuditStamp = Omit<DataOf<EventContract<typeof AuditedChange>>, "resourceId">;

export function stampOf(ctx: Ctx): AuditStamp {
  const { actorId, service, sessionId } = identityOf(ctx);
  return { ...request(ctx), actorId, actorKind: service ? "service" : sessionId ? "user" : "apiKey" };
}

/** As `stampOf`, for the calls of somebody who is only known after them: sign-up and log-in. */
export const stampOfUser = (ctx: Ctx, userId: string): AuditStamp => ({ ...request(ctx), actorId: userId, actorKind: "user" });

// The names of what was sent and never the values: those are in the resource, or must be nowhere.
const request = (ctx: Ctx): Pick<AuditStamp, "action" | "fields" | "address"> =>
  ({ action: ctx.action!.name!, fields: Object.keys(ctx.params as object).filter((name) => name !== "id"), address: ctx.meta.address ?? null });

/** Tells the audit log of a change, with the change: both commit or neither does.
 *  @param stamp undefined for a saga that a version without an audit log began */
export function tellAudit(tx: Tx, stamp: AuditStamp | undefined, resourceId: string | null): void {
  if (stamp) tx.emit(auditEvent(tx, stamp, resourceId));
}

/** The same as an event, for a statement that appends it itself. */
export const auditEvent = (tx: Tx, stamp: AuditStamp, resourceId: string | null): OutgoingEvent =>
  ({ type: `${stamp.action.split(".", 1)[0]}.audited`, subject: tx.tenantId, data: { ...stamp, resourceId } });
