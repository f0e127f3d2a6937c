import { createHmac } from "node:crypto";
import { newId } from "../../../lib/ids.ts";
import type { ParamsOf } from "../../../lib/contract.ts";
import type { Ctx } from "../../../mixins/call.ts";
import { command, type Handler } from "../../../mixins/handlers.ts";
import { platformOf } from "../../../node/platform.ts";
import type { authContract } from "../contract.ts";
import { hashPassword } from "../credentials/passwords.ts";
import { emailKey } from "../domain/email.ts";
import { findUser, insertUser, setRoles } from "../models/users.model.ts";
import { mustHaveStores } from "./entity-client.ts";
import { actorRights, mustCover, mustCoverStores, mustExist } from "./rights.ts";

type Contract = typeof authContract;
type Params = ParamsOf<Contract["actions"]["createUser"]>;

/** Adds a user who can log in at once. Permission: auth.users.write; idempotent by key.
 *  @throws not_found (a role or store), forbidden (a role or store beyond the actor's own), already_exists (the address or the reference) */
export const createUser: Handler = async (ctx: Ctx) => {
  const { password, storeIds = [] } = ctx.params as Params;
  // Both before the transaction: another service is asked, and a hash takes its time.
  await mustHaveStores(ctx, storeIds);
  const passwordHash = await hashPassword(password);
  sealClaim(ctx);
  return command<Contract, "createUser">(async (tx, { name, email, roleIds = [], reference, metadata }) => {
    const actor = await actorRights(tx, ctx);
    mustCover(actor, (await mustExist(tx, roleIds)).flatMap((role) => role.permissions));
    mustCoverStores(actor, storeIds);
    const id = newId();
    await insertUser(tx, { id, name, email, emailKey: emailKey(email), passwordHash, storeIds, reference, metadata, active: true });
    await setRoles(tx, id, roleIds);
    return (await findUser(tx, id))!;
  })(ctx);
};

/** The request's hash covers the password and is a fast one. It is kept for two days, so it is keyed again, with a key that auth's nodes alone have:
 *  a stolen table is then no way around Argon2, not even with another node's keys. */
function sealClaim(ctx: Ctx): void {
  const claim = ctx.meta.idempotency;
  if (!claim) return;
  const key = platformOf(ctx.broker).secrets.secretKey("request-with-password");
  ctx.meta.idempotency = { key: claim.key, hash: createHmac("sha256", key).update(claim.hash).digest("base64url") };
}
