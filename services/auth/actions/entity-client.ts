import type { ServiceBroker } from "moleculer";
import type { ResultOf } from "../../../lib/contract.ts";
import { refuse, typeOf } from "../../../lib/errors.ts";
import { callAs, type Ctx } from "../../../mixins/call.ts";
import { identityOf } from "../../../middlewares/identity.ts";
import type { entityContract } from "../../entity/contract.ts";

export type Tenant = ResultOf<typeof entityContract.actions.getTenant>;

/** A slug is looked up before the tenant is known, but a call is signed for some tenant. */
const NO_TENANT = "00000000-0000-0000-0000-000000000000";
const as = (broker: ServiceBroker, tenantId: string) => ({ broker, service: "auth", tenantId });

/** The tenant as `GET /v1/tenant` shows it. */
export const readTenant = (broker: ServiceBroker, tenantId: string): Promise<Tenant> => callAs(as(broker, tenantId), "entity.getTenant", {});

/** @returns undefined when no tenant has the slug */
export async function tenantOfSlug(broker: ServiceBroker, slug: string): Promise<string | undefined> {
  try {
    return (await callAs(as(broker, NO_TENANT), "entity.resolveSlug", { slug })).tenantId;
  } catch (error) {
    if (typeOf(error) === "not_found") return undefined;
    throw error;
  }
}

/** @throws not_found (404) naming the first store that this tenant does not have */
export async function mustHaveStores(ctx: Ctx, storeIds: readonly string[]): Promise<void> {
  const { tenantId } = identityOf(ctx);
  await Promise.all(storeIds.map(async (storeId, index) => {
    try {
      await callAs({ ...as(ctx.broker, tenantId), requestId: ctx.meta.requestId }, "entity.storeContext", { storeId });
    } catch (error) {
      throw typeOf(error) === "not_found" ? refuse.not_found("There is no such store", { pointer: `/storeIds/${index}` }) : error;
    }
  }));
}
