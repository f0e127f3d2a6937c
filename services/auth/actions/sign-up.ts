import { DomainError, isRefusal, refuse, typeOf, type FieldError } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import type { ParamsOf } from "../../../lib/contract.ts";
import { stampOfUser } from "../../../mixins/audit.ts";
import type { Ctx } from "../../../mixins/call.ts";
import { handler } from "../../../mixins/handlers.ts";
import { requestHash } from "../../../mixins/idempotency.ts";
import { openSaga, runSaga, type Saga } from "../../../mixins/saga.ts";
import { platformOf } from "../../../node/platform.ts";
import type { authContract } from "../contract.ts";
import { hashPassword, passwordFits } from "../credentials/passwords.ts";
import { emailKey } from "../domain/email.ts";
import { insertBuiltInRoles } from "../models/roles.model.ts";
import { recordSignUp, sameSignUp } from "../models/sign-ups.model.ts";
import { insertUser, setRoles } from "../models/users.model.ts";
import { signUpSaga, type SignUp } from "../sagas/sign-up.ts";
import { tenantOfSlug } from "./entity-client.ts";
import { enter } from "./issue-tokens.ts";
import { failed, mustBeOpen } from "./throttle.ts";

type Contract = typeof authContract;
type Request = ParamsOf<Contract["actions"]["signUp"]>;

/** Opens a tenant, its built-in roles and its owner. Permission: public.
 *  Idempotency: there is no tenant yet that an `Idempotency-Key` could belong to, so the slug is the key. The same body (password included) within
 *  a day answers 201 again with the same tenant and user and with new tokens; refresh tokens are kept as hashes, so the old ones cannot be repeated.
 *  @throws slug_taken (409), invalid_timezone, invalid_currency (422), idempotency_in_progress (409) while the first still runs */
export const signUp = handler<Contract, "signUp">(async (request, ctx) => {
  const userId = newId();
  const opening: SignUp = { tenant: { id: newId(), ...request.tenant }, userId, audit: stampOfUser(ctx, userId) };
  try {
    await open(ctx, request, opening);
  } catch (error) {
    if (typeOf(error) === "slug_taken") return again(ctx, request, error);
    throw belowTenant(error);
  }
  return enter(ctx.broker, { tenantId: opening.tenant.id, userId: opening.userId });
});

async function open(ctx: Ctx, { tenant, owner }: Request, opening: SignUp): Promise<void> {
  const passwordHash = await hashPassword(owner.password);
  const id = newId();
  await platformOf(ctx.broker).database("auth").inTenant(opening.tenant.id, async (tx) => {
    const roles = await insertBuiltInRoles(tx);
    await insertUser(tx, { id: opening.userId, name: owner.name, email: owner.email, emailKey: emailKey(owner.email), passwordHash, storeIds: [], active: false });
    await setRoles(tx, opening.userId, [roles.owner]);
    await recordSignUp(tx, opening.userId, hashOf(ctx, { tenant, owner }));
    await openSaga(tx, signUpSaga as Saga, id, opening);
  });
  await runSaga({ broker: ctx.broker, service: "auth", tenantId: opening.tenant.id }, signUpSaga, id, opening);
}

/** Somebody has the slug: the same person, who did not hear the answer, or another. */
async function again(ctx: Ctx, request: Request, taken: unknown) {
  const tenantId = await tenantOfSlug(ctx.broker, request.tenant.slug);
  const first = tenantId && await platformOf(ctx.broker).database("auth").inTenant(tenantId, (tx) => sameSignUp(tx, hashOf(ctx, request)));
  if (!tenantId || !first) throw belowTenant(taken);
  await mustBeOpen(ctx.broker, request.owner.email);
  if (!await passwordFits(request.owner.password, first.passwordHash)) {
    await failed(ctx.broker, request.owner.email);
    throw belowTenant(taken);
  }
  if (!first.active) throw refuse.idempotency_in_progress();
  ctx.meta.replayed = true;
  return enter(ctx.broker, { tenantId, userId: first.userId });
}

/** The password is left out: it is held against its slow hash instead. */
function hashOf(ctx: Ctx, { tenant, owner }: Request): string {
  return requestHash(ctx.broker, "auth.signUp", { tenant, owner: { name: owner.name, email: owner.email } });
}

/** What entity says of `/slug` is at `/tenant/slug` in this request. */
function belowTenant(error: unknown): unknown {
  if (!isRefusal(error)) return error;
  const { pointer, errors } = error.data as { pointer?: string; errors?: FieldError[] };
  const data = {
    ...error.data,
    ...(pointer ? { pointer: `/tenant${pointer}` } : {}),
    ...(errors ? { errors: errors.map((field) => ({ ...field, pointer: `/tenant${field.pointer}` })) } : {}),
  };
  return new DomainError(error.type, error.code, error.message, data, error.retryable);
}
