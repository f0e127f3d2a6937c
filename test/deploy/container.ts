import { ServiceBroker } from "moleculer";
import { readEnvironment, SettingError, type Environment } from "../../node/environment.ts";
import { NodeMetrics } from "../../node/metrics/node-metrics.ts";
import { pagesOf } from "../../node/operations-port.ts";
import { attachPlatform, type Platform } from "../../node/platform.ts";
import { loadSecrets } from "../../node/secrets.ts";

/** A container of our image as a deployment file describes it, whoever orchestrates it. */
export interface Container {
  readonly name: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Where the container's file is on this machine; undefined: nothing is mounted there. */
  file(path: string): string | undefined;
  /** What it says it listens on. */
  readonly ports: { readonly http?: number | undefined; readonly metrics?: number | undefined };
  readonly probes: readonly { readonly path: string; readonly port: number | undefined }[];
}

type Read = typeof readEnvironment;
/** Read by Node.js, the C library and the base image, not by us. */
const NOT_OURS = ["NODE_ENV", "NODE_EXTRA_CA_CERTS", "MALLOC_ARENA_MAX"];

/** What the container would start with. @throws SettingError as the node itself does */
export function environmentOf(container: Container, read: Read = readEnvironment): { environment: Environment; unread: string[] } {
  const asked = new Set<string>(NOT_OURS);
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(container.variables)) variables[name] = name.endsWith("_FILE") ? (container.file(value) ?? value) : value;
  const environment = read(new Proxy(variables, { get: (of, name: string) => { asked.add(name); return of[name]; } }));
  return { environment, unread: Object.keys(variables).filter((name) => !asked.has(name)) };
}

/** Where the file and the code disagree, one sentence each.
 *  @param read as the code reads its variables; another one for the tests of this function
 *  @param pages that the operations port answers, of operationsPages() */
export function objectionsTo(container: Container, pages: readonly string[], read: Read = readEnvironment): string[] {
  const { name, ports, probes } = container;
  try {
    const { environment, unread } = environmentOf(container, read);
    loadSecrets(environment);
    return [
      ...unread.map((variable) => `${name}: no code reads ${variable}`),
      ...(ports.http !== undefined && ports.http !== environment.port ? [`${name}: the port http is ${ports.http}, the node listens on ${environment.port}`] : []),
      ...(ports.metrics !== undefined && ports.metrics !== environment.metricsPort ? [`${name}: the port metrics is ${ports.metrics}, the node's is ${environment.metricsPort}`] : []),
      ...(environment.host === "127.0.0.1" && probes.length > 0 ? [`${name}: HOST is the loopback, nobody outside reaches it`] : []),
      ...probes.filter(({ path }) => !pages.includes(path)).map(({ path }) => `${name}: no node answers ${path}`),
      ...probes.filter(({ port }) => port === undefined || ![environment.metricsPort, environment.port].includes(port)).map(({ path, port }) => `${name}: the probe ${path} asks port ${port}, where nothing listens`),
    ];
  } catch (error) {
    if (error instanceof SettingError) return [`${name}: ${error.message}`];
    throw error;
  }
}

/** The paths that a node's operations port answers. */
export function operationsPages(): string[] {
  const broker = new ServiceBroker({ logger: false });
  attachPlatform(broker, { environment: readEnvironment({}), metrics: new NodeMetrics() } as Platform);
  return Object.keys(pagesOf(broker));
}
