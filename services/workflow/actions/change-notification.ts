import { refuse } from "../../../lib/errors.ts";
import { command } from "../../../mixins/handlers.ts";
import type { workflowContract } from "../contract.ts";
import { markNotification, notificationExists } from "../models/messages.model.ts";

/** Permission: workflow.notifications.write. @throws not_found, stale (412) */
export const changeNotification = command<typeof workflowContract, "changeNotification">(async (tx, { id, read }, ctx) => {
  const notification = await markNotification(tx, id, ctx.meta.ifMatch, read);
  if (notification) return notification;
  throw (await notificationExists(tx, id)) ? refuse.stale() : refuse.not_found();
});
