import { refuse } from "../../../lib/errors.ts";
import type { Ctx } from "../../../mixins/call.ts";
import type { Tx } from "../../../mixins/database.ts";
import { command } from "../../../mixins/handlers.ts";
import { refuseTooMuch } from "../../../mixins/merge-patch.ts";
import type { authContract } from "../contract.ts";
import { findApiKey, lockApiKey, revokeApiKey, updateApiKey } from "../models/api-keys.model.ts";
import { actorRights, mustBeKnown, mustCover, mustMatch, type ActorRights } from "./rights.ts";

type Contract = typeof authContract;

/** Changes an API key; the edge takes it up within a minute. Permission: auth.apiKeys.write.
 *  @throws not_found, forbidden (a permission of the key, before or after, that the actor does not hold), stale, unknown_permission, already_exists, invalid_request (metadata of more than 50 pairs) */
export const changeApiKey = command<Contract, "changeApiKey">(async (tx, { id, ...change }, ctx) => {
  const actor = await lockForChange(tx, ctx, id);
  if (change.permissions) {
    mustBeKnown(ctx, change.permissions);
    mustCover(actor, change.permissions);
  }
  await updateApiKey(tx, id, change);
  const after = (await findApiKey(tx, id))!;
  refuseTooMuch(after.metadata);
  return after;
});

/** Revokes an API key. Permission: auth.apiKeys.write. @throws not_found, forbidden, stale */
export const removeApiKey = command<Contract, "removeApiKey">(async (tx, { id }, ctx) => {
  await lockForChange(tx, ctx, id);
  await revokeApiKey(tx, id);
  return null;
});

async function lockForChange(tx: Tx, ctx: Ctx, id: string): Promise<ActorRights> {
  const key = await lockApiKey(tx, id);
  if (!key) throw refuse.not_found();
  const actor = await actorRights(tx, ctx);
  mustCover(actor, key.permissions);
  mustMatch(ctx, key.version);
  return actor;
}
