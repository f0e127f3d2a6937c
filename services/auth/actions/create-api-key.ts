import { createHmac } from "node:crypto";
import type { ServiceBroker } from "moleculer";
import { newId } from "../../../lib/ids.ts";
import type { ResultOf } from "../../../lib/contract.ts";
import { identityOf } from "../../../middlewares/identity.ts";
import type { Ctx } from "../../../mixins/call.ts";
import { command, type Handler } from "../../../mixins/handlers.ts";
import { platformOf } from "../../../node/platform.ts";
import type { authContract } from "../contract.ts";
import { writeSecret } from "../credentials/bearer-secret.ts";
import { findApiKey, insertApiKey } from "../models/api-keys.model.ts";
import { actorRights, mustBeKnown, mustCover } from "./rights.ts";

type Contract = typeof authContract;
export const KEY_PREFIX = "bk_";

/** Makes an API key. Permission: auth.apiKeys.write; idempotent by key, the secret included.
 *  @throws unknown_permission, forbidden (a permission that the actor does not hold), already_exists (the reference) */
export const createApiKey: Handler = async (ctx: Ctx) => {
  const made = await insert(ctx) as ResultOf<Contract["actions"]["createApiKey"]>;
  // Added on the way out, also to a repeated answer: what is kept for the Idempotency-Key holds no secret.
  return { ...made, secret: secretOf(ctx.broker, { tenantId: identityOf(ctx).tenantId, id: made.id }).text };
};

const insert = command<Contract, "createApiKey">(async (tx, { name, permissions, expiresAt, reference, metadata }, ctx) => {
  mustBeKnown(ctx, permissions);
  mustCover(await actorRights(tx, ctx), permissions);
  const id = newId();
  await insertApiKey(tx, { id, name, permissions, expiresAt, reference, metadata, secretHash: secretOf(ctx.broker, { tenantId: tx.tenantId, id }).hash });
  return { ...(await findApiKey(tx, id))!, secret: "" };
});

/** The secret follows from the key's id and the platform's master key, so it can be answered twice without being kept. */
function secretOf(broker: ServiceBroker, key: { tenantId: string; id: string }): { text: string; hash: Buffer } {
  const secret = createHmac("sha256", platformOf(broker).secrets.secretKey("api-key")).update(`${key.tenantId}\n${key.id}`).digest();
  return writeSecret(KEY_PREFIX, key, secret);
}
