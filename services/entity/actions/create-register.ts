import { createHash, randomBytes } from "node:crypto";
import { refuse } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import { command } from "../../../mixins/handlers.ts";
import type { entityContract } from "../contract.ts";
import { registers } from "../models/registers.ts";
import { toRegister } from "../models/representations.ts";
import { stores } from "../models/stores.ts";
import { registerChanged } from "./changed.ts";

/** 256 random bits: a plain hash of it is as good as a slow one. */
const TOKEN_BYTES = 32;

/** Sets up a till and shows its device token, of which only the hash is kept. Permission: entity.registers.write; emits entity.registerChanged.
 *  @throws not_found (the store), conflict (the store is archived), already_exists */
export const createRegister = command<typeof entityContract, "createRegister">(async (tx, params, ctx) => {
  const store = await stores.get(ctx, params.storeId);
  if (store.archivedAt) throw refuse.conflict("The store is archived", { pointer: "/storeId" });
  const deviceToken = `bd_${randomBytes(TOKEN_BYTES).toString("base64url")}`;
  const register = await registers.create(ctx, { id: newId(), tokenHash: createHash("sha256").update(deviceToken).digest("hex"), ...params });
  tx.emit(registerChanged(register));
  return { ...toRegister(register), deviceToken };
});
