import { command } from "../../../mixins/handlers.ts";
import type { entityContract } from "../contract.ts";
import { registers } from "../models/registers.ts";
import { toRegister } from "../models/representations.ts";
import { registerChanged } from "./changed.ts";

/** Changes a register. Permission: entity.registers.write; emits entity.registerChanged. @throws not_found, stale, already_exists */
export const updateRegister = command<typeof entityContract, "updateRegister">(async (tx, { id, ...partial }, ctx) => {
  const register = await registers.patch(ctx, id, partial);
  tx.emit(registerChanged(register));
  return toRegister(register);
});
