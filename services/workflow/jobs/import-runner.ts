import { DomainError, isRefusal } from "../../../lib/errors.ts";
import { onBehalfOf } from "../../../mixins/on-behalf-of.ts";
import { poller, type PollerOptions } from "../../../mixins/poller.ts";
import type { SagaHost } from "../../../mixins/saga.ts";
import type { Tx } from "../../../mixins/database.ts";
import { reasonOf } from "../../../node/log/reason.ts";
import { platformOf } from "../../../node/platform.ts";
import { dropAbandoned, dueImports, finishJob, releaseJob, renewLease, takeImport, type TakenImport } from "../models/imports.model.ts";
import { runImport } from "./run-import.ts";

export const IMPORT_RUNNER = "import-runner";
/** Two, so that a large file does not hold up a small one. */
const CONCURRENCY = 2;
const LOOK_EVERY_MS = 1_000;
const CLEAN_EVERY_MS = 3_600_000;
/** Without a single batch in between: then the job has failed. */
const ATTEMPTS_MAX = 8;
const PAUSE_MAX_S = 60;
/** A fifth of a lease: some renewals may fail, and the next still comes in time. Sooner than a batch gives up waiting for a lock (5 s). */
const RENEW_EVERY_MS = 3_000;
let cleanedAt = 0;

/** Mixin: runs the imports that are queued, and those whose runner died. */
export const importRunner = () => poller({ name: IMPORT_RUNNER, everyMs: LOOK_EVERY_MS, concurrency: CONCURRENCY, work });

const work: PollerOptions["work"] = async ({ broker, service, signal }) => {
  const worker = platformOf(broker).worker(service);
  if (Date.now() - cleanedAt > CLEAN_EVERY_MS) {
    cleanedAt = Date.now();
    await worker.asWorker(dropAbandoned);
  }
  for (const { tenant, id } of await worker.asWorker(dueImports)) {
    const host: SagaHost = { broker, service, tenantId: tenant };
    const job = await inTenant(host, (tx) => takeImport(tx, id));
    if (!job) continue;
    await onBehalfOf(host, job, `import ${job.type}`, () => settle(host, job, signal));
    return true;
  }
  return false;
};

async function settle(host: SagaHost, job: TakenImport, signal: AbortSignal): Promise<void> {
  try {
    await underLease(host, job, () => runImport(host, job, signal));
    await inTenant(host, (tx) => finishJob(tx, job, "completed", null));
  } catch (error) {
    host.broker.getLogger("workflow").warn({ import: job.id, attempts: job.attempts, reason: reasonOf(error) }, "an import was interrupted");
    if (isFinal(error)) return inTenant(host, (tx) => finishJob(tx, job, "failed", error.message));
    if (job.attempts >= ATTEMPTS_MAX) return inTenant(host, (tx) => finishJob(tx, job, "failed", "The import failed again and again at the same place: report its id"));
    await inTenant(host, (tx) => releaseJob(tx, job, signal.aborted ? 0 : Math.min(PAUSE_MAX_S, 2 ** job.attempts / 2)));
  }
}

/** A batch may take longer than a lease, and so may the way back to the checkpoint: nobody takes the job over as long as its runner lives.
 *  Who could not renew in time is found out at the next checkpoint. */
async function underLease(host: SagaHost, job: TakenImport, run: () => Promise<void>): Promise<void> {
  const renewal = setInterval(() => { inTenant(host, (tx) => renewLease(tx, job)).catch(() => undefined); }, RENEW_EVERY_MS);
  try {
    await run();
  } finally {
    clearInterval(renewal);
  }
}

/** A no that another try would not change. */
const isFinal = (error: unknown): error is DomainError => isRefusal(error) && !error.retryable && error.code < 500;

const inTenant = <T>(host: SagaHost, run: (tx: Tx) => Promise<T>): Promise<T> => platformOf(host.broker).database(host.service).inTenant(host.tenantId, run);
