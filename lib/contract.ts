import { Type, type Static, type TSchema } from "typebox";
import type { ActionContract } from "./action.ts";
import { historyActions } from "./history-contract.ts";
import { operatorActions } from "./operator-contract.ts";
import { Closed, Nullable, OneOf } from "./schemas.ts";

export { action, AUDIT_MS, BATCH_MS, type Access, type ActionContract } from "./action.ts";

export interface EventContract<D extends TSchema = TSchema> { readonly summary: string; readonly data: D }

/** What each service tells of a change that a client made through it: it ends in the tenant's audit log, and in nobody else's hands. */
export const AuditedChange = Closed({
  action: Type.String(), resourceId: Nullable(Type.String()), fields: Type.Array(Type.String()), actorId: Type.String(), actorKind: OneOf(["user", "apiKey", "service"]), address: Nullable(Type.String()),
});
type Audited<N extends string> = { readonly [K in `${N}.audited`]: EventContract<typeof AuditedChange> };

export interface ServiceContract {
  readonly name: string;
  readonly title: string;
  readonly actions: Readonly<Record<string, ActionContract>>;
  readonly events: Readonly<Record<string, EventContract>>;
}

export function event<const D extends TSchema>(contract: EventContract<D>): EventContract<D> {
  return contract;
}

/** What every service has, without saying so. */
export type CommonActions = typeof operatorActions & typeof historyActions;

/** A service's own, and what every service has. */
export function contract<const N extends string, const A extends Record<string, ActionContract>, const E extends Record<string, EventContract>>(
  name: N, title: string, parts: { actions: A; events: E },
): { readonly name: N; readonly title: string; readonly actions: A & CommonActions; readonly events: E & Audited<N> } {
  const audited = { [`${name}.audited`]: event({ summary: "A client changed something: for the audit log", data: AuditedChange }) } as Audited<N>;
  return { name, title, actions: { ...parts.actions, ...operatorActions, ...historyActions }, events: { ...parts.events, ...audited } };
}

export type ParamsOf<A> = A extends ActionContract<infer P, TSchema> ? Static<P> : never;
export type ResultOf<A> = A extends ActionContract<TSchema, infer R> ? Static<R> : never;
export type DataOf<E> = E extends EventContract<infer D> ? Static<D> : never;

/** `{ "order.placeOrder": ActionContract, … }` of one service contract. */
export type FlatActions<S> = S extends { name: infer N extends string; actions: infer A } ? { [K in keyof A & string as `${N}.${K}`]: A[K] } : never;
export type FlatEvents<S> = S extends { events: infer E } ? E : never;

/** Method and path of a `rest` string. */
export function routeOf(rest: string): { method: string; path: string; pathParams: string[] } {
  const [method, path] = rest.split(" ");
  if (!method || !path) throw new Error(`not a route: ${rest}`);
  return { method, path, pathParams: [...path.matchAll(/:([A-Za-z]+)/g)].map((match) => match[1]!) };
}
