import type { ServiceSchema } from "moleculer";
import type { ActionContract, CommonActions, ServiceContract } from "../lib/contract.ts";
import type { Handler } from "../mixins/handlers.ts";
import { readHistory } from "../mixins/history.ts";
import { inbox, type EventHandler } from "../mixins/inbox.ts";
import { operatorHandlers } from "../mixins/operator.ts";
import { outbox } from "../mixins/outbox.ts";
import { pruning } from "../mixins/pruning.ts";

export interface ServiceParts<C extends ServiceContract> {
  readonly actions: { readonly [K in Exclude<keyof C["actions"], keyof CommonActions>]: Handler };
  readonly events?: readonly EventHandler[];
  readonly mixins?: readonly Partial<ServiceSchema>[];
}

/** Time-outs shrink inwards: what a service asks of another gives up before the request that waits for it, so that there is time for a second try. */
const INTERNAL_TIMEOUT_MS = 3_000;
const timeoutOf = ({ timeoutMs, rest }: ActionContract): { timeout?: number } => (timeoutMs ? { timeout: timeoutMs } : rest ? {} : { timeout: INTERNAL_TIMEOUT_MS });

/** A Moleculer service out of its contract: every action has its validator, its permission and its handler, or this does not compile. */
export function defineService<C extends ServiceContract>(contract: C, parts: ServiceParts<C>): ServiceSchema {
  const handlers: Readonly<Record<string, Handler>> = { ...parts.actions, ...operatorHandlers(parts.events ?? []), readHistory };
  const actions = Object.fromEntries(Object.entries(contract.actions).map(([name, action]) => [name, {
    params: action.params,
    permission: action.permission,
    audited: action.rest !== undefined && !action.rest.startsWith("GET "),
    visibility: action.rest ? "published" : "public",
    ...timeoutOf(action),
    ...(action.idempotent ? { retryPolicy: { enabled: true, retries: 2 } } : {}),
    handler: handlers[name],
  }]));
  return { name: contract.name, mixins: [outbox(), inbox(parts.events ?? []), pruning(contract.name), ...(parts.mixins ?? [])], actions } as unknown as ServiceSchema;
}
