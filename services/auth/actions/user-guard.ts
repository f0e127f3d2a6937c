import { refuse } from "../../../lib/errors.ts";
import type { Ctx } from "../../../mixins/call.ts";
import type { Tx } from "../../../mixins/database.ts";
import { refuse as refuseAuth } from "../errors.ts";
import { countOwners, lockOwnership } from "../models/roles.model.ts";
import { lockUser, rightsOf } from "../models/users.model.ts";
import { actorRights, mustCover, mustMatch, type ActorRights } from "./rights.ts";

/** Locks a user for a change: first the ownership of the tenant, then the user, always in this order.
 *  Who may do less than the user may not touch them, or a manager could give the owner a password of the manager's choice.
 *  @throws not_found, forbidden, stale */
export async function lockForChange(tx: Tx, ctx: Ctx, userId: string): Promise<ActorRights> {
  await lockOwnership(tx);
  const user = await lockUser(tx, userId);
  if (!user) throw refuse.not_found();
  const actor = await actorRights(tx, ctx);
  mustCover(actor, (await rightsOf(tx, userId))!.permissions);
  mustMatch(ctx, user.version);
  return actor;
}

/** @throws last_owner (409): the change is rolled back */
export async function mustLeaveAnOwner(tx: Tx): Promise<void> {
  if ((await countOwners(tx)) === 0) throw refuseAuth.last_owner();
}
