import { refuse } from "../../../lib/errors.ts";
import type { ParamsOf } from "../../../lib/contract.ts";
import { identityOf } from "../../../middlewares/identity.ts";
import type { Ctx } from "../../../mixins/call.ts";
import type { Tx } from "../../../mixins/database.ts";
import { command, type Handler } from "../../../mixins/handlers.ts";
import { refuseTooMuch } from "../../../mixins/merge-patch.ts";
import type { authContract } from "../contract.ts";
import { hashPassword } from "../credentials/passwords.ts";
import { emailKey } from "../domain/email.ts";
import { endSessionsOf } from "../models/sessions.model.ts";
import { findUser, setRoles, updateUser } from "../models/users.model.ts";
import { mustHaveStores } from "./entity-client.ts";
import { mustCover, mustCoverStores, mustExist, type ActorRights } from "./rights.ts";
import { lockForChange, mustLeaveAnOwner } from "./user-guard.ts";

type Contract = typeof authContract;
type Params = ParamsOf<Contract["actions"]["changeUser"]>;

/** Changes a user. Permission: auth.users.write. A new password ends all sessions of the user but the one that changes it.
 *  Checked in this order: stores exist, user exists, the user is not above the actor, version, roles exist, roles and stores are the actor's to give, an owner is left.
 *  @throws not_found, forbidden, stale, already_exists, last_owner, invalid_request (metadata of more than 50 pairs) */
export const changeUser: Handler = async (ctx: Ctx) => {
  const { storeIds, password } = ctx.params as Params;
  await mustHaveStores(ctx, storeIds ?? []);
  const passwordHash = password === undefined ? undefined : await hashPassword(password);
  return command<Contract, "changeUser">(async (tx, { id, name, email, roleIds, reference, metadata }) => {
    const actor = await lockForChange(tx, ctx, id);
    if (storeIds) mustCoverStores(actor, storeIds);
    await updateUser(tx, id, { name, email, emailKey: email === undefined ? undefined : emailKey(email), passwordHash, storeIds, reference, metadata });
    if (roleIds) await changeRoles(tx, actor, id, roleIds);
    if (passwordHash) await endSessionsOf(tx, id, "password", identityOf(ctx).sessionId);
    const user = await findUser(tx, id);
    if (!user) throw refuse.not_found();
    refuseTooMuch(user.metadata);
    return user;
  })(ctx);
};

async function changeRoles(tx: Tx, actor: ActorRights, userId: string, roleIds: readonly string[]): Promise<void> {
  mustCover(actor, (await mustExist(tx, roleIds)).flatMap((role) => role.permissions));
  await setRoles(tx, userId, roleIds);
  await mustLeaveAnOwner(tx);
}
