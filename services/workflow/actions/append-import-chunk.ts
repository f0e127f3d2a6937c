import { refuse } from "../../../lib/errors.ts";
import { handler, inTenant } from "../../../mixins/handlers.ts";
import type { workflowContract } from "../contract.ts";
import { appendChunk, lockedStatus } from "../models/imports.model.ts";

/** Keeps one piece of the file. Permission: workflow.imports.write; idempotent by its index.
 *  @throws not_found, conflict (409): the file is complete already */
export const appendImportChunk = handler<typeof workflowContract, "appendImportChunk">((params, ctx) => inTenant(ctx, async (tx) => {
  const status = await lockedStatus(tx, params.importId);
  if (status === undefined) throw refuse.not_found();
  if (status !== "receiving") throw refuse.conflict("The file is complete already");
  await appendChunk(tx, params);
  return {};
}));
