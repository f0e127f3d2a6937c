import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import { METRICS, type MetricEntry, type MetricKey } from "./catalogue.ts";

type Label<E extends MetricEntry> = E["labels"][number];
type Instrument<E extends MetricEntry> = E["type"] extends "counter" ? Counter<Label<E>> : E["type"] extends "gauge" ? Gauge<Label<E>> : Histogram<Label<E>>;
export type Instruments = { readonly [K in MetricKey]: Instrument<(typeof METRICS)[K]> };

/** What the client library measures of the process under its own names. */
const OF_THE_PROCESS = /^(process|nodejs)_/;

/** The catalogue as instruments of one node, and the registry that prints them. */
export function openRegistry(): { registry: Registry; instruments: Instruments } {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const known = new Set<string>(Object.values(METRICS).map(({ name }) => name));
  for (const { name } of registry.getMetricsAsArray()) if (!known.has(name)) registry.removeSingleMetric(name);
  const ours = Object.entries(METRICS).filter(([, { name }]) => !OF_THE_PROCESS.test(name));
  const instruments = Object.fromEntries(ours.map(([key, entry]) => [key, instrumentOf(entry, registry)]));
  return { registry, instruments: instruments as unknown as Instruments };
}

function instrumentOf(entry: MetricEntry, registry: Registry): Counter | Gauge | Histogram {
  const options = { name: entry.name, help: entry.help, labelNames: entry.labels, registers: [registry] };
  if (entry.type === "counter") return new Counter(options);
  if (entry.type === "gauge") return new Gauge(options);
  return new Histogram({ ...options, buckets: [...entry.buckets!] });
}
