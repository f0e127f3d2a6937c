import { AsyncLocalStorage } from "node:async_hooks";
import { newId } from "../../lib/ids.ts";

/** For whom a piece of work is done. Each line of the log says it, and it travels with calls, events and rows of work, so that one search finds them all. */
export interface Scope {
  tenantId?: string | undefined;
  /** The id of a user or an API key; `service:order` for work that nobody asked for. */
  actor?: string | undefined;
  requestId?: string | undefined;
  /** W3C Trace Context: the current span, where anybody records. */
  traceparent?: string | undefined;
  /** Which of our services is at it, for the spans of its calls. */
  service?: string | undefined;
}

const scopes = new AsyncLocalStorage<Scope>();

export const inScope = <T>(scope: Scope, work: () => T): T => scopes.run(scope, work);

export const currentScope = (): Readonly<Scope> | undefined => scopes.getStore();

/** What has come to light meanwhile: who sends the request under way. */
export function noteInScope(known: Scope): void {
  const scope = scopes.getStore();
  if (scope) Object.assign(scope, known);
}

/** What a row of work keeps, so that whoever goes on with it does so for the same request. */
export interface Origin { readonly traceparent: string | null; readonly requestId: string | null; readonly actor: string | null }

export function originOf(scope: Readonly<Scope> | undefined = scopes.getStore()): Origin {
  return { traceparent: scope?.traceparent ?? null, requestId: scope?.requestId ?? null, actor: scope?.actor ?? null };
}

/** Work that a row hands on. What has no origin is a request of its own. */
export function scopeOf(tenantId: string, service: string, origin: { [K in keyof Origin]?: Origin[K] | undefined } = {}): Scope {
  return { service, tenantId, actor: origin.actor ?? `service:${service}`, requestId: origin.requestId ?? newId(), traceparent: origin.traceparent ?? newTraceparent() };
}

/** The beginning of a trace that nobody records. */
export function newTraceparent(): string {
  const id = newId().replaceAll("-", "");
  return `00-${id}-${id.slice(16)}-00`;
}

export const traceIdOf = (traceparent: string | undefined): string | undefined => traceparent?.slice(3, 35);
