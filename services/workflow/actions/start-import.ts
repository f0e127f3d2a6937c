import { refuse } from "../../../lib/errors.ts";
import type { Ctx } from "../../../mixins/call.ts";
import { command } from "../../../mixins/handlers.ts";
import { wake } from "../../../mixins/poller.ts";
import type { workflowContract } from "../contract.ts";
import { queueJob, readJob } from "../models/imports.model.ts";
import { IMPORT_RUNNER } from "../jobs/import-runner.ts";

const queue = command<typeof workflowContract, "startImport">(async (tx, { importId, sha256 }) => {
  const job = await queueJob(tx, importId, sha256);
  if (job) return job;
  throw (await readJob(tx, importId)) ? refuse.conflict("The import has begun already") : refuse.not_found();
});

/** The file is complete: the job may run, here or on another node. Permission: workflow.imports.write.
 *  With an idempotency key the first job answers again.
 *  @throws not_found, conflict (409) */
export const startImport = async (ctx: Ctx): Promise<unknown> => {
  const job = await queue(ctx);
  wake(ctx.broker, IMPORT_RUNNER);
  return job;
};
