import { refuse } from "../../../lib/errors.ts";
import { command } from "../../../mixins/handlers.ts";
import type { workflowContract } from "../contract.ts";
import { changed, workflowById } from "../models/workflows.model.ts";

/** Switches, renames, or gives other steps; runs under way keep those they began with. Permission: workflow.workflows.write.
 *  @throws not_found, stale (412) */
export const changeWorkflow = command<typeof workflowContract, "changeWorkflow">(async (tx, { id, ...to }, ctx) => {
  const workflow = await changed(tx, id, ctx.meta.ifMatch, to);
  if (workflow) return workflow;
  throw (await workflowById(tx, id)) ? refuse.stale() : refuse.not_found();
});
