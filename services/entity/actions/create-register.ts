import { createHash, createHmac } from "node:crypto";
import type { ServiceBroker } from "moleculer";
import type { ResultOf } from "../../../lib/contract.ts";
import { refuse } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import { identityOf } from "../../../middlewares/identity.ts";
import type { Ctx } from "../../../mixins/call.ts";
import { command, type Handler } from "../../../mixins/handlers.ts";
import { platformOf } from "../../../node/platform.ts";
import type { entityContract } from "../contract.ts";
import { registers } from "../models/registers.ts";
import { toRegister } from "../models/representations.ts";
import { stores } from "../models/stores.ts";
import { registerChanged } from "./changed.ts";

type Contract = typeof entityContract;

/** Sets up a till and shows its device token, of which only the hash is kept. Permission: entity.registers.write; emits entity.registerChanged.
 *  Idempotent by key, the token included. @throws not_found (the store), conflict (the store is archived), already_exists */
export const createRegister: Handler = async (ctx: Ctx) => {
  const made = await insert(ctx) as ResultOf<Contract["actions"]["createRegister"]>;
  // Added on the way out, also to a repeated answer: what is kept for the Idempotency-Key holds no token.
  return { ...made, deviceToken: tokenOf(ctx.broker, { tenantId: identityOf(ctx).tenantId, id: made.id }) };
};

const insert = command<Contract, "createRegister">(async (tx, params, ctx) => {
  const store = await stores.get(ctx, params.storeId);
  if (store.archivedAt) throw refuse.conflict("The store is archived", { pointer: "/storeId" });
  const id = newId();
  // A fast hash is as good as a slow one: the token has 256 bits that nobody can guess.
  const tokenHash = createHash("sha256").update(tokenOf(ctx.broker, { tenantId: tx.tenantId, id })).digest("hex");
  const register = await registers.create(ctx, { id, tokenHash, ...params });
  tx.emit(registerChanged(register));
  return { ...toRegister(register), deviceToken: "" };
});

/** The token follows from the register's id and a key that entity's nodes alone have, so it can be answered twice without being kept. */
function tokenOf(broker: ServiceBroker, register: { tenantId: string; id: string }): string {
  const token = createHmac("sha256", platformOf(broker).secrets.secretKey("device-token")).update(`${register.tenantId}\n${register.id}`).digest("base64url");
  return `bd_${token}`;
}
