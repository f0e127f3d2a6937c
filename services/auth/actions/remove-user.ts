import { command } from "../../../mixins/handlers.ts";
import type { authContract } from "../contract.ts";
import { endSessionsOf } from "../models/sessions.model.ts";
import { archiveUser } from "../models/users.model.ts";
import { lockForChange, mustLeaveAnOwner } from "./user-guard.ts";

/** Archives a user, because orders name who made them, ends the user's sessions and frees the address. Permission: auth.users.write.
 *  @throws not_found, forbidden, stale, last_owner */
export const removeUser = command<typeof authContract, "removeUser">(async (tx, { id }, ctx) => {
  await lockForChange(tx, ctx, id);
  await archiveUser(tx, id);
  await mustLeaveAnOwner(tx);
  await endSessionsOf(tx, id, "removed");
  return null;
});
