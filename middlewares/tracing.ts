import type { ActionSchema, Context, Middleware } from "moleculer";
import type { Meta } from "../mixins/call.ts";
import { currentScope } from "../node/log/scope.ts";
import type { Tracing } from "../node/tracing/tracing.ts";

type Next = (ctx: Context<unknown, Meta>) => Promise<unknown>;

/** A span for each action where it runs, and one for the way there when that leads to another node. It stands inside the guard, which knows from whom the call came. */
export function tracingMiddleware(tracing: Tracing): Middleware {
  return {
    name: "Tracing",
    localAction(next: Next, action: ActionSchema) {
      const name = action.name!, service = name.split(".", 1)[0]!;
      if (name === "api.rest") return next; // its requests have a span of their own
      return (ctx: Context<unknown, Meta>) => tracing.span({ service, name, attributes: { "rpc.system": "moleculer", "rpc.method": name, ...who() } }, () => next(ctx));
    },
    remoteAction(next: Next, action: ActionSchema) {
      return (ctx: Context<unknown, Meta>) => tracing.span({ service: currentScope()?.service ?? "api", name: action.name!, kind: "CLIENT", attributes: { "rpc.system": "moleculer", "rpc.method": action.name! } }, () => {
        ctx.meta.traceparent = currentScope()!.traceparent;
        return next(ctx);
      });
    },
  } as unknown as Middleware;
}

function who(): Record<string, string> {
  const { tenantId, actor } = currentScope() ?? {};
  return { ...(tenantId ? { "beaveros.tenant.id": tenantId } : {}), ...(actor ? { "enduser.id": actor } : {}) };
}
