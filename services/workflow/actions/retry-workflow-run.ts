import { refuse } from "../../../lib/errors.ts";
import { command } from "../../../mixins/handlers.ts";
import type { workflowContract } from "../contract.ts";
import { readRun, runAgain } from "../models/runs.model.ts";

/** Tries the steps again that were given up; those that succeeded are not repeated. Permission: workflow.workflows.write.
 *  @throws not_found, conflict (409): the run has not failed */
export const retryWorkflowRun = command<typeof workflowContract, "retryWorkflowRun">(async (tx, { id, runId }) => {
  const isAgain = await runAgain(tx, id, runId);
  const run = await readRun(tx, id, runId);
  if (!run) throw refuse.not_found();
  if (!isAgain) throw refuse.conflict("The run has not failed", { status: run.status });
  return run;
});
