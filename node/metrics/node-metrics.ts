import type { ServiceBroker } from "moleculer";
import type { Registry } from "prom-client";
import { isRefusal } from "../../lib/errors.ts";
import { countBusiness } from "./business.ts";
import { openRegistry, type Instruments } from "./registry.ts";

/** An event as far as counting it goes. */
export interface CountedEvent { readonly type: string; readonly time: string; readonly data: unknown }
export type SagaOutcome = "completed" | "compensated" | "stuck";
const BREAKER_STATES = { closed: 0, "half-opened": 1, opened: 2 } as const;

/** What one node counts while it works. It exists only where METRICS_PORT is set: nobody else pays for it. */
export class NodeMetrics {
  readonly registry: Registry;
  readonly instruments: Instruments;

  constructor() {
    const { registry, instruments } = openRegistry();
    this.registry = registry;
    this.instruments = instruments;
  }

  requestBegun(): void {
    this.instruments.httpRequestsInFlight.inc();
  }

  /** @param route the pattern, `/v1/orders/:id`; undefined where no route fits */
  requestEnded(route: string | undefined, method: string, status: number, ms: number): void {
    this.instruments.httpRequestsInFlight.dec();
    this.instruments.httpRequestDuration.observe({ route: route ?? "unrouted", method, status }, ms / 1000);
  }

  actionEnded(action: string, ms: number, error?: unknown): void {
    const outcome = error === undefined ? "ok" : outcomeOf(error);
    this.instruments.actionDuration.observe({ action, outcome }, ms / 1000);
    if (!isRefusal(error) || error.data.replayed === true) return;
    this.instruments.refusals.inc({ action, code: error.type });
    if (action === "order.placeOrder" && (error.type === "out_of_stock" || error.type === "payment_declined")) this.instruments.salesRefused.inc({ reason: error.type });
  }

  published(service: string, events: readonly CountedEvent[]): void {
    for (const event of events) {
      this.instruments.eventsPublished.inc({ service, type: event.type });
      countBusiness(this.instruments, event);
    }
  }

  applied(service: string, events: readonly CountedEvent[]): void {
    const now = Date.now();
    for (const { type, time } of events) {
      this.instruments.eventsConsumed.inc({ service, type });
      this.instruments.inboxLag.observe({ service }, Math.max(0, now - Date.parse(time)) / 1000);
    }
  }

  sagaEnded(service: string, kind: string, outcome: SagaOutcome): void {
    this.instruments.sagasEnded.inc({ service, kind, outcome });
  }

  audited(checks: readonly { readonly name: string; readonly differences: readonly unknown[] }[]): void {
    for (const { name, differences } of checks) this.instruments.auditDifferences.inc({ check: name }, differences.length);
  }

  /** The breakers of a caller stand per callee and node: the worst of an action is shown. */
  watchBreakers(broker: ServiceBroker): void {
    const states = new Map<string, Map<string, number>>();
    for (const [name, state] of Object.entries(BREAKER_STATES)) {
      (broker as unknown as { localBus: NodeJS.EventEmitter }).localBus.on(`$circuit-breaker.${name}`, ({ action, nodeID }: { action: string; nodeID: string }) => {
        const ofAction = states.get(action) ?? new Map<string, number>();
        states.set(action, ofAction.set(nodeID, state));
        this.instruments.circuitBreakerState.set({ action }, Math.max(...ofAction.values()));
      });
    }
  }
}

/** refused: no by the rules. unavailable: not now. failed: our bug. */
function outcomeOf(error: unknown): "refused" | "unavailable" | "failed" {
  const { code, retryable } = error as { code?: unknown; retryable?: boolean };
  if (isRefusal(error) && error.code < 500) return "refused";
  return retryable === true || code === 503 ? "unavailable" : "failed";
}
