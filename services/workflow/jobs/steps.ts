import { typeOf } from "../../../lib/errors.ts";
import { callAs } from "../../../mixins/call.ts";
import type { Tx } from "../../../mixins/database.ts";
import { failpoint } from "../../../mixins/failpoint.ts";
import type { SagaHost } from "../../../mixins/saga.ts";
import { platformOf } from "../../../node/platform.ts";
import { lowStockMessage, type Message, type StockLow } from "../domain/low-stock.ts";
import { mailSent, notify, writeMail } from "../models/messages.model.ts";
import type { TakenRun, TakenStep } from "../models/runs.model.ts";
import { send, smtpUrl } from "./mailer.ts";

/** Does what a step says, and returns what is to be written together with its success. */
export async function doStep(host: SagaHost, run: TakenRun, step: TakenStep): Promise<(tx: Tx) => Promise<unknown>> {
  const message = lowStockMessage(run.input, await storeName(host, run.input));
  const place = { runId: run.id, step: step.index };
  if (step.config.kind === "notify") return (tx) => notify(tx, place, message, run.input);
  const to = step.config.to.length ? step.config.to : await owners(host);
  return mail(host, place, message, to);
}

/** The mail is written before it is sent: after a kill in between, the same one goes out. */
async function mail(host: SagaHost, place: { runId: string; step: number }, message: Message, to: readonly string[]): Promise<(tx: Tx) => Promise<unknown>> {
  if (to.length === 0) throw new Error("There is nobody to write to: name recipients in the workflow's e-mail step");
  const isSent = smtpUrl(host.broker) !== undefined;
  const written = await platformOf(host.broker).database(host.service).inTenant(host.tenantId, (tx) => writeMail(tx, place, { to, message, status: isSent ? "queued" : "stored" }));
  if (written.status !== "queued" || !isSent) return () => Promise.resolve();
  await send(host.broker, written);
  failpoint("workflow.mail:sent");
  return (tx) => mailSent(tx, written.id);
}

async function storeName(host: SagaHost, event: StockLow): Promise<string | null> {
  try {
    return (await callAs(host, "entity.storeContext", { storeId: event.storeId })).storeName;
  } catch (error) {
    if (typeOf(error) === "not_found") return null;
    throw error;
  }
}

/** The addresses of those who hold the built-in role of owners. */
async function owners(host: SagaHost): Promise<string[]> {
  const roles = await callAs(host, "auth.listRoles", { limit: 200 });
  const owner = roles.data.find((role) => role.builtIn && role.name === "owner");
  const users = await callAs(host, "auth.listUsers", { limit: 200 });
  return users.data.filter((user) => owner && !user.archivedAt && user.roleIds.includes(owner.id)).map((user) => user.email);
}
