import type { ActionSchema, Context, Middleware } from "moleculer";
import type { NodeMetrics } from "../node/metrics/node-metrics.ts";

type Next = (ctx: Context) => Promise<unknown>;

/** Two middlewares around the bulkhead: the outer one times a call with its wait, the inner one knows when it was let in. */
export function metricsMiddlewares(metrics: NodeMetrics): { outer: Middleware; inner: Middleware } {
  const queues = new Map<string, number>();
  const begun = new WeakSet<Context>();
  const move = (action: string, by: 1 | -1) => { queues.set(action, (queues.get(action) ?? 0) + by); };
  // Read when somebody looks, because a gauge that is set twice per call costs more than the call's own counter.
  Object.assign(metrics.instruments.bulkheadQueue, { collect() { for (const [action, waiting] of queues) metrics.instruments.bulkheadQueue.set({ action }, waiting); } });
  return {
    outer: { name: "MetricsOuter", localAction: (next: Next, action: ActionSchema) => (isEdge(action) ? next : timed({ metrics, move, begun }, next, action.name!)) } as unknown as Middleware,
    inner: { name: "MetricsInner", localAction: (next: Next, action: ActionSchema) => (isEdge(action) ? next : letIn({ metrics, move, begun }, next, action.name!)) } as unknown as Middleware,
  };
}

interface Watch { readonly metrics: NodeMetrics; readonly begun: WeakSet<Context>; move(action: string, by: 1 | -1): void }

/** Its requests are measured by route. */
const isEdge = (action: ActionSchema) => action.name === "api.rest";

function timed({ metrics, move, begun }: Watch, next: Next, name: string): Next {
  return async (ctx) => {
    const start = performance.now();
    move(name, 1);
    try {
      const result = await next(ctx);
      metrics.actionEnded(name, performance.now() - start);
      return result;
    } catch (error) {
      metrics.actionEnded(name, performance.now() - start, error ?? new Error("nothing was thrown"));
      throw error;
    } finally {
      // Refused by the guard, or because the queue is full.
      if (!begun.has(ctx)) move(name, -1);
    }
  };
}

function letIn({ move, begun }: Watch, next: Next, name: string): Next {
  return (ctx) => {
    begun.add(ctx);
    move(name, -1);
    return next(ctx);
  };
}
