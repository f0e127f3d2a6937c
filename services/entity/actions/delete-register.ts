import { command } from "../../../mixins/handlers.ts";
import type { entityContract } from "../contract.ts";
import { registers } from "../models/registers.ts";

/** Archives a register. Permission: entity.registers.write. @throws not_found, stale */
export const deleteRegister = command<typeof entityContract, "deleteRegister">(async (_tx, { id }, ctx) => {
  await registers.archive(ctx, id);
  return null;
});
