import { refuse } from "../../../lib/errors.ts";
import { handler } from "../../../mixins/handlers.ts";
import { platformOf } from "../../../node/platform.ts";
import type { entityContract } from "../contract.ts";
import { tenantOfSlug } from "../models/tenants.ts";

/** The tenant that a slug names, for a log-in, whose tenant is not known yet: read by the worker's role. Permission: internal. @throws not_found */
export const resolveSlug = handler<typeof entityContract, "resolveSlug">(async ({ slug }, ctx) => {
  const tenantId = await platformOf(ctx.broker).worker("entity").asWorker((tx) => tenantOfSlug(tx, slug));
  if (!tenantId) throw refuse.not_found();
  return { tenantId };
});
