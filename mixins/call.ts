import type { CallingOptions, Context, ServiceBroker } from "moleculer";
import type { ParamsOf, ResultOf } from "../lib/contract.ts";
import { currentScope } from "../node/log/scope.ts";
import { platformOf } from "../node/platform.ts";
import type { Actions } from "../services/contracts.ts";

export interface IdempotencyClaim { readonly key: string; readonly hash: string }

/** All that travels with a call. Only `token` says who acts, and only after every service has verified it. */
export interface Meta {
  token?: string | undefined;
  requestId?: string | undefined;
  traceparent?: string | undefined;
  /** Who is behind a call that a service makes on its own account: for the log, and never for a decision. */
  actor?: string | undefined;
  /** Of the client, as the edge saw it: for the audit log. */
  address?: string | undefined;
  idempotency?: IdempotencyClaim | undefined;
  ifMatch?: number | undefined;
  replayed?: boolean | undefined;
  /** Set by the edge: a list may be answered as JsonText. */
  acceptsText?: boolean | undefined;
}

export type Ctx = Context<unknown, Meta>;
type Caller = Pick<ServiceBroker, "call"> & { broker?: ServiceBroker };

/** Calls an action as the actor of `ctx`: a wrong name or parameter does not compile. What belongs to the outer request alone is left behind. */
export function call<K extends keyof Actions & string>(ctx: Ctx, name: K, params: ParamsOf<Actions[K]>): Promise<ResultOf<Actions[K]>> {
  // Moleculer merges the callee's `meta` into the caller's, its token with it: a copy takes it, and the caller stays who it was.
  const caller = Object.create(ctx, { meta: { value: { ...ctx.meta }, writable: true } }) as Ctx;
  return caller.call(name, params as never, { meta: { idempotency: undefined, ifMatch: undefined, acceptsText: undefined, traceparent: currentScope()?.traceparent } } as CallingOptions) as Promise<ResultOf<Actions[K]>>;
}

/** Calls an `internal` action (or any other) on the service's own account, for one tenant. With a claim a repeated call is answered with the first answer. */
export function callAs<K extends keyof Actions & string>(
  caller: { broker: ServiceBroker; service: string; tenantId: string; requestId?: string | undefined }, name: K, params: ParamsOf<Actions[K]>, idempotency?: IdempotencyClaim,
): Promise<ResultOf<Actions[K]>> {
  const { requestId, traceparent, actor } = currentScope() ?? {};
  const meta: Meta = { token: platformOf(caller.broker).tokens.forService(caller.service, caller.tenantId), requestId: caller.requestId ?? requestId, traceparent, actor, idempotency };
  return (caller.broker as Caller).call(name, params as never, { meta } as CallingOptions) as Promise<ResultOf<Actions[K]>>;
}
