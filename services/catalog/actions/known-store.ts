import { identityOf } from "../../../middlewares/identity.ts";
import { callAs, type Ctx } from "../../../mixins/call.ts";

const known = new Set<string>();
const KNOWN_MAX = 10_000;

/** Asks for a store once per process: stores are not removed, and an unknown one is asked for again. Before any transaction is open.
 *  @throws not_found (404): another tenant's store is one that is not there */
export async function requireStore(ctx: Ctx, storeId: string): Promise<void> {
  const { tenantId } = identityOf(ctx);
  const key = `${tenantId} ${storeId}`;
  if (known.has(key)) return;
  await callAs({ broker: ctx.broker, service: "catalog", tenantId, requestId: ctx.meta.requestId }, "entity.storeContext", { storeId });
  if (known.size >= KNOWN_MAX) known.clear();
  known.add(key);
}
