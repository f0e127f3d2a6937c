import { command } from "../../../mixins/handlers.ts";
import type { workflowContract } from "../contract.ts";
import { dropJob } from "../models/imports.model.ts";

/** The upload ended without a whole file, or repeated one. Permission: workflow.imports.write; what is complete or gone already is left as it is. */
export const dropImport = command<typeof workflowContract, "dropImport">(async (tx, { importId }) => {
  await dropJob(tx, importId);
  return {};
});
