import { refuse } from "../../../lib/errors.ts";
import type { ResultOf } from "../../../lib/contract.ts";
import { callAs, type Ctx } from "../../../mixins/call.ts";
import { LIMIT_DEFAULT, readCursor, writeCursor } from "../../../mixins/cursor.ts";
import { handler } from "../../../mixins/handlers.ts";
import { identityOf } from "../../../middlewares/identity.ts";
import { platformOf } from "../../../node/platform.ts";
import type { Actions } from "../../contracts.ts";
import type { workflowContract } from "../contract.ts";
import { mergeHistory, type Places } from "../domain/merge-history.ts";

type C = typeof workflowContract;
type OfOne = ResultOf<Actions["order.readHistory"]>;

/** Every event of the tenant, again, in the order of publication: each service tells its own, out of its outbox. Read only.
 *  Permission: workflow.events.read, for actors who are kept to no store. @throws invalid_cursor, forbidden, unavailable when a service does not answer: a gap would not be seen */
export const listEvents = handler<C, "listEvents">(async ({ after, limit = LIMIT_DEFAULT }, ctx) => {
  if (identityOf(ctx).storeIds.length > 0) throw refuse.forbidden("The events are of all stores, and you are kept to some");
  const from = placesIn(readCursor(ctx, "events", after) ?? []);
  const parts = await Promise.all(platformOf(ctx.broker).contracts.map(async ({ name: service }) => ({ service, ...await ask(ctx, service, from, limit) })));
  const { events, places, more } = mergeHistory(parts, limit, from);
  const cursor = writeCursor(ctx, "events", Object.entries(places).flatMap(([service, { at, seq }]) => [service, at, seq]));
  return { data: events, nextCursor: more ? cursor : null, resumeAfter: cursor };
});

function ask(ctx: Ctx, service: string, from: Places, limit: number): Promise<OfOne> {
  const host = { broker: ctx.broker, service: "workflow", tenantId: identityOf(ctx).tenantId, requestId: ctx.meta.requestId };
  return callAs(host, `${service}.readHistory` as "order.readHistory", { after: from[service] ?? null, limit });
}

function placesIn(key: readonly (string | number | null)[]): Places {
  return Object.fromEntries(Array.from({ length: key.length / 3 }, (_, index) => [key[3 * index], { at: Number(key[3 * index + 1]), seq: Number(key[3 * index + 2]) }]));
}
