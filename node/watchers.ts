import type { ServiceBroker } from "moleculer";
import type { Watchers } from "../moleculer.config.ts";
import { SettingError, type Environment, type ServiceName, type TracesSampler } from "./environment.ts";
import type { Log } from "./log/log.ts";
import type { NodeMetrics } from "./metrics/node-metrics.ts";
import { openOperationsPort, pagesOf, pagesWhile, type OperationsPort, type Pages } from "./operations-port.ts";
import type { Obstacle } from "./readiness.ts";
import type { Tracing } from "./tracing/tracing.ts";

/** What looks on while the node works. Loaded only where it is switched on, so that it costs nobody else time or memory. */
export async function openWatchers({ metricsPort, otlpEndpoint, tracesSampler }: Environment, log: Log): Promise<Watchers> {
  return {
    ...(metricsPort === undefined ? {} : { metrics: await openMetrics() }),
    ...(otlpEndpoint === undefined ? {} : { tracing: await openTracing(otlpEndpoint, tracesSampler, log) }),
  };
}

async function openMetrics(): Promise<NodeMetrics> {
  const { NodeMetrics } = await import("./metrics/node-metrics.ts");
  return new NodeMetrics();
}

/** @throws SettingError for a sampler that there is not */
async function openTracing(endpoint: string, sampler: TracesSampler, log: Log): Promise<Tracing> {
  const [{ Tracing }, { TellingExporter }, { samplerOf }] = await Promise.all([import("./tracing/tracing.ts"), import("./tracing/exporter.ts"), import("./tracing/sampler.ts")]);
  return new Tracing(new TellingExporter(endpoint, log), samplerOf(sampler));
}

/** What a node listens on for operators. */
export interface Ports { readonly metrics?: OperationsPort; readonly health?: OperationsPort }
const all = ({ metrics, health }: Ports): OperationsPort[] => [metrics, health].filter((port) => port !== undefined);

/** Open before anything else, so that probes can tell a node that waits or starts from a dead one. A node without an edge answers /health/* on PORT itself.
 *  @param obstacle why the node is not there yet */
export async function openPorts({ host, port, metricsPort }: Environment, services: readonly ServiceName[], obstacle: () => Obstacle): Promise<Ports> {
  const pages = pagesWhile(obstacle);
  return {
    ...(metricsPort === undefined ? {} : { metrics: await openMetricsPort(host, metricsPort, pages) }),
    ...(services.includes("api") ? {} : { health: await openOperationsPort(host, port, pages) }),
  };
}

/** From now on the node itself answers. */
export function showNode(ports: Ports, broker: ServiceBroker): void {
  const pages = pagesOf(broker);
  for (const port of all(ports)) port.show(pages);
}

export async function closePorts(ports: Ports): Promise<void> {
  await Promise.all(all(ports).map((port) => port.close()));
}

/** @throws SettingError: `explain` of the start would blame PORT */
async function openMetricsPort(host: string, port: number, pages: Pages): Promise<OperationsPort> {
  try {
    return await openOperationsPort(host, port, pages);
  } catch (error) {
    throw new SettingError(`METRICS_PORT ${port} cannot be opened (${(error as NodeJS.ErrnoException).code}): stop what listens there, or set another METRICS_PORT.`);
  }
}
