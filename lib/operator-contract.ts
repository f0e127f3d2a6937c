import { Type } from "typebox";
import { action } from "./action.ts";
import { Closed, Id, Instant, Nullable, OneOf } from "./schemas.ts";

const DeadLetter = Closed({
  eventId: Id, tenantId: Id, type: Type.String({ description: "`unreadable`: no event could be read out of the message" }), subject: Nullable(Type.String()),
  reason: Type.String(), attempts: Type.Integer(), failedAt: Instant, ageSeconds: Type.Integer(),
});
const UnfinishedSaga = Closed({
  sagaId: Id, tenantId: Id, kind: Type.String(), status: OneOf(["running", "compensating", "stuck"]), step: Nullable(Type.String()), error: Nullable(Type.String()),
  attempts: Type.Integer(), startedAt: Instant, ageSeconds: Type.Integer(),
});

/** What every service lets the operator's console do, over all tenants, and nobody else: no user, no API key, no other service. */
export const operatorActions = {
  listDeadLetters: action({ summary: "Events that this service could not apply, the oldest first, 200 at most", permission: "operator", params: Closed({}), result: Closed({ data: Type.Array(DeadLetter) }) }),
  resendDeadLetter: action({
    summary: "Applies a dead letter once more: its effect and its removal commit together", permission: "operator", params: Closed({ eventId: Id }), result: Closed({ tenantId: Id, type: Type.String() }), errors: ["not_found", "conflict"],
  }),
  discardDeadLetter: action({ summary: "Removes a dead letter, which is never applied", permission: "operator", params: Closed({ eventId: Id }), result: Closed({ tenantId: Id, type: Type.String() }), errors: ["not_found"] }),
  listUnfinishedSagas: action({
    summary: "Stuck sagas, and those under way for more than half a minute; the oldest first, 200 at most", permission: "operator", params: Closed({}), result: Closed({ data: Type.Array(UnfinishedSaga) }),
  }),
  resumeSaga: action({ summary: "Lets a stuck saga go on where it stopped: forward or backward", permission: "operator", params: Closed({ sagaId: Id }), result: Closed({ tenantId: Id, kind: Type.String() }), errors: ["not_found", "conflict"] }),
} as const;

export type OperatorActions = typeof operatorActions;
