import type { ServiceBroker } from "moleculer";
import { stampOfUser } from "../../../mixins/audit.ts";
import { handler } from "../../../mixins/handlers.ts";
import { platformOf } from "../../../node/platform.ts";
import type { authContract } from "../contract.ts";
import { passwordFits } from "../credentials/passwords.ts";
import { emailKey } from "../domain/email.ts";
import { refuse } from "../errors.ts";
import { candidates, type Candidate } from "../models/log-ins.model.ts";
import { tenantOfSlug } from "./entity-client.ts";
import { enter } from "./issue-tokens.ts";
import { failed, mustBeOpen, succeeded } from "./throttle.ts";

/** Opens a session. Permission: public. Unknown address, unknown tenant and wrong password give one answer in one time.
 *  An `Idempotency-Key` is not kept: a repeated log-in opens another session.
 *  @throws invalid_credentials (401), tenant_required (422, only to who knows the password), login_locked (429) */
export const logIn = handler<typeof authContract, "logIn">(async ({ email, password, tenant }, ctx) => {
  await mustBeOpen(ctx.broker, email);
  const known = await lookUp(ctx.broker, email, tenant);
  const fitting = await whoFits(known, password);
  if (fitting.length === 0) {
    await failed(ctx.broker, email);
    throw refuse.invalid_credentials();
  }
  if (known.length > 1) throw refuse.tenant_required(undefined, { pointer: "/tenant" });
  const [entered] = await Promise.all([enter(ctx.broker, fitting[0]!, stampOfUser(ctx, fitting[0]!.userId)), succeeded(ctx.broker, email)]);
  return entered;
});

/** Row-level security hides one tenant's users from another, so the worker's role looks: at the few columns that it may see. */
async function lookUp(broker: ServiceBroker, email: string, slug: string | undefined): Promise<Candidate[]> {
  const tenantId = slug === undefined ? null : await tenantOfSlug(broker, slug);
  const found = await platformOf(broker).worker("auth").asWorker((tx) => candidates(tx, emailKey(email), tenantId ?? null));
  return tenantId === undefined ? [] : found;
}

async function whoFits(known: readonly Candidate[], password: string): Promise<Candidate[]> {
  if (known.length === 0) await passwordFits(password, undefined);
  const fits = await Promise.all(known.map((candidate) => passwordFits(password, candidate.passwordHash)));
  return known.filter((_, index) => fits[index]);
}
