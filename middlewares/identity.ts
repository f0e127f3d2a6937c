import type { ActionSchema, Context, Middleware } from "moleculer";
import { refuse } from "../lib/errors.ts";
import { holds } from "../lib/permissions.ts";
import type { Meta } from "../mixins/call.ts";
import { CONSOLE } from "../node/key-ring.ts";
import { currentScope, inScope, type Scope } from "../node/log/scope.ts";
import { platformOf } from "../node/platform.ts";
import type { Identity } from "../node/tokens.ts";

declare module "moleculer" {
  interface ActionSchema { permission?: string }
}

interface Locals { identity?: Identity }

/** Verifies the token that travels with the call, in every service and not only at the edge, and holds the action's permission against it.
 *  Fails closed: an action that declares no permission answers nobody. What `meta` says besides the token is not believed. */
export function identityMiddleware(): Middleware {
  return {
    name: "Identity",
    localAction(next: (ctx: Context) => Promise<unknown>, action: ActionSchema) {
      const access = action.permission;
      if (action.name?.startsWith("$")) return next;
      return async function guarded(ctx: Context) {
        const { token } = ctx.meta as { token?: string };
        const { tokens } = platformOf(ctx.broker);
        const identity = token ? tokens.verify(token) : undefined;
        // The edge lets no ended token in: the call was on its way for long, or one of the two clocks is wrong. Nobody is to log in again for that.
        if (token && !identity && access !== "public" && tokens.hasEnded(token)) throw refuse.unavailable("The call came too late for its token");
        if (identity) (ctx.locals as Locals).identity = identity;
        admit(access, identity);
        return inScope(scopeOfCall(ctx.meta as Meta, identity), () => next(ctx));
      };
    },
  } as unknown as Middleware;
}

/** @throws unauthenticated, forbidden */
function admit(access: string | undefined, identity: Identity | undefined): void {
  if (access === "public") return;
  if (!identity) throw refuse.unauthenticated();
  if (access === "authenticated") return;
  if (access === undefined) throw refuse.forbidden("The action declares no permission");
  if (access === "internal") {
    if (!identity.service) throw refuse.forbidden("Only another service may call this");
    return;
  }
  if (access === "operator") {
    if (identity.service !== CONSOLE) throw refuse.forbidden("Only the operator's console may call this");
    return;
  }
  if (!holds(identity.permissions, access)) throw refuse.forbidden(`The permission ${access} is missing`, { permission: access });
}

/** Who stands behind a service's call is believed of the service, and only for the log. */
function scopeOfCall({ requestId, traceparent, actor }: Meta, identity: Identity | undefined): Readonly<Scope> {
  const around = currentScope();
  if (!identity && around) return around;
  return {
    tenantId: identity?.tenantId, actor: identity?.service ? actor ?? identity.actorId : identity?.actorId,
    requestId: requestId ?? around?.requestId, traceparent: traceparent ?? around?.traceparent,
  };
}

/** The verified actor of a call. @throws unauthenticated where there is none */
export function identityOf(ctx: { locals: unknown }): Identity {
  const { identity } = ctx.locals as Locals;
  if (!identity) throw refuse.unauthenticated();
  return identity;
}
