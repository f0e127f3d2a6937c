import { inScope, scopeOf, type Origin } from "../node/log/scope.ts";
import { platformOf } from "../node/platform.ts";
import type { SagaHost } from "./saga.ts";

/** Goes on with what a row holds, for the request that it came from: so do its log, its calls and its events.
 *  @param span what it is called in the trace of that request */
export function onBehalfOf<T>(host: SagaHost, origin: Origin, span: string, work: () => Promise<T>): Promise<T> {
  const { tracing } = platformOf(host.broker);
  return inScope(scopeOf(host.tenantId, host.service, origin), () => (tracing ? tracing.span({ service: host.service, name: span }, work) : work()));
}
