import { onEvent } from "../../../mixins/inbox.ts";
import { openRuns } from "../models/runs.model.ts";
import { ensureTemplates } from "../models/workflows.model.ts";

/** Starts a run of each workflow that waits for low stock. The run's steps happen afterwards, outside this transaction. */
export const stockLow = onEvent("catalog.stockLow", async (tx, events) => {
  await ensureTemplates(tx);
  await openRuns(tx, "catalog.stockLow", events);
});
