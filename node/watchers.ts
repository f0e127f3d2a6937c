import type { ServiceBroker } from "moleculer";
import type { Watchers } from "../moleculer.config.ts";
import { SettingError, type Environment, type ServiceName } from "./environment.ts";
import { openOperationsPort, type OperationsPort } from "./operations-port.ts";
import { platformOf } from "./platform.ts";

/** What looks on while the node works. Loaded only where it is switched on, so that it costs nobody else time or memory. */
export async function openWatchers({ metricsPort }: Environment): Promise<Watchers> {
  if (metricsPort === undefined) return {};
  const { NodeMetrics } = await import("./metrics/node-metrics.ts");
  return { metrics: new NodeMetrics() };
}

/** What a node listens on for operators. */
export interface Ports { readonly metrics?: OperationsPort; readonly health?: OperationsPort }

/** Open before the services start, so that the probes can tell "starting" from "dead". A node without an edge answers /health/* on PORT itself. */
export async function openPorts(broker: ServiceBroker, services: readonly ServiceName[]): Promise<Ports> {
  const { metrics, environment: { port, metricsPort } } = platformOf(broker);
  metrics?.watchBreakers(broker);
  return {
    ...(metricsPort === undefined ? {} : { metrics: await openMetricsPort(broker, metricsPort) }),
    ...(services.includes("api") ? {} : { health: await openOperationsPort(broker, port) }),
  };
}

/** @throws SettingError: `explain` of the start would blame PORT */
async function openMetricsPort(broker: ServiceBroker, port: number): Promise<OperationsPort> {
  try {
    return await openOperationsPort(broker, port);
  } catch (error) {
    throw new SettingError(`METRICS_PORT ${port} cannot be opened (${(error as NodeJS.ErrnoException).code}): stop what listens there, or set another METRICS_PORT.`);
  }
}
