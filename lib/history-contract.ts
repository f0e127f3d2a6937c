import { Type } from "typebox";
import { action } from "./action.ts";
import { Closed, Id, Instant, Nullable } from "./schemas.ts";

/** An event as it was published: CloudEvents 1.0. */
export const HistoricEvent = Closed({
  specversion: Type.Literal("1.0"), id: Id, source: Type.String(), type: Type.String(), subject: Type.String(), time: Instant, tenantid: Id, data: Type.Unknown({ description: "by its type: see the service's events" }),
});

/** A place in the history of one service: when it was published, in microseconds since 1970, and which of those that were published together. */
const Place = Closed({ at: Type.Integer(), seq: Type.Integer() });

/** What every service tells of its own events. */
export const historyActions = {
  readHistory: action({
    summary: "The tenant's events of this service in the order of their publication, as many as fit into one answer", permission: "internal", idempotent: true,
    params: Closed({ after: Nullable(Place), limit: Type.Integer({ minimum: 1, maximum: 200 }) }),
    result: Closed({ events: Type.Array(Closed({ place: Place, event: HistoricEvent })), more: Type.Boolean() }),
  }),
} as const;
