import type { Tx } from "../../../mixins/database.ts";
import { onBehalfOf } from "../../../mixins/on-behalf-of.ts";
import { poller, type PollerOptions } from "../../../mixins/poller.ts";
import type { SagaHost } from "../../../mixins/saga.ts";
import { reasonOf } from "../../../node/log/reason.ts";
import { platformOf } from "../../../node/platform.ts";
import { ATTEMPTS_MAX, pauseAfter } from "../domain/templates.ts";
import { dueRuns, endRun, noteAttempt, runLater, takeRun, waitingSteps, type TakenRun, type TakenStep } from "../models/runs.model.ts";
import { doStep } from "./steps.ts";

export const WORKFLOW_RUNNER = "workflow-runner";
const LOOK_EVERY_MS = 500;

/** Mixin: runs the steps of workflows that are due, in their order, each tried until it succeeds or is given up. */
export const workflowRunner = () => poller({ name: WORKFLOW_RUNNER, everyMs: LOOK_EVERY_MS, concurrency: 1, work });

const work: PollerOptions["work"] = async ({ broker, service, signal }) => {
  const due = await platformOf(broker).worker(service).asWorker(dueRuns);
  for (const { tenant, id } of due) {
    if (signal.aborted) return false;
    const host: SagaHost = { broker, service, tenantId: tenant };
    const run = await inTenant(host, (tx) => takeRun(tx, id));
    if (run) await onBehalfOf(host, run, "workflow run", () => advance(host, run));
  }
  return due.length > 0;
};

async function advance(host: SagaHost, run: TakenRun): Promise<void> {
  for (const step of await inTenant(host, (tx) => waitingSteps(tx, run.id))) {
    if (!(await attempt(host, run, step))) return;
  }
  await inTenant(host, (tx) => endRun(tx, run, "completed"));
}

/** @returns whether the run goes on to its next step now */
async function attempt(host: SagaHost, run: TakenRun, step: TakenStep): Promise<boolean> {
  try {
    const effect = await doStep(host, run, step);
    return await inTenant(host, async (tx) => {
      await effect(tx);
      return noteAttempt(tx, run, step.index, { status: "completed", message: null });
    });
  } catch (error) {
    await postpone(host, run, step, error as Error);
    return false;
  }
}

async function postpone(host: SagaHost, run: TakenRun, step: TakenStep, error: Error): Promise<void> {
  const tries = step.tries + 1, isOver = tries >= ATTEMPTS_MAX;
  host.broker.getLogger("workflow").warn({ run: run.id, step: step.index, tries, reason: reasonOf(error) }, isOver ? "a workflow's step is given up" : "a workflow's step is tried again");
  await inTenant(host, async (tx) => {
    await noteAttempt(tx, run, step.index, { status: isOver ? "failed" : "waiting", message: error.message.slice(0, 500) });
    await (isOver ? endRun(tx, run, "failed") : runLater(tx, run, pauseAfter(tries)));
  });
}

const inTenant = <T>(host: SagaHost, run: (tx: Tx) => Promise<T>): Promise<T> => platformOf(host.broker).database(host.service).inTenant(host.tenantId, run);
