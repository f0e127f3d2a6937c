import { Type, type Static, type TSchema } from "typebox";
import { historyActions } from "./history-contract.ts";
import { operatorActions } from "./operator-contract.ts";
import { Closed, Nullable, OneOf } from "./schemas.ts";

/** Who may call an action: anybody, any signed-in actor, another service only, the operator's console only, or the holder of a permission `service.resource.verb`. */
export type Access = "public" | "authenticated" | "internal" | "operator" | (string & {});

/** One action, written once: its types, its validator, its route and its OpenAPI operation all come from here. */
export interface ActionContract<P extends TSchema = TSchema, R extends TSchema = TSchema> {
  readonly summary: string;
  /** `"POST /v1/orders/:id/cancel"`; without it the action cannot be reached from outside. */
  readonly rest?: string;
  /** Success status: 201 for a create, 202 for a job, 204 without a body. Default 200. */
  readonly status?: 200 | 201 | 202 | 204;
  /** Path of the created resource with `:id` filled from the result. */
  readonly location?: string;
  /** Parameters that are read from the query string although the method has a body. */
  readonly query?: readonly string[];
  readonly permission: Access;
  readonly params: P;
  readonly result: R;
  /** Codes of the error catalogues that this action answers with, besides the ones any action can. */
  readonly errors?: readonly string[];
  /** Safe to run twice: may be retried by the broker. */
  readonly idempotent?: boolean;
  /** Longer than the others have (define-service.ts), for what looks at everything. */
  readonly timeoutMs?: number;
  /** The answer is a file: `{contentType, body}` with the body in base64 (`application/pdf`) or text. */
  readonly produces?: readonly string[];
  /** The body is not JSON: it is streamed to the action by the edge. */
  readonly consumes?: "text/csv";
  /** An example request body, shown in the OpenAPI document. */
  readonly example?: unknown;
}

/** What recomputes a tenant's books from their first entry. */
export const AUDIT_MS = 120_000;
/** One batch of an import: a job waits for it, no person does. */
export const BATCH_MS = 60_000;

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

/** Keeps the literal types of one action. */
export function action<const P extends TSchema, const R extends TSchema>(contract: ActionContract<P, R>): ActionContract<P, R> {
  return contract;
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
